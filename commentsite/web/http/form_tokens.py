"""Signed form tokens for pages without a session.

A public page is the same for every reader and sets no cookie, so its forms cannot carry a session's CSRF token.
They carry a token signed by the site instead. It names the subject of the form and the second in which the form
was made. A token of one kind of form is invalid in another, because each kind signs with its own salt.
"""

import time
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import Field, Form, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from commentsite.web.context import runtime
from commentsite.web.http.comment_limits import is_form_used_up

MIN_COMMENT_AGE = 2.0  # seconds; a person needs longer to write a comment


@dataclass(frozen=True)
class FormSigner:
    """Sign and check the tokens of one kind of form.

    The salt and the payload are part of forms that are open in browsers, so a release must not change them.
    """

    salt: str
    max_age: float  # seconds

    def sign(self, subject: int | str) -> str:
        """Return a token for a form about this subject, valid from now."""
        return str(self._serializer().dumps(subject))

    def age(self, token: str, subject: int | str) -> float | None:
        """Return the age in seconds. None if the token is forged or belongs to another subject."""
        try:
            signed, made_at = self._serializer().loads(token, return_timestamp=True)
        except BadSignature:
            return None
        return time.time() - made_at.timestamp() if signed == subject else None

    def is_fresh(self, age: float) -> bool:
        """Return whether a form of this age is accepted. An age below zero comes from another clock."""
        return 0 <= age <= self.max_age

    def _serializer(self) -> URLSafeTimedSerializer:
        return _build_serializer(runtime().settings.secrets, self.salt)


@cache
def _build_serializer(secrets: tuple[str, ...], salt: str) -> URLSafeTimedSerializer:
    # The library signs with the last key and accepts all of them. Ours are listed newest first.
    return URLSafeTimedSerializer(list(reversed(secrets)), salt=salt)


COMMENT_FORM = FormSigner("comment-form", max_age=7 * 24 * 3600.0)  # about a letter, by its id
RECEIPT_FORM = FormSigner("receipt-form", max_age=2 * 3600.0)  # about a receipt, by a keyed hash
REPORT_FORM = FormSigner("report-form", max_age=24 * 3600.0)  # about a comment, by its id
INQUIRY_FORM = FormSigner("inquiry-form", max_age=24 * 3600.0)  # about a record, by its letter


class FormTokenField(CSRFTokenField):  # type: ignore[misc]  # WTForms is not typed
    """The hidden field of the token. It makes the token of the next form when that is rendered, if ever."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        Field.process(self, *args, **kwargs)

    @cached_property
    def age(self) -> float | None:
        """The age in seconds of the token that was sent. None if it is missing or belongs to another subject."""
        return COMMENT_FORM.age(self.data, self.csrf_impl.subject) if self.data else None

    @cached_property
    def current_token(self) -> str:
        """Return the token for the form on the page."""
        token: str = self.csrf_impl.generate_csrf_token(self)
        return token


class CommentFormCSRF(CSRF):  # type: ignore[misc]  # WTForms is not typed
    """Check the token of a comment form.

    `meta.csrf_context` is its subject: the id of the letter, or a name of a page that may have none yet.
    """

    field_class = FormTokenField
    subject: int | str

    def setup_form(self, form: Form) -> list[tuple[str, Field]]:
        self.subject = form.meta.csrf_context
        fields: list[tuple[str, Field]] = super().setup_form(form)
        return fields

    def generate_csrf_token(self, csrf_token_field: FormTokenField) -> str:
        """Return the token that was sent, unless it expires soon.

        A reader who corrects a mistake keeps the first token, so that the correction is never too fast.
        """
        sent, age = csrf_token_field.data, csrf_token_field.age
        if age is not None and age <= COMMENT_FORM.max_age / 2 and not self._is_used_up(sent):
            return str(sent)
        return COMMENT_FORM.sign(self.subject)

    def validate_csrf_token(self, form: Form, field: FormTokenField) -> None:
        """Refuse a token that is forged, too young or too old, with a sentence for the reader."""
        del form
        age = field.age
        if age is None or age > COMMENT_FORM.max_age:
            raise ValidationError(
                _("This form has been open for too long. Send it again. Your text is still here.")
            )
        if age < MIN_COMMENT_AGE:
            raise ValidationError(
                _(
                    "The comment was sent faster than a person can type. Send it again. Your text is still here."
                )
            )
        if self._is_used_up(field.data):
            raise ValidationError(
                _("This form has been used many times. Send it again. Your text is still here.")
            )

    def _is_used_up(self, token: str) -> bool:
        letter_id = self.subject if isinstance(self.subject, int) else 0
        return is_form_used_up(letter_id, token)


def sign_receipt_form(receipt: str) -> str:
    """Return the token for the forms of a private page. It does not reveal the receipt in its address."""
    return RECEIPT_FORM.sign(_receipt_subject(receipt))


def is_receipt_form_fresh(receipt: str) -> bool:
    """Return whether the form that was sent is recent. Answer 400 unless it belongs to this receipt."""
    age = RECEIPT_FORM.age(request.form.get("receipt_form", ""), _receipt_subject(receipt))
    if age is None:
        abort(400)
    return RECEIPT_FORM.is_fresh(age)


def check_receipt_form(receipt: str) -> None:
    """Answer 400 unless the form that was sent belongs to this receipt and is recent."""
    if not is_receipt_form_fresh(receipt):
        abort(400)


def check_report_form(comment_id: int) -> None:
    """Answer 400 unless the form that was sent is about this comment and is recent."""
    age = REPORT_FORM.age(request.form.get("report_form", ""), comment_id)
    if age is None or not REPORT_FORM.is_fresh(age):
        abort(400)


def _receipt_subject(receipt: str) -> str:
    return runtime().encryption.keyed_hash("receipt-form", receipt)[:16]
