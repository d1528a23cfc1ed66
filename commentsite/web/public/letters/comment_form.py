"""The fields of the comment form, with their limits and a sentence for each mistake.

The form checks the shape of the input only. `comments.submit` checks it against the letter and earlier comments.
"""

from collections.abc import Iterable
from typing import Any, Final

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from commentsite.comments.sanitizer import MAX_BYTES, MAX_CHARACTERS
from commentsite.comments.states import CommentKind, QuoteConsent, Stance
from commentsite.comments.submission import Submission
from commentsite.letters.language_tags import normalise_public_language
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.text.plain_text import clean_line, clean_text
from commentsite.web.context import current_site
from commentsite.web.http.form_tokens import CommentFormCSRF
from commentsite.web.http.languages import current_language
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.default_texts import list_group_labels
from commentsite.web.rendering.i18n import format_number
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    CAPACITY_LABELS,
    COMMENT_KIND_LABELS,
    QUOTE_CONSENT_LABELS,
    STANCE_LABELS,
)
from commentsite.web.rendering.language_names import list_language_choices

STANCE_FIELD_PREFIX: Final = "stance-"  # followed by the id of the paragraph


def _build_choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class CommentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The comment form, for sending and for the preview."""

    class Meta:
        """Use a signed token, because readers have no session."""

        csrf = True
        csrf_class = CommentFormCSRF
        csrf_field_name = "form_token"

    body = TextAreaField(_l("Your comment"), [InputRequired(_l("Write your comment."))])
    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Enter a name. It may be a pseudonym.")),
            Length(max=80, message=_l("Shorten the name to at most 80 characters.")),
        ],
    )
    email = EmailField(
        _l("Email address"), [InputRequired(_l("Enter an email address. It is never shown."))]
    )
    stakeholder_group = SelectField(_l("Stakeholder group"), validate_choice=False)
    capacity = RadioField(
        _l("You write"),
        choices=_build_choices(CAPACITY_LABELS.items()),
        default="personal",
        validate_choice=False,
    )
    organisation = StringField(
        _l("Organisation"),
        [
            Length(
                max=120,
                message=_l("Shorten the name of the organisation to at most 120 characters."),
            )
        ],
    )
    quote_as = RadioField(
        _l("How may a summary of the comments refer to yours?"),
        choices=_build_choices(QUOTE_CONSENT_LABELS.items()),
        default=QuoteConsent.GROUP.value,  # a name that is chosen in advance would be no consent
        validate_choice=False,
    )
    language = SelectField(_l("Language of your comment"), validate_choice=False, default="")
    kind = RadioField(
        _l("What the comment is about"),
        choices=_build_choices(COMMENT_KIND_LABELS.items()),
        default="general",
        validate_choice=False,
    )
    paragraphs = SelectMultipleField(_l("Paragraphs"), validate_choice=False)
    stance = RadioField(
        _l("Your position"),
        choices=_build_choices(STANCE_LABELS.items()),
        default="none",
        validate_choice=False,
    )
    parent = HiddenField()
    is_pseudonym = BooleanField(_l("This is a pseudonym"), name="pseudonym")
    notify = BooleanField(_l("Email me about replies"))
    nickname = StringField(_l("Leave this empty"))
    has_no_paragraphs = False  # the reader took them out
    normalized_email = ""  # of a valid form

    def validate_body(self, field: TextAreaField) -> None:
        text = clean_text(field.data or "")
        if len(text) < 2:
            raise ValidationError(_("Write at least two characters."))
        if len(text) > MAX_CHARACTERS or len(text.encode()) > MAX_BYTES:
            raise ValidationError(
                _(
                    "Your comment has %(n)s characters. The limit is 10,000. Shorten it or send it in parts.",
                    n=format_number(len(text)),
                )
            )

    def validate_name(self, field: StringField) -> None:
        # InputRequired accepts a name of invisible characters.
        if not clean_line(field.data or ""):
            raise ValidationError(_("Enter a name. It may be a pseudonym."))

    def validate_email(self, field: EmailField) -> None:
        try:
            self.normalized_email = normalize_email(field.data or "")
        except InvalidEmail as error:
            raise ValidationError(_(error.message)) from None

    def validate_stakeholder_group(self, field: SelectField) -> None:
        if field.data not in current_site().offered_groups:
            raise ValidationError(
                _("Choose a stakeholder group. “Prefer not to say” is one of them.")
            )

    def validate_capacity(self, field: RadioField) -> None:
        _check_choice(field)
        if field.data == "on_behalf_of" and not clean_line(self.organisation.data or ""):
            raise ValidationError(
                _("Enter the organisation that you write for, or choose another capacity.")
            )

    def validate_language(self, field: SelectField) -> None:
        if field.data and not normalise_public_language(field.data):
            raise ValidationError(_("Choose a language from the list, or let it be detected."))

    def validate_quote_as(self, field: RadioField) -> None:
        _check_choice(field)

    def validate_kind(self, field: RadioField) -> None:
        _check_choice(field)
        if field.data == CommentKind.PARAGRAPH and not (
            self.paragraphs.data or self.paragraph_stances
        ):
            raise ValidationError(
                _("Choose the paragraphs that the comment is about, or “the letter as a whole”.")
            )

    def clear(self, name: str) -> None:
        """Take the paragraphs or the comment that is replied to out of the form. Other names change nothing."""
        if name == "parent":
            self.parent.data = ""
        elif name == "paragraphs":
            self.has_no_paragraphs, self.paragraphs.data = True, []
            if self.kind.data == CommentKind.PARAGRAPH:
                self.kind.data = CommentKind.GENERAL

    @property
    def paragraph_stances(self) -> dict[str, str]:
        """Return the positions that differ from "none", by paragraph id."""
        sent = request.form if self.is_submitted() and not self.has_no_paragraphs else {}
        start = len(STANCE_FIELD_PREFIX)
        # Every paragraph has a field of its own, so WTForms cannot declare them.
        stances = {  # an id has at most 12 characters
            name[start : start + 12]: sent[name]
            for name in sent
            if name.startswith(STANCE_FIELD_PREFIX)
        }
        return {pid: stance for pid, stance in stances.items() if stance != Stance.NONE}

    def validate_paragraphs(self, _field: SelectMultipleField) -> None:
        if not set(self.paragraph_stances.values()) <= STANCE_LABELS.keys():
            raise ValidationError(_("Choose one of the positions in the list."))

    def validate_stance(self, field: RadioField) -> None:
        _check_choice(field)

    def validate_parent(self, field: HiddenField) -> None:
        if field.data and parse_id(field.data) is None:
            raise ValidationError(_("The comment that you reply to is no longer on this page."))

    def to_submission(self, *, network_address: str, is_burst: bool) -> Submission:
        """Return the valid form as input for `prepare_submission`."""
        return Submission(
            name=self.name.data or "",
            email=self.normalized_email,
            stakeholder_group=self.stakeholder_group.data,
            organisation=self.organisation.data or "",
            capacity=self.capacity.data,
            body=self.body.data or "",
            kind=self.kind.data,
            paragraphs=tuple(self.paragraphs.data or ()),
            stance=self.stance.data,
            parent_id=int(self.parent.data) if self.parent.data else None,
            notify_of_replies=bool(self.notify.data),
            honeypot=self.nickname.data or "",
            form_age=self.form_token.age or 0.0,
            network_address=network_address,
            is_burst=is_burst,
            is_pseudonym=bool(self.is_pseudonym.data),
            quote_as=self.quote_as.data,
            language=normalise_public_language(self.language.data or ""),
            form_language=current_language(),
            paragraph_stances=self.paragraph_stances,
        )


def build_sent_form(subject: int | str) -> CommentForm:
    """Return the form about a letter, by its id, or about another subject, filled from the request."""
    return CommentForm(meta={"csrf_context": subject})


def build_empty_form(letter_id: int, pid: str = "") -> CommentForm:
    """Return the form about a letter without input. `pid` preselects a paragraph."""
    chosen = {"kind": CommentKind.PARAGRAPH.value, "paragraphs": [pid]} if pid else None
    return CommentForm(formdata=None, meta={"csrf_context": letter_id}, data=chosen)


def fill_choices(form: CommentForm) -> None:
    """Offer the stakeholder groups of the site, and languages. Only a form that is shown needs them."""
    form.stakeholder_group.choices = _build_group_choices()
    form.language.choices = list_comment_language_choices(form.language.data or "")


def list_comment_language_choices(chosen: str) -> list[SelectChoice]:
    """Return the choices of the language of a comment, by the own names of the languages."""
    valid = normalise_public_language(chosen)
    detect = SelectChoice(value="", label=_("Detect from the text"))
    return [detect, *list_language_choices(valid)]


def _build_group_choices() -> list[SelectChoice]:
    return _build_choices(
        [("", _l("Choose one")), *list_group_labels(current_site().offered_groups)]
    )


def _check_choice(field: RadioField) -> None:
    # Fields are built with validate_choice=False, because the sentence of WTForms names no remedy.
    if field.data not in {choice.value for choice in field.choices or ()}:
        raise ValidationError(_("Choose one of these."))
