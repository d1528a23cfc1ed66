"""Give a network or a letter more room for comments, and end that early (see comment_allowances).

The audit log is public, so it records that an allowance was given and for how long, and no network.
"""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

from sqlalchemy import delete

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.site import queries as site_queries
from commentsite.site.models import CommentAllowance
from commentsite.text.plain_text import clean_single_line

MAX_HOURS = 168
ENDED_TTL = timedelta(days=30)  # an older allowance is deleted with the network that it names
MIN_COMMENTS, MAX_COMMENTS = 6, 500  # in ten minutes
MAX_REASON_LENGTH = 300
#: A larger network is not one room or one office.
MIN_PREFIX = {4: 16, 6: 32}


def give_allowance(  # noqa: PLR0913  # each is a field of the form
    network: str,
    letter_id: int | None,
    *,
    comments: int | None,
    hours: int | None,
    reason: str,
    by: Actor,
) -> CommentAllowance:
    """Allow more comments in ten minutes from a network, or from each network on a letter, from now on.

    `network` is an address or a network in CIDR notation, and empty for a letter. Raises Invalid if both
    or neither are given, and on a value outside its limits.
    """
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    parsed = _parse_network(network)
    if (parsed is None) == (letter_id is None):
        msg = "Choose a network or a letter."
        raise Invalid(msg, field="network")
    if comments is None or not MIN_COMMENTS <= comments <= MAX_COMMENTS:
        msg = "Choose a number of comments from %(least)d to %(most)d."
        raise Invalid(msg, field="comments", least=MIN_COMMENTS, most=MAX_COMMENTS)
    if hours is None or not 1 <= hours <= MAX_HOURS:
        msg = "Choose a number of hours from 1 to %(limit)d."
        raise Invalid(msg, field="hours", limit=MAX_HOURS)
    clean_reason = clean_single_line(reason)
    if not 3 <= len(clean_reason) <= MAX_REASON_LENGTH:
        msg = "Give the reason in a sentence, for the other staff. Write at most 300 characters."
        raise Invalid(msg, field="reason")
    settings = site_queries.get_settings_for_update()
    now = clock.now()
    old = delete(CommentAllowance).where(CommentAllowance.until < now - ENDED_TTL)
    session().execute(old.execution_options(synchronize_session=False))
    allowance = CommentAllowance(
        network=str(parsed or ""),
        letter_id=letter_id,
        comments=comments,
        since=now,
        until=now + timedelta(hours=hours),
        reason=clean_reason,
        set_by_name=by.name,
    )
    session().add(allowance)
    session().flush()
    settings.version += 1
    details = {"comments": comments, "hours": hours}
    if letter_id is not None:
        details["letter"] = letter_id
    record_event(by.label, "allowance.given", f"allowance:{allowance.id}", **details)
    return allowance


def end_allowance(allowance_id: int, *, by: Actor) -> None:
    """End an allowance before its time. Raises Conflict when it has ended already."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    settings = site_queries.get_settings_for_update()
    allowance = session().get(CommentAllowance, allowance_id)
    if allowance is None or allowance.until <= clock.now():
        msg = "This has already ended."
        raise Conflict(msg)
    allowance.until = clock.now()
    settings.version += 1
    record_event(by.label, "allowance.ended", f"allowance:{allowance.id}")


def _parse_network(text: str) -> IPv4Network | IPv6Network | None:
    if not text.strip():
        return None
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        msg = "Enter an address such as 192.0.2.7, or a network such as 192.0.2.0/24 or 2001:db8::/48."
        raise Invalid(msg, field="network") from None
    if network.prefixlen < MIN_PREFIX[network.version]:
        msg = "This network is too large. Enter at most a /%(limit)d."
        raise Invalid(msg, field="network", limit=MIN_PREFIX[network.version])
    return network
