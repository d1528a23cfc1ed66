"""Pages are sent without the indentation of their templates, and with every space that a reader typed."""

from tests.support.clients import fill_comment_form


def test_a_page_holds_no_indentation_of_its_templates(client):
    page = client.get("/letters/hello").text
    assert not [line for line in page.splitlines() if line.startswith((" ", "\t"))]


def test_spaces_at_the_start_of_a_typed_line_come_back_with_the_form(client):
    body = "Two points:\n\n    first, with four spaces\n\n\tsecond, with a tab"
    form = fill_comment_form(client, body=body, name="")
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 422
    assert body in answer.text.replace("\r\n", "\n")
