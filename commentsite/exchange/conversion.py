"""Convert the texts of comments in a second process, so that one core converts while another stores.

Conversion takes as long as everything else of an import. A file with few comments is converted in this process,
because the other takes a moment to start.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import commentsite
from commentsite.comments.sanitizer import MAX_CHARACTERS
from commentsite.exchange.importers.comment_text import ConvertedText, convert_text
from commentsite.exchange.importers.records import SourcePage, TextFormat
from commentsite.exchange.staging import StagedComment

MIN_COMMENTS = 2_000  # of an import for which the second process is started
_INEXACT = "Some signs of its text may show in another way."
_LONG = "Readers see the first 10,000 characters of its text. The whole text is stored."
Batch = tuple[SourcePage, list[StagedComment]]


def convert_batches(batches: Iterator[Batch], count: int) -> Iterator[Batch]:
    """Yield the batches with converted texts instead of the original ones.

    A batch is converted while the one before it is stored.
    """
    waiting: Batch | None = None
    with _Converter() if count >= MIN_COMMENTS else nullcontext() as converter:
        for page, batch in batches:
            if converter:
                converter.send(batch)
            if waiting:
                yield waiting
            texts = converter.receive(batch) if converter else _convert(batch)
            waiting = page, _take_texts(batch, texts)
        if waiting:
            yield waiting


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer each line, a list of texts and their formats, with the line of the converted texts."""
    for line in source:
        texts = [convert_text(text, TextFormat(form)) for text, form in json.loads(line)]
        target.write(json.dumps(texts).encode() + b"\n")
        target.flush()


class _Converter:
    """The second process. Where it ends early, this one converts."""

    def __enter__(self) -> Self:
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(commentsite.__file__).parent.parent),
        }
        self._child = subprocess.Popen(  # our own program
            [sys.executable, "-P", "-m", "commentsite.exchange.conversion_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd="/",
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.kill()
        self._child.communicate()

    def send(self, batch: Sequence[StagedComment]) -> None:
        """Send the texts of a batch. The answer to the batch before has been received, so the child reads them."""
        request = json.dumps([(one.text, one.text_format) for one in batch]).encode()
        source = cast("BinaryIO", self._child.stdin)
        with suppress(BrokenPipeError):
            source.write(request + b"\n")
            source.flush()

    def receive(self, batch: Sequence[StagedComment]) -> list[ConvertedText]:
        """Return the converted texts of the batch that was sent."""
        answer = cast("BinaryIO", self._child.stdout).readline()
        if not answer.endswith(b"\n"):  # the process ended within a line, or before it
            return _convert(batch)
        return [ConvertedText(*values) for values in json.loads(answer)]


def _convert(batch: Sequence[StagedComment]) -> list[ConvertedText]:
    return [convert_text(one.text, one.text_format) for one in batch]


def _take_texts(
    batch: Sequence[StagedComment], texts: Sequence[ConvertedText]
) -> list[StagedComment]:
    return [
        replace(
            one,
            text="",
            body=text.markdown,
            html=text.html,
            remarks=(*one.remarks, *_list_remarks(text)),
        )
        for one, text in zip(batch, texts, strict=True)
    ]


def _list_remarks(text: ConvertedText) -> Iterator[str]:
    if len(text.markdown) > MAX_CHARACTERS:
        yield _LONG
    elif not text.is_exact:
        yield _INEXACT
