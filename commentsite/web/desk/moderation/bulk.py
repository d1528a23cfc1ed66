"""Decide about many comments at once.

A selection is stored as a batch before anything is decided, so that comments that arrive meanwhile are not
part of it. The moderator sees how many comments it holds and then chooses one verdict for all. Each comment
is decided in a transaction of its own, a hundred in a request, and the batch lists the result of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.comments.models import Comment
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.moderation.bulk import queries as bulk_queries
from commentsite.moderation.bulk import services as bulk_services
from commentsite.moderation.bulk.queries import BatchSummary
from commentsite.moderation.bulk.services import MAX_BATCH_SIZE, ItemResult
from commentsite.moderation.decisions.policy import Verdict, requires_rule
from commentsite.moderation.decisions.services import check_explanation
from commentsite.moderation.decisions.services import decide as decide_comment
from commentsite.moderation.decisions.undo import can_undo, undo_decision
from commentsite.moderation.models import Batch, Decision
from commentsite.moderation.queue.queries import list_matching_comments
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.moderation.anonymise import anonymise_comments
from commentsite.web.desk.moderation.prepared_notes import fill_in_note as fill_in_note_fields
from commentsite.web.desk.moderation.prepared_notes import list_note_choices
from commentsite.web.desk.moderation.queue_filters import (
    hash_searched_email,
    parse_filters,
    parse_selected_comments,
    to_query_args,
)
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

VERDICT_CHOICES = {
    Verdict.PUBLISH: _l("Publish"),
    Verdict.RETURN: _l("Return to the author"),
    Verdict.REFUSE: _l("Refuse"),
    Verdict.RESTRICT: _l("Remove"),
    Verdict.SPAM: _l("Mark as spam"),
}
RESULT_LABELS = {
    Verdict.PUBLISH: _l("published"),
    Verdict.RETURN: _l("returned to the author"),
    Verdict.REFUSE: _l("refused"),
    Verdict.RESTRICT: _l("removed"),
    Verdict.SPAM: _l("marked as spam"),
    Verdict.RESTORE: _l("restored"),
    Verdict.REDACT: _l("part of the text hidden"),
}

bp = Blueprint("moderation_bulk", __name__, url_prefix="/desk/moderation/many")
bp.before_request(require_staff(Permission.MODERATE))


@dataclass(frozen=True)
class BatchRow:
    """The result for one comment. `error` is the sentence that says why it was not decided."""

    comment_id: int
    name: str
    excerpt: str
    result: str
    error: str


@dataclass(frozen=True)
class BatchView:
    """A batch as its page shows it: the selection before the decision, or the results after it."""

    key: str
    size: int
    verdict: str  # empty until the moderator has chosen one
    decided_count: int
    is_finished: bool
    has_more_matches: bool  # the selection stops at MAX_BATCH_SIZE comments
    summary: BatchSummary
    rows: list[BatchRow]
    result_sentences: list[str]
    undoable_count: int
    undo_seconds: int


@bp.post("/")
def create() -> AnyResponse:
    """Store the ticked comments as a batch, or with the field `all` every comment of the view."""
    actor, filters = current_actor(), parse_filters()
    if request.form.get("all"):
        items = list_matching_comments(
            filters,
            email_hash=hash_searched_email(filters),
            moderator_id=actor.user_id,
            letter_ids=actor.letter_ids,
            limit=MAX_BATCH_SIZE + 1,  # one more tells whether there are more
        )
    else:
        items = parse_selected_comments()
    with transaction():
        batch = bulk_services.create_batch(items, matching_count=len(items), by=actor)
    return _redirect_to_batch(batch.key)


@bp.get("/<key>")
def show(key: str) -> Response:
    return render_batch(key)


@bp.post("/<key>")
def decide(key: str) -> AnyResponse:
    """Decide about the next hundred comments of a batch. The first request chooses the verdict for all."""
    try:
        verdict = Verdict(request.form.get("verdict", ""))
        is_started = bool(bulk_queries.load_batch(key, current_actor().user_id).verdict)
        if not is_started:
            check_decision_fields(verdict)
        with transaction():
            batch = bulk_services.start_batch(
                key, verdict, parse_decision_fields(), by=current_actor()
            )
    except ValueError:
        return render_batch(key, Invalid("Choose a decision.", field="verdict"))
    except NotFound:
        raise
    except SiteError as error:
        return render_batch(key, error)
    decide_next_chunk(batch)
    return _redirect_to_batch(key)


@bp.post("/<key>/fill-in")
def fill_in_note(key: str) -> Response:
    """Show the selection with the chosen prepared note in its fields, for browsers without scripts."""
    return render_batch(key, typed=fill_in_note_fields(request.form))


@bp.post("/<key>/undo")
def undo(key: str) -> AnyResponse:
    """Undo every decision of a batch that can still be undone."""
    actor = current_actor()
    batch = bulk_queries.load_batch(key, actor.user_id)
    undone_count = 0
    for decision_id in bulk_services.list_undoable_decision_ids(batch, actor, can_undo):
        try:
            with transaction():
                undo_decision(decision_id, by=actor, encryption=runtime().encryption)
        except SiteError as error:
            flash(translate_error(error), "error")
        else:
            undone_count += 1
    flash(ngettext("%(num)d decision is undone.", "%(num)d decisions are undone.", undone_count))
    return _redirect_to_batch(key)


def decide_next_chunk(batch: Batch) -> None:
    """Apply the verdict of a batch to its next hundred comments, each in its own transaction.

    A comment that cannot be decided does not stop the others. Its error becomes its result.
    """
    for comment_id, version in bulk_services.next_chunk(batch):
        try:
            with transaction():
                decision_id = _decide_item(batch, comment_id, version)
                result = ItemResult(comment_id, decision_id)
                bulk_services.record_result(batch.key, result, by=current_actor())
        except SiteError as error:
            with transaction():
                result = ItemResult(comment_id, None, translate_error(error))
                bulk_services.record_result(batch.key, result, by=current_actor())


def parse_decision_fields() -> dict[str, str]:
    """Read what the moderator filled in with the verdict."""
    return {name: request.form.get(name, "") for name in ("reason", "note", "facts", "rules")}


def check_decision_fields(verdict: Verdict) -> None:
    """Raise Invalid before the batch starts, so that the form shows the error beside its field."""
    rules = current_site().rulebook.active_clauses
    if requires_rule(verdict) and request.form.get("reason") not in rules:
        msg = "Choose the rule that the comments break. The authors are told."
        raise Invalid(msg, field="reason")
    check_explanation(verdict, request.form.get("note", ""), request.form.get("facts", ""))


def _decide_item(batch: Batch, comment_id: int, version: int) -> int:
    fields = batch.decision_fields
    return decide_comment(
        comment_id,
        version,
        Verdict(batch.verdict),
        rule=fields.get("reason", ""),
        note=fields.get("note", ""),
        facts=fields.get("facts", ""),
        seen_rules_version=parse_id(fields.get("rules", "")),
        undo_until=batch.undo_until,
        by=current_actor(),
        encryption=runtime().encryption,
    ).id


def _redirect_to_batch(key: str) -> AnyResponse:
    return redirect(url_for(".show", key=key, **to_query_args(parse_filters())), 303)


def render_batch(
    key: str, error: SiteError | None = None, *, typed: Mapping[str, str] | None = None
) -> Response:
    """Render a selection, or the results of its decision. `typed` are the fields to show."""
    actor = current_actor()
    html = render_template(
        "desk/moderation/bulk.html",
        actor=actor,
        batch=_build_batch_view(bulk_queries.load_batch(key, actor.user_id)),
        max_batch_size=MAX_BATCH_SIZE,
        verdict_choices=VERDICT_CHOICES,
        rules=current_site().rulebook.active_clauses,
        query_args=to_query_args(parse_filters()),
        typed=request.form if typed is None else typed,
        prepared_notes=list_note_choices(),
        error_text=translate_error(error) if error else "",
        error_field=error.field if isinstance(error, Invalid) else "",
    )
    return make_response(html, get_status(error) if error else 200)


def _build_batch_view(batch: Batch) -> BatchView:
    decision_ids = [decision_id for _id, decision_id, _error in batch.results if decision_id]
    actor = current_actor()
    decisions = {d.id: d for d in bulk_queries.list_decisions_by_id(decision_ids)}
    comments = {
        comment.id: comment
        for comment in anonymise_comments(
            bulk_queries.load_batch_comments(batch, actor.letter_ids).values()
        )
    }
    rows = [
        _build_row(comment_id, comments.get(comment_id), decisions.get(decision_id), error)
        for comment_id, decision_id, error in batch.results
    ]
    undo_seconds = (batch.undo_until - clock.now()).total_seconds() if batch.undo_until else 0.0
    return BatchView(
        key=batch.key,
        size=len(batch.items),
        verdict=batch.verdict,
        decided_count=len(batch.results),
        is_finished=not bulk_services.next_chunk(batch),
        has_more_matches=batch.matching_count > len(batch.items),
        summary=bulk_queries.summarise_comments(
            [comment_id for comment_id, _v in batch.items], actor.letter_ids
        ),
        rows=sorted(rows, key=lambda row: not row.error),  # the failures first
        result_sentences=_summarise_results(batch, decisions),
        undoable_count=len(bulk_services.list_undoable_decision_ids(batch, actor, can_undo)),
        undo_seconds=max(0, round(undo_seconds)),
    )


def _build_row(
    comment_id: int, comment: Comment | None, decision: Decision | None, error: str
) -> BatchRow:
    if comment is None:
        name, excerpt = _("Comment %(n)d", n=comment_id), ""
    else:
        name, excerpt = comment.name or _("Deleted comment"), comment.body
    result = _describe_result(decision) if decision else ""
    return BatchRow(comment_id, name, excerpt, result, "" if decision else error)


def _describe_result(decision: Decision) -> str:
    if decision.undone_at:
        return _("undone")
    if decision.is_applied:
        return str(RESULT_LABELS[Verdict(decision.verdict)])
    return _("your vote is saved; a second moderator must vote next")


def _summarise_results(batch: Batch, decisions: Mapping[int, Decision]) -> list[str]:
    """Say how many comments were decided, how many wait for another vote, and how many failed."""
    standing = [decision for decision in decisions.values() if not decision.undone_at]
    applied_count = sum(decision.is_applied for decision in standing)
    open_count = len(standing) - applied_count
    failed_count = len(batch.results) - len(decisions)
    sentences = []
    if batch.verdict:
        sentences.append(_count_applied(Verdict(batch.verdict), applied_count))
    if open_count:
        sentences.append(
            ngettext(
                "%(num)d waits for a second moderator.",
                "%(num)d wait for a second moderator.",
                open_count,
            )
        )
    if failed_count:
        sentences.append(
            ngettext("%(num)d could not be decided.", "%(num)d could not be decided.", failed_count)
        )
    return sentences


def _count_applied(verdict: Verdict, count: int) -> str:
    # Each sentence is written out, because translations cannot be put together from parts.
    sentences = {
        Verdict.PUBLISH: ngettext(
            "%(num)d comment is published.", "%(num)d comments are published.", count
        ),
        Verdict.RETURN: ngettext(
            "%(num)d comment is returned to its author.",
            "%(num)d comments are returned to their authors.",
            count,
        ),
        Verdict.REFUSE: ngettext(
            "%(num)d comment is refused.", "%(num)d comments are refused.", count
        ),
        Verdict.RESTRICT: ngettext(
            "%(num)d comment is removed.", "%(num)d comments are removed.", count
        ),
        Verdict.SPAM: ngettext(
            "%(num)d comment is marked as spam.", "%(num)d comments are marked as spam.", count
        ),
        Verdict.RESTORE: ngettext(
            "%(num)d comment is restored.", "%(num)d comments are restored.", count
        ),
        Verdict.REDACT: ngettext(
            "Part of the text of %(num)d comment is hidden.",
            "Part of the text of %(num)d comments is hidden.",
            count,
        ),
    }
    return sentences[verdict]
