"""An editor checks the import of a Word file in a browser, and publishes it with its picture."""

import io

import docx
import pytest
from docx.oxml import parse_xml
from playwright.sync_api import expect

from tests.support.browser import accessibility_violations, sign_in_browser
from tests.support.pictures import make_picture

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DESK = "/desk/letters/the-minutes-nobody-kept"


def make_reviewed_document() -> bytes:
    """Return a Word file with a tracked change, a review comment and a picture without a description."""
    document = docx.Document()
    document.add_heading("The minutes nobody kept", 0)
    document.add_paragraph("To the secretariat")
    first = document.add_paragraph("We met for two days in October")
    for name, element, text in (("ins", "t", ", in the rain"), ("del", "delText", ", in vain")):
        run = f'<w:r><w:{element} xml:space="preserve">{text}</w:{element}></w:r>'
        first._p.append(  # python-docx writes no tracked changes
            parse_xml(f'<w:{name} {NAMESPACE} w:id="1" w:author="Rita">{run}</w:{name}>')
        )
    first.add_run(", and on the second evening the recorder was switched off.")
    document.add_picture(io.BytesIO(make_picture((1200, 700))))
    second = document.add_paragraph("What was said afterwards is cited in no other place.")
    document.add_comment(second.runs, text="Who says so?", author="Rita")
    document.add_paragraph("With regards")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("width", [360, 1280])
def test_an_editor_checks_the_remarks_and_describes_the_picture(browser, site, tmp_path, width):
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    sign_in_browser(page, site, "steward@staff.example")
    file = tmp_path / "minutes.docx"
    file.write_bytes(make_reviewed_document())
    page.goto(f"{site}/desk/letters/new")
    page.set_input_files("#file", file)
    page.fill("#author-1", "Ada Delegate")
    page.fill("#date_written", "2026-10-09")
    page.click("text=Save draft")
    page.wait_for_url(f"**{DESK}/edit")
    panel = page.locator("#import")
    expect(panel).to_contain_text("Check the import of minutes.docx")
    expect(panel).to_contain_text("2 tracked changes accepted")
    panel.get_by_text("2 tracked changes accepted").click()
    expect(panel.get_by_text("Inserted: , in the rain")).to_be_visible()
    expect(panel.get_by_text("Deleted: , in vain")).to_be_visible()
    expect(panel).to_contain_text("1 picture needs a description")
    expect(panel.get_by_text("Who says so?")).to_be_hidden()
    panel.get_by_text("1 review comment left out").click()
    expect(panel.get_by_text("Who says so?")).to_be_visible()
    assert accessibility_violations(page, only=None) == []
    assert_no_sideways_scroll(page)

    page.goto(f"{site}{DESK}/permission")
    page.click("text=Record permission")
    page.wait_for_url(f"**{DESK}/publish")
    expect(page.locator("button:has-text('Publish now')")).to_have_count(0)
    page.click(".checklist >> text=Check the remarks >> nth=-1")
    expect(page.locator("#import")).to_be_in_viewport()
    assert accessibility_violations(page, only=None) == []
    assert_no_sideways_scroll(page)
    page.get_by_label("Description of picture 1").fill("The empty room, seen from the door")
    page.click("text=I have checked these remarks")
    expect(page.locator("main")).to_contain_text("The remarks on the import are confirmed.")
    page.click("button:has-text('Publish now')")
    expect(page.locator("main")).to_contain_text("The letter is published.")

    page.goto(f"{site}/letters/the-minutes-nobody-kept")
    picture = page.get_by_role("img", name="The empty room, seen from the door")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 1200)
    expect(page.locator("main")).to_contain_text("in the rain, and on the second evening")
    expect(page.locator("main")).not_to_contain_text("in vain")
    assert accessibility_violations(page) == []
    assert_no_sideways_scroll(page)


def test_a_picture_goes_to_where_the_editor_writes(browser, site):
    page = browser.new_context().new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/hello/edit")
    page.evaluate(
        "() => { const text = document.getElementById('source_text'); text.focus();"
        " text.setSelectionRange(text.value.indexOf('The second'), text.value.indexOf('The second')); }"
    )
    page.click("markdown-toolbar >> text=Picture")
    page.set_input_files(
        "#picture", {"name": "a.png", "mimeType": "image/png", "buffer": make_picture((80, 60))}
    )
    page.fill("#picture-description", "A map of [two] rivers")
    page.click("text=Add the picture")
    expect(page.locator("#source_text")).to_be_focused()
    expect(page.locator("#preview img")).to_have_attribute("alt", "A map of [two] rivers")
    text = page.input_value("#source_text")
    before, _, after = text.partition("![A map of")
    assert before.endswith("says what happened.\n\n")
    assert after.partition(")")[2].startswith("\n\nThe second says")
    page.wait_for_selector("text=/^\\s*Saved \\d/")


def test_words_typed_in_the_last_moment_are_kept_when_an_editor_uses_another_form(browser, site):
    page = browser.new_context().new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/hello/edit")
    page.fill("#editors_note", "Found in a drawer.")
    page.set_input_files(
        "#file",
        {
            "name": "b.md",
            "mimeType": "text/plain",
            "buffer": b"# Second\n\nDear all\n\nA new text.\n",
        },
    )
    page.click("text=Replace the text >> nth=-1")
    expect(page.locator("main")).to_contain_text("The text is replaced.")
    assert page.input_value("#editors_note") == "Found in a drawer."


def assert_no_sideways_scroll(page):
    width, visible = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= visible
