"""A sender cannot evade the screening checks by editing a comment."""

from commentsite.comments.queries import get_comment
from tests.support.clients import edit_comment, fetch_case, fill_comment_form, submit_numbered
from tests.support.pages import held_reasons


def test_an_edited_comment_runs_through_the_same_checks(app, client, moderator):
    form = fill_comment_form(client, email="a@mailinator.com", body="Nothing in here but words.")
    receipt = client.post("/letters/hello/comments", data=form).headers["Location"]
    submit_numbered(client, number=2, body="The words of somebody else.")
    hidden = "The words of  SOMEBODY else.\nwww.a.example https://b.example"
    assert edit_comment(client, receipt, hidden).status_code == 303
    page = fetch_case(moderator, 1)
    for words in ("many links (2)", "disposable email address", "changed by its author"):
        assert words in held_reasons(page)
    assert "<mark>www.a.example</mark>" in page
    assert edit_comment(client, receipt, "The words of  SOMEBODY else.").status_code == 303
    line = held_reasons(fetch_case(moderator, 1))
    assert "the same text was sent before" in line
    assert "many links" not in line
    with app.app_context():
        assert get_comment(1).held_by_check == "repeat"


def test_an_edited_comment_is_held_to_the_limits_of_a_new_one(client):
    body = "𝒳" * 9_990
    form = fill_comment_form(client, body=f"{body}\r\n\r\nEnd")
    receipt = client.post("/letters/hello/comments", data=form).headers["Location"]
    assert edit_comment(client, receipt, f"{body}\r\n\r\n.End").status_code == 303
    for too_long in (body + "x" * 11, body + "𝒳" * 11):
        assert edit_comment(client, receipt, too_long).status_code == 422
        form = fill_comment_form(client, email="b@example.org", body=too_long)
        assert client.post("/letters/hello/comments", data=form).status_code == 422
