"""What authors do with a comment after sending it: confirm, change, take back, erase."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.hashing import hash_text
from commentsite.comments.models import Comment, CommentRevision
from commentsite.comments.redaction.services import discard_original_text
from commentsite.comments.sanitizer import SANITIZER_VERSION, clean_text, render_comment_html
from commentsite.comments.screening.checks import (
    EDITED,
    PREMODERATION,
    Finding,
    SubmissionSignals,
    build_hold_reason,
    run_checks,
)
from commentsite.comments.screening.external_checks import requeue_check
from commentsite.comments.screening.inputs import build_screening_input
from commentsite.comments.screening.sender_history import load_sender_history
from commentsite.comments.states import EDITABLE_STATES, WITHDRAWABLE_STATES, CommentState
from commentsite.comments.transitions import change_state, record_unchanged
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.letters.queries import get_letter
from commentsite.site.queries import Site

EDIT_WINDOW = timedelta(minutes=15)


def withdraw_comment(comment: Comment, *, by: Actor) -> None:
    """Take a comment back on its author's word; where it was answered a tombstone stays."""
    if comment.state not in WITHDRAWABLE_STATES:
        msg = "This comment is %(state)s; it cannot be taken back."
        raise Conflict(msg, state=str(comment.state))
    change_state(comment, CommentState.WITHDRAWN, by=by, action="comment.withdrawn")


def is_editable(comment: Comment) -> bool:
    """Say whether its author may change it now: while it waits, for 15 minutes, or when it was returned."""
    if comment.state == CommentState.RETURNED:
        return True
    return comment.state in EDITABLE_STATES and clock.now() - comment.submitted_at <= EDIT_WINDOW


def revise_comment(comment: Comment, body: str, *, by: Actor, site: Site) -> None:
    """Replace the words, keep the old ones, and send the comment to the queue again."""
    if not is_editable(comment):
        msg = "This comment can no longer be changed. You can take it back and send another."
        raise Conflict(msg)
    letter = get_letter(comment.letter_id)
    session().add(
        CommentRevision(
            comment_id=comment.id,
            version=comment.version,
            body=comment.body,
            replaced_at=clock.now(),
        )
    )
    body = clean_text(body)
    near = campaigns.find_similar(letter.id, body, before_id=comment.id)
    comment.body, comment.body_html, comment.body_hash = (
        body,
        render_comment_html(body),
        hash_text(body),
    )
    discard_original_text(comment)
    known = load_sender_history(comment, clock.now())
    facts = build_screening_input(
        comment, letter, site, SubmissionSignals(), known, campaigns.format_similarity(near)
    )
    held = run_checks(facts, previous_reasons=comment.hold_reasons)
    comment.hold_reasons = [*held, build_hold_reason(EDITED, 1, Finding())]
    comment.held_by_check = EDITED if held[0]["rule"] == PREMODERATION else held[0]["rule"]
    requeue_check(comment)
    comment.sanitizer_version, comment.edited_at = SANITIZER_VERSION, clock.now()
    comment.rules_version = site.rulebook.version
    campaigns.delete_sketch(comment.id)
    campaigns.store_sketch(comment, near)
    if comment.state == CommentState.RETURNED:
        change_state(comment, CommentState.PENDING, by=by, action="comment.revised")
    else:
        record_unchanged(comment, by=by, action="comment.revised")
