"""Readers run in the process of the tests. Those of `bounded` start the real child processes."""

import json

import pytest

from commentsite.letters.importing import bounded, language, reader
from commentsite.letters.importing.errors import UnreadableFile


def run_here(function, *args):
    """Call a reader, and bring its answer through the form in which a child sends it."""
    try:
        answer = bounded.encode_answer(function(*args))
    except UnreadableFile as error:
        answer = bounded.encode_problem(error.problem)
    assert json.loads(answer)
    return bounded._parse_answer(answer)


@pytest.fixture(autouse=True)
def readers_in_this_process(request, monkeypatch):
    if request.path.name != "test_bounded.py":
        monkeypatch.setattr(reader, "run_bounded", run_here)
        monkeypatch.setattr(language, "run_bounded", run_here)
