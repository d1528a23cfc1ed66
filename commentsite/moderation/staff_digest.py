"""Tell people on the staff what is new at the desk, as often as they chose: numbers and links, nobody's words.

One message collects all that came since the last. Links lead to pages; none decides anything.
"""

from zoneinfo import ZoneInfo

from commentsite import clock
from commentsite.accounts.digest_schedule import Frequency, next_check_at, quiet_hours_end
from commentsite.accounts.queries import (
    build_actor,
    digest_schedule_from_row,
    get_digest_preferences_for_update,
    get_staff_member,
)
from commentsite.db.pagination import MAX_COUNT
from commentsite.encryption import Encryption
from commentsite.moderation.queue.queries import count_new, count_open
from commentsite.notifications.outbox import enqueue_message
from commentsite.notifications.queries import has_unsent_message

MESSAGE_KIND = "staff.digest"


def enqueue_due_digest(staff_id: int, encryption: Encryption) -> int:
    """Write to one person when there is something new, and return 1; two workers write once."""
    chosen, now = get_digest_preferences_for_update(staff_id), clock.now()
    if chosen is None or chosen.next_check_at is None or chosen.next_check_at > now:
        return 0  # another worker was here, or they want nothing any more
    rhythm = digest_schedule_from_row(chosen)
    person = get_staff_member(staff_id)
    if not person.active or rhythm.frequency is Frequency.OFF:
        chosen.next_check_at = None
        return 0
    quiet, about = quiet_hours_end(rhythm, now), f"staff:{staff_id}"
    if quiet is not None or has_unsent_message(
        about, MESSAGE_KIND
    ):  # the last one has not left yet
        chosen.next_check_at = quiet or next_check_at(rhythm, now, None)
        return 0
    actor = build_actor(person)
    found = {
        subject: count_new(subject, chosen.reported_until, actor) for subject in rhythm.subjects
    }
    new = {subject: n for subject, n in found.items() if n}
    chosen.next_check_at = next_check_at(rhythm, now, sum(new.values()) if new else None)
    if not new:
        return 0
    since = chosen.reported_until.astimezone(ZoneInfo(rhythm.zone))
    chosen.reported_until = now
    enqueue_message(
        MESSAGE_KIND,
        person.email,
        encryption=encryption,
        about=about,
        new={subject: _format_count(n) for subject, n in new.items()},
        whole={subject: _format_count(count_open(subject, actor)) for subject in new},
        since=f"{since.day} {since:%B %Y, %H:%M %Z}",
    )
    return 1


def _format_count(n: int) -> str:
    return str(n) if n <= MAX_COUNT else f"more than {MAX_COUNT:,}"
