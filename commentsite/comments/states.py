"""What can become of a comment: the states, and the only ways between them."""

from enum import StrEnum


class CommentState(StrEnum):
    """Where a comment stands."""

    AWAITING_EMAIL = "awaiting_email"
    PENDING = "pending"
    PUBLISHED = "published"
    RETURNED = "returned"
    REFUSED = "refused"
    SPAM = "spam"
    WITHDRAWN = "withdrawn"
    RESTRICTED = "restricted"


LOOK = "look"  # what a comment waits for that was published before anybody had read it


class SanctionLevel(StrEnum):
    """How far a decision about whoever writes from an address goes, each further than the one before."""

    NOTE = "note"
    HOLD = "hold"
    SUSPENDED = "suspended"


S = CommentState

TRANSITIONS: dict[CommentState, frozenset[CommentState]] = {
    S.AWAITING_EMAIL: frozenset({S.PENDING, S.SPAM, S.WITHDRAWN}),
    S.PENDING: frozenset({S.PUBLISHED, S.RETURNED, S.REFUSED, S.SPAM, S.WITHDRAWN}),
    S.PUBLISHED: frozenset({S.RESTRICTED, S.SPAM, S.WITHDRAWN, S.PENDING}),  # held by reports
    S.RETURNED: frozenset({S.PENDING, S.WITHDRAWN}),
    S.REFUSED: frozenset({S.PUBLISHED, S.RETURNED}),  # returned only on appeal
    S.SPAM: frozenset({S.PENDING, S.PUBLISHED, S.WITHDRAWN}),
    S.RESTRICTED: frozenset({S.PUBLISHED, S.WITHDRAWN}),
    S.WITHDRAWN: frozenset(),
}

#: No moderator has settled these yet; their authors may be hidden from the desk.
UNDECIDED = (S.AWAITING_EMAIL, S.PENDING, S.RETURNED)
EDITABLE = frozenset({S.PENDING, S.RETURNED})
WITHDRAWABLE = frozenset(state for state, after in TRANSITIONS.items() if S.WITHDRAWN in after)
