"""Rate limits. Requests beyond a limit are refused, except for a burst of comments, which is held."""

from flask import current_app
from limits import parse

from commentsite.web.http.extensions import limiter
from commentsite.web.http.metrics_registry import count_limit

#: Forms of comments of any kind. It is far above the limits of comment_limits, and notices when the store fails.
SUBMISSION_LIMIT = "2000 per 10 minutes"
SIGN_IN_LIMIT = "10 per 10 minutes"
SEARCH_LIMIT = "60 per minute"
LETTER_BURST = parse("60 per 10 minutes")
SITE_BURST = parse("200 per 10 minutes")


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
