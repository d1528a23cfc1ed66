"""The views of the queue: their names, headings and empty texts, and the menu that leads to them.

A view is a preset of filters. `identify_view` finds the view that filters belong to, so that the heading
says "Reported" for reported comments although their state is "published".
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from commentsite.comments.states import CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.moderation.queue.queries import (
    ALL_STATES,
    DEFAULT_FILTERS,
    NEWEST_FIRST,
    QueueFilters,
)
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import COMMENT_STATE_LABELS


class SpecialView(StrEnum):
    """The views that are not simply all comments in one state."""

    REPORTED = "reported"
    HELD = "held"
    SECOND = "second"
    CONFLICT = "conflict"
    UNREVIEWED = "look"
    SUSPECTED = "trap"
    MINE = "mine"
    ALL = ALL_STATES


#: In these views a moderator works through the list, so that a decision leads on to its next case.
_WORK_VIEWS = frozenset(
    {
        CommentState.PENDING,
        SpecialView.REPORTED,
        SpecialView.HELD,
        SpecialView.SECOND,
        SpecialView.CONFLICT,
        SpecialView.UNREVIEWED,
        SpecialView.SUSPECTED,
    }
)

SPECIAL_VIEW_LABELS = {
    SpecialView.REPORTED: _l("Reported"),
    SpecialView.HELD: _l("Held by a check"),
    SpecialView.SECOND: _l("Needs another moderator"),
    SpecialView.CONFLICT: _l("Waiting for a moderator without a conflict of interest"),
    SpecialView.UNREVIEWED: _l("Published, not yet reviewed"),
    SpecialView.SUSPECTED: _l("Filed as spam, not yet reviewed"),
    SpecialView.ALL: _l("All comments"),
}
DECIDED_BY_ME_LABELS = {
    CommentState.PUBLISHED: _l("Published by me"),
    CommentState.REFUSED: _l("Refused by me"),
    CommentState.RESTRICTED: _l("Removed by me"),
}
#: What a comment waits for, as the list shows it. The keys are the values of `Comment.awaiting`.
AWAITING_LABELS = {
    "second": _l("needs a second moderator"),
    "third": _l("needs a third moderator"),
    "conflict": _l("needs a moderator without a conflict of interest"),
    "look": _l("not yet reviewed"),
    "trap": _l("not yet reviewed"),
}
EMPTY_TEXTS = {
    CommentState.PENDING: _l("No comment waits for a moderator. New comments appear here, the oldest first."),
    CommentState.RECEIVED: _l("No comment waits for the automatic checks."),
    CommentState.AWAITING_EMAIL: _l("No comment waits for its author to confirm the email address."),
    CommentState.RETURNED: _l("No comment is with its author for changes."),
    CommentState.PUBLISHED: _l("No comment is published."),
    CommentState.REFUSED: _l("No comment is refused."),
    CommentState.SPAM: _l("No comment is marked as spam."),
    CommentState.RESTRICTED: _l("No comment is removed."),
    CommentState.WITHDRAWN: _l("No comment is withdrawn."),
    SpecialView.REPORTED: _l("No published comment has an open report."),
    SpecialView.HELD: _l("No waiting comment was flagged by a check."),
    SpecialView.SECOND: _l("Nothing here waits for a second moderator. Comments appear here when a moderator has voted and another must vote next."),
    SpecialView.CONFLICT: _l("Nothing here waits for a moderator without a conflict of interest."),
    SpecialView.SUSPECTED: _l("Every comment that was filed as spam automatically has been reviewed."),
    SpecialView.UNREVIEWED: _l("Every published comment has been reviewed."),
    SpecialView.MINE: _l("None of the comments that you decided is in this state."),
    SpecialView.ALL: _l("Nobody has sent a comment yet."),
}  # fmt: skip
NO_MATCH_TEXT = _l("No comment matches these filters.")


@dataclass(frozen=True)
class ViewHeading:
    """The texts that say which view is open. `empty_text` stands in place of an empty list."""

    title: str
    heading: str
    empty_text: str


@dataclass(frozen=True)
class ViewLink:
    """An entry of the menu."""

    label: str
    count: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class ViewGroup:
    title: str
    links: list[ViewLink]


def identify_view(filters: QueueFilters) -> SpecialView | CommentState:
    if filters.waiting:
        return SpecialView(filters.waiting)
    if filters.reported:
        return SpecialView.REPORTED
    if filters.mine:
        return SpecialView.MINE
    if filters.held_by == "any" and filters.state == DEFAULT_FILTERS.state:
        return SpecialView.HELD
    return SpecialView.ALL if filters.state == ALL_STATES else CommentState(filters.state)


def is_work_view(filters: QueueFilters) -> bool:
    """Return whether the view lists comments for which something is left to do."""
    return identify_view(filters) in _WORK_VIEWS


def is_filtered(filters: QueueFilters) -> bool:
    """Return whether the search form narrows the view, besides the order of the list."""
    return bool(
        filters.q
        or filters.group
        or filters.letter
        or filters.language
        or filters.confirmed
        or filters.age
        or (filters.held_by and identify_view(filters) != SpecialView.HELD)
    )


def build_view_heading(filters: QueueFilters, total: int) -> ViewHeading:
    """Build the texts of a view. `total` above MAX_COUNT means more comments than were counted."""
    view = identify_view(filters)
    label = _label_view(view, filters)
    empty_text = NO_MATCH_TEXT if is_filtered(filters) else EMPTY_TEXTS[view]
    is_counted = total <= MAX_COUNT
    count = format_number(min(total, MAX_COUNT))
    title = (
        _("%(view)s, %(count)s", view=label, count=count)
        if is_counted
        else _("%(view)s, more than %(count)s", view=label, count=count)
    )
    heading = _count_waiting(total) if view == CommentState.PENDING else title
    if is_filtered(filters):
        title = heading = (
            _("%(view)s, %(count)s found", view=label, count=count)
            if is_counted
            else _("%(view)s, more than %(count)s found", view=label, count=count)
        )
    return ViewHeading(title, heading, str(empty_text))


def build_view_menu(filters: QueueFilters, counts: dict[str, int]) -> list[ViewGroup]:
    """Build the menu of views. `counts` are those of `count_by_filter`."""
    current = identify_view(filters)

    def state_link(state: CommentState) -> ViewLink:
        args = {} if state == DEFAULT_FILTERS.state else {"state": state.value}
        count = format_count(counts[state])
        return ViewLink(str(COMMENT_STATE_LABELS[state]), count, _queue_url(args), current == state)

    def special_link(view: SpecialView, **query_args: str) -> ViewLink:
        label, count = str(SPECIAL_VIEW_LABELS[view]), format_count(counts[view])
        return ViewLink(label, count, _queue_url(query_args), current == view)

    def mine_link(state: CommentState) -> ViewLink:
        is_current = current == SpecialView.MINE and filters.state == state
        args = {"state": state.value, "mine": "yes"}
        return ViewLink(str(DECIDED_BY_ME_LABELS[state]), "", _queue_url(args), is_current)

    # A site with one moderator per decision never needs the rarer views, so they appear when they hold something.
    rare_views = [
        view
        for view in (SpecialView.CONFLICT, SpecialView.UNREVIEWED, SpecialView.SUSPECTED)
        if counts[view] or current == view
    ]
    return [
        ViewGroup(
            _("To decide"),
            [
                state_link(CommentState.PENDING),
                special_link(SpecialView.REPORTED, state="published", reported="yes"),
                special_link(SpecialView.HELD, held_by="any"),
                ViewLink(
                    _("Appeals"),
                    format_count(counts["appeals"]),
                    url_for("moderation_appeals.index"),
                ),
                *(
                    special_link(view, waiting=view.value)
                    for view in (SpecialView.SECOND, *rare_views)
                ),
            ],
        ),
        ViewGroup(
            _("With the author"),
            [state_link(CommentState.AWAITING_EMAIL), state_link(CommentState.RETURNED)],
        ),
        ViewGroup(
            _("Decided"),
            [
                state_link(state)
                for state in (
                    CommentState.PUBLISHED,
                    CommentState.REFUSED,
                    CommentState.SPAM,
                    CommentState.RESTRICTED,
                    CommentState.WITHDRAWN,
                )
            ],
        ),
        ViewGroup(_("Decided by me"), [mine_link(state) for state in DECIDED_BY_ME_LABELS]),
        ViewGroup(
            _("Look up"),
            [
                special_link(SpecialView.ALL, state=ALL_STATES, sort=NEWEST_FIRST),
                ViewLink(_("Prepared notes"), "", url_for("moderation_prepared_notes.index")),
            ],
        ),
    ]


def _queue_url(query_args: dict[str, Any]) -> str:
    return url_for("moderation_queue.index", **query_args)


def format_count(count: int) -> str:
    """Write a count that was not counted further than MAX_COUNT."""
    is_counted = count <= MAX_COUNT
    return format_number(count) if is_counted else _("%(n)s+", n=format_number(MAX_COUNT))


def _label_view(view: SpecialView | CommentState, filters: QueueFilters) -> str:
    if view == SpecialView.MINE:
        state = CommentState(filters.state)
        return str(DECIDED_BY_ME_LABELS.get(state, _("Decided by me")))
    if isinstance(view, SpecialView):
        return str(SPECIAL_VIEW_LABELS[view])
    return str(COMMENT_STATE_LABELS[view])


def _count_waiting(total: int) -> str:
    if not total:
        return _("Nothing waits for a moderator")
    if total > MAX_COUNT:
        return _("More than %(n)s wait for a moderator", n=format_number(MAX_COUNT))
    return ngettext("%(num)d waits for a moderator", "%(num)d wait for a moderator", total)
