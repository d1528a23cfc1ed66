"""More room for comments than the usual limits give, for a network or a letter, until a set time.

The limits protect the moderators' queue from one sender. People in one meeting room or one office can
share an address, though, and they would meet the limits together. A steward who knows of such a room
gives its network, or the letter that the room discusses, more room.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network


@dataclass(frozen=True)
class ActiveAllowance:
    """An allowance of `comments` in ten minutes from one network. `letter_id` is None for a network."""

    id: int
    network: IPv4Network | IPv6Network | None
    letter_id: int | None
    comments: int
    until: datetime
    reason: str
    set_by_name: str
    since: datetime


def list_active_allowances(
    allowances: Iterable[ActiveAllowance], now: datetime
) -> list[ActiveAllowance]:
    """Filter out the allowances that have ended. Callers may hold a cached list."""
    return [allowance for allowance in allowances if now < allowance.until]


def find_allowance(
    allowances: Iterable[ActiveAllowance],
    address: IPv4Address | IPv6Address | None,
    letter_id: int,
    now: datetime,
) -> int:
    """Return the largest number of comments in ten minutes that an allowance gives, or 0."""
    return max(
        (
            allowance.comments
            for allowance in list_active_allowances(allowances, now)
            if allowance.letter_id == letter_id
            or (
                allowance.network is not None
                and address is not None
                and address in allowance.network
            )
        ),
        default=0,
    )
