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


_S = LetterState

TRANSITIONS: dict[LetterState, frozenset[LetterState]] = {
    _S.DRAFT: frozenset({_S.REVIEW, _S.SCHEDULED, _S.PUBLISHED}),
    _S.REVIEW: frozenset({_S.DRAFT, _S.SCHEDULED, _S.PUBLISHED}),
    _S.SCHEDULED: frozenset({_S.DRAFT, _S.PUBLISHED}),
    _S.PUBLISHED: frozenset({_S.SUPERSEDED, _S.WITHDRAWN}),
    _S.SUPERSEDED: frozenset({_S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}
PUBLIC_STATES = frozenset({_S.PUBLISHED, _S.SUPERSEDED, _S.WITHDRAWN})
UNPUBLISHED_STATES = frozenset(_S) - PUBLIC_STATES


class ChangeKind(StrEnum):
    """Why there is another version: its first wording, a slip of the pen, or a change of meaning."""

    FIRST = "first"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


class PermissionScope(StrEnum):
    """What a permission allows."""

    PUBLISH = "publish"
    TRANSLATE = "translate"
    ARCHIVE = "archive"


class PermissionMethod(StrEnum):
    """How a permission was given."""

    EMAIL = "email"
    LETTER = "letter"
    SPOKEN = "spoken"
    LICENCE = "licence"
    OWN_WORK = "own_work"
    STATED = "stated"
