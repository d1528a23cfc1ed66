"""Rate limits. Requests beyond a limit are refused, except for a burst of comments, which is held."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app
from limits import parse

from commentsite.web.context import runtime
from commentsite.web.http.client_address import client_networks
from commentsite.web.http.extensions import limiter
from commentsite.web.http.metrics_registry import count_limit


@dataclass(frozen=True)
class NetworkLimits:
    """The limits of an action for the networks of a client (see `ClientNetworks`), the wider the larger."""

    narrow: str
    medium: str
    wide: str


REPORT_LIMITS = NetworkLimits("10 per hour", "20 per hour", "60 per hour")
INQUIRY_LIMITS = NetworkLimits("10 per hour", "20 per hour", "60 per hour")
SUBSCRIBE_LIMITS = NetworkLimits("10 per hour", "20 per hour", "60 per hour")
SIGN_IN_LIMITS = NetworkLimits("10 per 10 minutes", "30 per 10 minutes", "100 per 10 minutes")
SETUP_LIMITS = NetworkLimits("40 per 10 minutes", "80 per 10 minutes", "200 per 10 minutes")
SIGN_IN_LIMIT = "10 per 10 minutes"  # second-factor codes for one account, from anywhere
#: Wrong passwords for one account, from anywhere. The browsers in which its owner signed in count apart.
PASSWORD_LIMIT = "15 per 30 minutes"  # noqa: S105  # a number of attempts
#: Forms of comments of any kind. It is far above the limits of comment_limits, and notices when the store fails.
SUBMISSION_LIMIT = "2000 per 10 minutes"
PREVIEW_LIMIT = "60 per 10 minutes"
SEARCH_LIMIT = "60 per minute"
LETTER_BURST = parse("60 per 10 minutes")
SITE_BURST = parse("200 per 10 minutes")


def limit_by_network(
    limits: NetworkLimits, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that limits a view for each of the client's networks.

    A client that moves from address to address within its own network meets the limit of the wider one.
    `options` are those of Flask-Limiter.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        for width, key_func in _NETWORK_KEYS.items():
            view = limiter.limit(
                getattr(limits, width), key_func=key_func, exempt_when=_EXEMPTIONS[width], **options
            )(view)
        return view

    return decorate


def _network_limit_key(width: str) -> str:
    """Return a keyed hash, so that the store of the limits holds no addresses."""
    return runtime().encryption.keyed_hash("limit", getattr(client_networks(), width))


def _is_network_unknown(width: str) -> bool:
    return not getattr(client_networks(), width)


# Each function exists once. Flask-Limiter would take equal limits with other functions for further limits.
_WIDTHS = ("wide", "medium", "narrow")
_NETWORK_KEYS = {width: partial(_network_limit_key, width) for width in _WIDTHS}
_EXEMPTIONS = {width: partial(_is_network_unknown, width) for width in _WIDTHS}


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
