"""Read an export of this program: the manifest, and the records of each file one at a time."""

import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from commentsite.errors import Invalid
from commentsite.exchange.own_format.records import (
    FORMAT_NAME,
    FORMAT_VERSION,
    MANIFEST,
    RECORD_TYPES,
    Manifest,
    Record,
)

MAX_LINE = 64 * 1024 * 1024  # bytes; a letter with all its versions and the imported files
MAX_PICTURE = 32 * 1024 * 1024
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
Kind = TypeVar("Kind", bound=Record)


class ExportFile:
    """An export that is open for reading. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open a file. Raises Invalid if it is no complete export of a version that this program reads."""
        try:
            self._archive = zipfile.ZipFile(path)
        except _DAMAGED:
            msg = "The file is not an export of commentsite: it is not a ZIP archive, or its end is missing."
            raise Invalid(msg) from None
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()

    def _read_manifest(self) -> Manifest:
        try:
            content = self._archive.read(MANIFEST)
        except KeyError:
            msg = "The file is not an export of commentsite: it has no manifest.json."
            raise Invalid(msg) from None
        except _DAMAGED as error:
            raise _build_damage(MANIFEST, error) from None
        try:
            head = msgspec.json.decode(content)
            is_ours = isinstance(head, dict) and head.get("format") == FORMAT_NAME
            if is_ours and head.get("version") != FORMAT_VERSION:
                msg = (
                    "The file has version %(version)s of the format. This program reads version 1."
                )
                raise Invalid(msg, version=str(head.get("version"))[:20])
            return msgspec.json.decode(content, type=Manifest)
        except msgspec.MsgspecError as error:
            msg = (
                "The file is not an export of commentsite: its manifest.json is wrong (%(reason)s)."
            )
            raise Invalid(msg, reason=str(error)) from None

    def count(self, name: str) -> int:
        """Return the number of records that the manifest states for a file."""
        entry = self.manifest.files.get(name)
        return entry.records if entry else 0

    def has_file(self, name: str) -> bool:
        """Return whether the manifest names a file. Exports of earlier versions of the program lack some."""
        return name in self.manifest.files

    def iter_records(self, name: str, kind: type[Kind]) -> Generator[Kind, None, None]:
        """Yield the records of a file. Raises Invalid at one that does not have the format."""
        assert RECORD_TYPES[name] is kind  # the name and the type of a record belong together
        decoder = msgspec.json.Decoder(kind)
        count = 0
        for number, line in self._iter_lines(name):
            try:
                yield decoder.decode(line)
            except msgspec.MsgspecError as error:
                msg = "Line %(line)d of %(file)s is wrong: %(reason)s."
                raise Invalid(msg, line=number, file=name, reason=str(error)) from None
            count += 1
        if count != self.count(name):
            msg = "%(file)s has %(count)d records, and manifest.json states %(stated)d."
            raise Invalid(msg, file=name, count=count, stated=self.count(name))

    def _iter_lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        try:
            with self._archive.open(name) as file:
                number = 0
                while line := file.readline(MAX_LINE + 1):
                    number += 1
                    if len(line) > MAX_LINE:
                        msg = "Line %(line)d of %(file)s is longer than 64 MB."
                        raise Invalid(msg, line=number, file=name)
                    if line.strip():
                        yield number, line
        except KeyError:
            msg = "The export is incomplete: it has no %(file)s."
            raise Invalid(msg, file=name) from None
        except _DAMAGED as error:
            raise _build_damage(name, error) from None

    def read_picture(self, name: str) -> bytes | None:
        """Return the content of a picture, or None if the export does not have it."""
        try:
            if self._archive.getinfo(f"media/{name}").file_size > MAX_PICTURE:
                return None
            return self._archive.read(f"media/{name}")
        except KeyError:
            return None
        except _DAMAGED as error:
            raise _build_damage(name, error) from None


def _build_damage(name: str, error: BaseException) -> Invalid:
    msg = "The file is damaged at %(file)s: %(reason)s."
    return Invalid(msg, file=name, reason=str(error) or type(error).__name__)
