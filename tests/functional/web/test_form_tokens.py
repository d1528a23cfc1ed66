"""Subject, lifetime and format of the signed tokens of forms without a session."""

import time

import pytest
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest

from commentsite.web.http.form_tokens import (
    COMMENT_FORM,
    INQUIRY_FORM,
    RECEIPT_FORM,
    REPORT_FORM,
    check_receipt_form,
    check_report_form,
    is_receipt_form_fresh,
    sign_receipt_form,
)
from tests.support.factories import make_app

SIGNERS = (COMMENT_FORM, RECEIPT_FORM, REPORT_FORM, INQUIRY_FORM)
HOUR = 3600


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the signatures, in seconds after now."""
    now = time.time()
    return lambda seconds: monkeypatch.setattr(time, "time", lambda: now + seconds)


def receipt_request(app, token):
    return app.test_request_context(method="POST", data={"receipt_form": token})


@pytest.mark.parametrize(
    ("salt", "signer"),
    [
        ("comment-form", COMMENT_FORM),
        ("receipt-form", RECEIPT_FORM),
        ("report-form", REPORT_FORM),
        ("inquiry-form", INQUIRY_FORM),
    ],
)
def test_a_form_that_is_open_during_an_upgrade_stays_valid(app, salt, signer):
    keys = list(reversed(app.extensions["commentsite"].settings.secrets))
    token = URLSafeTimedSerializer(keys, salt=salt).dumps(7)
    with app.app_context():
        assert signer.age(token, 7) is not None
        assert signer.sign(7).split(".")[0] == token.split(".")[0]


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_token_is_valid_for_its_form_and_its_subject_only(app, signer):
    with app.app_context():
        token = signer.sign(7)
        assert 0 <= signer.age(token, 7) < 2
        assert signer.age(token, 8) is None
        assert signer.age(token[:-1] + ("A" if token[-1] != "A" else "B") * 2, 7) is None
        assert signer.age("", 7) is None
        for other in SIGNERS:
            assert (other.age(token, 7) is None) == (other is not signer)


def test_a_token_outlives_a_new_secret_but_not_its_removal(tmp_path, template_database):
    old, new = "a-first-secret-of-a-site-" * 2, "the-next-secret-of-a-site-" * 2
    tokens = {}
    for secrets in (old, f"{new},{old}", new):
        app = make_app(tmp_path, template_database, SECRET_KEY=secrets)
        with app.app_context():
            tokens[secrets] = COMMENT_FORM.sign(7)
            assert (COMMENT_FORM.age(tokens[old], 7) is None) == (secrets == new)
    with app.app_context():
        assert COMMENT_FORM.age(tokens[f"{new},{old}"], 7) is not None


def test_an_expired_receipt_form_is_distinguished_from_a_forged_one(app, at):
    with app.app_context():
        token = sign_receipt_form("receipt")
    with receipt_request(app, token):
        assert is_receipt_form_fresh("receipt")
        at(3 * HOUR)
        assert not is_receipt_form_fresh("receipt")
        with pytest.raises(BadRequest):
            check_receipt_form("receipt")
        with pytest.raises(BadRequest):
            is_receipt_form_fresh("another receipt")
    with receipt_request(app, "forged"), pytest.raises(BadRequest):
        is_receipt_form_fresh("receipt")


def test_a_report_form_is_valid_for_a_day(app, at):
    with app.app_context():
        token = REPORT_FORM.sign(7)
    with app.test_request_context(method="POST", data={"report_form": token}):
        at(23 * HOUR)
        check_report_form(7)
        for seconds in (25 * HOUR, -10):
            at(seconds)
            with pytest.raises(BadRequest):
                check_report_form(7)
