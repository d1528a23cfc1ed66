"""Say in words how urgent a decision about a waiting comment is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from commentsite import clock
from commentsite.comments.states import CommentState
from commentsite.moderation.queue.deadlines import Urgency, determine_urgency
from commentsite.web.context import current_site
from commentsite.web.rendering.filters import format_duration
from commentsite.web.rendering.i18n import gettext as _


@dataclass(frozen=True)
class Deadline:
    """How urgent a decision is, with the words that say so."""

    urgency: Urgency
    text: str


NO_DEADLINE = Deadline(Urgency.NONE, "")


def describe_deadline(comment: Any) -> Deadline:
    """Compare the age of a comment, or of its row in a list, with the promise of the site."""
    if comment.state != CommentState.PENDING:
        return NO_DEADLINE
    promise, now = current_site().answer_hours, clock.now()
    urgency = determine_urgency(comment.submitted_at, promise, now)
    if urgency is Urgency.OVERDUE:
        return Deadline(urgency, _("overdue"))
    if urgency is Urgency.SOON:
        left = comment.submitted_at + timedelta(hours=promise) - now
        return Deadline(
            urgency, _("due in %(time)s", time=format_duration(int(left.total_seconds())))
        )
    return NO_DEADLINE
