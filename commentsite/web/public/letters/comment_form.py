"""The comment form: its fields, its limits, and a sentence for each mistake."""

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_babel import gettext as _
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

from commentsite.comments.sanitizer import MAX_BYTES, MAX_CHARACTERS, clean_line, clean_text
from commentsite.comments.submission import Submission
from commentsite.web.context import current_site
from commentsite.web.http.form_tokens import COMMENT_FORM, CommentFormCSRF
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.labels import CAPACITIES, KINDS, STANCES


def _choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class CommentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What a reader fills in; the same object serves sending and preview."""

    class Meta:
        """Sign the form without a session."""

        csrf = True
        csrf_class = CommentFormCSRF
        csrf_field_name = "form_token"

    body = TextAreaField(_l("Your comment"), [InputRequired(_l("Write your comment."))])
    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Enter a name. It may be a pseudonym.")),
            Length(max=80, message=_l("A name has at most 80 characters.")),
        ],
    )
    email = EmailField(
        _l("Email address"), [InputRequired(_l("Enter an email address. It is never shown."))]
    )
    stakeholder_group = SelectField(_l("Stakeholder group"), validate_choice=False)
    capacity = RadioField(
        _l("You write"),
        choices=_choices(CAPACITIES.items()),
        default="personal",
        validate_choice=False,
    )
    organisation = StringField(
        _l("Organisation"),
        [Length(max=120, message=_l("The name of an organisation has at most 120 characters."))],
    )
    kind = RadioField(
        _l("It speaks to"),
        choices=_choices(KINDS.items()),
        default="general",
        validate_choice=False,
    )
    paragraphs = SelectMultipleField(_l("Paragraphs"), validate_choice=False)
    stance = RadioField(
        _l("Its position"), choices=_choices(STANCES.items()), default="none", validate_choice=False
    )
    parent = HiddenField()
    is_pseudonym = BooleanField(_l("This is a pseudonym"), name="pseudonym")
    notify = BooleanField(_l("Write to me when someone answers"))
    nickname = StringField(_l("Leave this empty"))

    def validate_body(self, field: TextAreaField) -> None:
        """Hold the text to its limits, in characters and in bytes."""
        text = clean_text(field.data or "")
        if len(text) < 2:
            raise ValidationError(_("Write your comment: at least two characters."))
        if len(text) > MAX_CHARACTERS or len(text.encode()) > MAX_BYTES:
            raise ValidationError(
                _(
                    "A comment has at most 10,000 characters; yours has %(n)s. Shorten it, or send it in parts.",
                    n=f"{len(text):,}",
                )
            )

    def validate_name(self, field: StringField) -> None:
        """Refuse a name of invisible characters only."""
        if not clean_line(field.data or ""):
            raise ValidationError(_("Enter a name. It may be a pseudonym."))

    def validate_email(self, field: EmailField) -> None:
        """Check the form of the address, without asking the network."""
        text = (field.data or "").strip()
        sentence = _("Enter an email address like name@example.org.")
        if len(text) > 254 or not text.isprintable():
            raise ValidationError(sentence)
        try:
            # Before the @, letters that few mail servers take: a message could not be delivered.
            validate_email(
                text, check_deliverability=False, test_environment=True, allow_smtputf8=False
            )
        except EmailNotValidError:
            raise ValidationError(sentence) from None

    def validate_stakeholder_group(self, field: SelectField) -> None:
        """Take only the site's codes."""
        if field.data not in {choice.value for choice in field.choices if choice.value}:
            raise ValidationError(
                _("Choose a stakeholder group. “Prefer not to say” is one of them.")
            )

    def validate_capacity(self, field: RadioField) -> None:
        """Ask for the organisation where somebody speaks for one."""
        _check_choice(field)
        if field.data == "on_behalf_of" and not clean_line(self.organisation.data or ""):
            raise ValidationError(
                _("Name the organisation you write for, or choose another way to write.")
            )

    def validate_kind(self, field: RadioField) -> None:
        """Ask for paragraphs where a comment speaks to some."""
        _check_choice(field)
        if field.data == "paragraph" and not (self.paragraphs.data or self.own_stances):
            raise ValidationError(
                _("Choose the paragraphs it speaks to, or “the letter as a whole”.")
            )

    @property
    def own_stances(self) -> dict[str, str]:
        """Return the positions on single paragraphs, by paragraph: fields named `stance-` and its id."""
        sent = request.form if self.is_submitted() else {}
        named = {name[7:19]: sent[name] for name in sent if name.startswith("stance-")}
        return {pid: stance for pid, stance in named.items() if stance != "none"}

    def validate_paragraphs(self, _field: SelectMultipleField) -> None:
        """Take only the positions there are, on single paragraphs too."""
        if not set(self.own_stances.values()) <= STANCES.keys():
            raise ValidationError(_("Choose one of the positions there are."))

    def validate_stance(self, field: RadioField) -> None:
        """Take only the positions there are."""
        _check_choice(field)

    def validate_parent(self, field: HiddenField) -> None:
        """Take only a number."""
        if field.data and parse_id(field.data) is None:
            raise ValidationError(_("The comment you answer is not on this page any more."))

    def submission(
        self, *, letter_id: int, address: str, is_burst: bool, ask_outside: bool
    ) -> Submission:
        """Return what was typed, for the room of comments."""
        return Submission(
            name=self.name.data or "",
            email=_one_spelling(self.email.data or ""),
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
            form_age=COMMENT_FORM.age(self.form_token.data or "", letter_id) or 0.0,
            network_address=address,
            is_burst=is_burst,
            is_pseudonym=bool(self.is_pseudonym.data),
            paragraph_stances=self.own_stances,
            has_external_check=ask_outside,
        )


def _one_spelling(email: str) -> str:
    """Return an address as it is always written: a host in another script has two spellings."""
    return validate_email(
        email.strip(), check_deliverability=False, test_environment=True
    ).normalized


def comment_form(letter_id: int) -> CommentForm:
    """Return the form for one letter, filled with what was sent."""
    form = CommentForm(meta={"csrf_context": letter_id})
    form.stakeholder_group.choices = _groups()
    return form


def empty_form(letter_id: int, on: str = "") -> CommentForm:
    """Return the form as nobody has filled it in yet, for a comment on one paragraph where asked."""
    chosen = {"kind": "paragraph", "paragraphs": [on]} if on else None
    form = CommentForm(formdata=None, meta={"csrf_context": letter_id}, data=chosen)
    form.stakeholder_group.choices = _groups()
    return form


def _groups() -> list[SelectChoice]:
    return _choices([("", _("Choose one")), *current_site().offered_groups.items()])


def _check_choice(field: RadioField) -> None:
    if field.data not in {choice.value for choice in field.choices or ()}:
        raise ValidationError(_("Choose one of these."))
