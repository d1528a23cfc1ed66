"""A signed token for the forms of a private page, bound to its address: there is no session."""

from flask import abort, request
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from commentsite.web.identity import runtime

FORM_SECONDS = 2 * 3600


def signed(token: str) -> str:
    """Return what a form of the page with this token carries."""
    return str(_serializer().dumps(runtime().vault.keyed_hash("receipt-form", token)[:16]))


def check_form(token: str) -> None:
    """Answer 400 unless the form that was sent is of this page, and not too old."""
    if not is_fresh(token):
        abort(400)


def is_fresh(token: str) -> bool:
    """Say whether the form that was sent is not too old. Answers 400 unless it is of this page."""
    sent, too_old = request.form.get("receipt_form", ""), False
    try:
        named = _serializer().loads(sent, max_age=FORM_SECONDS)
    except SignatureExpired as late:
        too_old, named = True, _serializer().load_payload(late.payload or b"")
    except BadSignature:
        abort(400)
    if named != runtime().vault.keyed_hash("receipt-form", token)[:16]:
        abort(400)
    return not too_old


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(runtime().settings.secrets)), salt="receipt-form")
