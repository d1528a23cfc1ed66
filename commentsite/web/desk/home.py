"""Show the dashboard of the desk: the comments that wait longest, and other tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from commentsite.moderation.queue.queries import count_by_filter, load_queue_page
from commentsite.notifications.queries import count_failed_messages
from commentsite.site.premoderation import list_active_switches
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.desk.moderation.anonymise import anonymise_queue_page
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.webhooks.queries import count_disabled_webhooks

OLDEST_CASES = 5
bp = Blueprint("desk_home", __name__)
bp.before_request(require_staff(Permission.MODERATE))


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@bp.get("/desk/")
def index() -> Response:
    actor = current_actor()
    counts = count_by_filter(actor.letter_ids)
    oldest = load_queue_page(limit=OLDEST_CASES, letter_ids=actor.letter_ids)
    page = render_template(
        "desk/home.html",
        actor=actor,
        heading=_build_heading(counts["pending"]),
        cases=anonymise_queue_page(oldest).cases,
        switches=list_active_switches(current_site().active_switches, clock.now()),
        tasks=_build_tasks(counts, _count_failed_emails(actor)),
        tools=_build_tools(actor),
        disabled_webhooks=_count_disabled_webhooks(actor),
    )
    return make_response(page)


def _build_heading(pending: int) -> str:
    if not pending:
        return _("No comment waits for a moderator")
    if pending > MAX_COUNT:  # counting stops there
        return _("More than %(n)d comments wait for a moderator", n=MAX_COUNT)
    return ngettext(
        "%(num)d comment waits for a moderator",
        "%(num)d comments wait for a moderator",
        pending,
    )


def _count_failed_emails(actor: Actor) -> int:
    if actor.letter_ids is None:
        return count_failed_messages()
    return len(list_failed_messages_for_staff(actor, limit=MAX_FAILED_MESSAGES))


def _count_disabled_webhooks(actor: Actor) -> int:
    is_steward = actor.can_everywhere(Permission.CHANGE_SETTINGS)
    return count_disabled_webhooks() if is_steward else 0


def _build_tasks(counts: Mapping[str, int], failed: int) -> list[Link]:
    """Build a link for each kind of task that has something to do, the most urgent first."""
    second, conflict, unreviewed = counts["second"], counts["conflict"], counts["look"]
    suspected = counts["trap"]
    appeals, reported = counts["appeals"], counts["reported"]
    tasks = (
        (
            second,
            ngettext(
                "%(num)d comment needs a second vote",
                "%(num)d comments need a second vote",
                second,
            ),
            url_for("moderation_queue.index", waiting="second"),
        ),
        (
            conflict,
            ngettext(
                "%(num)d comment needs a moderator without a conflict of interest",
                "%(num)d comments need a moderator without a conflict of interest",
                conflict,
            ),
            url_for("moderation_queue.index", waiting="conflict"),
        ),
        (
            unreviewed,
            ngettext(
                "%(num)d comment was published before review",
                "%(num)d comments were published before review",
                unreviewed,
            ),
            url_for("moderation_queue.index", state="published", waiting="look"),
        ),
        (
            suspected,
            ngettext(
                "%(num)d comment was filed as spam and waits for a moderator",
                "%(num)d comments were filed as spam and wait for a moderator",
                suspected,
            ),
            url_for("moderation_queue.index", state="spam", waiting="trap"),
        ),
        (
            appeals,
            ngettext("%(num)d appeal is open", "%(num)d appeals are open", appeals),
            url_for("moderation_appeals.index"),
        ),
        (
            reported,
            ngettext(
                "%(num)d published comment is reported by readers",
                "%(num)d published comments are reported by readers",
                reported,
            ),
            url_for("moderation_queue.index", state="published", reported="yes"),
        ),
        (
            failed,
            ngettext("%(num)d email could not be sent", "%(num)d emails could not be sent", failed),
            url_for("desk_outbox.index"),
        ),
    )
    return [Link(label, url) for count, label, url in tasks if count]


def _build_tools(actor: Actor) -> list[Link]:
    """Build links to the pages of the desk that are not in its navigation."""
    tools = [Link(_("Quality reviews"), url_for("moderation_quality_reviews.index"))]
    if actor.can(Permission.EXPORT_DSA_STATEMENTS):
        tools.append(Link(_("Statements of reasons"), url_for("desk_dsa_export.show")))
    if actor.can_everywhere(Permission.USE_EMERGENCY_SWITCHES):
        tools.append(Link(_("Emergency controls"), url_for("desk_emergency_switches.index")))
    if actor.can_everywhere(Permission.CHANGE_SETTINGS):
        tools.append(Link(_("More room for comments"), url_for("desk_comment_allowances.index")))
    if load_digest_schedule(actor.user_id).frequency is Frequency.OFF:
        notifications = url_for("desk_profile.show", _anchor="messages")
        tools.append(Link(_("Email notifications are off. Turn on"), notifications))
    return tools
