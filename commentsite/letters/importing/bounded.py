"""Read a file in a child process with limits of memory and time.

A small file can make a parser use gigabytes or minutes. The child takes those, not the server. It
gets the arguments on its standard input and nothing from the environment. It may be in the hands
of the file that it reads, so its answer is JSON that builds only the types named in `_decode`.
"""

import base64
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, TypeVar

import commentsite
from commentsite.errors import Busy
from commentsite.letters.importing.document import ParsedDocument, Picture
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.remarks import ImportRemark, RemarkKind

MAX_SECONDS = 30
MAX_MEMORY_BYTES = 512 * 1024 * 1024
MAX_RESULT_BYTES = 24_000_000
MAX_WRITTEN_BYTES = 100_000_000  # of one file; py3langid unpacks its model into one
MAX_WAIT_SECONDS = 5
LOGGED_BYTES = 500  # the end of a traceback: the error, and the line of our code
MAX_CHILDREN = 2  # for each server process
# The functions that a child may run. Each takes bytes, strings and tuples of them, and stands in a module.
READERS = frozenset(
    {
        "commentsite.letters.importing.images:encode_image",
        "commentsite.letters.importing.site_images:draw_icons",
        "commentsite.letters.importing.site_images:draw_logo",
        "commentsite.letters.importing.language:classify",
        "commentsite.letters.importing.word:read_word_document",
        "commentsite.letters.importing.text_files.mail:read_eml_file",
        "commentsite.letters.importing.text_files.plain_text:read_plain_text",
        "commentsite.letters.importing.web_page.reader:read_html_file",
        "commentsite.letters.importing.web_page.reader:read_pasted_html",
    }
)

logger = logging.getLogger("commentsite")
_children = BoundedSemaphore(MAX_CHILDREN)
_Result = TypeVar("_Result")


def run_bounded(function: Callable[..., _Result], *args: object) -> _Result:
    """Return the result of `function(*args)`, run in a child process.

    `function` is one of READERS. Raises UnreadableFile as the function does, and when the file
    takes more than the limits. Raises Busy when too many files are being read.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    if name not in READERS:
        msg = f"{name} is not in the list of readers"
        raise ValueError(msg)
    if not _children.acquire(timeout=MAX_WAIT_SECONDS):
        msg = "Other files are being read at the moment. Try again in a minute."
        raise Busy(msg)
    try:
        answer = _run_child(pickle.dumps((name, args)))
    finally:
        _children.release()
    return _parse_answer(answer)  # type: ignore[no-any-return]


def encode_answer(result: object) -> bytes:
    """Return the result of a reader as JSON, for `run_bounded` to decode."""
    return json.dumps({"result": _encode(result)}).encode()


def encode_problem(problem: FileProblem) -> bytes:
    return json.dumps({"problem": problem}).encode()


def _run_child(task: bytes) -> bytes:
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(commentsite.__file__).parent.parent),
    }
    # With pipes, the child could fill our memory.
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as errors:
        try:
            child = subprocess.run(  # our own program
                [sys.executable, "-P", "-m", "commentsite.letters.importing.child"],
                input=task,
                stdout=answer,
                stderr=errors,
                env=environment,
                cwd="/",
                timeout=MAX_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnreadableFile(FileProblem.TOO_SLOW) from None
        answer.seek(0)
        if child.returncode:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - LOGGED_BYTES))
            reason = errors.read(LOGGED_BYTES).decode("utf-8", "replace").strip()
            logger.warning("reader ended with code %d: %s", child.returncode, reason)
            raise UnreadableFile(_explain_exit(child.returncode))
        return answer.read(MAX_RESULT_BYTES)


def _explain_exit(code: int) -> FileProblem:
    """Return the problem of a child that ended without an answer. Signals are negative."""
    if code == -signal.SIGXCPU:
        return FileProblem.TOO_SLOW
    return (
        FileProblem.TOO_LARGE if code in {-signal.SIGKILL, -signal.SIGXFSZ} else FileProblem.DAMAGED
    )


def _parse_answer(answer: bytes) -> Any:
    try:
        parsed = json.loads(answer)
        if "problem" not in parsed:
            return _decode(parsed["result"])
        problem = FileProblem(parsed["problem"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableFile from error
    raise UnreadableFile(problem)


def _encode(value: object) -> object:
    """Return a value as JSON. Every list holds the name of a type and its content."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(name): _encode(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return ["tuple", [_encode(item) for item in value]]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    if isinstance(value, date):
        return [type(value).__name__, value.isoformat()]
    return [type(value).__name__, _encode(vars(value))]


def _decode(value: Any) -> Any:
    """Return the value that `_encode` was given, a list as a tuple.

    Raises ValueError, KeyError or TypeError on anything else.
    """
    if isinstance(value, dict):
        return {str(name): _decode(item) for name, item in value.items()}
    if not isinstance(value, list):
        return value
    kind, content = value
    return _DECODERS[kind](content)


def _decode_picture(content: Any) -> Picture:
    fields = _decode(content)
    return Picture(str(fields["marker"]), bytes(fields["content"]), str(fields["description"]))


def _decode_remark(content: Any) -> ImportRemark:
    fields = _decode(content)
    return ImportRemark(RemarkKind(fields["kind"]), int(fields["count"]), str(fields["words"]))


def _decode_document(content: Any) -> ParsedDocument:
    fields = _decode(content)
    remarks, pictures, written = fields["remarks"], fields["pictures"], fields["date_written"]
    if (
        not all(isinstance(remark, ImportRemark) for remark in remarks)
        or not all(isinstance(picture, Picture) for picture in pictures)
        or not (written is None or isinstance(written, date))
    ):
        raise TypeError
    return ParsedDocument(
        tuple(map(str, fields["blocks"])),
        str(fields["title"]),
        remarks,
        pictures,
        str(fields["language"]),
        written,
    )


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "tuple": lambda items: tuple(_decode(item) for item in items),
    "bytes": base64.b64decode,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Picture": _decode_picture,
    "ImportRemark": _decode_remark,
    "ParsedDocument": _decode_document,
}
