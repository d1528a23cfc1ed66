"""The records of an export file: one type for each file of JSON Lines in it.

The types are the only definition of the format. Writing, reading with its checks, and the JSON Schema that lies in
each file all follow from them. A later version of the format may add fields with a default value. A reader ignores
the fields that it does not know.
"""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from commentsite.summaries.states import (
    AlternativeStatus,
    CommentUse,
    HolderKind,
    InquiryState,
    ObjectionStatus,
    OrderRule,
    Outcome,
    SignOff,
)

FORMAT_NAME: Literal["commentsite-export"] = "commentsite-export"
FORMAT_VERSION: Literal[1] = 1
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Moment = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Key = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Code = Annotated[str, Meta(max_length=30)]
Pid = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,12}$")]
Salt = Annotated[str, Meta(pattern="^([0-9a-f]{16,64})?$")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Slug = Annotated[str, Meta(min_length=1, max_length=120)]
Name = Annotated[str, Meta(max_length=120)]
Line = Annotated[str, Meta(max_length=500)]
LanguageTag = Annotated[str, Meta(max_length=20)]
GroupCode = Annotated[str, Meta(max_length=8)]
StaffName = Annotated[str, Meta(max_length=80)]
Text = Annotated[str, Meta(max_length=100_000)]


class Record(Struct, kw_only=True, omit_defaults=True, gc=False):
    """A record. A field that has its default value is not written."""


class Site(Record):
    """The site that wrote the file. `id` is a UUID, which never changes."""

    id: Annotated[str, Meta(max_length=36)]
    base_url: Line
    title: Name
    tagline: Annotated[str, Meta(max_length=300)] = ""


class Group(Record):
    """A stakeholder group."""

    code: Annotated[str, Meta(min_length=1, max_length=8)]
    label: Annotated[str, Meta(max_length=60)]
    position: Number
    offered: bool = True


class Clause(Record):
    """A moderation rule in one version of the rules."""

    code: Annotated[str, Meta(max_length=4)]
    number: Number
    title: Annotated[str, Meta(max_length=80)]
    text: Annotated[str, Meta(max_length=5_000)]
    since: Number
    is_retired: bool = False


class Rules(Record):
    """One version of the moderation rules."""

    version: Number
    published_at: Moment
    summary: str = ""
    clauses: list[Clause] = []


class Author(Record):
    """An author of a letter."""

    name: Name
    group: Annotated[str, Meta(max_length=8)] = "UND"
    capacity: Code = "personal"
    organisation: Annotated[str, Meta(max_length=200)] = ""


class Block(Record):
    """A block of a letter. Only paragraphs have an id (`pid`) and a number."""

    kind: Code
    html: str
    text: str
    pid: Pid | None = None
    number: Number | None = None
    label: Annotated[str, Meta(max_length=20)] | None = None
    language: LanguageTag = ""


class ParagraphFate(Record):
    """The fate of a paragraph of the previous version."""

    pid: Pid
    relation: Annotated[str, Meta(max_length=10)]
    score: float
    target_pid: Pid | None = None


class Version(Record):
    """The text of a letter from one publication to the next. `original` is the imported file in base64."""

    number: Annotated[int, Meta(ge=1, le=100_000)]
    title: Annotated[str, Meta(max_length=300)]
    markdown: str
    created_at: Moment
    standfirst: Line = ""
    change: Code = "first"
    change_note: Line = ""
    published_at: Moment | None = None
    original_name: Annotated[str, Meta(max_length=200)] = ""
    original: bytes | None = None
    blocks: list[Block] = []
    earlier_paragraphs: list[ParagraphFate] = []


class WorkingCopy(Record):
    """The unpublished text that editors write."""

    title: Annotated[str, Meta(max_length=300)]
    markdown: str
    saved_at: Moment
    standfirst: Line = ""
    editors_note: str = ""


class Permission(Record):
    """A permission to publish, translate or archive a letter. The evidence for it is not exported."""

    given_by: Annotated[str, Meta(max_length=200)]
    method: Code
    recorded_at: Moment
    scopes: list[Code] = []
    given_on: date | None = None
    statement: Line = ""
    revoked_at: Moment | None = None


class Picture(Record):
    """A picture of a letter, which is the file media/<sha256>.<extension>."""

    sha256: Sha256
    extension: Literal["png", "jpg", "webp"]
    width: Number
    height: Number
    created_at: Moment
    published_at: Moment | None = None


class FormerSlug(Record):
    """An earlier address of a letter."""

    slug: Slug
    until: Moment


class Letter(Record):
    """A letter with its versions. Other letters are named by their `id`, as in every record."""

    id: Key
    slug: Slug
    state: Literal["draft", "review", "scheduled", "published", "superseded", "withdrawn"]
    title: Annotated[str, Meta(max_length=300)]
    created_at: Moment
    versions: Annotated[list[Version], Meta(min_length=1)]
    version_number: Annotated[int, Meta(ge=1)] = 1
    standfirst: Line = ""
    editors_note: str = ""
    occasion: Annotated[str, Meta(max_length=300)] = ""
    addressee: Annotated[str, Meta(max_length=300)] = ""
    body_concerned: Annotated[str, Meta(max_length=300)] = ""
    source: Line = ""
    licence: Annotated[str, Meta(max_length=200)] = ""
    language: LanguageTag = "en"
    topics: list[Name] = []
    date_written: date | None = None
    date_received: date | None = None
    scheduled_for: Moment | None = None
    published_at: Moment | None = None
    updated_at: Moment | None = None
    feed_id: Line = ""
    comments_open: bool = True
    comments_open_at: Moment | None = None
    comments_close_at: Moment | None = None
    grace_hours: Number = 0
    withdrawal_reason: Line = ""
    withdrawn_at: Moment | None = None
    superseded_by: Key | None = None
    translation_of: Key | None = None
    translator: Annotated[str, Meta(max_length=200)] = ""
    authors: list[Author] = []
    former_slugs: list[FormerSlug] = []
    permissions: list[Permission] = []
    pictures: list[Picture] = []
    working_copy: WorkingCopy | None = None


class PageVersion(Record):
    """Title, text and language of a page as they were saved at one time. `saved_by` is a name."""

    number: Annotated[int, Meta(ge=1, le=100_000)]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    markdown: Annotated[str, Meta(max_length=100_000)]
    saved_at: Moment
    language: LanguageTag = "en"
    saved_by: Annotated[str, Meta(max_length=80)] = ""


class Page(Record):
    """A page besides letters, such as About. Its last version is the one that readers see."""

    id: Key
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    versions: Annotated[list[PageVersion], Meta(min_length=1)]
    placement: Literal["menu", "footer", "none"] = "none"
    position: Annotated[int, Meta(ge=1, le=999)] = 1
    is_public: bool = False
    former_slugs: list[Annotated[str, Meta(max_length=80)]] = []


class Target(Record):
    """A paragraph that a comment is about."""

    pid: Pid
    stance: Code = "none"


class Revision(Record):
    """The text of a comment before its author revised it."""

    version: Number
    body: str
    replaced_at: Moment


class HistoryEvent(Record):
    """A decision, an appeal, a report or a note about a comment.

    `by` is the name of the member of staff, and empty for readers and for the software. `settled` says whether a
    decision took effect, since the first of two votes does not.
    """

    event: Literal["decision", "appeal", "report", "note"]
    at: Moment
    by: Name = ""
    by_group: Annotated[str, Meta(max_length=8)] = ""
    verdict: Code = ""
    rule: Annotated[str, Meta(max_length=4)] = ""
    rules_version: Number = 0
    state: Code = ""
    settled: bool = True
    text: str = ""
    facts: str = ""
    question: str = ""
    answer: str = ""
    ended_at: Moment | None = None


class Objection(Record):
    """The objection of the author of a comment, with its answer. Without `pids` it is to the whole letter."""

    status: ObjectionStatus
    recorded_at: Moment
    pids: list[Pid] = []
    recorded_by: StaffName = ""
    response: Text = ""
    answered_by: StaffName = ""
    answered_at: Moment | None = None
    author_satisfied: bool | None = None
    author_reaction: Annotated[str, Meta(max_length=1_000)] = ""


class Comment(Record):
    """A comment. Other comments are named by their `id`, and the letter by the `id` of its record.

    `html` is for readers of the file. An import renders the text again. `email` is there only where the export was
    asked for addresses.
    """

    id: Key
    letter: Key
    state: Literal[
        "awaiting_email",
        "pending",
        "published",
        "returned",
        "refused",
        "spam",
        "withdrawn",
        "restricted",
    ]
    name: Annotated[str, Meta(max_length=80)]
    body: Annotated[str, Meta(max_length=100_000)]
    submitted_at: Moment
    changed_at: Moment
    html: str = ""
    letter_version: Annotated[int, Meta(ge=1, le=100_000)] = 1
    parent: Key | None = None
    answers: Key | None = None
    shown_by: Key | None = None
    campaign: Key | None = None
    is_pseudonym: bool = False
    group: Annotated[str, Meta(max_length=8)] = "UND"
    organisation: Name = ""
    capacity: Code = "personal"
    author_role: Annotated[str, Meta(max_length=10)] = ""
    has_organisation_domain: bool = False
    delegation_verified_at: Moment | None = None
    email: Annotated[str, Meta(max_length=254)] = ""
    email_confirmed_at: Moment | None = None
    kind: Code = "general"
    stance: Code = "none"
    quote_as: Literal["name", "group", "count"] = "group"
    language: LanguageTag = ""
    is_late: bool = False
    rules_version: Number = 1
    edited_at: Moment | None = None
    published_at: Moment | None = None
    erased_at: Moment | None = None
    feed_id: Line = ""
    targets: list[Target] = []
    revisions: list[Revision] = []
    history: list[HistoryEvent] = []
    objection: Objection | None = None


class Holder(Record):
    """A group, an organisation or a person who holds a position, with their answer to its text.

    `signed_hash` is the hash of the title and the body that was answered about. The name of a person is left out
    unless they agreed to be named. The name of one with a `comment` is that of the comment. Addresses, names for
    letters and links are never there.
    """

    kind: HolderKind
    group: GroupCode = ""
    name: Name = ""
    comment: Key | None = None
    asked_at: Moment | None = None
    sign_off: SignOff = SignOff.NONE
    sign_off_note: Annotated[str, Meta(max_length=1_000)] = ""
    signed_hash: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    signed_at: Moment | None = None
    is_name_agreed: bool = False


class Evidence(Record):
    """A comment that a position rests on, and the words of it that are printed."""

    comment: Key
    comment_version: Number
    added_at: Moment
    quotation: Text = ""


class Position(Record):
    """A position on a question. Frozen versions name it by its `id`."""

    id: Key
    title: Annotated[str, Meta(max_length=200)]
    created_at: Moment
    changed_at: Moment
    body: Text = ""
    revision: Number = 1
    changed_by: StaffName = ""
    holders: list[Holder] = []
    comments: list[Evidence] = []


class Question(Record):
    """A question on which positions differ, in the order of the record."""

    text: Line
    pids: list[Pid] = []
    revision: Number = 1
    positions: list[Position] = []


class Use(Record):
    """The use that an editor made of a comment, with the reason."""

    comment: Key
    use: CommentUse
    decided_by: StaffName
    decided_at: Moment
    reason: Text = ""


class Alternative(Record):
    """A proposed wording for a paragraph. An empty text proposes to delete it."""

    letter: Key
    pid: Pid
    label: Annotated[str, Meta(max_length=20)]
    created_at: Moment
    text: Text = ""
    status: AlternativeStatus = AlternativeStatus.PROPOSED
    revision: Number = 1
    proposer_group: GroupCode = ""
    proposer_name: Name = ""
    comment: Key | None = None


class Inquiry(Record):
    """A request to correct a published record, with its answer. The address of its sender is never there."""

    version_number: Number
    state: InquiryState
    group: GroupCode
    body: Text
    asked_at: Moment
    name: Annotated[str, Meta(max_length=80)] = ""
    organisation: Name = ""
    published_at: Moment | None = None
    closed_at: Moment | None = None
    answer: Text = ""
    result: Literal["", "changed", "partly_changed", "not_changed"] = ""
    answered_by: StaffName = ""
    changed_in_version: Number | None = None


class RecordOfPositions(Record):
    """The record of positions of a letter, or of several letters, as editors write it.

    Its published versions are in record-versions.jsonl, in the order of the records. All texts are Markdown.
    """

    id: Key
    letter: Key
    created_at: Moment
    changed_at: Moment
    further_letters: list[Key] = []
    language: LanguageTag = "en"
    outcome: Outcome = Outcome.NOT_ASSESSED
    outcome_note: Text = ""
    overview: Text = ""
    comments_summary: Text = ""
    analysis: Text = ""
    omissions: Text = ""
    limits: Text = ""
    revision: Number = 1
    text_revisions: dict[str, Number] = {}
    order_rule: OrderRule = OrderRule.FIRST_STATED
    lot: Annotated[str, Meta(max_length=40)] = ""
    published_version: Number | None = None
    changed_by: StaffName = ""
    questions: list[Question] = []
    uses: list[Use] = []
    alternatives: list[Alternative] = []
    inquiries: list[Inquiry] = []


class RecordVersion(Record):
    """A published version of a record of positions, as it was frozen.

    `sha256` is the hash of its JSON document at the site that wrote the file. `first_sha256` is there if the version
    was published at another site before, and is its hash there. `erased_at` says when the words of erased comments
    were last taken out. `salt` is part of that document. It is empty if words of the version are left out.
    """

    record: Key
    number: Annotated[int, Meta(ge=1, le=100_000)]
    published_at: Moment
    inquiries_until: Moment
    published_by: StaffName
    sha256: Sha256
    content: dict[str, Any]
    contributors: list[dict[str, Any]] = []
    outcome: Outcome = Outcome.NOT_ASSESSED
    language: LanguageTag = "en"
    change_note: Line = ""
    first_sha256: Sha256 | None = None
    erased_at: Moment | None = None
    salt: Salt = ""


class FileEntry(Record):
    """The number of records of a file, and the hash of its bytes."""

    records: Number
    sha256: Sha256


class Manifest(Record, omit_defaults=False):
    """The table of contents. It is the last file of the archive, so a file that was cut off has none."""

    format: Literal["commentsite-export"]
    version: Literal[1]
    made_at: Moment
    has_email_addresses: bool
    site: Site
    files: dict[str, FileEntry]


#: The type of the records of each file.
RECORD_TYPES: dict[str, type[Record]] = {
    "groups.jsonl": Group,
    "rules.jsonl": Rules,
    "pages.jsonl": Page,
    "letters.jsonl": Letter,
    "comments.jsonl": Comment,
    "records.jsonl": RecordOfPositions,
    "record-versions.jsonl": RecordVersion,
}
MANIFEST, SCHEMA = "manifest.json", "schema.json"


def build_schema() -> dict[str, Any]:
    """Return a JSON Schema (2020-12) with a definition for each kind of record, of which any one is valid."""
    types = [*RECORD_TYPES.values(), Manifest]
    references, definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "Export of commentsite",
        "description": "Each line of a .jsonl file is one record. The file names its kind.",
        "anyOf": list(references),
        "$defs": definitions,
    }


def write_schema() -> bytes:
    return json.dumps(build_schema(), indent=1, ensure_ascii=False).encode() + b"\n"
