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
from commentsite.accounts.queries import load_shortcuts, staff_names_by_label
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment
from commentsite.comments.screening.highlights import split_at_matches
from commentsite.db.pagination import MAX_COUNT
from commentsite.errors import Invalid, SiteError
from commentsite.letters.queries import list_newest_letters, list_published_languages
from commentsite.moderation.bulk.services import MAX_BATCH_SIZE
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.undo import can_undo
from commentsite.moderation.models import Claim
from commentsite.moderation.queries import find_active_claim
from commentsite.moderation.queue import case_file
from commentsite.moderation.queue.queries import QueueFilters, QueuePage, count_by_filter
from commentsite.moderation.queue.queries import load_queue_page as read_queue
from commentsite.web.context import current_actor, current_site, runtime
from commentsite.web.desk.moderation import case_votes
from commentsite.web.desk.moderation.anonymise import is_veiled, veiled, veiled_desk
from commentsite.web.desk.moderation.audit_labels import history
from commentsite.web.desk.moderation.held_reasons import verdicts_in_words, why_held
from commentsite.web.desk.moderation.queue_filters import asked_view, email_hash_of, said_of
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

MOST_LETTERS = 50  # in the list to choose from; any other is found by its address


def _just_done() -> dict[str, Any]:
    """Return what this person decided a moment ago, where the address names it and nobody else did."""
    number = parse_id(request.args.get("done", ""))
    decision = (
        decision_queries.find_decision_of_moderator(number, current_actor().user_id)
        if number
        else None
    )
    if decision is None:
        return {"done": None}
    return {
        "done": decision,
        "about": veiled([get_comment(decision.comment_id)])[0],
        "can_undo": can_undo(decision, current_actor(), clock.now()),
    }


def page(comment_id: int | None, error: SiteError | None = None) -> Response:
    """Draw it with this case open, or with the oldest of the view, and with what went wrong."""
    actor = current_actor()
    view = asked_view()
    after = request.args.get("after", "")
    shown = case_file.load_case_file(comment_id) if comment_id is not None else None
    if shown is not None:
        actor.require(Permission.MODERATE, shown.letter.id)
    if shown is not None and "state" not in request.args:
        view = replace(view, state=str(shown.comment.state))
    counted = count_by_filter(actor.letter_ids)
    found = found_in(view, after=parse_id(after), counted=counted)
    if shown is None and found.cases:
        shown = case_file.load_case_file(found.cases[0].comment.id)
    found, seen = veiled_desk(found, shown)
    said = said_of(view)
    page = render_template(
        "desk/moderation/queue.html",
        actor=actor,
        counts=counted,
        most=MAX_COUNT,
        found=found,
        file=seen,
        claim=_claim_on(shown.comment.id, found) if shown else None,
        case_at=lambda comment_id: url_for(
            "desk_moderation.case", comment_id=comment_id, _anchor="case", **said
        ),
        deeds=history(shown.audit_entries, staff_names_by_label())
        if shown and shown.audit_entries
        else [],
        is_hidden=seen is not None and is_veiled(seen.comment),
        now=clock.now(),
        filters=view,
        said=said,
        **_to_choose_from(view, actor),
        keys=load_shortcuts(actor.user_id),
        most_at_once=MAX_BATCH_SIZE,
        ticked=request.args.get("ticked") == "page",
        **_just_done(),
        reasons=current_site().rulebook.active_clauses,
        **(case_votes.about(shown, actor, runtime().encryption) if shown else {}),
        evidence=_evidence(seen.comment) if seen else "",
        why_held=why_held,
        kept_days=retention.NETWORK_ADDRESS_TTL.days,
        cut=split_at_matches,
        held=case_votes.held_of(seen.comment) if seen else [],
        same_address=verdicts_in_words(shown.counts_by_network_address) if shown else "",
        address=_address(seen.comment, actor) if seen else ("", ""),
        problem=sentence(error) if error else "",
        wrong=error.field if isinstance(error, Invalid) else "",
        on_case=comment_id is not None,
        typed=request.form,
    )
    return make_response(page, status_of(error) if error else 200)


def _to_choose_from(view: QueueFilters, actor: Actor) -> dict[str, Any]:
    letters = list_newest_letters(
        MOST_LETTERS, include_slug=view.letter, letter_ids=actor.letter_ids
    )
    is_cut = len(letters) >= MOST_LETTERS
    return {
        "letters": letters,
        "newest": MOST_LETTERS if is_cut else 0,  # 0: the list holds all
        "languages": list_published_languages(actor.letter_ids)
        if is_cut
        else {letter.language for letter in letters},
    }


def _claim_on(comment_id: int, found: QueuePage) -> Claim | None:
    """Return who is at the open case, as the list knows where it is there."""
    listed = {case.comment.id: case.claim for case in found.cases}
    return (
        listed[comment_id] if comment_id in listed else find_active_claim(comment_id, clock.now())
    )


def found_in(
    view: QueueFilters,
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
        letter_ids=current_actor().letter_ids,
        known_counts=counted,
    )


def _evidence(comment: Comment) -> str:
    sealed = comment.delegation_evidence_sealed
    return (runtime().encryption.decrypt(sealed) if sealed else None) or ""


def _address(comment: Comment, actor: Actor) -> tuple[str, str]:
    """Return the commenter's address masked, and whole only for those who may see it."""
    email = runtime().encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    if not email:
        return "", ""
    local, _at, host = email.rpartition("@")
    return f"{local[:1]}…@{host}", email if actor.can(Permission.SEE_ADDRESSES) else ""
