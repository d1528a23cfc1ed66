"""The content of a report, the same for all formats. It holds codes, never labels in one language.

A report is built once (compilation.builder), frozen as JSON in a SummaryVersion, and read back from it.
Every format is drawn from these classes, so their totals agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from commentsite.comments.states import QuoteConsent
from commentsite.summaries.states import (
    AlternativeStatus,
    CommentUse,
    GroupPosition,
    HolderKind,
    ObjectionStatus,
    OrderRule,
    Outcome,
    ParagraphState,
    SignOff,
)

SCHEMA_VERSION = 1
MAX_COMMENTS_PER_CELL = 100


@dataclass(frozen=True)
class Author:
    """A person as the report may name them. `name` is empty unless they agreed to be named."""

    name: str
    stakeholder_group: str  # a code; empty where even the group would identify the person
    organisation: str = ""  # empty unless they agreed to be named
    capacity: str = ""


@dataclass(frozen=True)
class LetterFacts:
    id: int
    slug: str
    title: str
    language: str
    authors: tuple[Author, ...]
    version_number: int
    published_at: datetime | None
    comments_close_at: datetime | None


@dataclass(frozen=True)
class Totals:
    """Counts of the comments of all letters. Each comment is counted once in `by_state`."""

    by_state: Mapping[str, int]
    published: int
    late: int  # published, and sent after closing: not part of any other count
    people: int  # different email addresses behind the published comments
    organisations: int
    distinct_texts: int
    campaigns: int
    people_in_campaigns: int
    people_by_group: Mapping[str, int]
    comments_by_group: Mapping[str, int]


@dataclass(frozen=True)
class Cell:
    """How one group stands to one paragraph. All counts are of people with a current stance."""

    stakeholder_group: str
    support: int  # without changes
    support_with_changes: int
    oppose: int
    neutral: int
    texts: int  # distinct
    campaign_people: int
    position: GroupPosition
    #: Wilson interval of the share that supports, if at least MIN_PEOPLE took a side.
    interval: tuple[float, float] | None
    #: At most MAX_COMMENTS_PER_CELL, without those whose authors asked only to be counted.
    comment_ids: tuple[int, ...]
    #: People who commented without a current position: they took none, or on an earlier wording.
    without_position: int = 0


@dataclass(frozen=True)
class MapRow:
    """One paragraph, or the letter as a whole if `pid` is empty."""

    letter_id: int
    pid: str
    label: str
    state: ParagraphState
    cells: tuple[Cell, ...]  # one for each group of the site, in its order
    groups_not_heard: tuple[str, ...]
    groups_too_few: tuple[str, ...]
    open_objections: int
    outdated_stances: int  # given on an earlier wording that was changed in meaning: not counted
    excerpt: str = ""  # the first words of the paragraph


@dataclass(frozen=True)
class Quotation:
    comment_id: int
    comment_version: int
    letter_slug: str
    author: Author
    text: str  # empty: the comment is evidence without a quotation
    language: str = ""  # of the comment; empty: not determined


@dataclass(frozen=True)
class Holder:
    kind: HolderKind
    stakeholder_group: str
    name: str  # empty for a group, and for a person who did not agree to be named
    sign_off: SignOff
    sign_off_note: str
    is_asked: bool
    is_outdated: bool  # answered about an earlier wording
    comment_id: int | None = None  # of a person whose name comes from a comment


@dataclass(frozen=True)
class PositionText:
    id: int
    title: str
    body: str  # Markdown
    words: int  # characters for scripts without spaces
    holders: tuple[Holder, ...]
    quotations: tuple[Quotation, ...]
    comments: int  # that it rests on, with those that are not quoted
    people: int


@dataclass(frozen=True)
class QuestionText:
    text: str
    pids: tuple[str, ...]
    positions: tuple[PositionText, ...]  # in the printed order
    length_ratio: float | None  # shortest to longest; None for fewer than two positions


@dataclass(frozen=True)
class AlternativeText:
    letter_id: int
    pid: str
    paragraph_label: str
    label: str
    text: str
    proposer: Author
    status: AlternativeStatus
    comment_id: int | None = None  # that proposed it


@dataclass(frozen=True)
class ObjectionText:
    comment_id: int | None  # None if the comment may only be counted, or is no longer published
    letter_slug: str
    author: Author
    pids: tuple[str, ...]
    text: str  # empty if its author asked only to be counted
    status: ObjectionStatus
    response: str
    author_satisfied: bool | None
    author_reaction: str
    is_late: bool = False  # sent after closing: it does not keep the text from being agreed
    language: str = ""  # of the comment


@dataclass(frozen=True)
class OmissionText:
    """A comment on what the letter leaves out."""

    comment_id: int | None  # None if the comment may only be counted
    letter_slug: str
    author: Author
    text: str  # empty if its author asked only to be counted
    language: str = ""


@dataclass(frozen=True)
class CampaignFacts:
    """Nearly identical comments: one text and its number of people."""

    first_comment_id: int | None  # the first that may be quoted
    letter_slug: str
    text: str  # empty if no author of it agreed to be quoted
    people: int
    people_by_group: Mapping[str, int]
    language: str = ""


@dataclass(frozen=True)
class Contributor:
    """One published comment, in the order of posting.

    A comment that may only be counted has neither id, time, kind nor position, by which it would be
    found on the page of the letter. Such comments come last.
    """

    comment_id: int | None
    letter_slug: str
    posted_at: datetime | None
    author: Author
    consent: QuoteConsent
    affiliation: str  # how the affiliation was checked, a code
    kind: str
    stance: str
    is_late: bool
    use: CommentUse | None
    use_reason: str


@dataclass(frozen=True)
class Report:
    """All of a report but its contributors and inquiries."""

    version: int  # 0 for a draft
    built_at: datetime  # comments published later are not in it
    change_note: str
    language: str
    letters: tuple[LetterFacts, ...]
    groups: tuple[str, ...]  # codes of the site, in its order
    outcome: Outcome
    outcome_note: str
    overview: str
    comments_summary: str
    analysis: str
    omissions_note: str
    limits: str
    order_rule: OrderRule
    lot: str
    totals: Totals
    questions: tuple[QuestionText, ...]
    consensus_map: tuple[MapRow, ...]
    groups_not_heard: tuple[str, ...]
    groups_too_few: tuple[str, ...]
    alternatives: tuple[AlternativeText, ...] = ()
    objections: tuple[ObjectionText, ...] = ()
    omissions: tuple[OmissionText, ...] = ()
    campaigns: tuple[CampaignFacts, ...] = ()
    uses: Mapping[str, int] = field(default_factory=dict)  # comments by CommentUse; "" for none yet
    schema: int = SCHEMA_VERSION
