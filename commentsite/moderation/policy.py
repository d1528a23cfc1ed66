"""Verdicts, the clauses that a refusal can name, and who may decide. Disagreement is never a clause."""

from dataclasses import dataclass
from enum import StrEnum

from commentsite.comments.states import CommentState
from commentsite.errors import NotAllowed


class Verdict(StrEnum):
    """What a moderator can decide."""

    PUBLISH = "publish"
    RETURN = "return"
    REFUSE = "refuse"
    SPAM = "spam"
    RESTRICT = "restrict"
    RESTORE = "restore"


@dataclass(frozen=True)
class Clause:
    """A numbered rule of moderation."""

    number: int
    title: str
    text: str


RULES_VERSION = 1
REASONS: dict[str, Clause] = {
    "R1": Clause(1, "advertising", "No advertising and no unsolicited mass messages."),
    "R2": Clause(
        2, "personal attack", "Answer what was said. Do not attack or harass the one who said it."
    ),
    "R3": Clause(
        3,
        "hate or incitement",
        "Nothing that denies others their dignity, or calls for violence or discrimination.",
    ),
    "R4": Clause(
        4,
        "private data",
        "No private data of others: addresses, telephone numbers, health, family.",
    ),
    "R5": Clause(
        5, "off the subject", "Speak to the letter, to what it leaves out, or to a comment on it."
    ),
    "R6": Clause(
        6,
        "false identity",
        "Do not pretend to be somebody else, or to speak for an organisation that has not asked you to.",
    ),
    "R7": Clause(
        7, "the same again", "Say it once. The same text from the same person is published once."
    ),
    "R8": Clause(
        8, "unlawful", "Nothing that the law forbids to publish; the decision then names the law."
    ),
    "R9": Clause(
        9, "unreadable", "Write so that others can read it: any language is welcome, noise is not."
    ),
}
OUTCOMES: dict[Verdict, CommentState] = {
    Verdict.PUBLISH: CommentState.PUBLISHED,
    Verdict.RETURN: CommentState.RETURNED,
    Verdict.REFUSE: CommentState.REFUSED,
    Verdict.SPAM: CommentState.SPAM,
    Verdict.RESTRICT: CommentState.RESTRICTED,
    Verdict.RESTORE: CommentState.PUBLISHED,
}
_REASONED = frozenset({Verdict.RETURN, Verdict.REFUSE, Verdict.RESTRICT})


def outcome(verdict: Verdict) -> CommentState:
    """Return the state a verdict leads to."""
    return OUTCOMES[verdict]


def needs_reason(verdict: Verdict) -> bool:
    """Say whether its author must be told which clause it rests on."""
    return verdict in _REASONED


def check_may_decide(*, moderator_email_hash: str, comment_email_hash: str | None) -> None:
    """Raise NotAllowed when the moderator wrote the comment."""
    if comment_email_hash is not None and moderator_email_hash == comment_email_hash:
        msg = "You wrote this comment. Somebody else decides about it."
        raise NotAllowed(msg)
