"""Notify staff of new work at the desk, by an email digest at the interval they chose.

A digest holds counts and links. It quotes no comment, and no link in it decides anything.
"""

from commentsite import clock
from commentsite.accounts.digest_schedule import Frequency, next_check_at, quiet_hours_end
from commentsite.accounts.queries import (
    build_actor,
    digest_schedule_from_row,
    get_digest_preferences_for_update,
    get_staff_member,
)
from commentsite.accounts.time_zones import load_time_zone
from commentsite.db.pagination import MAX_COUNT
from commentsite.encryption import Encryption
from commentsite.moderation.queue.queries import count_new, count_open
from commentsite.notifications.outbox import enqueue_message
from commentsite.notifications.queries import has_unsent_message

MESSAGE_KIND = "staff.digest"


def enqueue_due_digest(staff_id: int, encryption: Encryption) -> int:
    """Enqueue the digest of one staff member if it is due and there is something new.

    Returns the number of messages enqueued, 0 or 1. The row lock on the preferences makes sure
    that two workers send one digest.
    """
    preferences, now = get_digest_preferences_for_update(staff_id), clock.now()
    if preferences is None or preferences.next_check_at is None or preferences.next_check_at > now:
        return 0  # another worker was first, or the staff member turned the digest off
    member = get_staff_member(staff_id)
    schedule = digest_schedule_from_row(preferences, member.time_zone)
    if not member.active or schedule.frequency is Frequency.OFF:
        preferences.next_check_at = None
        return 0
    quiet_until, about = quiet_hours_end(schedule, now), f"staff:{staff_id}"
    # While the previous digest is still in the outbox, another one would only pile up behind it.
    if quiet_until is not None or has_unsent_message(about, MESSAGE_KIND):
        preferences.next_check_at = quiet_until or next_check_at(schedule, now, None)
        return 0
    actor = build_actor(member)
    counts = {
        subject: count_new(subject, preferences.reported_until, actor)
        for subject in schedule.subjects
    }
    new = {subject: count for subject, count in counts.items() if count}
    preferences.next_check_at = next_check_at(schedule, now, sum(new.values()) if new else None)
    if not new:
        return 0
    since = preferences.reported_until.astimezone(load_time_zone(schedule.zone))
    preferences.reported_until = now
    enqueue_message(
        MESSAGE_KIND,
        member.email,
        encryption=encryption,
        about=about,
        language=member.language,
        new={subject: _format_count(count) for subject, count in new.items()},
        whole={subject: _format_count(count_open(subject, actor)) for subject in new},
        since=since.isoformat(timespec="minutes"),
    )
    return 1


def _format_count(count: int) -> str:
    return str(count) if count <= MAX_COUNT else f"more than {MAX_COUNT:,}"
