"""Turn reports into JSON and back.

The document of a published version is made from the stored JSON and not from the classes, so that
it stays the same, byte for byte, when later releases add members to the classes.
"""

import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from commentsite.summaries.report.content import Contributor, Report

COMPRESSION_LEVEL = 6


def convert_report(report: Report) -> dict[str, Any]:
    """Return a report as JSON values."""
    content: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report))
    return content


def read_report(content: Mapping[str, Any]) -> Report:
    """Return the report that `convert_report` gave, also that of an earlier release."""
    return msgspec.convert(content, Report, strict=False)


def pack_contributors(contributors: Iterable[Contributor]) -> bytes:
    """Return contributors as gzipped JSON Lines."""
    # Level and time are fixed, so that equal contributors give equal bytes on one machine.
    encoder = msgspec.json.Encoder()
    buffer = bytearray()
    for contributor in contributors:
        buffer += encoder.encode(contributor) + b"\n"
    return gzip.compress(bytes(buffer), COMPRESSION_LEVEL, mtime=0)


def read_contributors(packed: bytes) -> Iterator[Contributor]:
    """Yield the contributors of `pack_contributors`, one at a time."""
    decoder = msgspec.json.Decoder(Contributor)
    return (decoder.decode(line) for line in iterate_lines(packed))


def iterate_lines(packed: bytes) -> Iterator[bytes]:
    """Yield the JSON of each contributor."""
    with gzip.open(io.BytesIO(packed)) as file:
        for line in file:
            yield line.rstrip(b"\n")


def write_document(content: Mapping[str, Any], packed: bytes, salt: str = "") -> Iterator[bytes]:
    """Yield the JSON document of a version in parts: the report, its contributors and the salt.

    These are the bytes that the hash of a version is about (see `hash_document`). Each contributor
    stands on a line of its own. Versions of earlier releases have no salt.
    """
    report = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    yield b'{"report":' + report.encode() + b',\n"contributors":['
    separator = b"\n"
    for line in iterate_lines(packed):
        yield separator + line
        separator = b",\n"
    yield b"\n]" + (f',\n"salt":"{salt}"'.encode() if salt else b"") + b"}\n"


def hash_document(content: Mapping[str, Any], packed: bytes, salt: str = "") -> str:
    """Return the SHA-256 of the JSON document in hex."""
    digest = sha256()
    for part in write_document(content, packed, salt):
        digest.update(part)
    return digest.hexdigest()
