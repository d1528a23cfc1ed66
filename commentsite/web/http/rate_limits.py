"""How much is too much, and what is held rather than refused."""

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


def typed_email() -> str:
    """Return the key of the address somebody typed, so that it cannot be read in the store of the limits."""
    return "email:" + hash_email(runtime().encryption, _sent_email())


def is_email_missing() -> bool:
    """Say whether nothing was typed that could be counted."""
    return not _sent_email().strip()


def _sent_email() -> str:
    try:
        return request.form.get("email", "")
    except HTTPException:  # too large; the limiter would take any error here for a dead store
        return ""


def is_burst(letter_id: int) -> bool:
    """Count a comment for its letter and the site; past these limits comments are held, never refused."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return False
    counter = limiter.limiter  # another one, in memory, once its store is found dead
    try:
        calm = [
            counter.hit(LETTER_BURST, f"letter:{letter_id}"),
            counter.hit(SITE_BURST, "site"),
        ]
    except counter.storage.base_exceptions:
        return False  # every comment waits for a person anyway
    if not all(calm):
        count_limit("burst")
    return not all(calm)
