"""What can become of a letter."""

from enum import StrEnum


class LetterState(StrEnum):
    """Where a letter stands."""

    DRAFT = "draft"
    REVIEW = "review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


S = LetterState

TRANSITIONS: dict[LetterState, frozenset[LetterState]] = {
    S.DRAFT: frozenset({S.REVIEW, S.SCHEDULED, S.PUBLISHED}),
    S.REVIEW: frozenset({S.DRAFT, S.SCHEDULED, S.PUBLISHED}),
    S.SCHEDULED: frozenset({S.DRAFT, S.PUBLISHED}),
    S.PUBLISHED: frozenset({S.SUPERSEDED, S.WITHDRAWN}),
    S.SUPERSEDED: frozenset({S.WITHDRAWN}),
    S.WITHDRAWN: frozenset(),
}
PUBLIC = frozenset({S.PUBLISHED, S.SUPERSEDED, S.WITHDRAWN})
UNPUBLISHED = frozenset(S) - PUBLIC


class ChangeKind(StrEnum):
    """Why there is another version: its first wording, a slip of the pen, or a change of meaning."""

    FIRST = "first"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


class Scope(StrEnum):
    """What a permission allows."""

    PUBLISH = "publish"
    TRANSLATE = "translate"
    ARCHIVE = "archive"


class HowGiven(StrEnum):
    """How a permission was given."""

    EMAIL = "email"
    LETTER = "letter"
    SPOKEN = "spoken"
    LICENCE = "licence"
    OWN_WORK = "own_work"
    STATED = "stated"
