"""The public audit log: a page that explains it, the log itself, its signed checkpoints, and a program to verify it."""

import json
import threading
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, make_response, render_template, request, stream_with_context
from werkzeug.exceptions import ServiceUnavailable

from commentsite.audit import export
from commentsite.audit import queries as audit_queries
from commentsite.db.session import db
from commentsite.errors import Invalid
from commentsite.paths import find_resource_folder
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.extensions import limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id

bp = LanguageBlueprint("audit_log", __name__, url_prefix="/transparency")
BATCH_SIZE = 1000  # entries read at a time; no database connection is held between two batches
MAX_CHECKPOINTS = 30  # on the page; heads.json holds all of them
DOWNLOAD_LIMIT = "60 per minute"
MAX_UNSTREAMED_ENTRIES = 5_000  # about two megabytes
MAX_STREAMS = 2  # in each process, whose server has four threads
STREAM_RETRY_AFTER = 30  # seconds
_streams = threading.BoundedSemaphore(MAX_STREAMS)


def _version_stamp() -> str:
    return f"{audit_queries.get_last_entry()[1]}.{current_site().version}"


def _checkpoint_stamp() -> str:
    """Return the version of what changes only with a new checkpoint, which also covers every new key."""
    newest = audit_queries.find_latest_tree_head()
    return newest.signature[:24] if newest else "none"


@bp.get("/log")
@cached_page(_version_stamp)
def show() -> Response:
    """Explain what the log proves and what it does not, and how to verify it."""
    last_entry = audit_queries.get_last_entry()[0]
    checkpoints = audit_queries.list_latest_tree_heads(MAX_CHECKPOINTS)
    newest = checkpoints[0] if checkpoints else None
    keys = audit_queries.find_signing_keys()
    page = render_template(
        "public/site/audit_log.html",
        last_entry=last_entry,
        newest_checkpoint=newest,
        checkpoints=checkpoints,
        has_older_checkpoints=len(checkpoints) == MAX_CHECKPOINTS,
        uncovered_count=last_entry - (newest.size if newest else 0),
        keys=keys,
        first_public_key=next(iter(keys.values())).details["public"] if keys else "KEY",
    )
    return make_response(page)


@bp.get("/log.jsonl")
@limiter.limit(DOWNLOAD_LIMIT)
def download_log() -> Response:
    """Stream the log from the entry in `?from=`, one JSON object a line for each entry and checkpoint."""
    first = _parse_entry_number("from", default=1)
    last, digest = audit_queries.get_last_entry()
    etag = f"{first}.{digest[:24]}"
    if request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        lines = _read_lines(first, last)
        is_compressed = request.accept_encodings["gzip"] > 0
        parts = _compress(lines) if is_compressed else lines
        response = _send_parts(parts, is_long=last - first >= MAX_UNSTREAMED_ENTRIES)
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.add("Accept-Encoding")
    return response


@bp.get("/heads.json")
@cached_page(_checkpoint_stamp)
def download_checkpoints() -> Response:
    """Send all signed checkpoints. A reader who keeps them can later verify that the log still contains them."""
    return _send_json(export.export_tree_heads())


@bp.get("/consistency.json")
@limiter.limit(DOWNLOAD_LIMIT)
@cached_page(_checkpoint_stamp, ("from", "to"))
def download_consistency_proof() -> Response:
    """Prove that one checkpoint continues another, for a reader who has only the checkpoints."""
    return _send_json(
        export.export_consistency_proof(_parse_entry_number("from"), _parse_entry_number("to"))
    )


@bp.get("/keys.txt")
@cached_page(_checkpoint_stamp)
def download_keys() -> Response:
    """List the public keys that signed checkpoints, the newest last: id, key, entry that introduced it."""
    lines = [
        f"{key_id} {entry.details['public']} entry {entry.seq}\n"
        for key_id, entry in audit_queries.find_signing_keys().items()
    ]
    return Response("".join(lines), mimetype="text/plain")


@bp.get("/verify.py")
@cached_page(lambda: "1")
def download_verifier() -> Response:
    """Send the program that verifies a downloaded log. It needs Python and no package."""
    text = (find_resource_folder("static") / "verify.py").read_text(encoding="utf-8")
    return Response(text, mimetype="text/x-python")


def _send_parts(parts: Iterator[bytes], *, is_long: bool) -> Response:
    """Send a short part of the log at once, and stream a long one.

    A client that reads slowly holds the thread that streams to it for as long as it likes. So some threads always
    stay free for other requests, and the next client that wants the whole log is asked to come back.
    """
    content_type = "application/jsonl; charset=utf-8"
    if not is_long:
        return Response(b"".join(parts), content_type=content_type)
    if not _streams.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=STREAM_RETRY_AFTER)
    response = Response(stream_with_context(parts), content_type=content_type)
    response.call_on_close(_streams.release)
    return response


def _read_lines(first: int, last: int) -> Iterator[bytes]:
    for start in range(first, last + 1, BATCH_SIZE):
        lines = export.export_lines(start, min(start + BATCH_SIZE - 1, last))
        db.session.remove()  # a slow client must not hold a connection of the pool
        yield b"".join(lines)


def _compress(parts: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(6, wbits=31)  # 31: the gzip format
    for part in parts:
        yield compressor.compress(part)
    yield compressor.flush()


def _parse_entry_number(name: str, default: int | None = None) -> int:
    """Return the entry number in the query string. Raises Invalid if it is missing without a default, or wrong."""
    text = request.args.get(name, "")
    number = default if not text and default is not None else parse_id(text)
    if not number:
        msg = "Add %(name)s= with the number of an entry, 1 or higher, to the address."
        raise Invalid(msg, name=name)
    return number


def _send_json(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content, indent=1), content_type="application/json; charset=utf-8")
