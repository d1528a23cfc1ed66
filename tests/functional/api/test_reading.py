"""Programs read letters and comments without an account."""

import pytest

from tests.support.api import COMMENTS, HELLO, LETTERS
from tests.support.clients import decide, post_form, publish
from tests.support.factories import mark_published, publish_sample_letter, store_numbered_comment


@pytest.fixture
def commented(app):
    """The site with five published comments, of two groups."""
    with app.app_context():
        for number in range(1, 6):
            group = "GOV" if number > 3 else "CIV"
            comment = store_numbered_comment(app, number, stakeholder_group=group)
            mark_published(comment.id)
    return app


def read_all(client, address):
    """Return the items of all pages."""
    items, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{address}&cursor={cursor}").get_json()
        items += page["items"]
        cursor = page["next"]
    return items


def test_lists_come_in_pages_until_next_is_null(commented):
    client = commented.test_client()
    with commented.app_context():
        for number in range(3):
            publish_sample_letter(f"letter-{number}")
    oldest = read_all(client, f"{COMMENTS}?limit=2")
    assert [item["body"] for item in oldest] == [f"Text number {n}" for n in range(1, 6)]
    newest = read_all(client, f"{COMMENTS}?limit=2&sort=newest")
    assert newest == oldest[::-1]
    letters = read_all(client, f"{LETTERS}?limit=3")
    assert [item["slug"] for item in letters] == ["letter-2", "letter-1", "letter-0", "hello"]
    assert client.get(f"{LETTERS}?topic=none").get_json() == {"items": [], "next": None}


def test_a_letter_has_its_text_and_figures_for_each_group(commented):
    letter = commented.test_client().get(HELLO).get_json()
    assert letter["authors"][0]["name"] == "Amina Author"
    paragraphs = [block for block in letter["blocks"] if block["id"]]
    assert [block["label"] for block in paragraphs] == ["1", "2", "3"]
    assert letter["comments_by_group"] == {"CIV": 3, "GOV": 2}
    assert 5 not in letter.values()  # the sum of both groups
    assert "text" not in letter


def test_an_unchanged_answer_is_304_and_a_new_comment_changes_it(commented):
    client = commented.test_client()
    addresses = (LETTERS, HELLO, COMMENTS, "/api/v1/comments/1", "/api/v1/", "/api/v1/openapi.json")
    etags = {address: client.get(address).headers["ETag"] for address in addresses}
    for address, etag in etags.items():
        answer = client.get(address, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.data) == (304, b""), address
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert client.head(address).status_code == 200
    with commented.app_context():
        mark_published(store_numbered_comment(commented, 9).id)
    for address in (LETTERS, HELLO, COMMENTS):
        assert client.get(address, headers={"If-None-Match": etags[address]}).status_code == 200


def test_a_comment_that_was_taken_down_keeps_its_place_without_its_text(commented, moderator):
    client = commented.test_client()
    decide(moderator, 2, "restrict", reason="R5")
    decide(moderator, 3, "spam")
    items = client.get(COMMENTS).get_json()["items"]
    assert [item["state"] for item in items] == ["published", "restricted", "restricted"] + ["published"] * 2  # fmt: skip
    removed = client.get("/api/v1/comments/2").get_json()
    assert removed == items[1]
    assert {removed[name] for name in ("name", "body", "body_html", "stakeholder_group")} == {None}
    assert removed["paragraphs"] == []


def test_a_waiting_comment_and_a_draft_are_not_there(app, client):
    with app.app_context():
        waiting = store_numbered_comment(app, 1)
    assert client.get(f"/api/v1/comments/{waiting.id}").status_code == 404
    assert client.get(COMMENTS).get_json()["items"] == []
    assert client.get(f"{LETTERS}/nothing").status_code == 404


def test_old_addresses_redirect_and_a_withdrawn_letter_says_why(app, client, editor):
    page = "/desk/letters/hello/publish"
    post_form(editor, f"{page}/rename", page, slug="good-morning")
    for path in ("", "/comments"):
        answer = client.get(f"{HELLO}{path}")
        assert answer.status_code == 301
        assert answer.headers["Location"].endswith(f"/api/v1/letters/good-morning{path}")
    page = "/desk/letters/good-morning/publish"
    post_form(editor, f"{page}/withdraw", page, reason="Its author asked for it.")
    gone = client.get(f"{LETTERS}/good-morning")
    assert gone.status_code == 410
    assert gone.get_json()["reason"] == "Its author asked for it."
    assert client.get(f"{LETTERS}/good-morning/comments").status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/", 404),
        ("GET", "/api/v1/letters/a%00b", 400),
        ("DELETE", HELLO, 405),
        ("POST", COMMENTS, 415),
        ("GET", f"{LETTERS}?limit=0", 422),
        ("GET", f"{LETTERS}?cursor=MQ", 422),
        ("GET", f"{COMMENTS}?sort=loudest", 422),
        ("GET", "/api/v1/comments/99999999999", 404),
    ],
)
def test_every_error_is_a_problem_with_a_sentence(client, method, address, status):
    answer = client.open(address, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_the_documentation_needs_no_script_and_names_every_address(client):
    page = client.get("/api/v1/").text
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    for path, item in document["paths"].items():
        for method in {"get", "post", "patch"} & item.keys():
            assert f"{method.upper()} {path}" in page
    assert "http://" not in page.replace("http://127.0.0.1:8000", "")
    assert 'href="/api/v1/"' in client.get("/").text


def test_scripts_of_other_sites_may_read_but_not_send(client):
    allowed = client.options(HELLO, headers={"Origin": "https://elsewhere.example"})
    assert allowed.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    sent = client.post(COMMENTS, json={}, headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in sent.headers


def test_publishing_at_the_desk_shows_in_the_api(app, client, moderator):
    with app.app_context():
        store_numbered_comment(app, 1)
    publish(moderator, 1)
    assert client.get("/api/v1/comments/1").get_json()["body"] == "Text number 1"
