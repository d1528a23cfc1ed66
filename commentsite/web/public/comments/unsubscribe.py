"""Unsubscribe from emails about one comment, or about all comments of a mailbox.

A mail program can do it with one POST request (RFC 8058). A person opens the link and presses the button.
"""

import hmac

from flask import Response, make_response, render_template, request

from commentsite.accounts.permissions import READER
from commentsite.comments.emails import subscriptions
from commentsite.comments.emails.mailbox import make_unsubscribe_code, read_unsubscribe_all_code
from commentsite.comments.emails.queries import has_subscriptions
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.web.context import runtime
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import MAX_ID
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("unsubscribe", __name__)
csrf.exempt(bp)  # a mail program has no session; the code in the address is the permission
UNSUBSCRIBE_LIMIT = "30 per 10 minutes"


@bp.route("/unsubscribe/<int:comment_id>/<code>", methods=["GET", "POST"])
@limiter.limit(UNSUBSCRIBE_LIMIT, methods=["POST"])
def from_comment(comment_id: int, code: str) -> Response:
    """Unsubscribe from one comment. Mail scanners follow links, so only a POST changes anything."""
    expected = make_unsubscribe_code(runtime().encryption, comment_id)
    if comment_id > MAX_ID or not hmac.compare_digest(code.encode(), expected.encode()):
        raise _invalid_link()
    if request.method == "POST":
        with transaction():
            subscriptions.unsubscribe(get_comment_for_update(comment_id), by=READER)
    return _render_page(is_subscribed=subscriptions.is_subscribed(get_comment(comment_id)))


@bp.route("/unsubscribe/all/<code>", methods=["GET", "POST"])
@limiter.limit(UNSUBSCRIBE_LIMIT, methods=["POST"])
def from_all(code: str) -> Response:
    """Unsubscribe a mailbox from all of its comments. The link is in the daily digest."""
    email_hash = read_unsubscribe_all_code(runtime().encryption, code)
    if email_hash is None:
        raise _invalid_link()
    if request.method == "POST":
        with transaction():
            subscriptions.unsubscribe_all(email_hash, by=READER)
    return _render_page(is_subscribed=has_subscriptions(email_hash), is_about_all=True)


def _invalid_link() -> NotFound:
    return NotFound(_("This link is not valid. Copy the complete address from the email."))


def _render_page(*, is_subscribed: bool, is_about_all: bool = False) -> Response:
    if not is_subscribed:
        heading = _("You are unsubscribed from these emails.")
        explanation = _("Your comment is unchanged.")
    elif is_about_all:
        heading = _("Unsubscribe from emails about replies, threads and closing dates?")
        explanation = _(
            "This applies to every comment that you sent from this address. We still email you the decisions"
            " about them."
        )
    else:
        heading = _("Unsubscribe from emails about replies to this comment?")
        explanation = _(
            "You also get no more emails about its thread and the closing date of its letter. We still email you"
            " the decisions about it."
        )
    page = render_template(
        "public/comments/unsubscribe.html",
        heading=heading,
        explanation=explanation,
        is_subscribed=is_subscribed,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
