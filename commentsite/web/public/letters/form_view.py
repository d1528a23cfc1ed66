"""The fields of the comment form, as a cached fragment while they are empty."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

from flask import request, url_for
from markupsafe import Markup

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_public_comment
from commentsite.comments.sanitizer import render_comment_html
from commentsite.comments.states import (
    CommentKind,
    CommentState,
    QuoteConsent,
    Stance,
)
from commentsite.comments.threads.queries import CommentRow, TargetRow
from commentsite.errors import NotFound
from commentsite.letters.language_tags import normalise_public_language
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import BlockRow
from commentsite.text.plain_text import clean_line
from commentsite.web.caching.fragments import Fragment, cached_fragment, load_macro
from commentsite.web.context import current_site
from commentsite.web.http.form_tokens import COMMENT_FORM
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.comment_form import (
    CommentForm,
    build_empty_form,
    fill_choices,
)
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import STANCE_LABELS

WORDS_LENGTH = 60  # of the first words of a paragraph, in characters


@dataclass(frozen=True)
class FormError:
    """A mistake in the form, with the id of the element that the error summary links to."""

    element_id: str
    message: str


@dataclass(frozen=True)
class ParagraphChoice:
    """A paragraph that the comment can be about, and the reader's own position on it."""

    pid: str
    label: str
    words: str  # the first of its text
    is_chosen: bool
    stance: str


@dataclass(frozen=True)
class FormAddresses:
    """Where the preview of a form goes, and where a reply is cancelled."""

    preview: str
    cancel: str


@dataclass(frozen=True)
class CommentFormView:
    """The comment form as the template prints it."""

    form: CommentForm
    letter: Letter
    paragraphs: tuple[ParagraphChoice, ...]
    parent: Comment | None  # the comment that is replied to
    preview: CommentRow | None = None  # the comment as it would be published
    quote_consent: str = (
        ""  # how a record of positions may refer to it, as a sentence of the preview
    )
    error_heading: str = ""
    errors: tuple[FormError, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)  # of the paragraphs, by id
    has_text: bool = False  # the reader has written something that could be lost
    # Optional parts of the form, open where they contain a choice or a mistake:
    has_author_details: bool = False
    has_subject: bool = False
    addresses: FormAddresses | None = None  # None: those of the page of the letter

    @property
    def preview_url(self) -> str:
        """The address that shows the preview."""
        if self.addresses:
            return self.addresses.preview
        return url_for("comments.preview", slug=self.letter.slug)

    @property
    def cancel_url(self) -> str:
        """The address of the form without the comment that it replies to."""
        if self.addresses:
            return self.addresses.cancel
        return url_for("letters.show", slug=self.letter.slug, _anchor="leave")


def render_form_fields(  # noqa: PLR0913  # the parts of a form
    letter: Letter,
    blocks: Sequence[BlockRow],
    form: CommentForm | None,
    *,
    problem: str = "",
    preview: bool = False,
    addresses: FormAddresses | None = None,
    subject: int | str = 0,
) -> tuple[str, Markup]:
    """Return the form's token and the HTML of its fields, filled as the reader sent them or empty.

    The token is separate because it is new on each page, and the fields of an empty form are cached. `subject` is that
    of the token, by default the letter.
    """
    macro = load_macro("components/comment_form.html", "comment_form_fields")
    parent = _find_parent(letter, form)
    if form is not None:
        view = build_form_view(form, letter, blocks, parent=parent, problem=problem)
        view = replace(view, addresses=addresses)
        if preview:
            view = replace(
                view,
                preview=build_preview(form, letter),
                quote_consent=_describe_quote_consent(form.quote_as.data),
            )
        return str(form.form_token.current_token), macro(view)
    wanted = request.args.get("on", "")
    paragraph = wanted if any(wanted == block.pid for block in blocks if block.number) else ""

    def render_empty() -> Fragment:
        form = build_empty_form(letter.id, paragraph)
        view = build_form_view(form, letter, blocks, parent=parent)
        return Fragment(macro(replace(view, addresses=addresses)))

    token = COMMENT_FORM.sign(subject or letter.id)
    if paragraph or parent or not letter.id:
        # One form for each paragraph, each comment and each page elsewhere would fill the cache, and few are read twice.
        return token, render_empty().html
    labels = tuple((b.pid, b.label) for b in blocks if b.label)
    key = ("comment form", letter.id, letter.slug, labels, addresses)
    return token, cached_fragment(key, render_empty).html


def build_preview(form: CommentForm, letter: Letter) -> CommentRow:
    """Return the comment in the form as it would be published now. It may have mistakes."""
    pids = dict.fromkeys([*(form.paragraphs.data or ()), *form.paragraph_stances])
    return CommentRow(
        id=0,
        parent_id=None,
        root_id=None,
        state=CommentState.PUBLISHED,
        letter_version=letter.version_number,
        name=clean_line(form.name.data or "") or _("Your name"),
        is_pseudonym=bool(form.is_pseudonym.data),
        author_role="",
        has_organisation_domain=False,
        delegation_verified_at=None,
        email_confirmed_at=None,
        stakeholder_group=form.stakeholder_group.data
        if form.stakeholder_group.data in current_site().groups
        else "",
        organisation=clean_line(form.organisation.data or ""),
        capacity=form.capacity.data or "personal",
        kind=form.kind.data or CommentKind.GENERAL,
        stance=form.stance.data if form.stance.data in STANCE_LABELS else Stance.NONE,
        language=normalise_public_language(form.language.data or ""),
        is_late=False,
        body_html=render_comment_html(form.body.data or ""),
        campaign_id=None,
        representative_id=None,
        changed_at=clock.now(),
        edited_at=None,
        published_at=clock.now(),
        targets=tuple(
            TargetRow(pid, stance if stance in STANCE_LABELS else Stance.NONE)
            for pid in pids
            for stance in [form.paragraph_stances.get(pid, Stance.NONE)]
        ),
    )


def build_form_view(
    form: CommentForm,
    letter: Letter,
    blocks: Sequence[BlockRow],
    *,
    parent: Comment | None,
    problem: str = "",
) -> CommentFormView:
    """Return the form as the template prints it. `problem` is a sentence that concerns no single field."""
    fill_choices(form)
    chosen, stances = set(form.paragraphs.data or ()), form.paragraph_stances
    errors = tuple(FormError(_find_element(name), found[0]) for name, found in form.errors.items())
    return CommentFormView(
        form=form,
        letter=letter,
        paragraphs=tuple(
            ParagraphChoice(
                b.pid,
                b.label,
                shorten(b.text, WORDS_LENGTH, placeholder="…"),
                b.pid in chosen,
                stances.get(b.pid, Stance.NONE),
            )
            for b in blocks
            if b.label and b.pid
        ),
        parent=parent,
        labels={b.pid: b.label for b in blocks if b.label and b.pid},
        error_heading=problem or _count_errors(len(errors)),
        errors=errors,
        has_text=any(field.data for field in (form.body, form.name, form.email, form.organisation)),
        has_author_details=bool(
            form.organisation.data
            or form.capacity.data not in {None, "personal"}
            or form.language.data
            or form.capacity.errors
            or form.language.errors
            or form.organisation.errors
        ),
        has_subject=bool(
            chosen
            or stances
            or form.kind.data not in {None, CommentKind.GENERAL}
            or form.stance.data not in {None, Stance.NONE}
            or form.kind.errors
            or form.paragraphs.errors
            or form.stance.errors
        ),
    )


def _describe_quote_consent(choice: str | None) -> str:
    sentences = {
        "name": _("A summary of the comments may quote it with your name."),
        "group": _(
            "A summary of the comments may quote it with your stakeholder group, but without your name."
        ),
        "count": _("A summary of the comments only counts it."),
    }
    return str(sentences.get(choice or QuoteConsent.GROUP, ""))


def _count_errors(count: int) -> str:
    if not count:
        return ""
    return str(
        ngettext(
            "There is %(num)d problem. Correct it, then send the comment.",
            "There are %(num)d problems. Correct them, then send the comment.",
            count,
        )
    )


def _find_element(field: str) -> str:
    # The token and the parent are hidden fields, so their mistakes point to the heading of the form.
    return "leave-h" if field in {"form_token", "parent"} else field


def _find_parent(letter: Letter, form: CommentForm | None) -> Comment | None:
    """Return the published comment that the reader wants to reply to, if there is one."""
    wanted = (form.parent.data or "") if form else request.args.get("reply_to", "")
    comment_id = parse_id(wanted)
    if comment_id is None:
        return None
    try:
        comment = get_public_comment(letter.slug, comment_id)
    except NotFound:
        return None
    return comment if comment.state == CommentState.PUBLISHED else None
