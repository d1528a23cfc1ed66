"""A child process reads an uploaded file, with limits of memory, time and trust."""

import json
import resource
import subprocess
from datetime import date, datetime

import pytest

from commentsite.errors import Busy
from commentsite.letters.importing import bounded
from commentsite.letters.importing.document import ParsedDocument, Picture
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.remarks import ImportRemark, RemarkKind
from tests.support import bounded_readers
from tests.support.word_files import make_docx, p


@pytest.fixture(autouse=True)
def allow_test_readers(monkeypatch):
    names = {f"{bounded_readers.__name__}:{name}" for name in vars(bounded_readers)}
    monkeypatch.setattr(bounded, "READERS", bounded.READERS | names)


def get_problem(function, content=b"x") -> FileProblem:
    with pytest.raises(UnreadableFile) as refused:
        bounded.run_bounded(function, content)
    return refused.value.problem


def test_a_document_comes_back_as_it_was_read():
    content = make_docx(p("Dear Chair,"), p("Words."))
    assert bounded.run_bounded(read_word_document, content) == read_word_document(content)


def test_the_child_gets_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("COMMENTSITE_SECRET_KEY", "do not tell")
    document = bounded.run_bounded(bounded_readers.report_environment, b"words")
    names = {block.partition("=")[0] for block in document.blocks[:-2]}
    assert names <= {"PATH", "LANG", "LC_CTYPE", "PYTHONPATH"}
    assert document.blocks[-2:] == ("/", "words")


def test_only_readers_are_run():
    with pytest.raises(ValueError, match="not in the list"):
        bounded.run_bounded(subprocess.run, b"true")


def test_too_much_memory_ends_in_a_sentence_and_does_not_stay_with_the_server():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert get_problem(bounded_readers.take_memory) == FileProblem.TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB


def test_too_much_time_ends_in_a_sentence(monkeypatch):
    monkeypatch.setattr(bounded, "MAX_SECONDS", 1)
    assert get_problem(bounded_readers.sleep_long) == FileProblem.TOO_SLOW


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (bounded_readers.crash, FileProblem.DAMAGED),
        (bounded_readers.fail, FileProblem.DAMAGED),
        (bounded_readers.refuse, FileProblem.MACROS),
        (bounded_readers.return_much, FileProblem.TOO_LARGE),
        (bounded_readers.write_much, FileProblem.DAMAGED),
        (bounded_readers.write_foreign_answer, FileProblem.DAMAGED),
    ],
)
def test_a_child_that_fails_ends_in_a_sentence(function, problem):
    assert get_problem(function) == problem


def test_a_third_file_at_a_time_has_to_wait(monkeypatch):
    monkeypatch.setattr(bounded, "MAX_WAIT_SECONDS", 0)
    for _ in range(bounded.MAX_CHILDREN):
        bounded._children.acquire()
    try:
        with pytest.raises(Busy):
            bounded.run_bounded(read_word_document, b"x")
    finally:
        for _ in range(bounded.MAX_CHILDREN):
            bounded._children.release()
    assert get_problem(bounded_readers.refuse) == FileProblem.MACROS


def test_every_value_of_a_document_survives_the_way_back():
    document = ParsedDocument(
        ("a", "b\n\nç ☒"),
        "t",
        (ImportRemark(RemarkKind.OBJECTS, 2, "x"),),
        (Picture("m", b"\xff\0", "d"),),
        "en-GB",
        date(2020, 1, 31),
    )
    values = [document, {"a": (1, None, True)}, datetime(2020, 1, 31, 12, 0), b"\xff", "text"]  # noqa: DTZ001
    for value in values:
        assert bounded._parse_answer(bounded.encode_answer(value)) == value


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b'{"result": ["Popen", {}]}',
        b'{"result": ["tuple"]}',
        b'{"result": ["bytes", 3]}',
        b'{"problem": "unheard of"}',
        b'{"result": ' + b'["tuple", [' * 5000,
        json.dumps({"result": ["ImportRemark", {"kind": "x", "count": 1, "words": ""}]}).encode(),
        json.dumps(
            {"result": ["ParsedDocument", {"blocks": ["tuple", []], "remarks": ["tuple", ["x"]]}]}
        ).encode(),
    ],
)
def test_an_answer_of_another_form_is_not_used(answer):
    with pytest.raises(UnreadableFile):
        bounded._parse_answer(answer)
