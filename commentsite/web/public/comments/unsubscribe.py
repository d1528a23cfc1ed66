"""End the messages about one comment or about all of an address, by a button or by one click of a mail program (RFC 8058)."""

import hmac

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.accounts.permissions import READER
from commentsite.comments.emails import subscriptions
from commentsite.comments.emails.mailbox import make_unsubscribe_code, read_unsubscribe_all_code
from commentsite.comments.emails.queries import has_subscriptions
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.web.context import runtime
from commentsite.web.http.extensions import csrf, limiter

bp = Blueprint("unsubscribe", __name__)
DOES_NOT_FIT = "This link does not fit. Copy the whole address from the message."
csrf.exempt(bp)  # a mail program has no session; the address itself is the permission


@bp.route("/unsubscribe/<int:comment_id>/<code>", methods=["GET", "POST"])
@limiter.limit("30 per 10 minutes", methods=["POST"])
def stop(comment_id: int, code: str) -> Response:
    """Show a button, since scanners of mail follow links; only a POST changes anything."""
    known = make_unsubscribe_code(runtime().encryption, comment_id)
    if comment_id >= 2**31 or not hmac.compare_digest(code.encode(), known.encode()):
        raise NotFound(DOES_NOT_FIT)
    if request.method == "POST":
        with transaction():
            subscriptions.unsubscribe(get_comment_for_update(comment_id), by=READER)
    return _page(is_on=subscriptions.is_subscribed(get_comment(comment_id)))


@bp.route("/unsubscribe/all/<code>", methods=["GET", "POST"])
@limiter.limit("30 per 10 minutes", methods=["POST"])
def stop_all(code: str) -> Response:
    """Do the same for every comment from the address a daily message went to."""
    mailbox = read_unsubscribe_all_code(runtime().encryption, code)
    if mailbox is None:
        raise NotFound(DOES_NOT_FIT)
    if request.method == "POST":
        with transaction():
            subscriptions.unsubscribe_all(mailbox, by=READER)
    return _page(is_on=has_subscriptions(mailbox), is_all=True)


def _page(*, is_on: bool, is_all: bool = False) -> Response:
    page = render_template("public/comments/unsubscribe.html", is_on=is_on, is_all=is_all)
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
