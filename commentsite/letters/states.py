"""The closed sets of codes that letters are stored with, and the transitions between their states."""

from enum import StrEnum


class LetterState(StrEnum):
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
    _S.WITHDRAWN: frozenset({_S.PUBLISHED, _S.SUPERSEDED}),  # a steward reverses it
}
# A withdrawn letter is public too: its address shows the reason and the comments.
PUBLIC_STATES = frozenset({_S.PUBLISHED, _S.SUPERSEDED, _S.WITHDRAWN})
UNPUBLISHED_STATES = frozenset(_S) - PUBLIC_STATES


class ChangeKind(StrEnum):
    """The reason for a version: the first text, an editorial correction, or a change of meaning."""

    FIRST = "first"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


class BlockKind(StrEnum):
    """The part a block plays in a letter. Only paragraphs have a number and a permanent id."""

    SALUTATION = "salutation"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    RULE = "rule"  # a horizontal line
    SIGNOFF = "signoff"
    FOOTNOTES = "footnotes"
    CAPTION = "caption"  # of a picture that readers do not see


class LetterRelation(StrEnum):
    """The relation of another letter to the one that a page shows."""

    ORIGINAL = "original"
    TRANSLATION = "translation"
    NEWER = "newer"
    OLDER = "older"
    SUCCESSOR = "successor"


class AuthorCapacity(StrEnum):
    """The capacity in which an author wrote."""

    PERSONAL = "personal"
    ON_BEHALF_OF = "on_behalf_of"  # of an organisation
    DELEGATE = "delegate"
    FORMER_MEMBER = "former_member"
    UNDISCLOSED = "undisclosed"


class AuthorAnonymity(StrEnum):
    """A letter's own setting for hiding comment authors from moderators until a decision."""

    AS_SITE = ""
    HIDDEN = "yes"
    SHOWN = "no"


class PermissionScope(StrEnum):
    """An act that a permission allows."""

    PUBLISH = "publish"
    TRANSLATE = "translate"
    ARCHIVE = "archive"


class PermissionMethod(StrEnum):
    """The way in which a permission was given."""

    EMAIL = "email"
    LETTER = "letter"
    SPOKEN = "spoken"
    LICENCE = "licence"
    OWN_WORK = "own_work"
    STATED = "stated"  # by the operator who imported the letter
