"""Each form with an email address takes it as people paste it."""

import pytest

from tests.support.clients import fetch_csrf_token, fill_comment_form, post_form
from tests.support.factories import PASSWORD, add_staff_member
from tests.support.smtp import read_mail

PASTED = "\u200e\u00a0{}\u200f\ufeff"
NO_SUPPORT = "Only letters from a to z, digits and signs"


@pytest.mark.parametrize("domain", ["example.org", "bücher.example"])
def test_a_comment_is_sent_with_a_pasted_address(app, client, domain):
    address = PASTED.format(f"ada@{domain}")
    form = fill_comment_form(client, email=address)
    assert client.post("/letters/hello/comments", data=form).status_code == 303
    read_mail(app)
    sent = {
        path.name for path in (app.extensions["commentsite"].settings.instance / "mail").iterdir()
    }
    assert sent
    again = client.post("/letters/hello/comments", data=form | {"email": f"ADA@{domain}"})
    assert again.status_code == 409


def test_a_local_part_outside_ascii_is_refused_with_the_reason(client, steward, editor):
    form = fill_comment_form(client, email="zoë@example.org")
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 422
    assert NO_SUPPORT in answer.text
    invited = post_form(steward, "/desk/people/", email="zoë@example.org", role="editor")
    assert invited.status_code == 422
    assert NO_SUPPORT in invited.text
    page = "/desk/letters/hello/record"
    added = post_form(editor, "/desk/letters/hello/author-addresses", page, email="zoë@example.org")
    assert NO_SUPPORT in added.text


def test_staff_sign_in_and_are_invited_with_pasted_addresses(app, steward):
    add_staff_member(app, "moderator", "mona@xn--bcher-kva.example", "Mona Moderator")
    for address in (PASTED.format("mona@bücher.example"), "mona@xn--bcher-kva.example"):
        client = app.test_client()
        token = fetch_csrf_token(client, "/account/login")
        form = {"email": address, "password": PASSWORD, "csrf_token": token}
        assert client.post("/account/login", data=form).status_code in {302, 303}
        assert client.get("/desk/").status_code == 200
    invited = post_form(
        steward, "/desk/people/", email=PASTED.format("new@bücher.example"), role="editor"
    )
    assert invited.status_code == 303
    assert "new@bücher.example" in steward.get("/desk/people/").text
