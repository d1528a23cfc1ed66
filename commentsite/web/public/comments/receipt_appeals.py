"""What the private page of a comment says of appeals, and what its forms do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import list_appeals
from commentsite.comments.appeals.states import (
    OPEN_STATES,
    AppealState,
    appeal_deadline,
    is_before_deadline,
)
from commentsite.comments.models import Comment
from commentsite.moderation.appeals import filing
from commentsite.moderation.models import Decision
from commentsite.web.context import runtime
from commentsite.web.http.parameters import parse_id

LIMIT = "10 per hour"


@dataclass(frozen=True)
class Chance:
    """A decision that holds and that its author has not appealed yet."""

    decision: Decision
    until: date
    is_in_time: bool


def about(comment: Comment) -> dict[str, Any]:
    """Return what the page needs: the appeals there are, and the decisions that can still be appealed."""
    filed = list_appeals(comment.id)
    appealed = {appeal.decision_id for appeal in filed}
    chances = [
        Chance(d, appeal_deadline(d.decided_at), is_before_deadline(d.decided_at, clock.now()))
        for d in filing.list_appealable_decisions(comment)
        if d.id not in appealed
    ]
    return {
        "appeals": [] if comment.erased_at else filed,
        "chances": chances,
        "is_open": _is_open,
        "shortest": filing.MIN_TEXT_LENGTH,
        "longest": filing.MAX_TEXT_LENGTH,
        "appeal_problem": "",
        "appeal_field": "",
        "sent": request.form,
    }


def held_about(comment: Comment) -> list[dict[str, Any]]:
    """Return everything that is stored with appeals about a comment, for its author; not who decided."""
    return [
        {
            "state": str(appeal.state),
            "words": appeal.text,
            "filed_at": appeal.filed_at.isoformat(),
            "question": appeal.question,
            "answer": appeal.answer,
            "reasons": appeal.facts,
            "changed_at": appeal.changed_at.isoformat(),
        }
        for appeal in list_appeals(comment.id)
    ]


def file_sent(comment: Comment) -> None:
    """File the appeal the form holds."""
    number, words = parse_id(request.form.get("decision", "")), request.form.get("words", "")
    filing.file_appeal(comment, number, words, by=READER, encryption=runtime().encryption)


def answer_sent(comment: Comment) -> None:
    """Take in the answer the form holds."""
    said = request.form.get("answer", "")
    filing.answer_question(comment, _number(), said, by=READER, encryption=runtime().encryption)


def withdraw_sent(comment: Comment) -> None:
    """End the appeal the form names."""
    filing.withdraw_appeal(comment, _number(), by=READER)


def _number() -> int | None:
    return parse_id(request.form.get("appeal", ""))


def _is_open(appeal: Appeal) -> bool:
    return AppealState(appeal.state) in OPEN_STATES
