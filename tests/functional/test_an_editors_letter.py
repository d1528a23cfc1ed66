"""An editor's letter over HTTP: written, allowed, published, corrected, renamed, withdrawn."""

import io
import re
import zipfile
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from commentsite import clock
from tests.conftest import add_person, sign_in
from tests.integration.test_letters_as_records import PARAGRAPHS, SOURCE, word_file


@pytest.fixture
def editor(app):
    add_person(app, "editor", "ed@staff.example", "Edda Editor")
    return sign_in(app, "ed@staff.example")


def page_of(client, address):
    return client.get(address).get_data(as_text=True)


def token(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def send(client, address, *, files=None, json=False, **fields):
    page = page_of(client, address.replace("/replace", "/edit").replace("/discard", "/edit"))
    sent = {"csrf_token": token(page)} | fields | (files or {})
    headers = {"Accept": "application/json"} if json else {}
    return client.post(address, data=sent, content_type="multipart/form-data", headers=headers)


def take_in(editor, name="record.md", content=None):
    content = content if content is not None else f"# A record\n\n{SOURCE}".encode()
    return send(editor, "/desk/letters/new", files={"file": (io.BytesIO(content), name)})


def allow(editor, slug="a-record"):
    return send(
        editor,
        f"/desk/letters/{slug}/permission",
        given_by="The author",
        scopes="publish",
        how="email",
    )


def do(editor, act, slug="a-record", **fields):
    return send(editor, f"/desk/letters/{slug}/publish", act=act, **fields)


def write(editor, revision, text, *, slug="a-record", intent="save", title="A record", json=False):
    return send(
        editor, f"/desk/letters/{slug}/edit", revision=str(revision), title=title, standfirst="",
        editors_note="", source_text=text, intent=intent, json=json,
    )  # fmt: skip


def test_a_letter_goes_the_whole_way(client, editor):
    answer = take_in(editor)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/letters/a-record/edit")
    refused = do(editor, "publish")
    assert refused.status_code == 422
    assert "permission" in refused.get_data(as_text=True)
    assert client.get("/letters/a-record").status_code == 404
    assert allow(editor).status_code == 303
    assert do(editor, "publish").status_code == 303
    page = page_of(client, "/letters/a-record")
    assert "Published with the permission of" in page
    assert '/documents/WSIS-05/TUNIS/DOC/6(Rev.1)-E"' in page

    assert write(editor, 0, SOURCE.replace("rain", "snow")).status_code == 303
    assert "snow" not in page_of(client, "/letters/a-record")
    assert do(editor, "correct", change="editorial", note="The weather.").status_code == 303
    page = page_of(client, "/letters/a-record")
    assert "snow" in page
    assert "The weather." in page
    assert "rain" in page_of(client, "/letters/a-record/versions/1")
    compared = page_of(client, "/letters/a-record/changes/1/2")
    assert "<del>rain</del><ins>snow</ins>" in compared
    assert compared.count("<ins>") == 2  # the other one tells how to read it


def test_an_old_address_leads_to_the_new_one_everywhere(client, editor, later):
    take_in(editor)
    allow(editor)
    do(editor, "publish")
    form = later.form(client, slug="a-record")
    page = page_of(editor, "/desk/letters/a-record/publish")
    editor.post(
        "/desk/letters/a-record/publish",
        data={"csrf_token": token(page), "act": "rename", "slug": "The Record"},
    )
    for rest in ("", "/versions/1", "/feed.atom"):
        answer = client.get(f"/letters/a-record{rest}")
        assert (answer.status_code, answer.headers["Location"]) == (
            301,
            f"/letters/the-record{rest}",
        )
    assert client.post("/letters/a-record/comments", data=form).status_code == 303
    assert client.get("/letters/the-record").status_code == 200


def test_a_withdrawn_letter_leaves_its_reason_and_its_comments(client, editor, later):
    take_in(editor)
    allow(editor)
    do(editor, "publish")
    client.post("/letters/a-record/comments", data=later.form(client, slug="a-record"))
    case = page_of(editor, "/desk/moderation/1")
    editor.post(
        "/desk/moderation/decisions",
        data={"comment": "1@1", "verdict": "publish", "csrf_token": token(case)},
    )
    assert do(editor, "withdraw", reason="").status_code == 422
    assert do(editor, "withdraw", reason="At its author’s wish.").status_code == 303
    answer = client.get("/letters/a-record")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 410
    assert "At its author’s wish." in page
    assert "I read it twice" in page
    assert PARAGRAPHS[0][:30] not in page
    assert client.get("/letters/a-record/versions/1").status_code == 404
    assert "a-record" not in page_of(client, "/feed.atom")


def test_comments_remember_the_version_they_were_written_on(client, editor, later, moderator):
    take_in(editor)
    allow(editor)
    do(editor, "publish")
    pid = re.search(r'id="(p-\w+)" lang', page_of(client, "/letters/a-record"))[1]
    client.post(
        "/letters/a-record/comments",
        data=later.form(client, slug="a-record", kind="paragraph", paragraphs=pid),
    )
    case = page_of(moderator, "/desk/moderation/1")
    moderator.post(
        "/desk/moderation/decisions",
        data={"comment": "1@1", "verdict": "publish", "csrf_token": token(case)},
    )
    assert "written on version" not in page_of(client, "/letters/a-record")
    write(editor, 0, "\n\n".join(PARAGRAPHS[1:]))
    do(editor, "correct", change="substantive", note="The first paragraph was another’s.")
    page = page_of(client, "/letters/a-record")
    assert "written on version 1" in page
    assert f'/letters/a-record/versions/1#{pid}">paragraph 1 of version 1' in page


def test_two_editors_lose_no_words(app, client, editor):
    add_person(app, "editor", "bo@staff.example", "Bo Second")
    other = sign_in(app, "bo@staff.example")
    take_in(editor)
    answer = write(editor, 0, SOURCE + "Edda wrote this.", json=True)
    assert answer.json["revision"] == 1
    answer = write(other, 0, SOURCE + "Bo wrote that.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Edda Editor is editing since" in page
    assert "Bo wrote that." in page
    assert "Edda wrote this." in page
    assert write(other, 1, SOURCE + "Bo wrote that.", intent="take_over").status_code == 303
    answer = write(editor, 1, SOURCE + "Edda goes on.", json=True)
    assert answer.status_code == 409
    assert "Bo Second is editing since" in answer.json["problem"]
    assert "Bo wrote that." in page_of(editor, "/desk/letters/a-record/edit")


def test_the_preview_is_drawn_as_readers_see_it_and_stores_nothing(editor):
    take_in(editor)
    page = write(
        editor, 0, "One *paragraph* only, with a [link](javascript:alert(1)).", intent="preview"
    )
    assert "<em>paragraph</em>" in page.get_data(as_text=True)
    assert 'href="javascript' not in page.get_data(as_text=True)
    assert "One *paragraph*" not in page_of(editor, "/desk/letters/a-record/edit")


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", b"\0" * 80_000_000)
    return out.getvalue()


def laughs():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("big.md", b"# T\n\n" + b"word " * 600_000, 422, "2000 kB"),
        ("huge.txt", b"x" * 13_000_000, 413, "too large"),
        ("bomb.docx", bomb(), 422, "not a Word file"),
        ("laughs.docx", laughs(), 422, "not a Word file"),
        ("torn.docx", word_file(PARAGRAPHS)[:4000], 422, "not a Word file"),
        ("renamed.docx", b"plain words", 422, "not a Word file"),
        ("picture.md", b"\x89PNG\r\n\x1a\n\0\0\0", 422, "not text in UTF-8"),
        ("front.md", b"---\n: [\n---\ntext", 422, "not YAML"),
        ("unknown.md", b"---\ntitel: x\n---\ntext", 422, "unknown names: titel"),
        ("empty.txt", b" \n ", 422, "is empty"),
        ("program.exe", b"MZ", 422, "cannot be read here"),
        ("when.md", b"---\ntitle: T\ndate_written: soon\n---\ntext", 422, "not a date"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_a_sentence_and_changes_nothing(editor, name, content, status, says):
    before = page_of(editor, "/desk/letters/").count('<th scope="row">')
    answer = take_in(editor, name, content)
    assert answer.status_code == status
    assert says in answer.get_data(as_text=True)
    assert page_of(editor, "/desk/letters/").count('<th scope="row">') == before == 1


def test_a_page_full_of_scripts_is_taken_in_without_them(client, editor):
    html = (
        b"<html><head><title>From anchors</title><script>alert(1)</script></head><body><nav>Menu</nav>"
        b"<h1>A page</h1><p onclick='x()'>First <b>words</b> of it, and a <a href='https://a.example/b'>link</a>, "
        b"<a href='javascript:alert(2)'>trap</a>.</p><h2>Part</h2><blockquote><p>Quoted here.</p></blockquote>"
        b"<ul><li>one</li><li>two</li></ul><img src=x onerror=alert(3)><svg onload=alert(4)></svg></body></html>"
    )
    assert take_in(editor, "page.html", html).headers["Location"] == "/desk/letters/a-page/edit"
    allow(editor, "a-page")
    do(editor, "publish", "a-page")
    page = (
        page_of(client, "/letters/a-page")
        .partition('id="about-h"')[0]
        .partition('class="prose"')[2]
    )
    for part in (
        "<strong>words</strong>",
        "https://a.example/b",
        "<h2>Part</h2>",
        "<blockquote>",
        "<li>one</li>",
    ):
        assert part in page
    for part in ("alert", "onclick", "onerror", "<svg", "<img", "Menu", "javascript"):
        assert part not in page


def test_a_word_file_keeps_headings_lists_quotations_links_and_footnotes(editor, client):
    import docx  # noqa: PLC0415
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415
    from docx.oxml import parse_xml  # noqa: PLC0415

    document = docx.Document()
    document.add_heading("From Word", 0)
    document.add_paragraph("An opening paragraph with some ").add_run("bold").bold = True
    document.add_heading("A part", 1)
    for item in ("first", "second"):
        document.add_paragraph(item, style="List Bullet")
    document.add_paragraph("What was said aloud.", style="Quote")
    linked = document.add_paragraph("See ")
    number = linked.part.relate_to(
        "https://example.org/x", RELATIONSHIP_TYPE.HYPERLINK, is_external=True
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    link = f'<w:hyperlink xmlns:w="{space}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="{number}"><w:r><w:t>there</w:t></w:r></w:hyperlink>'
    linked._p.append(parse_xml(link))
    out = io.BytesIO()
    document.save(out)
    content = with_footnote(out.getvalue(), space)
    answer = take_in(editor, "word.docx", content)
    assert answer.status_code == 303
    allow(editor, "from-word")
    do(editor, "publish", "from-word")
    page = page_of(client, "/letters/from-word")
    for part in (
        "<strong>bold</strong>",
        "<h2>A part</h2>",
        "<li>first</li>",
        "<blockquote>",
        'href="https://example.org/x"',
        'id="fnref1"',
        'id="fn1"',
        "The note itself.",
    ):
        assert part in page, part


def with_footnote(content, space):
    """Put one footnote into a Word file, since its writer cannot."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                mark = b'<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
                data = data.replace(b"</w:p>", mark, 2).replace(mark, b"</w:p>", 1)
            elif name == "word/_rels/document.xml.rels":
                relation = b'<Relationship Id="rIdF" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>'
                data = data.replace(b"</Relationships>", relation)
            elif name == "[Content_Types].xml":
                part = b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>'
                data = data.replace(b"</Types>", part)
            new.writestr(name, data)
        notes = f'<w:footnotes xmlns:w="{space}"><w:footnote w:id="2"><w:p><w:r><w:t>The note itself.</w:t></w:r></w:p></w:footnote></w:footnotes>'
        new.writestr("word/footnotes.xml", notes)
    return out.getvalue()


def test_entries_about_a_letter_are_kept_and_a_stale_page_is_told(client, editor):
    take_in(editor)
    page = page_of(editor, "/desk/letters/a-record/record")
    version = re.search(r'name="record_version" value="(\d+)"', page)[1]
    entries = {
        "record_version": version, "language": "fr", "occasion": "At the end", "addressee": "The Chair",
        "body_concerned": "WGEC", "date_written": "2018-01-31", "topics": "Cooperation, Records",
        "author_name": ["Ada Delegate", "", "Bo Second"], "author_group": ["CIV", "UND", "GOV"],
        "author_capacity": ["delegate", "personal", "personal"], "author_organisation": ["Open Networks", "", ""],
    }  # fmt: skip
    assert send(editor, "/desk/letters/a-record/record", **entries).status_code == 303
    stale = send(editor, "/desk/letters/a-record/record", **(entries | {"occasion": "Not lost"}))
    assert stale.status_code == 409
    assert "Not lost" in stale.get_data(as_text=True)
    wrong = send(
        editor,
        "/desk/letters/a-record/record",
        **(entries | {"record_version": "2", "date_written": "x"}),
    )
    assert wrong.status_code == 422
    allow(editor)
    do(editor, "publish")
    page = page_of(client, "/letters/a-record")
    for part in (
        "Ada Delegate",
        "Bo Second",
        "At the end",
        "The Chair",
        "WGEC",
        "31 January 2018",
        'lang="fr"',
        "cooperation",
    ):
        assert part in page, part


def test_evidence_is_handed_to_stewards_only(app, editor):
    take_in(editor)
    send(
        editor, "/desk/letters/a-record/permission", given_by="The author", scopes="publish", how="email",
        files={"evidence": (io.BytesIO(b"Yes <script>"), "yes.html")},
    )  # fmt: skip
    assert editor.get("/desk/letters/a-record/permission/2/evidence").status_code == 403
    add_person(app, "steward", "st@staff.example", "Sada Steward")
    answer = sign_in(app, "st@staff.example").get("/desk/letters/a-record/permission/2/evidence")
    assert answer.data == b"Yes <script>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"


def test_documents_list_who_cites_them(client, editor):
    take_in(editor)
    allow(editor)
    do(editor, "publish")
    assert "Tunis Agenda for the Information Society" in page_of(client, "/documents/")
    page = page_of(client, "/documents/WSIS-05/TUNIS/DOC/6(Rev.1)-E")
    assert "Paragraph 60" in page
    assert "/letters/a-record#p-" in page
    assert client.get("/documents/A/RES/1/1").status_code == 404


def test_the_file_as_received_can_be_had_byte_for_byte(editor):
    content = word_file(PARAGRAPHS)
    take_in(editor, "record.docx", content)
    page = page_of(editor, "/desk/letters/a-record/publish")
    assert sha256(content).hexdigest() in page
    answer = editor.get("/desk/letters/a-record/original/1")
    assert answer.data == content
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record.docx"'
    assert editor.get("/desk/letters/a-record/original/2").status_code == 404


def test_a_corrected_letter_is_cited_with_the_day_of_the_version(client, editor):
    take_in(editor)
    allow(editor)
    with clock.at(datetime(2025, 3, 3, 12, tzinfo=UTC)):
        do(editor, "publish")
    write(editor, 0, SOURCE.replace("rain", "snow"))
    do(editor, "correct", change="editorial", note="The weather.")
    cited = client.get("/letters/a-record/cite/ris").get_data(as_text=True)
    assert "Version 2" in cited
    assert "DA  - 2025/03/03" not in cited
    assert f"DA  - {datetime.now(UTC):%Y/%m/%d}" in cited
