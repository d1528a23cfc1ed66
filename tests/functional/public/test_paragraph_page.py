"""The page of one paragraph and the comments on it."""

import re

from tests.support.clients import publish, submit


def letter_paragraph_ids(client):
    return re.findall(r'class="para" id="(p-\w+)"', client.get("/letters/hello").text)


def test_a_comment_on_two_paragraphs_is_shown_at_both_and_counted_once(client, moderator):
    first, second, third = letter_paragraph_ids(client)
    submit(
        client,
        kind="paragraph",
        paragraphs=[first, third],
        body="On the first and the third.",
    )
    publish(moderator)
    page = client.get("/letters/hello").text
    assert "1 comment</h2>" in page
    for pid, n in ((first, 1), (third, 1), (second, 0)):
        beside = client.get(f"/letters/hello/paragraphs/{pid}")
        assert beside.status_code == 200
        assert beside.text.count("On the first and the third.") == n
        assert (f'href="/letters/hello/paragraphs/{pid}"' in page) == bool(n)


def test_an_unknown_paragraph_is_not_found(client):
    assert client.get("/letters/hello/paragraphs/p-none").status_code == 404
    assert client.get("/letters/nowhere/paragraphs/p-none").status_code == 404


def test_a_waiting_comment_is_not_shown_beside_its_paragraph(client):
    first = letter_paragraph_ids(client)[0]
    submit(client, kind="paragraph", paragraphs=first, body="Not read yet.")
    assert "Not read yet." not in client.get(f"/letters/hello/paragraphs/{first}").text
