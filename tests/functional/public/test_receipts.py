"""A commenter's private page."""

import re

from tests.support.clients import receipt_token, submit


def test_an_edit_form_sent_empty_stays_empty(client):
    receipt = submit(client).headers["Location"]
    page = client.get(receipt).text
    signed = receipt_token(page)
    answer = client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": ""})
    assert answer.status_code == 422
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert area[1].strip() == ""
