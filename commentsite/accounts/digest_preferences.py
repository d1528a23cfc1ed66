"""Let people on the staff choose what they hear of, and when."""

from commentsite import clock
from commentsite.accounts.digest_schedule import (
    DIGEST_SUBJECTS,
    DigestSchedule,
    Frequency,
    is_time_zone,
    next_check_at,
)
from commentsite.accounts.models import DigestPreferences
from commentsite.accounts.permissions import Actor, Permission
from commentsite.db.session import session
from commentsite.errors import Invalid


def save_digest_schedule(schedule: DigestSchedule, *, by: Actor) -> None:
    """Write to somebody as they choose, from now on. Raises Invalid on the field that cannot be taken."""
    by.require(Permission.MODERATE)
    _check_schedule(schedule)
    now = clock.now()
    chosen = session().get(DigestPreferences, by.user_id) or DigestPreferences(staff_id=by.user_id)
    is_new = chosen.frequency in {None, Frequency.OFF.value}
    chosen.frequency, chosen.hour, chosen.zone = (
        schedule.frequency.value,
        schedule.hour,
        schedule.zone,
    )
    chosen.quiet_from, chosen.quiet_until = schedule.quiet_from, schedule.quiet_until
    chosen.subjects = list(schedule.subjects)
    chosen.reported_until = (
        now if is_new else chosen.reported_until
    )  # what waits already stands on the desk
    chosen.next_check_at = (
        None if schedule.frequency is Frequency.OFF else next_check_at(schedule, now, None)
    )
    session().add(chosen)


def _check_schedule(rhythm: DigestSchedule) -> None:
    if not 0 <= rhythm.hour <= 23:
        msg = "Choose an hour of the day."
        raise Invalid(msg, field="hour")
    quiet = (rhythm.quiet_from, rhythm.quiet_until)
    if any(hour is not None and not 0 <= hour <= 23 for hour in quiet):
        msg = "Choose an hour of the day."
        raise Invalid(msg, field="quiet_from")
    if quiet.count(None) == 1:
        msg = "Choose from when until when it is quiet, or neither."
        raise Invalid(msg, field="quiet_from")
    if not is_time_zone(rhythm.zone):
        msg = "There is no time zone of this name. Write one like Europe/Zurich or Asia/Tokyo."
        raise Invalid(msg, field="zone")
    if not set(rhythm.subjects) <= set(DIGEST_SUBJECTS):
        msg = "Choose from what there is."
        raise Invalid(msg, field="subjects")
    if rhythm.frequency is not Frequency.OFF and not rhythm.subjects:
        msg = "Choose at least one thing to hear of, or no messages."
        raise Invalid(msg, field="subjects")
