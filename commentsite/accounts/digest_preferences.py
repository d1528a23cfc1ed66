"""Save the time zone and the email digest that a member of staff chooses."""

from commentsite import clock
from commentsite.accounts.digest_schedule import (
    DigestSchedule,
    DigestSubject,
    Frequency,
    next_check_at,
)
from commentsite.accounts.models import DigestPreferences
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import digest_schedule_from_row, get_staff_member
from commentsite.accounts.time_zones import is_time_zone
from commentsite.db.session import session
from commentsite.errors import Invalid
from commentsite.text.languages import INTERFACE_LANGUAGES


def save_digest_schedule(schedule: DigestSchedule, *, by: Actor) -> None:
    """Save the actor's own schedule. Raises Invalid with the field to correct."""
    by.require(Permission.MODERATE)
    _validate_schedule(schedule)
    now = clock.now()
    row = session().get(DigestPreferences, by.user_id) or DigestPreferences(staff_id=by.user_id)
    was_off = row.frequency in {None, Frequency.OFF.value}
    row.frequency, row.hour = schedule.frequency.value, schedule.hour
    row.quiet_from, row.quiet_until = schedule.quiet_from, schedule.quiet_until
    row.subjects = [str(subject) for subject in schedule.subjects]
    # The first digest counts only work that arrives from now on. The desk already shows the rest.
    row.reported_until = now if was_off else row.reported_until
    row.next_check_at = (
        None if schedule.frequency is Frequency.OFF else next_check_at(schedule, now, None)
    )
    session().add(row)


def save_time_zone(name: str, *, by: Actor) -> None:
    """Save the time zone of the actor's own account, in which it sees times and gets its digest.

    `name` is the IANA name of the zone. Raises Invalid for any other text.
    """
    by.require(Permission.MODERATE)
    if not is_time_zone(name):
        msg = "Choose a time zone from the list."
        raise Invalid(msg, field="zone")
    user = get_staff_member(by.user_id or 0)
    user.time_zone = name
    row = session().get(DigestPreferences, user.id)
    if row is not None and row.next_check_at is not None:
        schedule = digest_schedule_from_row(row, name)
        row.next_check_at = next_check_at(schedule, clock.now(), None)


def save_language(language: str, *, by: Actor) -> None:
    """Save the language of the desk and of emails for the actor's own account. Empty: that of the site.

    Raises Invalid for a language without an interface.
    """
    by.require(Permission.MODERATE)
    if language not in {"", *INTERFACE_LANGUAGES}:
        msg = "Choose a language from the list."
        raise Invalid(msg, field="language")
    get_staff_member(by.user_id or 0).language = language


def _validate_schedule(schedule: DigestSchedule) -> None:
    if not 0 <= schedule.hour <= 23:
        msg = "Choose an hour of the day."
        raise Invalid(msg, field="hour")
    quiet = (schedule.quiet_from, schedule.quiet_until)
    if any(hour is not None and not 0 <= hour <= 23 for hour in quiet):
        msg = "Choose an hour of the day."
        raise Invalid(msg, field="quiet_from")
    if quiet.count(None) == 1:
        msg = "Choose both the start and the end of the quiet hours, or neither."
        raise Invalid(msg, field="quiet_from")
    if not set(schedule.subjects) <= set(DigestSubject):
        msg = "Choose from the topics in the list."
        raise Invalid(msg, field="subjects")
    if schedule.frequency is not Frequency.OFF and not schedule.subjects:
        msg = "Choose at least one topic, or turn the digest off."
        raise Invalid(msg, field="subjects")
