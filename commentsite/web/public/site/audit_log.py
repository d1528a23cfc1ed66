"""The log for everybody: what it is, the whole of it, its heads, and what checks them."""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, stream_with_context

from commentsite.audit import export
from commentsite.audit import queries as audit_queries
from commentsite.db.session import db
from commentsite.errors import Invalid
from commentsite.paths import find_resource_folder
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.http.extensions import limiter
from commentsite.web.http.parameters import parse_id

bp = Blueprint("public_log", __name__, url_prefix="/transparency")
BATCH = 1000  # entries read at a time, between which no connection is held
SHOWN = 30
LIMIT = "60 per minute"


def _stamp() -> str:
    return f"{audit_queries.get_last_entry()[1]}.{current_site().version}"


@bp.get("/log")
@cached_page(_stamp)
def log() -> Response:
    """Say what the log is, what it proves and what not, and how to check it."""
    return make_response(
        render_template(
            "public/site/audit_log.html",
            last=audit_queries.get_last_entry()[0],
            heads=audit_queries.list_latest_tree_heads(SHOWN),
            keys=audit_queries.find_signing_keys(),
            base=runtime().settings.base_url,
        )
    )


@bp.get("/log.jsonl")
@limiter.limit(LIMIT)
def entries() -> Response:
    """Send the log, a line an entry and a line a head, from `?from=` on; made while it is sent."""
    first = _number("from", 1)
    last, digest = audit_queries.get_last_entry()
    etag = f"{first}.{digest[:24]}"
    if request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        lines = _lines(first, last)
        is_packed = request.accept_encodings["gzip"] > 0
        response = Response(
            stream_with_context(_gzipped(lines) if is_packed else lines),
            content_type="application/jsonl; charset=utf-8",
        )
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.add("Accept-Encoding")
    return response


@bp.get("/heads.json")
@cached_page(_stamp)
def heads() -> Response:
    """Hand out every head, to be kept and held against the log later."""
    return _json(export.export_tree_heads())


@bp.get("/consistency.json")
@limiter.limit(LIMIT)
@cached_page(_stamp, ("from", "to"))
def consistency() -> Response:
    """Prove that one head continues another, for who has only heads."""
    return _json(export.export_consistency_proof(_number("from"), _number("to")))


@bp.get("/keys.txt")
@cached_page(_stamp)
def keys() -> Response:
    """List every public key that signed heads, newest last: its id, the key, the entry that names it."""
    lines = [
        f"{name} {entry.details['public']} entry {entry.seq}\n"
        for name, entry in audit_queries.find_signing_keys().items()
    ]
    return Response("".join(lines), mimetype="text/plain")


@bp.get("/verify.py")
@cached_page(lambda: "1")
def program() -> Response:
    """Hand out the program that checks a downloaded log, with Python and nothing of ours."""
    text = (find_resource_folder("static") / "verify.py").read_text(encoding="utf-8")
    return Response(text, mimetype="text/x-python")


def _lines(first: int, last: int) -> Iterator[bytes]:
    for start in range(first, last + 1, BATCH):
        lines = export.export_lines(start, min(start + BATCH - 1, last))
        db.session.remove()  # whoever reads slowly keeps no connection from others
        yield b"".join(lines)


def _gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, wbits=31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def _number(name: str, default: int | None = None) -> int:
    given = request.args.get(name, "")
    number = default if not given and default is not None else parse_id(given)
    if not number:
        msg = "Write the number of an entry after %(name)s=, from 1 on."
        raise Invalid(msg, name=name)
    return number


def _json(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content, indent=1), content_type="application/json; charset=utf-8")
