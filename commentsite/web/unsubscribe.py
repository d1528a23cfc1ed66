"""End the messages about one comment or about all of an address, by a button or by one click of a mail program (RFC 8058)."""

import hmac

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.accounts.permissions import READER
from commentsite.comments import following
from commentsite.comments.mailing import unsubscribe_code
from commentsite.comments.queries import comment_by_id, comment_for_update
from commentsite.db import transaction
from commentsite.errors import NotFound
from commentsite.extensions import csrf, limiter
from commentsite.web.identity import runtime

bp = Blueprint("unsubscribe", __name__)
csrf.exempt(bp)  # a mail program has no session; the address itself is the permission


@bp.route("/unsubscribe/<int:comment_id>/<code>", methods=["GET", "POST"])
@limiter.limit("30 per 10 minutes", methods=["POST"])
def stop(comment_id: int, code: str) -> Response:
    """Show a button, since scanners of mail follow links; only a POST changes anything."""
    return _stop(comment_id, code, is_all=False)


@bp.route("/unsubscribe/all/<int:comment_id>/<code>", methods=["GET", "POST"])
@limiter.limit("30 per 10 minutes", methods=["POST"])
def stop_all(comment_id: int, code: str) -> Response:
    """Do the same for every comment from the address a daily message went to."""
    return _stop(comment_id, code, is_all=True)


def _stop(comment_id: int, code: str, *, is_all: bool) -> Response:
    purpose = "unsubscribe-all" if is_all else "unsubscribe"
    known = unsubscribe_code(runtime().vault, comment_id, purpose)
    if comment_id >= 2**31 or not hmac.compare_digest(code.encode(), known.encode()):
        msg = "This link does not fit. Copy the whole address from the message."
        raise NotFound(msg)
    comment = comment_by_id(comment_id)
    if request.method == "POST":
        with transaction():
            if is_all:
                following.stop_all(comment_by_id(comment_id), by=READER)
            else:
                following.stop(comment_for_update(comment_id), by=READER)
        comment = comment_by_id(comment_id)
    page = render_template(
        "receipts/unsubscribe.html",
        is_on=following.is_following(comment, anywhere=is_all),
        is_all=is_all,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
