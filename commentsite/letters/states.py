"""What can become of a letter."""

from enum import StrEnum


class LetterState(StrEnum):
    """Where a letter stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[LetterState, frozenset[LetterState]] = {
    LetterState.DRAFT: frozenset({LetterState.PUBLISHED}),
    LetterState.PUBLISHED: frozenset({LetterState.WITHDRAWN}),
    LetterState.WITHDRAWN: frozenset(),
}
