"""Write the file of an export: a ZIP archive with JSON Lines, CSV, WXR and pictures.

All tables are read in one snapshot, so that the files agree with each other. The comments are read twice: in the
order of their numbers, and by letter for WordPress. The archive takes one file after the other, so the files that
are written together wait in temporary ones.
"""

import io
import json
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from commentsite import clock
from commentsite.db.session import snapshot
from commentsite.encryption import Encryption
from commentsite.exchange.exporters import queries as export_queries
from commentsite.exchange.exporters import records as record_builders
from commentsite.exchange.exporters import wxr
from commentsite.exchange.exporters.csv_tables import CommentTable, LetterTable
from commentsite.exchange.exporters.positions.builder import iter_records, iter_versions
from commentsite.exchange.own_format.records import (
    FORMAT_NAME,
    FORMAT_VERSION,
    MANIFEST,
    SCHEMA,
    Comment,
    FileEntry,
    Manifest,
    Page,
    Record,
    Site,
    write_schema,
)
from commentsite.letters.media.files import read_file

Advance = Callable[[int], None]
MEDIA_FOLDER = "media"
WORDPRESS_FILE = "wordpress.xml"
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheet programs recognise UTF-8
COMPRESSION_LEVEL = 1  # the fastest, and still a fifth of the size
_COPY_SIZE = 1 << 20
_README = """This is an export of {title} ({url}), made on {day} by commentsite.

manifest.json    the version of the format, the numbers of records, and a hash of each file
schema.json      JSON Schema of the records
letters.jsonl    letters with all versions, one JSON object on each line
comments.jsonl   comments of every state, with earlier texts and with what was decided about them
records.jsonl    records of positions as editors write them, with requests for corrections and answers
record-versions.jsonl   the published versions of these records
groups.jsonl     stakeholder groups
rules.jsonl      all versions of the moderation rules
pages.jsonl      pages such as About, with all versions
letters.csv      for spreadsheet programs. An apostrophe stands before a cell that could run as a formula.
comments.csv
wordpress.xml    for the tool “Import” of WordPress
media/           pictures of letters

It is confidential: it holds comments that were never published.{addresses}
"""


@dataclass(frozen=True)
class ExportOptions:
    """The choices of an export, and what it needs of the installation."""

    base_url: str
    media_path: Path
    encryption: Encryption
    has_email_addresses: bool = False


@dataclass
class ExportResult:
    """The number of records of each file, and the size of the archive in bytes."""

    counts: dict[str, int] = field(default_factory=dict)
    size: int = 0


def write_export(file: Path, options: ExportOptions, advance: Advance) -> ExportResult:
    """Write an export, which only its owner can read.

    It is written under another name first, so that `file` is complete whenever it exists. `advance` is called with
    the number of comments that were read. Each is read twice.
    """
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            with zipfile.ZipFile(
                out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL
            ) as archive:
                counts = _Export(archive, options, advance).write()
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return ExportResult(counts, file.stat().st_size)


def count_comments() -> int:
    """Return the number of comments that an export would write."""
    return export_queries.count_comments()


class _Export:
    def __init__(self, archive: zipfile.ZipFile, options: ExportOptions, advance: Advance) -> None:
        self._archive, self._options, self._advance = archive, options, advance
        self._files: dict[str, FileEntry] = {}
        self._encoder = msgspec.json.Encoder()
        self._encryption = options.encryption if options.has_email_addresses else None
        self._slugs: dict[int, str] = {}
        self._comment_counts: Counter[int] = Counter()
        self._pages: list[Page] = []

    def write(self) -> dict[str, int]:
        with snapshot():
            site = record_builders.build_site(
                export_queries.load_settings(), self._options.base_url
            )
            self._add("README.txt", [self._describe(site).encode()])
            self._add(SCHEMA, [write_schema()])
            self._add("groups.jsonl", self._encode(record_builders.iter_groups()))
            self._add("rules.jsonl", self._encode(record_builders.iter_rules()))
            self._pages = list(record_builders.iter_pages())
            self._add("pages.jsonl", self._encode(self._pages))
            with ExitStack() as stack:
                self._write_letters_and_comments(site, stack)
            self._add("records.jsonl", self._encode(iter_records()))
            self._add("record-versions.jsonl", self._encode(iter_versions()))
            self._write_pictures()
        manifest = Manifest(
            format=FORMAT_NAME,
            version=FORMAT_VERSION,
            made_at=clock.now(),
            has_email_addresses=self._options.has_email_addresses,
            site=site,
            files=self._files,
        )
        self._archive.writestr(
            MANIFEST, json.dumps(msgspec.to_builtins(manifest), indent=1, ensure_ascii=False)
        )
        return {name: entry.records for name, entry in self._files.items() if entry.records}

    def _write_letters_and_comments(self, site: Site, stack: ExitStack) -> None:
        """Write the files in the order in which a reader needs them: letters before comments."""
        spools = {
            name: stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # entered here
            for name in ("letters.jsonl", "comments.jsonl", "comments.csv", "letters.csv", "items")
        }
        self._slugs = export_queries.list_slugs()
        self._write_comments(spools["comments.jsonl"], spools["comments.csv"], site.id)
        logins = wxr.Logins()
        with _open_text(spools["items"]) as items, _open_text(spools["letters.csv"]) as rows:
            rows.write(BYTE_ORDER_MARK)
            table = LetterTable(rows)
            for letter_id in self._slugs:
                letter = record_builders.build_letter(
                    export_queries.load_letter(letter_id), site.id
                )
                export_queries.forget_rows()
                spools["letters.jsonl"].write(self._encoder.encode_lines([letter]))
                table.add(letter, self._comment_counts[letter_id])
                items.write(wxr.write_letter(letter, site, logins))
                self._write_wordpress_comments(letter_id, items)
                items.write(wxr.ITEM_END)
            for page in self._pages:
                items.write(wxr.write_page(page, site))
        self._add_spool("letters.jsonl", spools, len(self._slugs))
        self._add_spool("comments.jsonl", spools, self._comment_counts.total())
        self._add_spool("letters.csv", spools)
        self._add_spool("comments.csv", spools)
        head = [wxr.write_head(site), *logins.write()]
        parts = (part.encode() for part in head)
        self._add(WORDPRESS_FILE, [*parts], spools["items"], wxr.END.encode())

    def _write_comments(self, lines: BinaryIO, csv_file: BinaryIO, namespace: str) -> None:
        with _open_text(csv_file) as text:
            text.write(BYTE_ORDER_MARK)
            table = CommentTable(text, self._slugs, has_email=self._options.has_email_addresses)
            for rows in export_queries.iter_comments():
                parts = export_queries.load_parts(rows[0].id, rows[-1].id)
                batch: list[Comment] = [
                    record_builders.build_comment(row, parts, namespace, self._encryption)
                    for row in rows
                ]
                lines.write(self._encoder.encode_lines(batch))
                for comment in batch:
                    table.add(comment)
                self._comment_counts.update([comment.letter for comment in batch])
                self._advance(len(batch))

    def _write_wordpress_comments(self, letter_id: int, items: IO[str]) -> None:
        rows = export_queries.iter_letter_comments(letter_id)
        count = 0
        for count, text in enumerate(wxr.write_comments(rows, self._encryption), 1):
            items.write(text)
            if count % export_queries.BATCH == 0:
                self._advance(export_queries.BATCH)
        self._advance(count % export_queries.BATCH)

    def _write_pictures(self) -> None:
        for name in export_queries.list_picture_names():
            content = read_file(self._options.media_path, name)
            if content is not None:  # None: the file is lost, which `commentsite doctor` says
                self._archive.writestr(
                    f"{MEDIA_FOLDER}/{name}", content, compress_type=zipfile.ZIP_STORED
                )

    def _encode(self, batch: Iterable[Record]) -> Iterator[bytes]:
        for record in batch:
            yield self._encoder.encode_lines([record])

    def _add_spool(self, name: str, spools: Mapping[str, BinaryIO], count: int = 0) -> None:
        self._add(name, [], spools[name], count=count)

    def _add(
        self,
        name: str,
        chunks: Iterable[bytes],
        spool: BinaryIO | None = None,
        end: bytes = b"",
        count: int | None = None,
    ) -> None:
        """Add a file of the chunks, the content of a spool and the end."""
        digest, number = sha256(), 0
        info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as out:
            for chunk in chunks:
                number += 1
                digest.update(chunk)
                out.write(chunk)
            if spool is not None:
                spool.seek(0)
                while chunk := spool.read(_COPY_SIZE):
                    digest.update(chunk)
                    out.write(chunk)
            digest.update(end)
            out.write(end)
        is_lines = name.endswith(".jsonl")
        records = (number if count is None else count) if is_lines else 0
        self._files[name] = FileEntry(records=records, sha256=digest.hexdigest())

    def _describe(self, site: Site) -> str:
        addresses = (
            "\nIt also holds the email addresses of their authors."
            if self._options.has_email_addresses
            else ""
        )
        return _README.format(
            title=site.title, url=site.base_url, day=clock.now().date(), addresses=addresses
        )


def _open_text(spool: BinaryIO) -> "_Text":
    return _Text(spool)


class _Text(io.TextIOWrapper):
    """A file of text over a temporary file, which stays open at the end."""

    def __init__(self, spool: BinaryIO) -> None:
        super().__init__(spool, encoding="utf-8", newline="", write_through=False)

    def __exit__(self, *_: object) -> None:
        self.flush()
        self.detach()
