"""The PDF of a letter: it says what the page says, in every script, and no request waits long for it."""

import fcntl
import io
import itertools
import re
from datetime import timedelta
from pathlib import Path

from pypdf import PdfReader
from pypdf.generic import IndirectObject

from commentsite import clock
from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.web.public.letters import pdf
from commentsite.worker.tasks import run_pass
from tests.support.clients import (
    decide,
    post_receipt_form,
    publish,
    submit,
    submit_and_identify,
    submit_for_receipt,
)
from tests.support.factories import mark_published, publish_draft, store_numbered_comment
from tests.support.pdf import (
    count_words,
    fetch_pdf,
    read_page,
    read_with_pdftotext,
    read_with_pypdf,
    without_system_fonts,
)
from tests.support.servers import wait_until

PAGE_NUMBER = re.compile(r"\b\d+ ?/ ?\d+\b")
SOURCE = """Dear all

The first paragraph names [the rules](/rules), [a page](rules), [another host](//host.example/a)
and <https://example.org/report>.

17. The seventeenth point.
18. The eighteenth point.

| Year | Letters |
|------|---------|
| 2025 | 12      |
| 2026 | 14      |

### A section of the letter

> A quotation that stands in the letter.

- an item
- another item

A paragraph with a note.[^1]

[^1]: The words of the note.

With regards
"""
CHINESE = "各位同事\n\n这封信是关于公民隐私的，我们希望听到委员会的答复。\n"


def publish_text(app, slug, source, language="en"):
    draft = LetterDraft(
        title=source.split("\n", 1)[0],
        slug=slug,
        language=language,
        source_text=source,
        authors=(AuthorDraft("Amina Author", "CIV", "delegate", "Open Networks"),),
        licence="CC BY 4.0",
        topics=("records",),
        permission=PermissionDraft("Amina Author"),
    )
    with app.app_context(), transaction():
        publish_draft(draft)


def read_pdf(client, path="/letters/hello/letter.pdf"):
    return read_with_pypdf(fetch_pdf(client, path).data)


def submit_published(client, moderator, number, slug="hello", **changes):
    given = {"email": f"n{number}@example.org", "name": f"Reader {number}"} | changes
    receipt, comment_id = submit_and_identify(client, slug, **given)
    publish(moderator, comment_id)
    return receipt, comment_id


def test_the_pdf_says_word_for_word_what_the_page_says(app, client, moderator):
    publish_text(app, "full", SOURCE)
    say = {"slug": "full"}
    _, first = submit_published(
        client,
        moderator,
        1,
        **say,
        body="The first comment.\n\n- with\n- a list\n\n3. three\n4. four",
    )
    _, reply = submit_published(
        client, moderator, 2, **say, parent=str(first), body="A first answer."
    )
    _, third = submit_published(
        client, moderator, 3, **say, parent=str(reply), body="A second answer."
    )
    submit_published(
        client, moderator, 4, **say, parent=str(third), body="An answer below the third."
    )
    _, removed = submit_published(
        client, moderator, 5, **say, name="Vera Vanished", body="Gone words."
    )
    submit_published(
        client, moderator, 6, **say, parent=str(removed), body="In reply to gone words."
    )
    withdrawn, gone = submit_published(
        client, moderator, 7, **say, name="Will Withdrew", body="Taken back."
    )
    submit_published(
        client, moderator, 8, **say, parent=str(gone), body="In reply to words taken back."
    )
    for number in range(9, 19):  # more than a page leaves unfolded
        submit_published(
            client, moderator, number, **say, parent=str(first), body=f"Answer {number}."
        )
    shared = "The very same long text that a campaign sends, word for word, about the rules of this place."
    for number in range(20, 23):
        submit_published(client, moderator, number, **say, body=shared, stakeholder_group="TEC")
    submit_published(
        client, moderator, 30, **say, body="نعم، أوافق على الاستمارة كلها.", name="أحمد علي"
    )
    decide(moderator, removed, "restrict", reason="R2")
    post_receipt_form(client, withdrawn, "withdraw")
    page, answer = client.get("/letters/full").text, fetch_pdf(client, "/letters/full/letter.pdf")
    wanted = count_words(read_page(page))
    for notice in ("Removed under rule", "Withdrawn by its author", "2 more people sent this text"):
        assert notice in " ".join(read_page(page).split())
    for read in (read_with_pypdf, read_with_pdftotext):
        text = read(answer.data)
        found = count_words(PAGE_NUMBER.sub("", text))
        assert {word: n for word, n in wanted.items() if found.get(word, 0) < n} == {}
        assert set(found) - set(wanted) == set()
        assert "Vera" not in text
        assert "Will Withdrew" not in text
        assert "Gone words." not in text.replace("In reply to gone words.", "")
    assert "17. The seventeenth point. 18. The eighteenth point." in read_with_pypdf(answer.data)


def walk_tags(data):
    """Yield each element of the structure tree with its language, in the order of reading."""
    stack = [(PdfReader(io.BytesIO(data)).trailer["/Root"]["/StructTreeRoot"], "")]
    while stack:
        element, language = stack.pop()
        element = element.get_object() if isinstance(element, IndirectObject) else element
        if not hasattr(element, "get"):
            continue
        language = str(element.get("/Lang", language))
        if "/S" in element:
            yield element["/S"], language, element
        children = element.get("/K", [])
        children = children.get_object() if isinstance(children, IndirectObject) else children
        children = children if isinstance(children, list) else [children]
        stack.extend((child, language) for child in reversed(children))


def test_the_pdf_is_tagged_for_screen_readers(app, client, moderator):
    publish_text(app, "tagged", SOURCE + "\nفقرة عربية تقف وحدها هنا. {lang=ar}\n")
    submit_published(client, moderator, 1, slug="tagged", body="这很好。")
    data = fetch_pdf(client, "/letters/tagged/letter.pdf").data
    reader = PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Dear all"
    assert reader.metadata.author == "Amina Author"
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    tags = [(tag, language) for tag, language, _ in walk_tags(data)]
    levels = [int(tag[2]) for tag, _ in tags if re.fullmatch("/H[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for tag in ("/L", "/LI", "/Table", "/TH", "/TD", "/Link", "/P"):
        assert tag in {name for name, _ in tags}
    assert {"ar", "zh"} <= {language for _, language in tags}
    assert not [e for tag, _, e in walk_tags(data) if tag == "/Figure" and not e.get("/Alt")]


def list_targets(data):
    for page in PdfReader(io.BytesIO(data)).pages:
        for note in page.get("/Annots", []):
            action = note.get_object().get("/A")
            if action and "/URI" in action:
                yield str(action["/URI"])


def test_links_lead_to_the_site_and_never_to_a_file(app, client):
    publish_text(app, "linked", SOURCE)
    data = fetch_pdf(client, "/letters/linked/letter.pdf").data
    targets = list(list_targets(data))
    assert "http://127.0.0.1:8000/rules" in targets
    assert "http://127.0.0.1:8000/letters/rules" in targets
    assert "https://example.org/report" in targets
    assert all(re.match("https?://|mailto:", target) for target in targets)
    assert not any("host.example" in target for target in targets)
    assert "another host" in read_with_pypdf(data)
    assert b"file:" not in data
    assert str(Path.cwd()).encode() not in data
    assert str(app.static_folder).encode() not in data


def test_a_removed_comment_is_gone_from_the_next_pdf_and_from_the_disk(app, client, moderator):
    _, comment_id = submit_published(client, moderator, 1, body="These words will go away.")
    assert "These words will go away." in read_pdf(client)
    folder = app.extensions["commentsite"].settings.instance / "pdf"
    before = set(folder.glob("*.pdf"))
    assert before
    decide(moderator, comment_id, "restrict", reason="R2")
    assert "These words will go away." not in read_pdf(client)
    run_pass(app)
    assert not before & set(folder.glob("*.pdf"))
    assert len(list(folder.glob("*.pdf"))) == 1
    assert folder.stat().st_mode & 0o077 == 0


def test_the_query_string_makes_no_other_pdf(app, client):
    first = fetch_pdf(client, "/letters/hello/letter.pdf")
    second = client.get("/letters/hello/letter.pdf?1=2&page=3")
    assert second.status_code == 200
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]
    folder = app.extensions["commentsite"].settings.instance / "pdf"
    assert len(list(folder.glob("*.pdf"))) == 1
    unchanged = client.get(
        "/letters/hello/letter.pdf", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert unchanged.status_code == 304


def hold_slots(app, *names):
    """Take slots as rendering processes do, each with the name of the PDF that it draws."""
    folder = app.extensions["commentsite"].settings.instance / "pdf"
    folder.mkdir(exist_ok=True)
    held = []
    for number, name in enumerate(names, 1):
        slot = (folder / f"slot-{number}").open("w")
        slot.write(name)
        slot.flush()
        fcntl.flock(slot, fcntl.LOCK_EX)
        held.append(slot)
    return held


def test_a_request_beyond_the_slots_is_asked_to_come_back(app, client):
    held = hold_slots(app, "one", "two")
    answer = client.get("/letters/hello/letter.pdf")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'http-equiv="refresh"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.get("/letters/hello").status_code == 200
    for slot in held:
        slot.close()
    assert fetch_pdf(client, "/letters/hello/letter.pdf").mimetype == "application/pdf"


def test_a_second_request_joins_the_drawing_that_runs(app, client):
    fetch_pdf(client, "/letters/hello/letter.pdf")
    folder = app.extensions["commentsite"].settings.instance / "pdf"
    [file] = folder.glob("*.pdf")
    file.unlink()
    [slot] = hold_slots(app, file.stem)
    answer = client.get("/letters/hello/letter.pdf")
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "5")
    assert "The PDF is being made." in answer.text
    assert not list(folder.glob("*.attempt"))  # no second process was started
    slot.close()
    assert fetch_pdf(client, "/letters/hello/letter.pdf").mimetype == "application/pdf"


def test_a_drawing_that_fails_is_said_so_and_tried_again_later(app, client):
    fetch_pdf(client, "/letters/hello/letter.pdf")
    [file] = (app.extensions["commentsite"].settings.instance / "pdf").glob("*.pdf")
    wait_until(lambda: not file.with_suffix(".attempt").exists())
    file.rename(file.with_suffix(".attempt"))  # begun and never completed
    answer = client.get("/letters/hello/letter.pdf")
    assert answer.status_code == 503
    assert "print the page from your browser" in answer.text
    assert 'http-equiv="refresh"' not in answer.text
    with clock.freeze_at(clock.now() + timedelta(minutes=11)):
        assert fetch_pdf(client, "/letters/hello/letter.pdf").mimetype == "application/pdf"


def test_a_letter_with_more_comments_than_fit_says_where_the_others_are(app, client, monkeypatch):
    monkeypatch.setattr(pdf, "MAX_COMMENTS", 3)
    with app.app_context():
        for number in range(1, 6):
            mark_published(store_numbered_comment(app, number).id)
    text = read_pdf(client)
    assert text.startswith("This PDF holds the 3 oldest comments.")
    assert "http://127.0.0.1:8000/letters/hello" in text
    assert "Text number 3" in text
    assert "Text number 4" not in text


def test_the_pdf_names_the_scripts_that_it_cannot_show(app, client, tmp_path, log_lines):
    publish_text(app, "zh", CHINESE, "zh")
    with without_system_fonts(tmp_path):
        text = read_pdf(client, "/letters/zh/letter.pdf")
        assert "the site has no font for: Chinese" in text
        assert "Japanese" not in text
        assert "lacks a font for: Chinese" in log_lines()
        assert "no font" not in read_pdf(client)


def test_comments_of_right_to_left_scripts_are_set_from_the_right(client, moderator):
    submit(client, body="RFC 9162 يقول إن الأمر مختلف تماما عن ذلك")
    publish(moderator)
    page = client.get("/letters/hello").text
    assert re.search(r'class="comment-text text-body" dir="rtl">', page)
    assert re.search(r'class="comment-text[^"]*"[^>]*dir="auto"', page) is None
    assert "RFC 9162 يقول إن الأمر مختلف تماما عن ذلك" in read_pdf(client)
    assert submit_for_receipt(client, body="这很好。", email="b@example.org")
    publish(moderator, 2)
    assert (
        'class="comment-text text-body" lang="zh" dir="ltr">' in client.get("/letters/hello").text
    )
