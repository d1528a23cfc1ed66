"""The closed sets of codes that records of positions are stored with."""

from enum import StrEnum


class Outcome(StrEnum):
    """The result of a consultation. Each one is a result: none of them is an error."""

    NOT_ASSESSED = "not_assessed"
    AGREED = "agreed"  # impossible while an objection is open
    AGREED_WITH_RESERVATIONS = "agreed_with_reservations"
    DIVERGENT_POSITIONS = "divergent_positions_recorded"
    NO_AGREED_TEXT = "no_agreed_text"
    NO_REPORT = "no_report"


#: Outcomes that state agreement. An open objection blocks them.
AGREEMENTS = frozenset({Outcome.AGREED, Outcome.AGREED_WITH_RESERVATIONS})


class OrderRule(StrEnum):
    """The rule by which the positions of a question are ordered. It is printed with them."""

    FIRST_STATED = "first_stated"  # by the time of the earliest comment that a position quotes
    TITLE = "title"
    LOT = "lot"  # by a hash of the printed lot and the id of the position


class HolderKind(StrEnum):
    GROUP = "group"
    ORGANISATION = "organisation"
    PERSON = "person"


class SignOff(StrEnum):
    """The answer of a holder to the question whether a text states their position fairly."""

    NONE = ""
    FAIR = "fair"
    UNFAIR = "unfair"


class CommentUse(StrEnum):
    """The use that the editor made of a comment."""

    QUOTED = "quoted"
    MERGED = "merged"  # into a position, without a quotation
    ANSWERED = "answered"
    NOT_USED = "not_used"


class AlternativeStatus(StrEnum):
    PROPOSED = "proposed"
    BRACKETED = "bracketed"  # not agreed: printed in square brackets
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"
    PROMOTED = "promoted"  # became a position of its own


#: Wordings that a record prints in square brackets.
NOT_AGREED = frozenset({AlternativeStatus.PROPOSED, AlternativeStatus.BRACKETED})


class ObjectionStatus(StrEnum):
    OPEN = "open"
    ADDRESSED = "addressed"  # answered in writing
    ACCOMMODATED = "accommodated"  # the text was changed
    WITHDRAWN = "withdrawn"  # by its author


class InquiryState(StrEnum):
    WAITING = "waiting"  # not public before an editor has read it for spam
    OPEN = "open"  # public, without an answer
    ANSWERED = "answered"
    SPAM = "spam"


class InquiryResult(StrEnum):
    CHANGED = "changed"
    PARTLY_CHANGED = "partly_changed"
    NOT_CHANGED = "not_changed"


class ParagraphState(StrEnum):
    """How the stakeholder groups stand to a paragraph (see consensus.policy)."""

    NOT_DISCUSSED = "not_discussed"
    TOO_FEW = "too_few"
    DIVERGENCE = "divergence"
    SINGLE_GROUP = "single_group"
    CONVERGENCE = "convergence"
    CONVERGENCE_OPEN_OBJECTION = "convergence_open_objection"
    UNRESOLVED = "unresolved"


class GroupPosition(StrEnum):
    """How the people of one group who commented stand to a paragraph."""

    NOT_HEARD = "not_heard"  # none of them commented
    TOO_FEW = "too_few"  # fewer than MIN_PEOPLE took a side
    SUPPORTS = "supports"  # the lower end of the interval is over one half
    OPPOSES = "opposes"  # the upper end of the interval is under one half
    UNCERTAIN = "uncertain"
