"""The members of requests and answers, from which the OpenAPI document is made."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from commentsite.comments.states import (
    CommentKind,
    CommentState,
    QuoteConsent,
    Stance,
)
from commentsite.letters.draft import MAX_LENGTHS
from commentsite.letters.states import (
    AuthorCapacity,
    BlockKind,
    LetterState,
    PermissionMethod,
    PermissionScope,
)
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import MAX_NOTE_LENGTH
from commentsite.moderation.queue.queries import AWAITING_FILTERS, NEWEST_FIRST, OLDEST_FIRST
from commentsite.web.api.fields import Day, Flag, Number, QueryNumber, Text
from commentsite.web.http.parameters import MAX_ID

#: A comment that was sent and not examined yet counts as pending.
PUBLIC_STATES = tuple(state for state in CommentState if state != CommentState.RECEIVED)
VERDICTS = tuple(verdict for verdict in Verdict if verdict != Verdict.REDACT)
CAPACITIES = tuple(AuthorCapacity)
KINDS = tuple(kind.value for kind in CommentKind)
STANCES = tuple(stance.value for stance in Stance)
MAX_PAGE = 100
MAX_TOPICS, MAX_TOPIC_LENGTH = 12, 60
MAX_AUTHORS = 50
MAX_TEXT = 2_000_000
LANGUAGE_PATTERN = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
GROUPS_NOTE = "Code of a stakeholder group. The address `form` of a letter lists those in use."


def _one_of(*codes: str) -> validate.OneOf:
    return validate.OneOf([str(code) for code in codes])


def _note(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, **more}


def _time(text: str, **options: Any) -> fields.DateTime:
    return fields.DateTime(metadata=_note(text), **options)


class RequestSchema(Schema):
    """A body or a query string. Members that it does not name are refused."""

    class Meta:
        """Say so in the document too."""

        unknown = RAISE


# --- Errors ---


class FieldProblemSchema(Schema):
    field = fields.String(required=True, metadata=_note("The member or parameter in question."))
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457. `detail` is a sentence for people."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblemSchema))
    reason = fields.String(metadata=_note("Why a letter was withdrawn, with 410."))
    withdrawn_at = _time("When a letter was withdrawn, with 410.", allow_none=True)
    form_token = fields.String(metadata=_note("A token for the next attempt, with 422."))


# --- Queries ---


class PageQuerySchema(RequestSchema):
    cursor = Text(
        load_default="",
        metadata=_note("`next` of the page before.", pattern="^[A-Za-z0-9_-]*$", maxLength=100),
    )
    limit = QueryNumber(
        load_default=50,
        validate=validate.Range(1, MAX_PAGE),
        metadata=_note("The number of items on a page."),
    )


class LetterQuerySchema(PageQuerySchema):
    topic = Text(
        load_default="",
        validate=validate.Length(max=MAX_TOPIC_LENGTH),
        metadata=_note("Only letters of this topic."),
    )
    language = Text(
        load_default="",
        validate=validate.Length(max=20),
        metadata=_note("Only letters in this language, a BCP 47 tag."),
    )


class CommentQuerySchema(PageQuerySchema):
    sort = Text(
        load_default=OLDEST_FIRST,
        validate=_one_of(OLDEST_FIRST, NEWEST_FIRST),
        metadata=_note("By the time of publication."),
    )


class QueueQuerySchema(PageQuerySchema):
    state = Text(load_default=str(CommentState.PENDING), validate=_one_of(*PUBLIC_STATES))
    letter = Text(load_default="", validate=validate.Length(max=120), metadata=_note("Slug."))
    group = Text(
        load_default="", validate=validate.Length(max=8), metadata=_note("Stakeholder group.")
    )
    held_by = Text(
        load_default="",
        validate=validate.Length(max=20),
        metadata=_note("Code of the check that held the comment, or `any`."),
    )
    waiting = Text(
        load_default="",
        validate=_one_of("", *AWAITING_FILTERS),
        metadata=_note("The review that comments wait for. It replaces `state`."),
    )
    q = Text(
        load_default="",
        validate=validate.Length(max=200),
        metadata=_note("Words of the text or of the name, or a whole email address."),
    )
    sort = Text(
        load_default=OLDEST_FIRST,
        validate=_one_of(OLDEST_FIRST, NEWEST_FIRST),
        metadata=_note("By the time at which a comment was sent."),
    )


# --- Letters ---


class AuthorSchema(RequestSchema):
    name = Text(required=True, validate=validate.Length(1, 120))
    stakeholder_group = Text(
        load_default="UND", validate=validate.Length(1, 8), metadata=_note(GROUPS_NOTE)
    )
    capacity = Text(load_default="personal", validate=_one_of(*CAPACITIES))
    organisation = Text(load_default="", validate=validate.Length(max=200))


class BlockSchema(Schema):
    kind = fields.String(required=True, validate=_one_of(*BlockKind))
    id = fields.String(
        required=True, allow_none=True, metadata=_note("Permanent id of a paragraph, or null.")
    )
    label = fields.String(
        required=True, allow_none=True, metadata=_note("The number that readers see.")
    )
    language = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True)


class LetterSummarySchema(Schema):
    slug = fields.String(required=True)
    url = fields.String(required=True, metadata=_note("The page of the letter."))
    state = fields.String(required=True, validate=_one_of(*LetterState))
    title = fields.String(required=True)
    standfirst = fields.String(required=True)
    language = fields.String(required=True)
    topics = fields.List(fields.String(), required=True)
    authors = fields.List(fields.Nested(AuthorSchema), required=True)
    version = fields.Integer(required=True)
    date_written = fields.Date(required=True, allow_none=True)
    published_at = _time("Null before publication.", required=True, allow_none=True)
    updated_at = _time("The last change of the letter.", required=True, allow_none=True)
    comments_open = fields.Boolean(required=True)
    comments_close_at = _time("Null without a closing time.", required=True, allow_none=True)
    comments_by_group = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=_note("The number of published comments of each stakeholder group."),
    )


class LetterSchema(LetterSummarySchema):
    editors_note = fields.String(required=True)
    occasion = fields.String(required=True)
    addressee = fields.String(required=True)
    body_concerned = fields.String(required=True)
    source = fields.String(required=True)
    licence = fields.String(required=True)
    date_received = fields.Date(required=True, allow_none=True)
    translation_of = fields.String(required=True, allow_none=True, metadata=_note("Slug."))
    translator = fields.String(required=True)
    superseded_by = fields.String(required=True, allow_none=True, metadata=_note("Slug."))
    blocks = fields.List(
        fields.Nested(BlockSchema), required=True, metadata=_note("The text of this version.")
    )
    text = fields.String(
        metadata=_note("With a token: the text as Markdown, with unpublished changes.")
    )
    has_unpublished_changes = fields.Boolean(metadata=_note("With a token."))
    scheduled_for = _time("With a token: when the letter will be published.", allow_none=True)


class LetterPageSchema(Schema):
    items = fields.List(fields.Nested(LetterSummarySchema), required=True)
    next = fields.String(required=True, allow_none=True)


def _line(name: str) -> Text:
    return Text(validate=validate.Length(max=MAX_LENGTHS[name]))


class LetterChangesSchema(RequestSchema):
    """Members that are left out stay as they are."""

    title = Text(validate=validate.Length(1, MAX_LENGTHS["title"]))
    standfirst = _line("standfirst")
    editors_note = _line("editors_note")
    text = Text(validate=validate.Length(1, MAX_TEXT), metadata=_note("Markdown."))
    language = Text(
        validate=validate.Length(1, MAX_LENGTHS["language"]),
        metadata=_note("A BCP 47 tag.", pattern=LANGUAGE_PATTERN),
    )
    topics = fields.List(
        Text(validate=validate.Length(1, MAX_TOPIC_LENGTH)),
        validate=validate.Length(max=MAX_TOPICS),
    )
    authors = fields.List(fields.Nested(AuthorSchema), validate=validate.Length(max=MAX_AUTHORS))
    occasion = _line("occasion")
    addressee = _line("addressee")
    body_concerned = _line("body_concerned")
    source = _line("source")
    licence = _line("licence")
    date_written = Day(allow_none=True)
    date_received = Day(allow_none=True)
    translation_of = Text(
        validate=validate.Length(max=120), metadata=_note("Slug of the original, or empty.")
    )
    translator = _line("translator")


class LetterPatchSchema(LetterChangesSchema):
    state = Text(
        validate=_one_of(LetterState.DRAFT, LetterState.REVIEW, LetterState.PUBLISHED),
        metadata=_note(
            "Send a draft to review, return it to the drafts, or publish it (`letters:publish`)."
        ),
    )
    comments_open = Flag(metadata=_note("Open or close the letter now (`letters:publish`)."))


class SummarySchema(Schema):
    """The last published version of a record of positions."""

    letter = fields.String(required=True, metadata=_note("Slug."))
    url = fields.String(required=True, metadata=_note("The page of the record."))
    version = fields.Integer(required=True)
    change_note = fields.String(required=True, metadata=_note("What changed in this version."))
    published_at = _time("When this version was published.", required=True)
    inquiries_until = _time("Until when a correction can be asked for.", required=True)
    sha256 = fields.String(
        required=True, metadata=_note("Of the JSON file, in hex. The audit log holds it too.")
    )
    files = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=_note("Addresses by format: pdf, docx, ods, csv, json."),
    )
    report = fields.Dict(
        required=True,
        metadata=_note("The report, as `/api/v1/schemas/summary` describes it."),
    )


class PermissionSchema(RequestSchema):
    given_by = Text(required=True, validate=validate.Length(1, 200))
    method = Text(load_default=str(PermissionMethod.STATED), validate=_one_of(*PermissionMethod))
    scopes = fields.List(
        Text(validate=_one_of(*PermissionScope)),
        load_default=[str(PermissionScope.PUBLISH)],
        validate=validate.Length(1, len(PermissionScope)),
    )
    given_on = Day(load_default=None, allow_none=True)
    statement = Text(load_default="", validate=validate.Length(max=500))


class NewLetterSchema(LetterChangesSchema):
    """A letter is stored as a draft."""

    title = Text(required=True, validate=validate.Length(1, MAX_LENGTHS["title"]))
    text = Text(required=True, validate=validate.Length(1, MAX_TEXT), metadata=_note("Markdown."))
    slug = Text(
        validate=validate.Length(1, 120), metadata=_note("Made from the title if left out.")
    )
    permission = fields.Nested(
        PermissionSchema,
        metadata=_note("The permission to publish, without which none is possible."),
    )


# --- Comments ---


class TargetSchema(RequestSchema):
    id = Text(required=True, validate=validate.Length(1, 12), metadata=_note("Of a paragraph."))
    stance = Text(load_default=Stance.NONE.value, validate=_one_of(*STANCES))


class CommentSchema(Schema):
    """A comment that was taken down keeps its place, with null instead of what its author wrote."""

    id = fields.Integer(required=True)
    letter = fields.String(required=True, metadata=_note("Slug."))
    url = fields.String(required=True, metadata=_note("Leads to the comment on its page."))
    state = fields.String(required=True, validate=_one_of(*PUBLIC_STATES))
    parent = fields.Integer(
        required=True, allow_none=True, metadata=_note("The comment that this one answers.")
    )
    represented_by = fields.Integer(
        required=True,
        allow_none=True,
        metadata=_note(
            "The comment with the same text that the letter shows in place of this one."
        ),
    )
    published_at = _time("When readers first saw it.", required=True)
    edited_at = _time("When its author changed it.", required=True, allow_none=True)
    letter_version = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)
    is_pseudonym = fields.Boolean(required=True, allow_none=True)
    stakeholder_group = fields.String(required=True, allow_none=True, metadata=_note(GROUPS_NOTE))
    organisation = fields.String(required=True, allow_none=True)
    capacity = fields.String(required=True, allow_none=True)
    is_delegation_verified = fields.Boolean(required=True, allow_none=True)
    is_email_confirmed = fields.Boolean(required=True, allow_none=True)
    is_at_own_domain = fields.Boolean(
        required=True,
        allow_none=True,
        metadata=_note("The confirmed email address is at the organisation’s own domain."),
    )
    author_role = fields.String(
        required=True, allow_none=True, metadata=_note("Author of the letter or staff, or empty.")
    )
    kind = fields.String(required=True, allow_none=True)
    stance = fields.String(required=True, allow_none=True)
    language = fields.String(
        required=True,
        allow_none=True,
        metadata=_note("A BCP 47 tag, or empty where it is not determined."),
    )
    is_late = fields.Boolean(required=True, allow_none=True)
    paragraphs = fields.List(fields.Nested(TargetSchema), required=True)
    body = fields.String(required=True, allow_none=True, metadata=_note("Markdown, as typed."))
    body_html = fields.String(required=True, allow_none=True)


class CommentPageSchema(Schema):
    items = fields.List(fields.Nested(CommentSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class NewCommentSchema(RequestSchema):
    """The fields of the comment form."""

    form_token = Text(
        required=True,
        validate=validate.Length(max=500),
        metadata=_note("From the address `form` of the letter, at least two seconds old."),
    )
    name = Text(required=True, validate=validate.Length(1, 80))
    email = Text(
        required=True,
        validate=validate.Length(1, 254),
        metadata=_note("Never shown to anyone but authorised staff.", format="email"),
    )
    stakeholder_group = Text(
        required=True, validate=validate.Length(1, 8), metadata=_note(GROUPS_NOTE)
    )
    organisation = Text(load_default="", validate=validate.Length(max=120))
    capacity = Text(load_default="personal", validate=_one_of(*CAPACITIES))
    body = Text(
        required=True,
        validate=validate.Length(2, 10_000),
        metadata=_note("Plain text with a small Markdown, at most 40,000 bytes."),
    )
    kind = Text(load_default=CommentKind.GENERAL.value, validate=_one_of(*KINDS))
    paragraphs = fields.List(
        fields.Nested(TargetSchema), load_default=list, validate=validate.Length(max=3_000)
    )
    stance = Text(load_default=Stance.NONE.value, validate=_one_of(*STANCES))
    parent = Number(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, MAX_ID),
        metadata=_note("A published comment of the same letter."),
    )
    is_pseudonym = Flag(load_default=False)
    quote_as = Text(
        load_default=QuoteConsent.GROUP.value,
        validate=_one_of(*QuoteConsent),
        metadata=_note("How a record of positions may refer to the comment."),
    )
    language = Text(
        load_default="",
        validate=validate.Length(max=MAX_LENGTHS["language"]),
        metadata=_note("Of the text, a BCP 47 tag. Without it, the language is detected."),
    )
    notify = Flag(load_default=False, metadata=_note("Write to me when someone answers."))
    nickname = Text(
        load_default="",
        validate=validate.Length(max=500),
        metadata=_note("Leave it out. A comment with it is filed as spam."),
    )


class ReceiptSchema(Schema):
    id = fields.Integer(required=True)
    receipt = fields.String(
        required=True,
        metadata=_note(
            "The private page of the author. Keep it secret, and give it to the author."
        ),
    )


class GroupSchema(Schema):
    code = fields.String(required=True)
    label = fields.String(required=True)


class FormSchema(Schema):
    form_token = fields.String(required=True)
    min_age = fields.Float(required=True, metadata=_note("Seconds to wait before it is accepted."))
    max_age = fields.Float(required=True, metadata=_note("Seconds after which it is not."))
    comments_open = fields.Boolean(required=True)
    stakeholder_groups = fields.List(fields.Nested(GroupSchema), required=True)


# --- Moderation ---


class HoldReasonSchema(Schema):
    check = fields.String(required=True, metadata=_note("Code of the check."))
    field = fields.String(required=True, metadata=_note("Where it found something."))
    detail = fields.String(required=True, metadata=_note("Its finding."))


class CaseSchema(Schema):
    """A comment as a moderator sees it. The author of an anonymous case has null for a name."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata=_note("To send with a decision."))
    letter = fields.String(required=True, metadata=_note("Slug."))
    url = fields.String(required=True, metadata=_note("The case at the desk."))
    state = fields.String(required=True, validate=_one_of(*PUBLIC_STATES))
    waits_for = fields.String(
        required=True,
        allow_none=True,
        metadata=_note("`second`, `third`, `conflict`, `look` or `trap`, as the filter `waiting`."),
    )
    submitted_at = _time("When it was sent.", required=True)
    changed_at = _time("The last change.", required=True)
    published_at = _time("When readers first saw it.", required=True, allow_none=True)
    parent = fields.Integer(required=True, allow_none=True)
    letter_version = fields.Integer(required=True)
    is_author_hidden = fields.Boolean(required=True)
    name = fields.String(required=True, allow_none=True)
    is_pseudonym = fields.Boolean(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    stakeholder_group = fields.String(required=True)
    capacity = fields.String(required=True)
    is_email_confirmed = fields.Boolean(required=True)
    kind = fields.String(required=True)
    stance = fields.String(required=True)
    language = fields.String(required=True)
    is_late = fields.Boolean(required=True)
    paragraphs = fields.List(fields.Nested(TargetSchema), required=True)
    held_by = fields.String(required=True, metadata=_note("Code of the check that held it."))
    hold_reasons = fields.List(fields.Nested(HoldReasonSchema), required=True)
    body = fields.String(required=True, metadata=_note("Markdown, as typed."))


class CasePageSchema(Schema):
    items = fields.List(fields.Nested(CaseSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class NewDecisionSchema(RequestSchema):
    comment = Number(required=True, validate=validate.Range(1, MAX_ID))
    version = Number(
        required=True,
        validate=validate.Range(1, MAX_ID),
        metadata=_note("Of the comment, as the moderator read it."),
    )
    verdict = Text(required=True, validate=_one_of(*VERDICTS))
    reason = Text(
        load_default="",
        validate=validate.Length(max=4),
        metadata=_note("Code of the rule. Required to refuse, return and restrict."),
    )
    note = Text(
        load_default="",
        validate=validate.Length(max=MAX_NOTE_LENGTH),
        metadata=_note("For the author."),
    )
    facts = Text(
        load_default="",
        validate=validate.Length(max=MAX_NOTE_LENGTH),
        metadata=_note("On which the decision rests, for the statement of reasons."),
    )


class DecisionSchema(Schema):
    id = fields.Integer(required=True)
    comment = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata=_note("Of the comment after the decision."))
    verdict = fields.String(required=True, validate=_one_of(*VERDICTS))
    is_applied = fields.Boolean(
        required=True, metadata=_note("False while another moderator has to vote.")
    )
    state = fields.String(required=True, validate=_one_of(*PUBLIC_STATES))
    waits_for = fields.String(required=True, allow_none=True)
    decided_at = _time("", required=True)
    undo_until = _time(
        "Until then the decision can be undone at the desk.", required=True, allow_none=True
    )
