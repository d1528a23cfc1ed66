"""Stewards see every email with sample data, and send themselves one."""

import re

import pytest

from commentsite.web.desk.admin.email_samples import SAMPLES
from tests.support.clients import add_and_sign_in, csrf_token
from tests.support.factories import update_site_settings
from tests.support.smtp import read_mail, text_of

BASE = "/desk/messages/preview"
ADDRESS = "steward@staff.example"


@pytest.fixture
def steward(app):
    return add_and_sign_in(app, "steward", ADDRESS, "Stew Ard")


def test_every_email_is_listed_and_shown_with_both_parts(app, steward):
    update_site_settings(app, title="Letters of the Lake", contact="editors@lake.example")
    assert f"{BASE}/" in steward.get("/desk/settings/email/").text
    listed = re.findall(rf'href="({BASE}/[^"/]+)"', steward.get(f"{BASE}/").text)
    assert len(listed) == len(SAMPLES)
    for address in listed:
        page = steward.get(address)
        assert page.status_code == 200
        assert "Letters of the Lake &lt;comments@" in page.text
        assert "editors@lake.example" in page.text
        part = steward.get(f"{address}/html")
        policy = part.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src-attr 'unsafe-inline';")
        assert "sandbox" in policy
        assert part.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "Letters of the Lake" in part.text
    assert steward.get(f"{BASE}/none").status_code == 404


def test_a_steward_sends_a_sample_to_the_own_address(app, steward):
    token = csrf_token(steward.get(f"{BASE}/comment-refused").text)
    answer = steward.post(f"{BASE}/comment-refused/send", data={"csrf_token": token})
    assert answer.status_code == 303
    assert ADDRESS in steward.get(answer.headers["Location"]).text
    [message] = read_mail(app, ADDRESS)
    assert message["Subject"].startswith("Your comment on “On the cost of a quiet room” was not")
    assert "telephone number" in text_of(message)
