"""The limits of comments: how many a network, an address and one form may send.

Accepted comments count against tight limits. Forms that come back with a mistake count apart, against much
looser ones, so that a person who corrects a form can always send it. A room full of people can share one
address: stewards give a network or a letter more room for a while (`site.comment_allowances`).

A limit of a network also holds for the wider networks around it, with larger numbers: a household gets up to
a /48 of IPv6. Keys are keyed hashes, so that the store of the limits holds no addresses.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from operator import itemgetter

from flask import current_app, request
from limits import RateLimitItem, parse, parse_many

from commentsite import clock
from commentsite.comments.hashing import hash_email
from commentsite.site.comment_allowances import find_allowance
from commentsite.web.context import current_site, runtime
from commentsite.web.http.client_address import client_networks, parse_address
from commentsite.web.http.extensions import limiter
from commentsite.web.http.limit_storage import SharedFileStorage

#: By the width of the network: one address or /64, a /56, and a /48 of IPv6 or a /24 of IPv4.
ACCEPTED_LIMITS = (
    "5 per 10 minutes;30 per day",
    "15 per 10 minutes;90 per day",
    "60 per 10 minutes;360 per day",
)
FAILED_LIMITS = ("60 per 10 minutes", "180 per 10 minutes", "720 per 10 minutes")
FAILURES_PER_COMMENT = 4  # that an allowance for one more comment allows, too
ADDRESS_LIMIT = parse("10 per hour")
#: For each network. A form that meets the limit comes back with a new token.
FORM_LIMIT = parse("20 per 7 days")

_parse_limits = cache(parse_many)
NETWORK_HASHES = "commentsite.network_hashes"  # in the WSGI environ: hash by network
Counter = tuple[RateLimitItem, tuple[str, ...]]


@dataclass(frozen=True)
class ReachedLimit:
    """A limit that the sender has reached: so many in `period`, until there is room again."""

    number: int
    period: timedelta
    until: datetime


def find_accepted_limit(letter_id: int) -> ReachedLimit | None:
    """Return the limit of comments that the network of this request has reached, or None."""
    return _find_reached(lambda: _list_accepted_counters(letter_id))


def find_failed_limit(letter_id: int) -> ReachedLimit | None:
    """Return the limit of forms with mistakes that the network has reached, or None."""
    return _find_reached(lambda: _list_failed_counters(letter_id))


def find_address_limit(email: str) -> ReachedLimit | None:
    """Return the limit that the wide network has reached under an email address, or None."""
    return _find_reached(lambda: [_address_counter(email)])


def count_accepted(letter_id: int, email: str, form_token: str) -> None:
    _hit(
        lambda: [
            *_list_accepted_counters(letter_id),
            _address_counter(email),
            _form_counter(form_token),
        ]
    )


def count_failed(letter_id: int) -> None:
    _hit(lambda: _list_failed_counters(letter_id))


def is_form_used_up(letter_id: int, form_token: str) -> bool:
    """Return whether a network sent so many comments with one form that it has to be replaced.

    A form without a limit is that of a network or a letter with more room.
    """
    if _find_allowed_number(letter_id):
        return False
    return _find_reached(lambda: [_form_counter(form_token)]) is not None


def _list_accepted_counters(letter_id: int) -> list[Counter]:
    return list(_list_counters("accepted", ACCEPTED_LIMITS, _find_allowed_number(letter_id)))


def _list_failed_counters(letter_id: int) -> list[Counter]:
    number = FAILURES_PER_COMMENT * _find_allowed_number(letter_id)
    return list(_list_counters("failed", FAILED_LIMITS, number))


def _find_allowed_number(letter_id: int) -> int:
    """Return the number of comments in ten minutes that an allowance gives, or 0."""
    if not current_site().comment_allowances:
        return 0
    address = parse_address(request.remote_addr or "")
    return find_allowance(current_site().comment_allowances, address, letter_id, clock.now())


def _list_counters(kind: str, limits: Iterable[str], allowed_number: int) -> Iterator[Counter]:
    networks = client_networks()
    widths = (networks.narrow, networks.medium, networks.wide)
    for network, text in zip(widths, limits, strict=True):
        if not network:
            continue
        items = _parse_limits(text)
        if allowed_number > items[0].amount:
            items = [parse(f"{allowed_number} per 10 minutes")]
        for item in items:
            yield item, (f"comments-{kind}", _hash_network(network))


def _address_counter(email: str) -> Counter:
    # With the network in the key, a stranger elsewhere cannot use up the comments of the address's owner.
    email_hash = hash_email(runtime().encryption, email)
    network = _hash_network(client_networks().wide)
    return ADDRESS_LIMIT, ("comments-address", email_hash, network)


def _form_counter(form_token: str) -> Counter:
    # A page is rendered once for all readers, so readers of other networks have the same form.
    network = _hash_network(client_networks().narrow)
    return FORM_LIMIT, ("comments-form", sha256(form_token.encode()).hexdigest(), network)


def _hash_network(network: str) -> str:
    """Return the keyed hash of a network. A request needs the same three up to twenty times."""
    hashes: dict[str, str] = request.environ.setdefault(NETWORK_HASHES, {})
    if network not in hashes:
        hashes[network] = runtime().encryption.keyed_hash("limit", network)
    return hashes[network]


def _find_reached(list_counters: Callable[[], list[Counter]]) -> ReachedLimit | None:
    """Return, of the counters that are full, the one that has room again last."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return None
    strategy = limiter.limiter  # another object while the store does not answer
    try:
        full = [
            (strategy.get_window_stats(item, *key).reset_time, item)
            for item, key in list_counters()
            if not strategy.test(item, *key)
        ]
    except strategy.storage.base_exceptions:
        return None  # comments are screened and moderated anyway
    if not full:
        return None
    end, item = max(full, key=itemgetter(0))
    until = datetime.fromtimestamp(end, UTC)
    return ReachedLimit(item.amount, timedelta(seconds=item.get_expiry()), until)


def _hit(list_counters: Callable[[], list[Counter]]) -> None:
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    strategy = limiter.limiter
    try:
        if isinstance(strategy.storage, SharedFileStorage):
            strategy.storage.hit_all(list_counters())
            return
        for item, key in list_counters():
            strategy.hit(item, *key)
    except strategy.storage.base_exceptions:
        return
