"""Read JSON files of any size, one item at a time."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from commentsite.errors import Invalid


def open_file(path: Path) -> BinaryIO:
    """Open a file, compressed by gzip or not."""
    with path.open("rb") as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if is_compressed else path.open("rb")  # type: ignore[return-value]


def iter_items(path: Path, *prefixes: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of the first list that is found at one of the prefixes, as ijson writes them.

    Raises Invalid on a file that is not JSON.
    """
    for prefix in prefixes:
        found = False
        with closing(open_file(path)) as file:
            try:
                for item in ijson.items(file, prefix, use_float=True):
                    found = True
                    if not isinstance(item, dict):
                        msg = "The file holds something else than a list of comments."
                        raise Invalid(msg)
                    yield item
            except ijson.JSONError as error:
                msg = "The file is not JSON: %(reason)s."
                raise Invalid(msg, reason=str(error).splitlines()[0]) from None
        if found:
            return


def iter_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with one JSON object per line, with the numbers of the lines."""
    with closing(open_file(path)) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
            except ValueError:
                item = None
            if not isinstance(item, dict):
                msg = "Line %(line)d is not a JSON object."
                raise Invalid(msg, line=number)
            yield number, item
