"""Malformed input gets an error page, and costs no more than ordinary input."""

import io

import docx
import pytest

from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.letters.citations.references import find_references
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.mail_headers import is_mail
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.text.paragraph_ids import match_paragraphs
from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.text.diff import diff_words
from commentsite.web.http.metrics_registry import PAGES
from tests.support.clients import fetch_page, publish, sign_in, submit
from tests.support.factories import add_staff_member
from tests.support.letter_editing import (
    act_on_letter,
    import_file,
    make_publishable,
    post_letter_form,
    save_text,
)
from tests.support.limits import limited_cpu
from tests.support.pdf import fetch_pdf

HUGE = "9" * 30


@pytest.mark.parametrize(
    "address",
    [
        "/oembed?url=http://[",
        f"/letters/hello/comments/{HUGE}",
        f"/letters/hello/versions/{HUGE}",
        f"/letters/hello/changes/{HUGE}/1",
        "/letters/%00",
        "/letters/%00/cite/ris",
        "/documents/%00",
        "/oembed?url=http://127.0.0.1:8000/letters/%00",
        f"/letters/?page={HUGE}",
        f"/letters/hello?page={HUGE}&reply_to={HUGE}",
        "/search?q=%00",
        "/letters/?year=²",
        f"/unsubscribe/{HUGE}/x",
    ],
)
def test_readers_get_a_page_whatever_the_address(any_app, address):
    client = any_app.test_client()
    assert client.get(address).status_code < 500


def test_a_parent_beyond_any_number_is_a_mistake_in_words(any_app):
    client = any_app.test_client()
    answer = submit(client, parent="999999999999999")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/desk/letters/a-record/record", {"record_version": "²", "language": "en"}),
        ("/desk/letters/a-record/record", {"record_version": "9" * 5000, "language": "en"}),
        (
            "/desk/letters/a-record/record",
            {"record_version": "1", "language": "en-abcdefgh-abcdefgh"},
        ),
        (
            "/desk/letters/a-record/record",
            {"record_version": "1", "language": "en", "occasion": "a\0b"},
        ),
        ("/desk/letters/a-record/edit", {"revision": "²", "title": "a\0b", "source_text": "x\0y"}),
        (
            "/desk/letters/a-record/permission",
            {"given_by": "a\0b", "scopes": "publish", "how": "email"},
        ),
    ],
)
def test_editors_get_a_page_whatever_they_send(editor, address, fields):
    import_file(editor)
    assert post_letter_form(editor, address, **fields).status_code < 500


@pytest.mark.parametrize(
    "content",
    [
        b"---\na: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\ntitle: [*b,*b]\n---\ntext",
        b"---\ntitle: T\ndate_written: 2018-13-45\n---\ntext",
        b"---\ntitle: " + b"[" * 3000 + b"\n---\ntext",
        b"---\ntitle: " + b"1" * 5000 + b"\n---\ntext",
        b'---\ntitle: "a\\ud800b"\n---\ntext here, enough of it.',
        b'---\ntitle: "a\\0b"\n---\ntext here, enough of it.',
        b"---\ntitle: T\nlanguage: en-aaaaaaaa-bbbbbbbb-cccccccc\n---\ntext",
        b"---\ntitle: T\npermission: " + b"x" * 600 + b"\n---\ntext",
    ],
)
def test_odd_front_matter_is_refused_or_taken_but_never_an_accident(editor, content):
    assert import_file(editor, "odd.md", content).status_code in {303, 422}


@pytest.mark.parametrize(
    "html", ["<div>" * 3000, "<blockquote>" * 3000, "<p>x</p><ol start='²'><li>a</li></ol>"]
)
def test_odd_pages_are_refused_or_taken(editor, html):
    answer = import_file(editor, "odd.html", f"<h1>Title</h1><p>Words.</p>{html}".encode())
    assert answer.status_code in {303, 422}


def test_a_word_file_with_a_torn_stream_is_not_a_word_file():
    out = io.BytesIO()
    docx.Document().save(out)
    content = bytearray(out.getvalue())
    at = content.find(b"word/document.xml") + 60
    content[at : at + 40] = b"\xff" * 40
    with pytest.raises(UnreadableFile):
        read_word_document(bytes(content))


@pytest.mark.parametrize(
    "work",
    [
        lambda: find_references("para 1" + " " * 5000 + "x of the thing."),
        lambda: find_references("para 1, " * 20_000),
        lambda: diff_words("a b " * 1500, "b a c " * 1000),
        lambda: read_letter_file(
            "a.html", b"<title>" * 300 + b"</title><p>Words.</p><p>More.</p>", "T"
        ),
        lambda: read_letter_file("a.html", b"<a href=#b id=a>1</a><p id=b>x</p>" * 4000, "T"),
        lambda: read_letter_file("a.txt", b"T\n\n" + b"> a\n1. b-\nc\n" * 6_000),
        lambda: read_letter_file("a.md", b"---\n" * 100_000 + b"# T\n\nWords.", "T"),
        lambda: is_mail("From: a\nTo: b\n" * 50_000),
        lambda: parse_blocks("::: signoff\n" * 20_000),
        lambda: match_paragraphs(
            [(f"p-{n}", f"paragraph number {n} of many, all alike") for n in range(3000)],
            [f"paragraph number {n} of many, all much alike" for n in range(3000)],
        ),
    ],
)
def test_text_made_to_be_slow_is_not(work):
    with limited_cpu():
        work()


def test_an_unknown_query_makes_no_other_page(client):
    client.get("/letters/hello")
    drawn = PAGES.labels("drawn")._value
    before = drawn.get()
    for n in range(5):
        assert client.get(f"/letters/hello?x={n}").status_code == 200
    assert drawn.get() == before
    client.get("/letters/hello?sort=newest")
    assert drawn.get() == before + 1


def test_a_long_chain_of_answers_can_be_printed(app, client, moderator):
    submit(client)
    publish(moderator)
    with app.app_context(), transaction():
        first = session().get(Comment, 1)
        names = [
            c.key for c in Comment.__mapper__.column_attrs if c.key not in {"id", "receipt_hash"}
        ]
        for n in range(2, 402):
            values = {name: getattr(first, name) for name in names}
            values |= {"parent_id": n - 1, "root_id": 1, "receipt_hash": str(n), "id": n}
            values["repetition"] = n  # the same text under the same address
            session().add(Comment(**values))
            session().flush()
    assert fetch_pdf(client, "/letters/hello/letter.pdf").status_code == 200
    assert client.get("/letters/hello").status_code == 200


def test_a_corrected_title_is_corrected_on_its_neighbours_pages(client, editor):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    assert "A record" in fetch_page(client, "/letters/hello")
    save_text(editor, 0, "Other words of this letter, enough of them.", title="Another title")
    act_on_letter(editor, "correct", change="editorial", note="The title was wrong.")
    page = fetch_page(client, "/letters/hello")
    assert "A record" not in page
    assert "Another title" in page


def test_a_withdrawn_letter_says_nothing_of_its_words_to_machines(client, editor):
    import_file(
        editor,
        content=b"---\ntitle: A record\nstandfirst: Secret by now\n---\nWords, enough of them to stand.",
    )
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    act_on_letter(editor, "withdraw", reason="Because.")
    assert "Secret by now" not in client.get("/letters/a-record").text
    assert client.get("/oembed?url=http://127.0.0.1:8000/letters/a-record").status_code == 404


def test_a_title_with_controls_breaks_no_feed(client, editor):
    import feedparser  # noqa: PLC0415

    import_file(
        editor,
        content=b'---\ntitle: "Bad\\x0b\\x08title"\nslug: bad\n---\nWords, enough of them to stand.',
    )
    make_publishable(editor, "bad")
    act_on_letter(editor, "publish-now", "bad")
    feed = feedparser.parse(client.get("/feed.atom").data)
    assert not feed.bozo
    assert feed.entries[0].title == "Badtitle"


def test_an_ambiguous_query_poisons_no_page_for_others(client, moderator):
    for n, words in enumerate(("FIRSTWORDS", "SECONDWORDS"), 1):
        submit(client, body=words, email=f"{n}@example.org")
        publish(moderator, n)
    client.get("/letters/hello?page=1%26sort%3Dnewest")
    page = client.get("/letters/hello?page=1&sort=newest").text
    thread = page.partition('id="comments"')[2]
    assert thread.index("SECONDWORDS") < thread.index("FIRSTWORDS")


def test_strangers_send_no_large_files_to_the_desk(client):
    sent = {"file": (io.BytesIO(b"x" * 5_000_000), "a.md")}
    answer = client.post("/desk/letters/new", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_stewards_and_editors_who_paste_controls_get_a_page(any_app):

    add_staff_member(any_app, "steward", "st@staff.example", "Sada Steward")
    steward = sign_in(any_app, "st@staff.example")
    page = fetch_page(steward, "/desk/settings/")
    version = page.partition('name="version" value="')[2].partition('"')[0]
    sent = {
        "version": version, "title": "A\0B", "tagline": "x\0", "contact": "c\0", "answer_hours": "24",
        "hold_links": "2", "banned_words": "w\0", "email_confirmation": "off",
        "groups": "UND prefer\0 not to say",
    }  # fmt: skip
    assert post_letter_form(steward, "/desk/settings/", **sent).status_code in {303, 422}
    answer = act_on_letter(steward, "supersede", "hello", superseded_by="a\0b")
    assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/en/search", "/fr/search", "/search", "/none", "/desk/"])
def test_bytes_beyond_ascii_in_a_query_string_are_read_as_escaped(client, address):
    for query in ("q=\xff", "q=\xc3\xa9"):
        answer = client.get(address, environ_overrides={"QUERY_STRING": query})
        assert answer.status_code in {200, 301, 303, 404}
    assert 'value="é"' in answer.text or answer.status_code != 200
