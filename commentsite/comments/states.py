"""Define the states of a comment and the transitions between them."""

from enum import StrEnum


class CommentState(StrEnum):
    RECEIVED = "received"  # stored, but not examined yet: see comments.examination
    AWAITING_EMAIL = "awaiting_email"  # not shown to moderators before the address is confirmed
    PENDING = "pending"  # in the moderation queue
    PUBLISHED = "published"
    RETURNED = "returned"  # the author may revise it
    REFUSED = "refused"
    SPAM = "spam"
    WITHDRAWN = "withdrawn"  # by its author
    RESTRICTED = "restricted"  # removed by a moderator after publication


class Awaiting(StrEnum):
    """The review that a comment still needs, whatever its state."""

    SECOND_VOTE = "second"
    THIRD_VOTE = "third"
    ELIGIBLE_MODERATOR = "conflict"  # every moderator has voted or has a conflict of interest
    REVIEW = "look"  # published automatically, and not read by a moderator yet
    SPAM_CHECK = "trap"  # filed as spam automatically, and not read by a moderator yet


class CommentKind(StrEnum):
    """The subject of a comment."""

    GENERAL = "general"  # the letter as a whole
    PARAGRAPH = "paragraph"
    OMISSION = "omission"  # something that the letter leaves out
    QUESTION = "question"  # to the author


class Stance(StrEnum):
    """The position of a comment, or its position on one of its paragraphs."""

    NONE = "none"
    SUPPORT = "support"
    SUPPORT_WITH_CHANGES = "support_with_changes"
    OPPOSE = "oppose"
    NEUTRAL = "neutral"


class QuoteConsent(StrEnum):
    """The choice of a commenter how a record of positions may refer to their comment."""

    NAME = "name"  # quoted with the name
    GROUP = "group"  # quoted with the stakeholder group only
    COUNT = "count"  # never quoted, only counted


class LanguageSource(StrEnum):
    """The origin of the language of a comment."""

    UNKNOWN = ""  # not detected yet
    DETECTED = "detected"  # by the program, which may have found none
    AUTHOR = "author"
    MODERATOR = "moderator"
    IMPORTED = "import"  # the file of another system names it


#: A program decided about these comments, and a moderator may confirm its decision.
UNREAD = frozenset({Awaiting.REVIEW, Awaiting.SPAM_CHECK})


#: Each comment has one audit event with one of these actions.
ADDING_ACTIONS = frozenset({"comment.submitted", "comment.imported"})

_S = CommentState

TRANSITIONS: dict[CommentState, frozenset[CommentState]] = {
    _S.RECEIVED: frozenset({_S.AWAITING_EMAIL, _S.PENDING, _S.SPAM, _S.WITHDRAWN}),
    _S.AWAITING_EMAIL: frozenset({_S.PENDING, _S.SPAM, _S.WITHDRAWN}),
    _S.PENDING: frozenset({_S.PUBLISHED, _S.RETURNED, _S.REFUSED, _S.SPAM, _S.WITHDRAWN}),
    # Back to pending only when enough readers report it.
    _S.PUBLISHED: frozenset({_S.RESTRICTED, _S.SPAM, _S.WITHDRAWN, _S.PENDING}),
    _S.RETURNED: frozenset({_S.PENDING, _S.WITHDRAWN}),
    _S.REFUSED: frozenset({_S.PUBLISHED, _S.RETURNED}),  # returned only on appeal
    _S.SPAM: frozenset({_S.PENDING, _S.PUBLISHED, _S.WITHDRAWN}),
    _S.RESTRICTED: frozenset({_S.PUBLISHED, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}

#: Comments about which no moderator has decided. The desk may hide their authors.
UNDECIDED = (_S.RECEIVED, _S.AWAITING_EMAIL, _S.PENDING, _S.RETURNED)
EDITABLE_STATES = frozenset({_S.PENDING, _S.RETURNED})
WITHDRAWABLE_STATES = frozenset(
    state for state, targets in TRANSITIONS.items() if _S.WITHDRAWN in targets
)
