"""The queue, one comment as a case, and the decision about one or many."""

from dataclasses import replace
from typing import Any

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock, retention
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import keys_of, names_by_label
from commentsite.comments.marking import cut
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_by_id
from commentsite.db import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.letters.chosen import newest_by_name
from commentsite.moderation import batches, queries
from commentsite.moderation.batches import MOST
from commentsite.moderation.claimed import claim_on
from commentsite.moderation.models import Claim
from commentsite.moderation.pasted import letter_in, permalink_in
from commentsite.moderation.policy import Verdict
from commentsite.moderation.queue import (
    MOST_COUNTED,
    QueuePage,
    View,
    counts,
)
from commentsite.moderation.queue import queue as read_queue
from commentsite.moderation.services import decide as decide_comment
from commentsite.moderation.services import keep as keep_comment
from commentsite.moderation.undo import UNDO, is_undoable, undo
from commentsite.plain import small_number
from commentsite.web import case_votes
from commentsite.web.case_votes import place_asked
from commentsite.web.deciding import decide_next, said_with
from commentsite.web.desk_view import asked_view, chosen_items, email_hash_of, said_of
from commentsite.web.errors import sentence, status_of
from commentsite.web.history import history
from commentsite.web.identity import current_actor, current_site, require_staff, runtime
from commentsite.web.numbered import numbered
from commentsite.web.reasons import verdicts_in_words, why_held
from commentsite.web.veil import is_veiled, veiled, veiled_desk

MOST_LETTERS = 50  # in the list to choose from; any other is found by its address

bp = Blueprint("desk_moderation", __name__, url_prefix="/desk/moderation")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def queue() -> AnyResponse:
    """Show one view of the queue with its oldest case open; a pasted address leads to its case, or to its letter's."""
    q = request.args.get("q", "")
    pasted = permalink_in(q)
    if pasted is not None:
        return redirect(url_for(".case", comment_id=pasted, _anchor="case"), 303)
    if slug := letter_in(q):
        return redirect(url_for(".queue", **said_of(replace(asked_view(), q="", letter=slug))), 303)
    return _page(None)


@bp.get("/<int:comment_id>")
def case(comment_id: int) -> Response:
    """Show one comment as a case, beside the list it belongs to."""
    return _page(comment_id)


@bp.post("/decisions")
def decide() -> AnyResponse:
    """Carry out a verdict on one comment or many, each by itself, and go on to the next case."""
    chosen = chosen_items()
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise Invalid("Choose what to do with it.", field="verdict") from None
    if not chosen:
        raise Invalid("Choose at least one comment.", field="comment")
    if len(chosen) > 1:
        return _decide_many(chosen, verdict)
    [(comment_id, version)] = chosen
    try:
        decision = _decide_one(comment_id, version, verdict)
    except NotFound:
        raise
    except SiteError as error:
        return _page(comment_id, error)
    return _onward(comment_id, done=decision)


@bp.post("/decisions/<int:decision_id>/undo")
def take_back(decision_id: int) -> AnyResponse:
    """Take back what was decided a moment ago, and show the case again."""
    with transaction():
        comment = undo(decision_id, by=current_actor(), vault=runtime().vault)
        number = comment.id
    flash(_("Undone. It is as it was."))
    return redirect(url_for(".case", comment_id=number, _anchor="case"), 303)


@bp.post("/<int:comment_id>/keep")
def keep(comment_id: int) -> AnyResponse:
    """Close the reports of a comment that stays."""
    with transaction():
        keep_comment(comment_id, by=current_actor(), vault=runtime().vault)
    flash(_("The reports are closed; the comment stays."))
    return redirect(url_for("desk_moderation.queue", **said_of(asked_view())), 303)


def _decide_many(chosen: list[tuple[int, int]], verdict: Verdict) -> AnyResponse:
    with transaction():
        key = batches.freeze(chosen, matching=len(chosen), by=current_actor()).key
        batch = batches.begin(key, verdict, said_with(), by=current_actor())
    decide_next(batch)
    return redirect(url_for("desk_many.show", key=key, **said_of(asked_view())), 303)


def _onward(comment_id: int, *, done: int) -> AnyResponse:
    """Lead to the case that comes after one, with what was done and the way back."""
    view = asked_view()
    following = _found(view, after=comment_id, limit=1).cases or _found(view, limit=1).cases
    there = said_of(view) | {"done": done}
    if not following:
        return redirect(url_for("desk_moderation.queue", **there), 303)
    there |= {"comment_id": following[0].comment.id}
    return redirect(url_for("desk_moderation.case", **there, _anchor="case"), 303)


def _decide_one(comment_id: int, version: int, verdict: Verdict) -> int:
    with transaction():
        return decide_comment(
            comment_id,
            version,
            verdict,
            reason=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            facts=request.form.get("facts", ""),
            place=place_asked(),
            seen_rules=small_number(request.form.get("rules", "")),
            undo_until=clock.now() + UNDO,
            by=current_actor(),
            vault=runtime().vault,
        ).id


def _just_done() -> dict[str, Any]:
    """Return what this person decided a moment ago, where the address names it and nobody else did."""
    number = small_number(request.args.get("done", ""))
    decision = queries.decision_of(number, current_actor().user_id) if number else None
    if decision is None:
        return {"done": None}
    return {
        "done": decision,
        "about": veiled([comment_by_id(decision.comment_id)])[0],
        "can_undo": is_undoable(decision, current_actor(), clock.now()),
    }


def _page(comment_id: int | None, error: SiteError | None = None) -> Response:
    actor = current_actor()
    view = asked_view()
    after = request.args.get("after", "")
    shown = queries.case(comment_id) if comment_id is not None else None
    if shown is not None:
        actor.require(Permission.MODERATE, shown.letter.id)
    if shown is not None and "state" not in request.args:
        view = replace(view, state=str(shown.comment.state))
    counted = counts(actor.letters)
    found = _found(view, after=small_number(after), counted=counted)
    if shown is None and found.cases:
        shown = queries.case(found.cases[0].comment.id)
    found, seen = veiled_desk(found, shown)
    said = said_of(view)
    page = render_template(
        "desk/queue.html",
        actor=actor,
        counts=counted,
        most=MOST_COUNTED,
        found=found,
        file=seen,
        claim=_claim_on(shown.comment.id, found) if shown else None,
        case_at=numbered(".case", "comment_id", _anchor="case", **said),
        deeds=history(shown.history, names_by_label()) if shown and shown.history else [],
        is_hidden=seen is not None and is_veiled(seen.comment),
        now=clock.now(),
        filters=view,
        said=said,
        letters=newest_by_name(MOST_LETTERS, besides=view.letter, only=actor.letters),
        most_letters=MOST_LETTERS,
        keys=keys_of(actor.user_id),
        most_at_once=MOST,
        ticked=request.args.get("ticked") == "page",
        **_just_done(),
        reasons=current_site().rules.clauses,
        **(case_votes.about(shown, actor, runtime().vault) if shown else {}),
        evidence=_evidence(seen.comment) if seen else "",
        why_held=why_held,
        kept_days=retention.ADDRESSES.days,
        cut=cut,
        held=case_votes.held_of(seen.comment) if seen else [],
        same_address=verdicts_in_words(shown.same_address) if shown else "",
        address=_address(seen.comment, actor) if seen else ("", ""),
        problem=sentence(error) if error else "",
        wrong=error.field if isinstance(error, Invalid) else "",
        on_case=comment_id is not None,
        typed=request.form,
    )
    return make_response(page, status_of(error) if error else 200)


def _claim_on(comment_id: int, found: QueuePage) -> Claim | None:
    """Return who is at the open case, as the list knows where it is there."""
    listed = {case.comment.id: case.claim for case in found.cases}
    return listed[comment_id] if comment_id in listed else claim_on(comment_id, clock.now())


def _found(
    view: View,
    *,
    after: int | None = None,
    limit: int = 50,
    counted: dict[str, int] | None = None,
) -> QueuePage:
    return read_queue(
        view,
        after=after,
        limit=limit,
        email_hash=email_hash_of(view),
        moderator_id=current_actor().user_id,
        letters=current_actor().letters,
        counted=counted,
    )


def _evidence(comment: Comment) -> str:
    sealed = comment.delegation_evidence_sealed
    return (runtime().vault.open(sealed) if sealed else None) or ""


def _address(comment: Comment, actor: Actor) -> tuple[str, str]:
    """Return the commenter's address masked, and whole only for those who may see it."""
    email = runtime().vault.open(comment.email_sealed) if comment.email_sealed else None
    if not email:
        return "", ""
    local, _at, host = email.rpartition("@")
    return f"{local[:1]}…@{host}", email if actor.can(Permission.SEE_ADDRESSES) else ""
