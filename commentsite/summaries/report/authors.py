"""The rule by which a record of positions names the authors of comments.

Each commenter chooses how a record may refer to their comment (see QuoteConsent). The builder takes
all authors from here, and editors take names from here into holders and proposers, so that no part
and no format of a record names more people than another one.
"""

from collections.abc import Mapping
from typing import Protocol

from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.summaries.report.content import Author
from commentsite.summaries.states import HolderKind

#: A pseudonymous author's group is stated if at least so many pseudonymous people of it commented.
MIN_PSEUDONYMOUS_PEOPLE = 3
UNDISCLOSED = Author(name="", stakeholder_group="")


class Commenter(Protocol):
    """The columns of a comment that decide how its author is named: a row, or a Comment."""

    @property
    def state(self) -> CommentState: ...
    @property
    def quote_as(self) -> QuoteConsent: ...
    @property
    def name(self) -> str: ...
    @property
    def is_pseudonym(self) -> bool: ...
    @property
    def stakeholder_group(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def capacity(self) -> str: ...


def can_quote(comment: Commenter) -> bool:
    """Return whether words of a comment may be printed, and whether a record may link to it."""
    return comment.state == CommentState.PUBLISHED and comment.quote_as != QuoteConsent.COUNT


def find_printable_name(comment: Commenter, kind: HolderKind) -> str:
    """Return the name of a comment's author or of their organisation, '' if it may not be printed."""
    if comment.quote_as != QuoteConsent.NAME:
        return ""
    if kind == HolderKind.PERSON:
        return comment.name
    # An organisation would tell who a pseudonymous author is.
    return "" if comment.is_pseudonym else comment.organisation


def describe_author(comment: Commenter, pseudonymous_people: Mapping[str, int]) -> Author:
    """Return the author of a comment as far as they agreed to be named.

    `pseudonymous_people` counts the pseudonymous people of each group who commented. In a group of
    fewer than MIN_PSEUDONYMOUS_PEOPLE, the group would tell who a pseudonymous author is. An
    organisation would tell it in any group.
    """
    if not can_quote(comment):
        return UNDISCLOSED
    has_name = comment.quote_as == QuoteConsent.NAME
    if comment.is_pseudonym:
        people = pseudonymous_people.get(comment.stakeholder_group, 0)
        group = comment.stakeholder_group if people >= MIN_PSEUDONYMOUS_PEOPLE else ""
        return Author(name=comment.name if has_name else "", stakeholder_group=group)
    if not has_name:
        return Author(name="", stakeholder_group=comment.stakeholder_group)
    return Author(
        name=comment.name,
        stakeholder_group=comment.stakeholder_group,
        organisation=comment.organisation,
        capacity=comment.capacity,
    )
