"""Tell people on the staff what is new at the desk, as often as they chose: numbers and links, nobody's words.

One message collects all that came since the last. Links lead to pages; none decides anything.
"""

from zoneinfo import ZoneInfo

from commentsite import clock
from commentsite.accounts.queries import actor_for, messages_for_update, rhythm_of, staff_member
from commentsite.accounts.rhythm import How, next_look, quiet_ends
from commentsite.moderation.news import all_of, new_since
from commentsite.notifications.queries import is_unsent
from commentsite.notifications.services import enqueue
from commentsite.paging import MOST_COUNTED
from commentsite.vault import Vault

KIND = "staff.digest"


def tell_due(staff_id: int, vault: Vault) -> int:
    """Write to one person when there is something new, and return 1; two workers write once."""
    chosen, now = messages_for_update(staff_id), clock.now()
    if chosen is None or chosen.next_at is None or chosen.next_at > now:
        return 0  # another worker was here, or they want nothing any more
    rhythm = rhythm_of(chosen)
    person = staff_member(staff_id)
    if not person.active or rhythm.how is How.OFF:
        chosen.next_at = None
        return 0
    quiet, about = quiet_ends(rhythm, now), f"staff:{staff_id}"
    if quiet is not None or is_unsent(about, KIND):  # the last one has not left yet
        chosen.next_at = quiet or next_look(rhythm, now, None)
        return 0
    actor = actor_for(person)
    found = {subject: new_since(subject, chosen.told_at, actor) for subject in rhythm.subjects}
    new = {subject: n for subject, n in found.items() if n}
    chosen.next_at = next_look(rhythm, now, sum(new.values()) if new else None)
    if not new:
        return 0
    since = chosen.told_at.astimezone(ZoneInfo(rhythm.zone))
    chosen.told_at = now
    enqueue(
        KIND,
        person.email,
        vault=vault,
        about=about,
        new={subject: _said(n) for subject, n in new.items()},
        whole={subject: _said(all_of(subject, actor)) for subject in new},
        since=f"{since.day} {since:%B %Y, %H:%M %Z}",
    )
    return 1


def _said(n: int) -> str:
    return str(n) if n <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"
