"""What the page of a case needs to show votes, who may cast one, and hidden words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import (
    RedactionRequest,
    RedactionSegment,
    Span,
    parse_spans,
    split_at_spans,
)
from commentsite.comments.states import UNREVIEWED, CommentState
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.moderation.decisions.policy import Verdict, is_verdict_allowed, requires_rule
from commentsite.moderation.decisions.quorum import load_voting_status
from commentsite.moderation.decisions.statement import build_statement, load_current_statement
from commentsite.moderation.models import Decision
from commentsite.moderation.queue.case_file import CaseFile
from commentsite.text.plain_text import clean_multiline
from commentsite.web.http.parameters import parse_id

OFFERED = ("publish", "restore", "return", "refuse", "restrict", "spam")
NOT_HERE = {"pending": {"restore"}, "refused": {"restore"}, "spam": {"restore"}}
NOT_HERE["restricted"] = {"publish"}


def about(file: CaseFile, by: Actor, encryption: Encryption) -> dict[str, Any]:
    """Return what the templates of votes and hidden words are drawn from."""
    comment = file.comment
    here = load_voting_status(comment, file.open_votes, by, encryption)
    possible = _possible(file)
    offered = (
        ()
        if here.ineligible_because or here.has_voted
        else tuple(v for v in possible if v in OFFERED)
    )
    try:
        original = decrypt_original_text(comment, encryption)
    except Conflict:  # no key opens them: the case is shown all the same
        original = comment.body
    return {
        "standing": here,
        "possible": possible,
        "offered": offered,
        "decision_form": build_decision_form(comment, offered, request.form) if offered else None,
        "grounds": load_current_statement(comment, file.applied_decisions),
        "single": lambda vote: build_statement([vote]),
        "original": original,
        "sent_pieces": split_at_spans(original, parse_spans(comment.redactions)),
        "hidden_by": lambda vote: _hidden_by(original, vote),
    }


@dataclass(frozen=True)
class VerdictButton:
    """A button that decides a case: its CSS class, the sign before its label, and its shortcut's act."""

    verdict: str
    look: str
    sign: str
    label: str
    shortcut: str


@dataclass(frozen=True)
class DecisionForm:
    """The form under a case: which fields it shows, and a button for each verdict that is offered."""

    buttons: list[VerdictButton]
    asks_reason: bool
    asks_note: bool


def build_decision_form(
    comment: Comment, offered: tuple[str, ...], typed: Mapping[str, str]
) -> DecisionForm:
    """Return the form; a field that was filled in stays on it, whatever is offered now."""
    asks_reason = any(requires_rule(Verdict(verdict)) for verdict in offered)
    asks_reason = asks_reason or bool(typed.get("reason") or typed.get("facts"))
    is_published = comment.state == "published"
    return DecisionForm(
        buttons=[_button(verdict, is_published=is_published) for verdict in offered],
        asks_reason=asks_reason,
        asks_note=asks_reason or bool({"publish", "restore"} & {*offered} or typed.get("note")),
    )


def _button(verdict: str, *, is_published: bool) -> VerdictButton:
    look, sign, label, shortcut = {
        "publish": ("good", "✓", _("It stays") if is_published else _("Publish"), "publish"),
        "restore": (
            "good",
            "✓",
            _("Show all words again") if is_published else _("Restore"),
            "publish",
        ),
        "return": ("wait", "↩", _("Return"), "return"),
        "refuse": ("stop", "✕", _("Refuse"), "refuse"),
        "restrict": ("stop", "✕", _("Remove"), "refuse"),
        "spam": ("stop", "!", _("Spam"), "spam"),
    }[verdict]
    return VerdictButton(verdict, look, sign, label, shortcut)


def place_asked() -> RedactionRequest:
    """Return what the form asks to hide: characters, or words."""
    return RedactionRequest(
        parse_id(request.form.get("redact_from", "")),
        parse_id(request.form.get("redact_to", "")),
        clean_multiline(request.form.get("redact_words", "")).strip("\n"),
    )


def held_of(comment: Comment) -> list[dict[str, Any]]:
    """Return why a comment is held; once words are hidden, places in its text mean nothing any more."""
    if not comment.redactions:
        return comment.hold_reasons
    return [reason for reason in comment.hold_reasons if reason.get("field") != "body"]


def _possible(file: CaseFile) -> tuple[str, ...]:
    comment = file.comment
    state = CommentState(comment.state)
    if comment.erased_at is not None:
        return ()
    return tuple(
        verdict
        for verdict in (*OFFERED, "redact")
        if verdict not in NOT_HERE.get(state.value, ())
        and is_verdict_allowed(
            Verdict(verdict),
            state,
            has_votes=bool(file.open_votes) or comment.awaiting == UNREVIEWED,
            is_redacted=bool(comment.redactions),
        )
    )


def _hidden_by(original: str, vote: Decision) -> list[RedactionSegment]:
    start, end = vote.span or (0, 0)
    return split_at_spans(original, [Span(start, end, 0)])
