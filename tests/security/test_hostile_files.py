"""A file made to exhaust the server ends in a sentence, and costs the serving process nothing."""

import resource

import pytest

from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.word import read_word_document
from tests.support.hostile_files import HOSTILE_FILES

READABLE = {  # cheap enough to be read
    "runs",
    "tables in tables",
    "references to one note",
    "chain of styles",
    "repeated cells and spaces",
}


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_hostile_file_costs_the_serving_process_nothing(name):
    content = HOSTILE_FILES[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problem = None
    try:
        run_bounded(read_word_document, content)
    except UnreadableFile as refused:
        problem = refused.problem
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000 + len(content) // 500  # kB
    assert (problem is None) == (name in READABLE)
    assert problem != FileProblem.TOO_SLOW  # found by a limit of counts before the time ends
