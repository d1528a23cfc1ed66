"""Rate limits. Requests beyond a limit are refused, except for a burst of comments, which is held."""

from flask import current_app, request
from limits import parse
from werkzeug.exceptions import HTTPException

from commentsite.comments.hashing import hash_email
from commentsite.web.context import runtime
from commentsite.web.http.extensions import limiter
from commentsite.web.http.metrics_registry import count_limit

COMMENT_LIMIT = "5 per 10 minutes;30 per day"
EMAIL_LIMIT = "10 per hour"
SIGN_IN_LIMIT = "10 per 10 minutes"
SEARCH_LIMIT = "60 per minute"
LETTER_BURST = parse("60 per 10 minutes")
SITE_BURST = parse("200 per 10 minutes")


def email_limit_key() -> str:
    """Return a keyed hash of the email address in the form, so that the store holds no addresses."""
    return "email:" + hash_email(runtime().encryption, _get_sent_email())


def is_email_empty() -> bool:
    return not _get_sent_email().strip()


def exceeds_burst_limit(letter_id: int) -> bool:
    """Count a comment, and return whether its letter or the site gets unusually many."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return False
    strategy = (
        limiter.limiter
    )  # read each time: it is another object while the store does not answer
    try:
        # A list, not a generator: a comment counts for both limits even if the first is exceeded.
        is_within = [
            strategy.hit(LETTER_BURST, f"letter:{letter_id}"),
            strategy.hit(SITE_BURST, "site"),
        ]
    except strategy.storage.base_exceptions:
        return False  # the comment is screened and moderated without this signal
    if all(is_within):
        return False
    count_limit("burst")
    return True


def _get_sent_email() -> str:
    try:
        return request.form.get("email", "")
    except (
        HTTPException
    ):  # the body is too large; the limiter would take the error for a dead store
        return ""
