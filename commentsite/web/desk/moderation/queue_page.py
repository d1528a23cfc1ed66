"""Show the queue: the list of one view, and beside it one comment as a case.

The page of a case is the same page. Only the address, and which part a phone shows first, differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import load_shortcuts
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, list_comment_languages
from commentsite.comments.reports.models import Report
from commentsite.comments.reports.queries import list_open_reports_by_comment
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.states import CommentState
from commentsite.errors import Invalid, SiteError
from commentsite.letters.queries import (
    find_current_slug,
    list_newest_letters,
    list_published_languages,
)
from commentsite.moderation.bulk.services import MAX_BATCH_SIZE
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.outcomes import EMAIL_KIND
from commentsite.moderation.decisions.undo import can_undo
from commentsite.moderation.models import Claim, Decision
from commentsite.moderation.queries import find_active_claim
from commentsite.moderation.queue.case_file import CaseFile, load_case_file
from commentsite.moderation.queue.queries import (
    DEFAULT_FILTERS,
    NEWEST_FIRST,
    QueuedCase,
    QueueFilters,
    QueuePage,
    count_by_filter,
    count_pending_since,
    load_queue_page,
)
from commentsite.moderation.queue.search_input import parse_comment_url, parse_letter_url
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.moderation.anonymise import anonymise_comments, anonymise_queue_page
from commentsite.web.desk.moderation.case_view import (
    WAITING_STATES,
    build_case_view,
)
from commentsite.web.desk.moderation.deadlines import NO_DEADLINE, Deadline, describe_deadline
from commentsite.web.desk.moderation.decision_form import NO_INPUT, CaseInput
from commentsite.web.desk.moderation.queue_filters import (
    hash_searched_email,
    parse_filters,
    to_query_args,
)
from commentsite.web.desk.moderation.queue_views import (
    AWAITING_LABELS,
    SpecialView,
    ViewGroup,
    ViewHeading,
    build_view_heading,
    build_view_menu,
    identify_view,
    is_filtered,
    is_work_view,
)
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.default_texts import translate_default_text
from commentsite.web.rendering.filters import join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import COMMENT_STATE_LABELS, SCREENING_CHECK_LABELS
from commentsite.web.rendering.language_names import name_languages

PAGE_SIZE = 50
MAX_LETTERS_IN_FILTER = 50  # the newest; moderators reach any other by pasting its address

bp = Blueprint("moderation_queue", __name__, url_prefix="/desk/moderation")
bp.before_request(require_staff(Permission.MODERATE))


@dataclass(frozen=True)
class QueueRow:
    """One comment in the list. `claim` is set while another moderator reviews it."""

    comment: Any  # the columns of the list, or an AnonymousComment around them
    is_open: bool
    claim: Claim | None
    status: str  # why it is here: what it waits for, its reports, or the check that held it
    state: str  # the label of its state, where the view holds several
    deadline: Deadline


@dataclass(frozen=True)
class QueueView:
    """The list with its heading, its menu and its filters."""

    filters: QueueFilters
    query_args: dict[str, Any]
    heading: ViewHeading
    menu: list[ViewGroup]
    is_pending_view: bool
    is_work_view: bool
    has_more_filters: bool  # besides the search and the state
    is_selected: bool  # every comment of the page is ticked on arrival
    rows: list[QueueRow]
    total: int
    oldest_deadline: Deadline  # of the first row, where the list begins with the oldest
    waiting_count: int  # in the view of waiting comments, up to MAX_COUNT + 1
    next_after: int | None
    shown_at: datetime
    max_batch_size: int
    filter_letters: Sequence[Any]  # slug, title and language of each
    filter_languages: list[tuple[str, str]]  # code and name
    newest_letter_count: int  # 0 when the list holds all letters


@dataclass(frozen=True)
class DecisionNotice:
    """The moderator's last decision, shown above the next case for as long as it can be undone."""

    text: str
    comment_id: int
    decision_id: int
    can_undo: bool
    seconds: int  # until the end of the undo window
    tells_author: bool  # an email goes to the author when the window is over
    can_reply: bool


@dataclass(frozen=True)
class Overtaken:
    """A comment that another moderator decided first. The page shows the next one instead."""

    comment_id: int
    name: str
    message: str


@bp.get("/")
def index() -> AnyResponse:
    """Show one view of the queue with its oldest case open.

    A pasted address of a comment leads to its case. That of a letter narrows the view to the letter.
    """
    search_text = request.args.get("q", "")
    comment_id = parse_comment_url(search_text)
    if comment_id is not None:
        return redirect(url_for("moderation_case.show", comment_id=comment_id, _anchor="case"), 303)
    if slug := parse_letter_url(search_text):
        filters = replace(parse_filters(), q="", letter=find_current_slug(slug) or slug)
        return redirect(url_for(".index", **to_query_args(filters)), 303)
    return render_queue()


@bp.get("/news.json")
def count_new() -> Response:
    """Count the pending comments that arrived since a moment, on the letters of this moderator."""
    try:
        since = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        since = clock.now()
    if since.tzinfo is None:
        since = clock.now()
    return jsonify(new=count_pending_since(since, current_actor().letter_ids))


def render_queue(
    comment_id: int | None = None,
    error: SiteError | None = None,
    case_input: CaseInput = NO_INPUT,
    *,
    filters: QueueFilters | None = None,
    overtaken: Overtaken | None = None,
) -> Response:
    """Render the queue with this case open, or with the first case of the view.

    After an error the page has its status and its message, and the form keeps `case_input`. `overtaken`
    is a comment that the error was about, where the page shows another one. `filters` name another view
    than the request does.
    """
    actor = current_actor()
    filters = filters or parse_filters()
    file = _load_permitted_case(comment_id, actor) if comment_id is not None else None
    is_addressed = request.method != "POST" and "state" not in request.args
    if file is not None and is_addressed and not filters.waiting:
        filters = replace(filters, state=str(file.comment.state))
    counts = count_by_filter(actor.letter_ids)
    page = load_filtered_page(
        filters, after=parse_id(request.args.get("after", "")), known_counts=counts
    )
    if file is None and page.cases:
        file = load_case_file(page.cases[0].comment.id)
    open_id = file.comment.id if file else None
    html = render_template(
        "desk/moderation/queue.html",
        actor=actor,
        queue=_build_queue_view(filters, anonymise_queue_page(page), counts, open_id, actor),
        case=build_case_view(
            file,
            _find_claim(file, page),
            actor,
            runtime().encryption,
            case_input,
        )
        if file
        else None,
        is_case_address=comment_id is not None,
        notice=_build_decision_notice(actor),
        shortcuts=load_shortcuts(actor.user_id),
        rules=current_site().rulebook.active_clauses,
        overtaken=overtaken,
        case_input=case_input,
        error_text=translate_error(error)
        if error and not overtaken and not case_input.is_beside_field
        else "",
        error_field=error.field if isinstance(error, Invalid) else "",
        typed=case_input.typed,
    )
    return make_response(html, get_status(error) if error else 200)


def render_next_case(comment_id: int, error: SiteError, case_input: CaseInput) -> Response:
    """Render the case after one that another moderator decided first, and say what became of it."""
    filters, next_id = find_next_case(comment_id)
    if next_id == comment_id:
        return render_queue(comment_id, error, case_input)
    file = _load_permitted_case(comment_id, current_actor())
    [comment] = anonymise_comments([file.comment])
    name = comment.name or _("a deleted comment")
    overtaken = Overtaken(comment_id, name, translate_error(error))
    return render_queue(next_id, error, filters=filters, overtaken=overtaken)


def find_next_case(comment_id: int) -> tuple[QueueFilters, int | None]:
    """Return the view and the case to show after a decision about a comment, or None for an empty view.

    A view of work leads on to its next case, and a search elsewhere back to the comment. From all other
    views the way leads to the first waiting case. A published comment never opens by itself: the keys would
    remove it.
    """
    filters = parse_filters()
    if not is_work_view(filters):
        if filters.q:
            return filters, comment_id
        cases = load_filtered_page(DEFAULT_FILTERS, limit=1).cases
        return DEFAULT_FILTERS, cases[0].comment.id if cases else None
    cases = (
        load_filtered_page(filters, after=comment_id, limit=1).cases
        or load_filtered_page(filters, limit=1).cases
    )
    return filters, cases[0].comment.id if cases else None


def load_filtered_page(
    filters: QueueFilters,
    *,
    after: int | None = None,
    limit: int = PAGE_SIZE,
    known_counts: dict[str, int] | None = None,
) -> QueuePage:
    """Load what the signed-in moderator sees of a view, after the comment with the id `after`."""
    actor = current_actor()
    return load_queue_page(
        filters,
        after=after,
        limit=limit,
        email_hash=hash_searched_email(filters),
        moderator_id=actor.user_id,
        letter_ids=actor.letter_ids,
        known_counts=known_counts,
    )


def _load_permitted_case(comment_id: int, actor: Actor) -> CaseFile:
    file = load_case_file(comment_id)
    actor.require(Permission.MODERATE, file.letter.id)
    return file


def _find_claim(file: CaseFile, page: QueuePage) -> Claim | None:
    """Take the claim from the list where the list has the case, which saves a query."""
    claims = {row.comment.id: row.claim for row in page.cases}
    comment_id = file.comment.id
    if comment_id in claims:
        return claims[comment_id]
    return find_active_claim(comment_id, clock.now())


def _build_queue_view(
    filters: QueueFilters,
    page: QueuePage,
    counts: dict[str, int],
    open_comment_id: int | None,
    actor: Actor,
) -> QueueView:
    view = identify_view(filters)
    deadlines = [describe_deadline(row.comment) for row in page.cases]
    is_oldest_first = filters.sort != NEWEST_FIRST and bool(deadlines)
    reports: dict[int, list[Report]] = {}
    if view == SpecialView.REPORTED:
        reports = list_open_reports_by_comment([row.comment.id for row in page.cases])
    letters = list_newest_letters(
        MAX_LETTERS_IN_FILTER, include_slug=filters.letter, letter_ids=actor.letter_ids
    )
    has_all_letters = len(letters) < MAX_LETTERS_IN_FILTER
    return QueueView(
        filters=filters,
        query_args=to_query_args(filters),
        heading=build_view_heading(filters, page.total),
        menu=build_view_menu(filters, counts),
        is_pending_view=view == CommentState.PENDING,
        is_work_view=is_work_view(filters),
        has_more_filters=is_filtered(replace(filters, q="")) or filters.sort == NEWEST_FIRST,
        is_selected=request.args.get("ticked") == "page",
        rows=[
            QueueRow(
                comment=row.comment,
                is_open=row.comment.id == open_comment_id,
                claim=row.claim if row.claim and row.claim.staff_id != actor.user_id else None,
                status=_describe_status(row, reports.get(row.comment.id, [])),
                state=str(COMMENT_STATE_LABELS[row.comment.state])
                if view == SpecialView.ALL
                else "",
                deadline=deadline,
            )
            for row, deadline in zip(page.cases, deadlines, strict=True)
        ],
        total=page.total,
        oldest_deadline=deadlines[0] if is_oldest_first else NO_DEADLINE,
        waiting_count=counts[CommentState.PENDING],
        next_after=page.next_after,
        shown_at=clock.now(),
        max_batch_size=MAX_BATCH_SIZE,
        filter_letters=letters,
        filter_languages=name_languages(
            list_comment_languages(
                CommentState.PENDING
                if filters.state == SpecialView.ALL
                else CommentState(filters.state)
            )
            | (
                {letter.language for letter in letters}
                if has_all_letters
                else list_published_languages(actor.letter_ids)
            )
        ),
        newest_letter_count=0 if has_all_letters else MAX_LETTERS_IN_FILTER,
    )


def _describe_status(row: QueuedCase, reports: list[Report]) -> str:
    comment = row.comment
    if reports:
        return ngettext(
            "%(num)d report: %(rules)s",
            "%(num)d reports: %(rules)s",
            len(reports),
            rules=_list_rule_titles(reports),
        )
    if comment.awaiting:
        return str(AWAITING_LABELS[comment.awaiting])
    # Once a comment is decided, the check that held it would read as if it still waited.
    if comment.state in WAITING_STATES and comment.held_by_check not in {
        "",
        CheckCode.PREMODERATION,
    }:
        return str(SCREENING_CHECK_LABELS.get(comment.held_by_check, comment.held_by_check))
    return ""


def _list_rule_titles(reports: list[Report]) -> str:
    rulebook = current_site().rulebook
    codes = dict.fromkeys(report.rule for report in reports)
    clauses = [rulebook.find_clause(code) for code in codes]
    return join_list(
        [translate_default_text(clause.title) for clause in clauses if clause is not None]
    )


def _build_decision_notice(actor: Actor) -> DecisionNotice | None:
    """Build the notice about the decision that the address names, if this moderator made it."""
    decision_id = parse_id(request.args.get("done", ""))
    if decision_id is None:
        return None
    decision = decision_queries.find_decision_of_moderator(decision_id, actor.user_id)
    if decision is None:
        return None
    comment = anonymise_comments([get_comment(decision.comment_id)])[0]
    now = clock.now()
    left = (decision.undo_until or now) - now
    return DecisionNotice(
        text=_describe_decision(decision, comment),
        comment_id=decision.comment_id,
        decision_id=decision.id,
        can_undo=can_undo(decision, actor, now),
        seconds=max(0, ceil(left.total_seconds())),
        tells_author=decision.is_applied and decision.verdict in EMAIL_KIND,
        can_reply=comment.state == CommentState.PUBLISHED and not decision.undone_at,
    )


def _describe_decision(decision: Decision, comment: Comment) -> str:
    name = comment.name or _("a deleted comment")
    if decision.undone_at:
        return _("Undone: %(name)s", name=name)
    if decision.is_applied:
        return _("%(state)s: %(name)s", state=COMMENT_STATE_LABELS[comment.state], name=name)
    return _("%(name)s: your vote is saved. Another moderator must vote next.", name=name)
