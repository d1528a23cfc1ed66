"""Keep an archive for the long term: a WARC file of the answers as they were sent, and a BagIt bag around all files.

WARC 1.1 is ISO 28500:2017. BagIt 1.0 is RFC 8493.
"""

import io
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import bagit
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

WARC_FILE = "commentsite.warc.gz"
_CHECKSUMS = ["sha256", "sha512"]


class WarcFile:
    """A WARC file of responses. Use it as a context manager."""

    def __init__(self, path: Path, title: str) -> None:
        self._file = path.open("wb")
        self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
        info = {
            "software": f"commentsite, warcio {version('warcio')}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "isPartOf": title,
        }
        self._writer.write_record(self._writer.create_warcinfo_record(path.name, info))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, address: str, status: str, headers: Mapping[str, str], body: bytes) -> None:
        """Add the answer to a request for an address. `status` is a line such as "200 OK"."""
        fields = StatusAndHeaders(status, list(headers.items()), protocol="HTTP/1.1")
        # Without a length the library would copy the body to a temporary file, and leave that open.
        record = self._writer.create_warc_record(
            address,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=fields,
        )
        self._writer.write_record(record)


def make_bag(folder: Path, info: Mapping[str, Any]) -> None:
    """Turn a folder into a bag: its content moves to `data`, with a manifest of hashes beside it."""
    bagit.make_bag(str(folder), dict(info), checksums=_CHECKSUMS)
