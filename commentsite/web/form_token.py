"""A form token without a session: signed, naming the letter and when the form was made.

Public pages stay the same for every reader, and yet a form cannot be sent blindly.
"""

import time

from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import Field, Form, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from commentsite.web.identity import runtime

YOUNGEST = 2.0  # seconds
OLDEST = 7 * 24 * 3600.0


class FormTokenCSRF(CSRF):  # type: ignore[misc]  # WTForms is not typed
    """Check the token of a comment form; `meta.csrf_context` is the letter's id."""

    letter_id: int

    def setup_form(self, form: Form) -> list[tuple[str, Field]]:
        """Remember which letter the form is for."""
        self.letter_id = form.meta.csrf_context
        fields: list[tuple[str, Field]] = super().setup_form(form)
        return fields

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """Return the token that was sent while it is valid, so that mending a mistake is never too fast."""
        sent = csrf_token_field.data
        seconds = age(sent, self.letter_id) if sent else None
        if seconds is not None and seconds <= OLDEST / 2:
            return str(sent)
        return new_token(self.letter_id)

    def validate_csrf_token(self, form: Form, field: CSRFTokenField) -> None:
        """Refuse what is forged, too young or too old, in words."""
        del form
        seconds = age(field.data or "", self.letter_id)
        if seconds is None or seconds > OLDEST:
            raise ValidationError(
                _(
                    "This form has been open for too long. Send it again; everything you wrote is still here."
                )
            )
        if seconds < YOUNGEST:
            raise ValidationError(
                _(
                    "That was faster than anybody types. Send it again; everything you wrote is still here."
                )
            )


def new_token(letter_id: int) -> str:
    """Return a token for a form that is made now."""
    return _serializer().dumps(letter_id)


def age(token: str, letter_id: int) -> float | None:
    """Return how many seconds ago the form for this letter was made; None for a token that is not ours."""
    try:
        named, made = _serializer().loads(token, return_timestamp=True)
    except BadSignature:
        return None
    return time.time() - made.timestamp() if named == letter_id else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(runtime().settings.secrets)), salt="comment-form")
