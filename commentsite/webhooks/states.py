"""The closed sets of codes of webhooks: events, states of an endpoint, and results of an attempt."""

from enum import StrEnum


class EventType(StrEnum):
    """The events that a receiver can choose. They are part of the public contract."""

    LETTER_PUBLISHED = "letter.published"
    LETTER_CORRECTED = "letter.corrected"  # a new version
    LETTER_SUPERSEDED = "letter.superseded"
    LETTER_WITHDRAWN = "letter.withdrawn"
    COMMENT_PUBLISHED = "comment.published"
    COMMENT_REPLIED = "comment.replied"  # a reply to another comment was published
    COMMENT_RESTRICTED = "comment.restricted"  # removed by a moderator
    COMMENT_REMOVED = "comment.removed"  # no longer public for another reason


#: The event that a steward sends from the desk. Every endpoint receives it.
TEST_EVENT = "test.sent"


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # by a steward
    DISABLED = "disabled"  # by the site, because its receiver stayed broken


class AttemptError(StrEnum):
    """The reason why an attempt failed without an answer, or why no attempt was made."""

    BAD_STATUS = "status"  # the receiver answered with another status than 2xx
    TIMEOUT = "timeout"
    NOT_FOUND = "not_found"  # the host name has no address
    FORBIDDEN_ADDRESS = "forbidden_address"
    NEEDS_HTTPS = "needs_https"
    CERTIFICATE = "certificate"
    CONNECTION = "connection"
    PROTOCOL = "protocol"  # the answer is not HTTP
    UNDECRYPTABLE = "undecryptable"
    SWITCHED_OFF = "switched_off"
    WORKER_LOST = "worker_lost"
