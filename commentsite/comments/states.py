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


UNREVIEWED = "look"  # what a comment waits for that was published before anybody had read it
_S = CommentState
TRANSITIONS: dict[CommentState, frozenset[CommentState]] = {
    _S.AWAITING_EMAIL: frozenset({_S.PENDING, _S.SPAM, _S.WITHDRAWN}),
    _S.PENDING: frozenset({_S.PUBLISHED, _S.RETURNED, _S.REFUSED, _S.SPAM, _S.WITHDRAWN}),
    _S.PUBLISHED: frozenset({_S.RESTRICTED, _S.SPAM, _S.WITHDRAWN, _S.PENDING}),  # held by reports
    _S.RETURNED: frozenset({_S.PENDING, _S.WITHDRAWN}),
    _S.REFUSED: frozenset({_S.PUBLISHED, _S.RETURNED}),  # returned only on appeal
    _S.SPAM: frozenset({_S.PENDING, _S.PUBLISHED, _S.WITHDRAWN}),
    _S.RESTRICTED: frozenset({_S.PUBLISHED, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}
#: No moderator has settled these yet; their authors may be hidden from the desk.
UNDECIDED = (_S.AWAITING_EMAIL, _S.PENDING, _S.RETURNED)
EDITABLE_STATES = frozenset({_S.PENDING, _S.RETURNED})
WITHDRAWABLE_STATES = frozenset(
    state for state, after in TRANSITIONS.items() if _S.WITHDRAWN in after
)
