"""Small promises of the public pages, each broken once."""

import re

import pytest

from commentsite.accounts.permissions import READER
from commentsite.comments.afterwards import confirm_email, erase_comment
from commentsite.comments.queries import comment_for_update
from commentsite.db import transaction
from commentsite.errors import Conflict


def test_a_page_of_letters_beyond_the_last_is_the_last(client):
    page = client.get("/letters/?page=99").get_data(as_text=True)
    assert "Hello" in page
    assert "Page 99" not in page


def test_a_change_emptied_by_its_author_stays_empty(client, later):
    receipt = client.post("/letters/hello/comments", data=later.form(client)).headers["Location"]
    page = client.get(receipt).get_data(as_text=True)
    signed = re.search(r'name="receipt_form" value="([^"]+)"', page)[1]
    answer = client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": ""})
    assert answer.status_code == 422
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.get_data(as_text=True), re.DOTALL)
    assert area[1].strip() == ""


def test_an_erased_comment_takes_no_confirmation(app, client, later):
    client.post("/letters/hello/comments", data=later.form(client))
    with app.app_context():
        with transaction():
            erase_comment(comment_for_update(1), by=READER)
        with pytest.raises(Conflict), transaction():
            confirm_email(comment_for_update(1), by=READER)
