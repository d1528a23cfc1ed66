"""Show the dashboard of the desk: the work that waits, the actor's own, and the last 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, url_for

from commentsite import clock
from commentsite.accounts.digest_schedule import Frequency
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import load_digest_schedule
from commentsite.comments.emails.mailbox import (
    MAX_FAILED_MESSAGES,
    list_failed_messages_for_staff,
)
from commentsite.db.pagination import MAX_COUNT
from commentsite.moderation.activity import queries as activity_queries
from commentsite.moderation.activity.figures import Activity
from commentsite.moderation.queue.queries import QueueFilters, count_by_filter, load_queue_page
from commentsite.notifications.queries import count_failed_messages, find_oldest_failure
from commentsite.site.premoderation import list_active_switches
from commentsite.summaries.inquiries.policy import ANSWER_WINDOW
from commentsite.summaries.inquiries.queries import find_unanswered
from commentsite.summaries.objections.services import find_unanswered as find_open_objections
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.desk.moderation.anonymise import anonymise_queue_page
from commentsite.web.desk.moderation.queue_views import format_count
from commentsite.web.rendering.charts import DayColumn, build_day_columns
from commentsite.web.rendering.filters import format_age, format_duration
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.webhooks.queries import count_disabled_webhooks, find_oldest_disabled_webhook

OLDEST_CASES = OWN_CLAIMS = OWN_DRAFTS = LETTERS_AT_WORK = 5
#: The kinds of work for which the site promises an answer within some hours, or days for inquiries.
PROMISED = frozenset(
    {"pending", "reported", "appeals", "second", "conflict", "look", "trap", "inquiries"}
)
bp = Blueprint("desk_home", __name__)
bp.before_request(require_staff(Permission.MODERATE))


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class WaitingKind:
    """One kind of work that waits, with the age of its oldest case."""

    label: str
    count: str
    url: str
    action: str  # of the button that leads there
    age: str  # "" where no age is known
    is_late: bool  # the oldest case waits longer than the site promises


@dataclass(frozen=True)
class OwnWork:
    """The work that the actor has begun."""

    claims: list[Link]
    drafts: list[Link]
    returned: Link | None

    @property
    def is_empty(self) -> bool:
        return not (self.claims or self.drafts or self.returned)


@dataclass(frozen=True)
class ActivityChart:
    """The last 30 days as columns, with the sentence about the time to a decision."""

    activity: Activity
    columns: tuple[DayColumn, ...]
    highest: int
    median: str
    is_median_late: bool


@bp.get("/desk/")
def index() -> Response:
    actor = current_actor()
    kinds = _list_waiting_kinds(actor)
    oldest = load_queue_page(limit=OLDEST_CASES, letter_ids=actor.letter_ids)
    activity = activity_queries.load_activity()
    may_write = actor.can(Permission.WRITE_LETTERS)
    page = render_template(
        "desk/home.html",
        actor=actor,
        kinds=kinds,
        answer_hours=current_site().answer_hours,
        cases=[
            (case, _is_late(case.comment.submitted_at))
            for case in anonymise_queue_page(oldest).cases
        ],
        own=_list_own_work(actor),
        letters=activity_queries.list_letters_at_work(actor, LETTERS_AT_WORK) if may_write else [],
        has_activity_figures=activity is not None,
        chart=_build_chart(activity),
        switches=list_active_switches(current_site().active_switches, clock.now()),
        tools=_build_tools(actor),
    )
    return make_response(page)


def _is_late(since: datetime | None, promised: timedelta | None = None) -> bool:
    promised = promised or timedelta(hours=current_site().answer_hours)
    return since is not None and clock.now() - since > promised


def _list_waiting_kinds(actor: Actor) -> list[WaitingKind]:
    """List the kinds of work of which there is some, the most urgent first."""
    counts, scope = count_by_filter(actor.letter_ids), actor.letter_ids
    views = {
        "pending": QueueFilters(),
        "second": QueueFilters(waiting="second"),
        "conflict": QueueFilters(waiting="conflict"),
        "look": QueueFilters(state="published", waiting="look"),
        "trap": QueueFilters(state="spam", waiting="trap"),
    }
    oldest: dict[str, datetime | None] = {
        **activity_queries.find_oldest_submissions(
            {name: filters for name, filters in views.items() if counts[name]}, scope
        ),
        "reported": activity_queries.find_oldest_report(scope) if counts["reported"] else None,
        "appeals": activity_queries.find_oldest_appeal(scope) if counts["appeals"] else None,
    }
    if actor.can(Permission.PUBLISH_LETTERS):
        counts["letters"], oldest["letters"] = activity_queries.find_letters_to_review(
            actor, needs_second_person=current_site().letters_need_two
        )
    inquiries_slug = objections_slug = ""
    if actor.can(Permission.WRITE_LETTERS):
        counts["inquiries"], oldest["inquiries"], inquiries_slug = find_unanswered(scope)
        counts["objections"], oldest["objections"], objections_slug = find_open_objections(
            scope, actor
        )
    counts["emails"], oldest["emails"] = _find_failed_emails(actor)
    counts["webhooks"], oldest["webhooks"] = _find_disabled_webhooks(actor)
    queue = "moderation_queue.index"
    kinds = (
        ("pending", _("Waiting for a decision"), _("Review comments"), url_for(queue)),
        (
            "reported",
            _("Published and reported by readers"),
            _("Review reports"),
            url_for(queue, state="published", reported="yes"),
        ),
        (
            "appeals",
            _("Appeals by authors"),
            _("Review appeals"),
            url_for("moderation_appeals.index"),
        ),
        (
            "second",
            _("Waiting for another moderator’s vote"),
            _("Review votes"),
            url_for(queue, waiting="second"),
        ),
        (
            "conflict",
            _("Waiting for a moderator without a conflict of interest"),
            _("Review comments"),
            url_for(queue, waiting="conflict"),
        ),
        (
            "look",
            _("Published before review"),
            _("Review published comments"),
            url_for(queue, state="published", waiting="look"),
        ),
        (
            "trap",
            _("Filed as spam automatically, not yet reviewed"),
            _("Review spam"),
            url_for(queue, state="spam", waiting="trap"),
        ),
        (
            "letters",
            _("Letters to review"),
            _("Review letters"),
            url_for("desk_letters.index") if counts.get("letters") else "",
        ),
        (
            "inquiries",
            _("Inquiries that wait"),
            _("Answer inquiries"),
            url_for("desk_record_inquiries.index", slug=inquiries_slug) if inquiries_slug else "",
        ),
        (
            "objections",
            _("Objections without an answer"),
            _("Answer objections"),
            url_for("desk_letter_objections.index", slug=objections_slug)
            if objections_slug
            else "",
        ),
        (
            "emails",
            _("Emails that could not be sent"),
            _("See failed emails"),
            url_for("desk_outbox.index"),
        ),
        (
            "webhooks",
            _("Webhooks switched off because their receivers stayed broken"),
            _("See webhooks"),
            url_for("desk_webhooks.index"),
        ),
    )
    return [
        WaitingKind(
            label=label,
            count=format_count(counts[name]),
            url=url,
            action=action,
            age=format_age(since) if (since := oldest.get(name)) else "",
            is_late=_is_late(since, ANSWER_WINDOW if name == "inquiries" else None)
            if name in PROMISED
            else False,
        )
        for name, label, action, url in kinds
        if counts.get(name)
    ]


def _find_failed_emails(actor: Actor) -> tuple[int, datetime | None]:
    """Return how many emails failed that the actor can see, and since when the oldest of them waits."""
    if actor.letter_ids is None:
        count = count_failed_messages()
        return count, find_oldest_failure() if count else None
    messages = list_failed_messages_for_staff(actor, limit=MAX_FAILED_MESSAGES)
    times = [message.next_attempt_at for message in messages]
    return len(times), min(times, default=None)


def _find_disabled_webhooks(actor: Actor) -> tuple[int, datetime | None]:
    """Return how many webhooks are switched off that the actor can repair, and since when the first of them is."""
    if not actor.can_everywhere(Permission.CHANGE_SETTINGS):
        return 0, None
    count = count_disabled_webhooks()
    return count, find_oldest_disabled_webhook() if count else None


def _list_own_work(actor: Actor) -> OwnWork:
    claims = activity_queries.list_own_claims(actor, OWN_CLAIMS)
    drafts = (
        activity_queries.list_own_drafts(actor, OWN_DRAFTS)
        if actor.can(Permission.WRITE_LETTERS)
        else []
    )
    returned = activity_queries.count_own_returned(actor)
    return OwnWork(
        claims=[
            Link(
                _("Comment %(n)d on “%(letter)s”", n=comment_id, letter=title),
                url_for("moderation_case.show", comment_id=comment_id, _anchor="case"),
            )
            for comment_id, title in claims
        ],
        drafts=[
            Link(
                _("“%(letter)s”, saved %(age)s ago", letter=title, age=format_age(saved_at)),
                url_for("desk_letter_text.edit", slug=slug),
            )
            for slug, title, saved_at in drafts
        ],
        returned=Link(
            _describe_returned(returned),
            url_for("moderation_queue.index", state="returned", mine="yes"),
        )
        if returned
        else None,
    )


def _describe_returned(count: int) -> str:
    if count > MAX_COUNT:  # counting stops there
        return _(
            "More than %(n)s comments that you returned to their authors",
            n=format_number(MAX_COUNT),
        )
    return ngettext(
        "%(num)d comment that you returned to its author",
        "%(num)d comments that you returned to their authors",
        count,
    )


def _build_chart(activity: Activity | None) -> ActivityChart | None:
    if activity is None or not any(day.waiting or day.decided for day in activity.days):
        return None
    seconds = activity.median_seconds
    return ActivityChart(
        activity=activity,
        columns=build_day_columns(activity.days),
        highest=max(max(day.waiting, day.decided) for day in activity.days),
        median=format_duration(seconds) if seconds is not None else "",
        is_median_late=seconds is not None and seconds > current_site().answer_hours * 3600,
    )


def _build_tools(actor: Actor) -> Sequence[Link]:
    """Build links to the pages of the desk that are not in its navigation."""
    tools = [Link(_("Quality reviews"), url_for("moderation_quality_reviews.index"))]
    if actor.can(Permission.EXPORT_DSA_STATEMENTS):
        tools.append(Link(_("Statements of reasons"), url_for("desk_dsa_export.show")))
    if actor.can_everywhere(Permission.USE_EMERGENCY_SWITCHES):
        tools.append(Link(_("Emergency controls"), url_for("desk_emergency_switches.index")))
    if actor.can_everywhere(Permission.CHANGE_SETTINGS):
        tools.append(Link(_("Higher comment limits"), url_for("desk_comment_allowances.index")))
    if load_digest_schedule(actor.user_id).frequency is Frequency.OFF:
        notifications = url_for("desk_profile.show", _anchor="messages")
        tools.append(Link(_("Turn on email notifications"), notifications))
    return tools
