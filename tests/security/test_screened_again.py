"""Screening against those who know how screening is got around; named after the row it comes from."""

import re

from commentsite.comments.queries import comment_by_id
from tests.functional.test_what_the_screening_points_out import case, held_line, send


def receipt_edit(client, receipt, body):
    page = client.get(receipt).get_data(as_text=True)
    signed = re.search(r'name="receipt_form" value="([^"]+)"', page)[1]
    return client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": body})


def test_v19_changed_words_pass_the_same_table_and_keep_how_they_were_sent(
    app, client, later, moderator
):
    form = later.form(client, email="a@mailinator.com", body="Nothing in here but words.")
    receipt = client.post("/letters/hello/comments", data=form).headers["Location"]
    send(client, later, n=2, body="The words of somebody else.")
    hidden = "The words of  SOMEBODY else.\nwww.a.example https://b.example"
    assert receipt_edit(client, receipt, hidden).status_code == 303
    page = case(moderator, 1)
    for words in ("many links (2)", "throw-away address", "changed by its author"):
        assert words in held_line(page)
    assert "<mark>www.a.example</mark>" in page
    assert receipt_edit(client, receipt, "The words of  SOMEBODY else.").status_code == 303
    line = held_line(case(moderator, 1))
    assert "the same words were sent before" in line
    assert "many links" not in line
    with app.app_context():
        assert comment_by_id(1).held_by == "repeat"


def test_v19_changed_words_are_held_to_the_limits_of_new_ones(client, later):
    body = "𝒳" * 9_990
    form = later.form(client, body=f"{body}\r\n\r\nEnd")
    receipt = client.post("/letters/hello/comments", data=form).headers["Location"]
    assert receipt_edit(client, receipt, f"{body}\r\n\r\n.End").status_code == 303
    for too_long in (body + "x" * 11, body + "𝒳" * 11):
        assert receipt_edit(client, receipt, too_long).status_code == 422
        form = later.form(client, email="b@example.org", body=too_long)
        assert client.post("/letters/hello/comments", data=form).status_code == 422
