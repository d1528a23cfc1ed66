"""A signed token for the forms of a private page, bound to its address: there is no session."""

from flask import abort, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from commentsite.web.identity import runtime

FORM_SECONDS = 2 * 3600


def signed(token: str) -> str:
    """Return what a form of the page with this token carries."""
    return str(_serializer().dumps(runtime().vault.keyed_hash("receipt-form", token)[:16]))


def check_form(token: str) -> None:
    """Answer 400 unless the form that was sent is of this page, and not too old."""
    try:
        named = _serializer().loads(request.form.get("receipt_form", ""), max_age=FORM_SECONDS)
    except BadSignature:
        abort(400)
    if named != runtime().vault.keyed_hash("receipt-form", token)[:16]:
        abort(400)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(runtime().settings.secrets)), salt="receipt-form")
