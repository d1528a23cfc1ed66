"""An editor writes, publishes, corrects, renames and withdraws a letter over HTTP."""

import io
import re
import zipfile
from datetime import UTC, datetime
from hashlib import sha256

import docx
import pytest

from commentsite import clock
from tests.support.clients import csrf_token, fetch_page, fill_comment_form, post_form, sign_in
from tests.support.factories import add_staff_member, make_word_file
from tests.support.letter_editing import (
    PARAGRAPHS,
    SOURCE,
    act_on_letter,
    confirm_import,
    import_file,
    make_publishable,
    post_letter_form,
    save_text,
)
from tests.support.pictures import make_picture


def test_an_editor_imports_publishes_and_corrects_a_letter(client, editor):
    answer = import_file(editor)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/letters/a-record/edit")
    refused = act_on_letter(editor, "publish-now")
    assert refused.status_code == 422
    assert "permission" in refused.text
    assert client.get("/letters/a-record").status_code == 404
    assert make_publishable(editor).status_code == 303
    assert act_on_letter(editor, "publish-now").status_code == 303
    page = fetch_page(client, "/letters/a-record")
    assert "Published with the permission of" in page
    assert '/documents/WSIS-05/TUNIS/DOC/6(Rev.1)-E"' in page

    assert save_text(editor, 0, SOURCE.replace("rain", "snow")).status_code == 303
    assert "snow" not in fetch_page(client, "/letters/a-record")
    assert (
        act_on_letter(editor, "correct", change="editorial", note="The weather.").status_code == 303
    )
    page = fetch_page(client, "/letters/a-record")
    assert "snow" in page
    assert "The weather." in page
    assert "rain" in fetch_page(client, "/letters/a-record/versions/1")
    compared = fetch_page(client, "/letters/a-record/changes/1/2")
    assert "<del>rain</del> <ins>snow</ins>" in compared
    assert compared.count("<ins>") == 2  # the other one tells how to read it


def test_the_old_address_of_a_letter_redirects_to_the_new_one(client, editor):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    form = fill_comment_form(client, slug="a-record")
    page = fetch_page(editor, "/desk/letters/a-record/publish")
    renamed = editor.post(
        "/desk/letters/a-record/publish/rename",
        data={"csrf_token": csrf_token(page), "slug": "The Record"},
    )
    assert renamed.headers["Location"] == "/desk/letters/the-record/publish"
    assert "address of the letter is now /letters/the-record." in publication_page(
        editor, "the-record"
    )
    for rest in ("", "/versions/1", "/feed.atom"):
        answer = client.get(f"/letters/a-record{rest}")
        assert (answer.status_code, answer.headers["Location"]) == (
            301,
            f"/letters/the-record{rest}",
        )
    assert client.post("/letters/a-record/comments", data=form).status_code == 303
    assert client.get("/letters/the-record").status_code == 200


def test_a_withdrawn_letter_shows_its_reason_and_its_comments(client, editor):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    client.post("/letters/a-record/comments", data=fill_comment_form(client, slug="a-record"))
    case = fetch_page(editor, "/desk/moderation/1")
    editor.post(
        "/desk/moderation/decisions",
        data={"comment": "1@1", "verdict": "publish", "csrf_token": csrf_token(case)},
    )
    assert act_on_letter(editor, "withdraw", reason="").status_code == 422
    assert act_on_letter(editor, "withdraw", reason="At its author’s wish.").status_code == 303
    answer = client.get("/letters/a-record")
    page = answer.text
    assert answer.status_code == 410
    assert "At its author’s wish." in page
    assert "I read it twice" in page
    assert PARAGRAPHS[0][:30] not in page
    assert client.get("/letters/a-record/versions/1").status_code == 404
    assert "a-record" not in fetch_page(client, "/feed.atom")


@pytest.mark.parametrize("address", ["/", "/letters/", "/feed.atom", "/sitemap.xml"])
def test_a_list_of_letters_follows_a_new_address_and_a_withdrawal(client, editor, address):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    assert "/letters/a-record" in fetch_page(client, address)
    page = "/desk/letters/a-record/publish"
    post_form(editor, f"{page}/rename", page=page, slug="the-record")
    assert "/letters/the-record" in fetch_page(client, address)
    act_on_letter(editor, "withdraw", "the-record", reason="At its author’s wish.")
    assert "/letters/the-record" not in fetch_page(client, address)


def test_a_refused_action_names_the_state_of_the_letter_as_its_pages_do(editor):
    import_file(editor)
    make_publishable(editor)
    assert (
        "The state of this letter is “Draft”."
        in act_on_letter(editor, "correct", change="editorial", note="The weather.").text
    )
    act_on_letter(editor, "publish-now")
    assert "Its state is “Published”." in act_on_letter(editor, "publish-now").text
    act_on_letter(editor, "withdraw", reason="At its author’s wish.")
    refused = act_on_letter(editor, "withdraw", reason="At its author’s wish.")
    assert refused.status_code == 409
    assert "in the state “Withdrawn”" in refused.text
    assert "its state is “Withdrawn”" in save_text(editor, 0, SOURCE).text


def test_comments_remember_the_version_they_were_written_on(client, editor, moderator):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    pid = re.search(r'id="(p-\w+)" lang', fetch_page(client, "/letters/a-record"))[1]
    client.post(
        "/letters/a-record/comments",
        data=fill_comment_form(client, slug="a-record", kind="paragraph", paragraphs=pid),
    )
    case = fetch_page(moderator, "/desk/moderation/1")
    moderator.post(
        "/desk/moderation/decisions",
        data={"comment": "1@1", "verdict": "publish", "csrf_token": csrf_token(case)},
    )
    assert "written on version" not in fetch_page(client, "/letters/a-record")
    save_text(editor, 0, "\n\n".join(PARAGRAPHS[1:]))
    act_on_letter(
        editor, "correct", change="substantive", note="The first paragraph was another’s."
    )
    page = fetch_page(client, "/letters/a-record")
    assert f'/letters/a-record/versions/1#{pid}">on paragraph 1 of version 1' in page


def test_neither_of_two_editors_loses_text(app, client, editor):
    add_staff_member(app, "editor", "bo@staff.example", "Bo Second")
    other = sign_in(app, "bo@staff.example")
    import_file(editor)
    answer = save_text(editor, 0, SOURCE + "Edda wrote this.", json=True)
    assert answer.json["revision"] == 1
    answer = save_text(other, 0, SOURCE + "Bo wrote that.")
    page = answer.text
    assert answer.status_code == 409
    assert "Edda Editor has been editing since" in page
    assert "Bo wrote that." in page
    assert "Edda wrote this." in page
    assert save_text(other, 1, SOURCE + "Bo wrote that.", intent="take_over").status_code == 303
    answer = save_text(editor, 1, SOURCE + "Edda goes on.", json=True)
    assert answer.status_code == 409
    assert "Bo Second has been editing this letter since" in answer.json["problem"]
    assert "Bo wrote that." in fetch_page(editor, "/desk/letters/a-record/edit")


def test_a_preview_renders_the_text_and_stores_nothing(editor):
    import_file(editor)
    page = save_text(
        editor, 0, "One *paragraph* only, with a [link](javascript:alert(1)).", intent="preview"
    )
    assert "<em>paragraph</em>" in page.text
    assert 'href="javascript' not in page.text
    assert "One *paragraph*" not in fetch_page(editor, "/desk/letters/a-record/edit")


def zip_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", b"\0" * 80_000_000)
    return out.getvalue()


def word_file_with_entity():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "status", "sentence"),
    [
        ("big.md", b"# T\n\n" + b"word " * 600_000, 422, "2000 kB"),
        ("huge.txt", b"x" * 13_000_000, 413, "too large"),
        ("bomb.docx", zip_bomb(), 422, "unpacks to more than can be read"),
        ("laughs.docx", word_file_with_entity(), 422, "not a Word file"),
        ("torn.docx", make_word_file(PARAGRAPHS)[:4000], 422, "is damaged"),
        ("renamed.docx", b"plain words", 422, "not a Word file"),
        ("picture.md", b"\x89PNG\r\n\x1a\n\0\0\0", 422, "not text in UTF-8"),
        ("front.md", b"---\n: [\n---\ntext", 422, "not YAML"),
        ("unknown.md", b"---\ntitel: x\n---\ntext", 422, "has no title"),
        ("empty.txt", b" \n ", 422, "is empty"),
        ("program.exe", b"MZ", 422, "cannot be read here"),
        ("when.md", b"---\ntitle: T\ndate_written: soon\n---\ntext", 422, "not a date"),
    ],
)  # fmt: skip
def test_an_unreadable_file_is_refused_with_a_reason(editor, name, content, status, sentence):
    before = fetch_page(editor, "/desk/letters/").count('<th scope="row">')
    answer = import_file(editor, name, content)
    assert answer.status_code == status
    assert sentence in answer.text
    assert fetch_page(editor, "/desk/letters/").count('<th scope="row">') == before == 1


def test_an_imported_page_loses_its_scripts(client, editor):
    html = (
        b"<html><head><title>From anchors</title><script>alert(1)</script></head><body><nav>Menu</nav>"
        b"<h1>A page</h1><p onclick='x()'>First <b>words</b> of it, and a <a href='https://a.example/b'>link</a>, "
        b"<a href='javascript:alert(2)'>trap</a>.</p><h2>Part</h2><blockquote><p>Quoted here.</p></blockquote>"
        b"<ul><li>one</li><li>two</li></ul><img src=x onerror=alert(3)><svg onload=alert(4)></svg></body></html>"
    )
    assert import_file(editor, "page.html", html).headers["Location"] == "/desk/letters/a-page/edit"
    make_publishable(editor, "a-page")
    confirm_import(editor, "a-page")
    act_on_letter(editor, "publish-now", "a-page")
    page = (
        fetch_page(client, "/letters/a-page")
        .partition('id="about-h"')[0]
        .partition('class="prose text-body"')[2]
    )
    assert page
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
    answer = import_file(editor, "word.docx", content)
    assert answer.status_code == 303
    make_publishable(editor, "from-word")
    act_on_letter(editor, "publish-now", "from-word")
    page = fetch_page(client, "/letters/from-word")
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
    """Add a footnote to a Word file. python-docx cannot write one."""
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


def test_metadata_of_a_letter_is_saved_and_an_editor_with_a_stale_page_is_refused(client, editor):
    import_file(editor)
    page = fetch_page(editor, "/desk/letters/a-record/record")
    version = re.search(r'name="record_version" value="(\d+)"', page)[1]
    entries = {
        "record_version": version, "language": "fr", "occasion": "At the end", "addressee": "The Chair",
        "body_concerned": "WGEC", "date_written": "2018-01-31", "topics": "Cooperation, Records",
        "author_name": ["Ada Delegate", "", "Bo Second"], "author_group": ["CIV", "UND", "GOV"],
        "author_capacity": ["delegate", "personal", "personal"], "author_organisation": ["Open Networks", "", ""],
    }  # fmt: skip
    assert post_letter_form(editor, "/desk/letters/a-record/record", **entries).status_code == 303
    stale = post_letter_form(
        editor, "/desk/letters/a-record/record", **(entries | {"occasion": "Not lost"})
    )
    assert stale.status_code == 409
    assert "Not lost" in stale.text
    wrong = post_letter_form(
        editor,
        "/desk/letters/a-record/record",
        **(entries | {"record_version": "2", "date_written": "x"}),
    )
    assert wrong.status_code == 422
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    page = fetch_page(client, "/letters/a-record")
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


def test_only_stewards_download_evidence(app, editor):
    import_file(editor)
    post_letter_form(
        editor, "/desk/letters/a-record/permission", given_by="The author", scopes="publish", how="email",
        files={"evidence": (io.BytesIO(b"Yes <script>"), "yes.html")},
    )  # fmt: skip
    assert editor.get("/desk/letters/a-record/permission/2/evidence").status_code == 403
    add_staff_member(app, "steward", "st@staff.example", "Sada Steward")
    answer = sign_in(app, "st@staff.example").get("/desk/letters/a-record/permission/2/evidence")
    assert answer.data == b"Yes <script>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"


def test_a_document_page_lists_the_letters_that_cite_it(client, editor):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    assert "Tunis Agenda for the Information Society" in fetch_page(client, "/documents/")
    page = fetch_page(client, "/documents/WSIS-05/TUNIS/DOC/6(Rev.1)-E")
    assert "Paragraph 60" in page
    assert "/letters/a-record#p-" in page
    assert client.get("/documents/A/RES/1/1").status_code == 404


def test_an_editor_downloads_the_imported_file_byte_for_byte(editor):
    content = make_word_file(PARAGRAPHS)
    import_file(editor, "record.docx", content)
    page = fetch_page(editor, "/desk/letters/a-record/publish")
    assert sha256(content).hexdigest() in page
    answer = editor.get("/desk/letters/a-record/original/1")
    assert answer.data == content
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record.docx"'
    assert editor.get("/desk/letters/a-record/original/2").status_code == 404


def test_a_citation_of_a_corrected_letter_has_the_date_of_the_version(client, editor):
    import_file(editor)
    make_publishable(editor)
    with clock.freeze_at(datetime(2025, 3, 3, 12, tzinfo=UTC)):
        act_on_letter(editor, "publish-now")
    save_text(editor, 0, SOURCE.replace("rain", "snow"))
    act_on_letter(editor, "correct", change="editorial", note="The weather.")
    cited = client.get("/letters/a-record/cite/ris").text
    assert "Version 2" in cited
    assert "DA  - 2025/03/03" not in cited
    assert f"DA  - {datetime.now(UTC):%Y/%m/%d}" in cited


def publication_page(editor, slug="a-record"):
    return fetch_page(editor, f"/desk/letters/{slug}/publish")


def test_scripts_may_still_name_the_action_in_a_field(client, editor):
    import_file(editor)
    make_publishable(editor)
    address = "/desk/letters/a-record/publish"
    sent = {"csrf_token": csrf_token(publication_page(editor))}
    answer = editor.post(address, data=sent | {"act": "review"})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert "Sent for review." in publication_page(editor)
    assert editor.post(address, data=sent | {"act": "back"}).status_code == 303
    assert "The letter is a draft again." in publication_page(editor)
    assert editor.post(address, data=sent | {"act": "publish"}).status_code == 303
    assert client.get("/letters/a-record").status_code == 200
    wrong = editor.post(address, data=sent | {"act": "explode"})
    assert wrong.status_code == 422
    assert "Choose an action." in wrong.text


@pytest.mark.parametrize(
    ("action", "fields", "message"),
    [
        ("comments", {"open": "no"}, "The letter is closed for comments."),
        ("comments", {"open": "yes"}, "The letter is open for comments."),
        ("window", {"closes": "2999-01-01T12:00", "grace_hours": "2"}, "Saved. The comment period is changed."),
        ("email-confirmation", {"email_confirmation": "off"}, "email confirmation is changed."),
        ("moderation-mode", {"moderation_mode": "pair"}, "refusals and removals is changed."),
        ("anonymity", {"is_blind": "yes"}, "The setting for anonymity is changed."),
        ("premoderation", {"intake": "hold_all"}, "The setting for moderation is changed."),
        ("withdraw", {"reason": "Its author asked for it."}, "The letter is withdrawn."),
    ],
)  # fmt: skip
def test_each_action_on_a_public_letter_says_what_it_did(editor, action, fields, message):
    answer = act_on_letter(editor, action, "hello", **fields)
    assert answer.status_code == 303
    assert message in fetch_page(editor, answer.headers["Location"])


def test_a_letter_is_marked_as_superseded_by_the_address_of_another(client, editor):
    import_file(editor)
    make_publishable(editor)
    act_on_letter(editor, "publish-now")
    answer = act_on_letter(
        editor, "supersede", "hello", superseded_by="https://letters.example/letters/a-record"
    )
    assert answer.status_code == 303
    assert "marked as superseded" in publication_page(editor, "hello")
    assert "/letters/a-record" in fetch_page(client, "/letters/hello")


def test_the_address_of_an_action_leads_to_the_page_when_it_is_opened(editor):
    answer = editor.get("/desk/letters/hello/publish/rename")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/letters/hello/publish")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter the text of the letter, or choose a file."),
        (" \n", "Enter the text of the letter, or choose a file."),
        ("Good morning.\n\nThis is a letter.", "Enter the title of the letter."),
        ("# A title alone\n", "has a title but no text"),
    ],
)
def test_errors_in_pasted_text_name_no_file(editor, text, sentence):
    answer = post_letter_form(editor, "/desk/letters/new", text=text)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "letter.md" not in answer.text
    assert text.strip() in answer.text


def test_pasted_text_is_saved_as_a_draft(editor):
    answer = post_letter_form(editor, "/desk/letters/new", text=f"# A record\n\n{SOURCE}")
    assert answer.headers["Location"] == "/desk/letters/a-record/edit"
    assert "“A record” is a draft now." in fetch_page(editor, "/desk/letters/a-record/edit")
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert "Check the pasted text" not in page
    assert "as pasted" in publication_page(editor)


@pytest.mark.parametrize(
    ("front", "sentence"),
    [
        ("language: fr", "The letter can be published once you have checked this:"),
        ("mood: calm", "These parts of the pasted text were left out, moved or changed."),
    ],
)
def test_remarks_on_pasted_text_speak_of_no_file(editor, front, sentence):
    text = f"---\ntitle: A record\n{front}\n---\n{SOURCE}"
    post_letter_form(editor, "/desk/letters/new", text=text)
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    panel = re.search(r'id="import".*?</section>', page, re.DOTALL)[0]
    assert "Check the pasted text" in panel
    assert sentence in panel
    assert ("left out" in panel) == ("left out" in sentence)
    for words in ("letter.md", "pasted.md", "/file", "as received", "import left"):
        assert words not in panel, words


@pytest.mark.parametrize(
    ("pictures", "sentence"),
    [(1, "1 picture needs a description"), (2, "2 pictures need a description")],
)
def test_an_editor_learns_how_many_pictures_need_a_description(editor, pictures, sentence):
    answer = import_file(editor, "record.docx", word_file_with_pictures(pictures))
    assert sentence in fetch_page(editor, answer.headers["Location"])


def word_file_with_pictures(count):
    document = docx.Document()
    document.add_heading("A record", 0)
    for paragraph in PARAGRAPHS:
        document.add_paragraph(paragraph)
    for number in range(count):
        document.add_picture(io.BytesIO(make_picture((number + 1, 1))))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_file_without_title() -> bytes:
    document = docx.Document()
    document.add_paragraph("Dear all")
    document.add_paragraph("We met twice in October.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_refused_files():
    """Return files that cannot replace a text, by the words of the refusal."""
    return {
        "has no title": ("letterhead.docx", make_file_without_title()),
        "is a PDF file": ("letter.pdf", b"%PDF-1.7 an unreadable file"),
        "Choose a file.": ("", b""),
    }


@pytest.mark.parametrize("sentence", make_refused_files())
def test_a_refused_file_leaves_the_text_in_the_editor(editor, sentence):
    import_file(editor)
    save_text(editor, 0, SOURCE.replace("rain", "snow"), title="A saved title")
    name, content = make_refused_files()[sentence]
    refused = post_letter_form(
        editor,
        "/desk/letters/a-record/replace",
        files={"file": (io.BytesIO(content), name)},
        revision="1",
    )
    assert refused.status_code == 422
    field = "file-title" if "title" in sentence else "file"
    assert re.search(rf'<h2><a href="#{field}">[^<]*{sentence}', refused.text)
    assert f'id="{field}"' in refused.text
    assert 'value="A saved title" lang="en" dir="ltr"' in refused.text
    assert refused.text.count("noticed the snow outside") == 2  # in the editor and in the preview
    assert 'name="revision" value="1"' in refused.text
    assert "Choose the file again." in refused.text
    assert "still in the form" not in refused.text


def test_a_file_based_on_an_older_text_is_refused_and_the_page_shows_the_saved_one(editor):
    import_file(editor)
    save_text(editor, 0, SOURCE.replace("rain", "snow"))
    refused = post_letter_form(
        editor,
        "/desk/letters/a-record/replace",
        files={"file": (io.BytesIO(b"# Another\n\nText.\n"), "another.md")},
        revision="0",
    )
    assert refused.status_code == 409
    assert "after you opened it." in refused.text
    assert refused.text.count("noticed the snow outside") == 2
    assert "still" not in re.search(r'class="summary".*?</div>', refused.text, re.DOTALL)[0]


def test_a_title_can_be_entered_for_a_file_without_one(editor):
    import_file(editor)
    replaced = post_letter_form(
        editor,
        "/desk/letters/a-record/replace",
        files={"file": (io.BytesIO(make_file_without_title()), "letterhead.docx")},
        revision="0",
        title="Two meetings",
    )
    assert replaced.status_code == 303
    page = fetch_page(editor, "/desk/letters/a-record/edit")
    assert 'value="Two meetings"' in page
    assert "We met twice in October." in page


@pytest.mark.parametrize("json", [True, False])
def test_an_empty_text_is_not_saved_over_a_stored_one(editor, json):
    import_file(editor)
    assert save_text(editor, 0, " \n", json=json).status_code == 422
    assert PARAGRAPHS[0] in fetch_page(editor, "/desk/letters/a-record/edit")


def test_a_new_letter_without_a_title_asks_for_the_title_and_for_the_file_again(editor):
    refused = import_file(editor, "letterhead.docx", make_file_without_title())
    assert refused.status_code == 422
    assert '<a href="#title">letterhead.docx has no title.' in refused.text
    assert "Choose the file again: the browser does not keep it." in refused.text
    pasted = post_letter_form(editor, "/desk/letters/new", text="Dear all\n\nWe met twice.\n")
    assert '<a href="#title">Enter the title of the letter.' in pasted.text
    assert "Choose the file again" not in pasted.text
    assert "We met twice." in pasted.text
    unreadable = import_file(editor, "letter.pdf", b"%PDF-1.7 an unreadable file")
    assert '<li><a href="#file">' in unreadable.text
