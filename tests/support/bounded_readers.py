"""Functions that a child process runs in place of a reader of files."""

import os
import sys
import time
from pathlib import Path

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile


def report_environment(content: bytes) -> ParsedDocument:
    return ParsedDocument(
        (
            *(f"{name}={value}" for name, value in os.environ.items()),
            str(Path.cwd()),
            content.decode(),
        )
    )


def take_memory(content: bytes) -> ParsedDocument:
    return ParsedDocument((str(len(content * 700_000_000)),))


def sleep_long(_content: bytes) -> ParsedDocument:
    time.sleep(60)
    return ParsedDocument(("awake",))


def crash(_content: bytes) -> ParsedDocument:
    os.abort()


def fail(_content: bytes) -> ParsedDocument:
    raise KeyError(1)


def refuse(_content: bytes) -> ParsedDocument:
    raise UnreadableFile(FileProblem.MACROS)


def return_much(_content: bytes) -> ParsedDocument:
    return ParsedDocument(("x" * 30_000_000,))


def write_much(_content: bytes) -> ParsedDocument:
    while True:
        sys.stdout.buffer.write(b"x" * 1_000_000)


def write_foreign_answer(_content: bytes) -> ParsedDocument:
    sys.stdout.buffer.write(b'{"result": ["Popen", {"args": "true"}]}')
    sys.stdout.flush()
    os._exit(0)
