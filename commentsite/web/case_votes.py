"""What the page of a case needs to show votes, who may cast one, and hidden words."""

from typing import Any

from flask import request

from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.comments.redacting import original_words
from commentsite.comments.redaction import Piece, Place, Span, pieces, spans_in
from commentsite.comments.states import LOOK, CommentState
from commentsite.errors import Conflict
from commentsite.moderation.grounds import grounds_of, made_of
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import Verdict, is_possible, needs_reason
from commentsite.moderation.queries import CaseFile
from commentsite.moderation.waiting import standing
from commentsite.plain import running, small_number
from commentsite.vault import Vault

OFFERED = ("publish", "restore", "return", "refuse", "restrict", "spam")
NOT_HERE = {"pending": {"restore"}, "refused": {"restore"}, "spam": {"restore"}}
NOT_HERE["restricted"] = {"publish"}


def about(file: CaseFile, by: Actor, vault: Vault) -> dict[str, Any]:
    """Return what the templates of votes and hidden words are drawn from."""
    comment = file.comment
    here = standing(comment, file.votes, by, vault)
    possible = _possible(file)
    offered = () if here.why or here.has_voted else tuple(v for v in possible if v in OFFERED)
    try:
        original = original_words(comment, vault)
    except Conflict:  # no key opens them: the case is shown all the same
        original = comment.body
    return {
        "standing": here,
        "possible": possible,
        "offered": offered,
        "needs_reason": any(needs_reason(Verdict(verdict)) for verdict in offered),
        "grounds": grounds_of(comment, file.decisions),
        "single": lambda vote: made_of([vote]),
        "original": original,
        "sent_pieces": pieces(original, spans_in(comment.redactions)),
        "hidden_by": lambda vote: _hidden_by(original, vote),
    }


def place_asked() -> Place:
    """Return what the form asks to hide: characters, or words."""
    return Place(
        small_number(request.form.get("redact_from", "")),
        small_number(request.form.get("redact_to", "")),
        running(request.form.get("redact_words", "")).strip("\n"),
    )


def held_of(comment: Comment) -> list[dict[str, Any]]:
    """Return why a comment is held; once words are hidden, places in its text mean nothing any more."""
    if not comment.redactions:
        return comment.held
    return [reason for reason in comment.held if reason.get("field") != "body"]


def _possible(file: CaseFile) -> tuple[str, ...]:
    comment = file.comment
    state = CommentState(comment.state)
    if comment.erased_at is not None:
        return ()
    return tuple(
        verdict
        for verdict in (*OFFERED, "redact")
        if verdict not in NOT_HERE.get(state.value, ())
        and is_possible(
            Verdict(verdict),
            state,
            has_votes=bool(file.votes) or comment.waits_for == LOOK,
            is_redacted=bool(comment.redactions),
        )
    )


def _hidden_by(original: str, vote: Decision) -> list[Piece]:
    start, end = vote.span or (0, 0)
    return pieces(original, [Span(start, end, 0)])
