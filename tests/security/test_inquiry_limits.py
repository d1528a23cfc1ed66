"""One network cannot flood a record with inquiries, and no other page can send one."""

import pytest

from commentsite.db.session import session
from commentsite.summaries.models import Inquiry
from tests.support.factories import make_app
from tests.support.records import ask_for_correction, store_record, store_version


@pytest.fixture
def limited(tmp_path, letter_database):
    """A site with limits and a published record."""
    app = make_app(tmp_path / "instance", letter_database)
    with app.app_context():
        store_version(store_record().id)
    return app


def test_a_network_that_sends_many_inquiries_waits_and_keeps_its_text(limited):
    client = limited.test_client()
    sent = [
        ask_for_correction(client, email=f"n{n}@x.example", body=f"Request {n}.").status_code
        for n in range(10)
    ]
    assert set(sent) == {303}
    refused = ask_for_correction(client, body="The eleventh request.")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "The eleventh request." in refused.text


def test_one_address_has_three_inquiries_that_wait(limited):
    client = limited.test_client()
    sent = [ask_for_correction(client, body=f"Request {n}.").status_code for n in range(4)]
    assert sent == [303, 303, 303, 409]


def test_a_page_of_another_site_sends_no_inquiry(limited):
    answer = ask_for_correction(limited.test_client(), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "is not what paragraph 3 says" in answer.text
    with limited.app_context():
        assert session().query(Inquiry).count() == 0
