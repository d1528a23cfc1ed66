"""The page of the queue: one view of it, and beside the list one comment as a case."""

from dataclasses import replace
from typing import Any

from flask import (
    Response,
    make_response,
    render_template,
    request,
    url_for,
)

from commentsite import clock, retention
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import keys_of, names_by_label
from commentsite.comments.marking import cut
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_by_id
from commentsite.errors import Invalid, SiteError
from commentsite.letters.chosen import newest_by_name, published_languages
from commentsite.moderation import queries
from commentsite.moderation.batches import MOST
from commentsite.moderation.claimed import claim_on
from commentsite.moderation.models import Claim
from commentsite.moderation.queue import (
    QueuePage,
    View,
    counts,
)
from commentsite.moderation.queue import queue as read_queue
from commentsite.moderation.undo import is_undoable
from commentsite.paging import MOST_COUNTED
from commentsite.plain import small_number
from commentsite.web import case_votes
from commentsite.web.desk_view import asked_view, email_hash_of, said_of
from commentsite.web.errors import sentence, status_of
from commentsite.web.history import history
from commentsite.web.identity import current_actor, current_site, runtime
from commentsite.web.reasons import verdicts_in_words, why_held
from commentsite.web.veil import is_veiled, veiled, veiled_desk

MOST_LETTERS = 50  # in the list to choose from; any other is found by its address


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


def page(comment_id: int | None, error: SiteError | None = None) -> Response:
    """Draw it with this case open, or with the oldest of the view, and with what went wrong."""
    actor = current_actor()
    view = asked_view()
    after = request.args.get("after", "")
    shown = queries.case(comment_id) if comment_id is not None else None
    if shown is not None:
        actor.require(Permission.MODERATE, shown.letter.id)
    if shown is not None and "state" not in request.args:
        view = replace(view, state=str(shown.comment.state))
    counted = counts(actor.letters)
    found = found_in(view, after=small_number(after), counted=counted)
    if shown is None and found.cases:
        shown = queries.case(found.cases[0].comment.id)
    found, seen = veiled_desk(found, shown)
    said = said_of(view)
    page = render_template(
        "desk/moderation/queue.html",
        actor=actor,
        counts=counted,
        most=MOST_COUNTED,
        found=found,
        file=seen,
        claim=_claim_on(shown.comment.id, found) if shown else None,
        case_at=lambda comment_id: url_for(
            "desk_moderation.case", comment_id=comment_id, _anchor="case", **said
        ),
        deeds=history(shown.history, names_by_label()) if shown and shown.history else [],
        is_hidden=seen is not None and is_veiled(seen.comment),
        now=clock.now(),
        filters=view,
        said=said,
        **_to_choose_from(view, actor),
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


def _to_choose_from(view: View, actor: Actor) -> dict[str, Any]:
    letters = newest_by_name(MOST_LETTERS, besides=view.letter, only=actor.letters)
    is_cut = len(letters) >= MOST_LETTERS
    return {
        "letters": letters,
        "newest": MOST_LETTERS if is_cut else 0,  # 0: the list holds all
        "languages": published_languages(actor.letters)
        if is_cut
        else {letter.language for letter in letters},
    }


def _claim_on(comment_id: int, found: QueuePage) -> Claim | None:
    """Return who is at the open case, as the list knows where it is there."""
    listed = {case.comment.id: case.claim for case in found.cases}
    return listed[comment_id] if comment_id in listed else claim_on(comment_id, clock.now())


def found_in(
    view: View,
    *,
    after: int | None = None,
    limit: int = 50,
    counted: dict[str, int] | None = None,
) -> QueuePage:
    """Return what whoever asks sees of a view; see `commentsite.moderation.queue`."""
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
