"""An editor imports, publishes, corrects and withdraws a letter in a browser."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from commentsite import clock
from commentsite.worker import tasks
from tests.support.browser import accessibility_violations, follow, sign_in_browser

LETTER = """# The minutes nobody kept

To the secretariat

We met for two days in October, and on the second evening the recorder was switched off.

What was said afterwards is cited in the Tunis Agenda, para 60, and in no other place.

I ask that the two positions be printed side by side, as both delegations wished.

With regards
"""


def test_an_editor_publishes_corrects_and_withdraws_a_letter(browser, site_app, site, tmp_path):
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    file = tmp_path / "minutes.md"
    file.write_text(LETTER)
    page.goto(f"{site}/desk/letters/new")
    page.set_input_files("#file", file)
    page.click("text=Save draft")
    page.wait_for_url("**/desk/letters/the-minutes-nobody-kept/edit")
    assert accessibility_violations(page, only=None) == [], "text"

    page.click("nav.tabs >> text=Source and authors")
    page.fill("#author-1", "Ada Delegate")
    page.select_option("#author-group-1", "CIV")
    page.fill("#date_written", "2026-10-09")
    page.fill("#occasion", "After the last session")
    page.click("main button:has-text('Save')")
    page.wait_for_selector("text=Saved. Readers see the details")
    assert accessibility_violations(page, only=None) == [], "entries"

    page.click("nav.tabs >> text=Publication")
    expect(page.locator(".checklist")).to_contain_text("Record the permission to publish")
    expect(page.locator("button:has-text('Publish now')")).to_have_count(0)
    assert accessibility_violations(page, only=None) == [], "publication"

    page.click("text=Record the permission >> nth=-1")
    expect(page.locator("#given_by")).to_have_value("Ada Delegate")
    page.set_input_files(
        "#evidence", {"name": "yes.eml", "mimeType": "text/plain", "buffer": b"Yes."}
    )
    page.click("text=Record permission")
    page.wait_for_selector("text=The permission is recorded")
    follow(page, "nav.tabs >> text=Permission")
    assert accessibility_violations(page, only=None) == [], "permission"

    at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=2)
    page.click("nav.tabs >> text=Publication")
    page.fill("#scheduled_for", at.strftime("%Y-%m-%dT%H:%M"))
    page.click("button:has-text('Schedule')")
    page.wait_for_selector("text=Scheduled")
    letter = f"{site}/letters/the-minutes-nobody-kept"
    assert page.request.get(letter).status == 404
    tasks.run_pass(site_app)
    assert page.request.get(letter).status == 404
    with clock.freeze_at(at):
        tasks.run_pass(site_app)
    reader = browser.new_context(bypass_csp=True).new_page()
    reader.goto(letter)
    assert "After the last session" in reader.inner_text("main")
    assert accessibility_violations(reader) == [], "letter"

    page.goto(f"{site}/desk/letters/the-minutes-nobody-kept/edit")
    text = page.input_value("#source_text")
    page.fill("#source_text", text.replace("two days", "three days"))
    page.wait_for_selector("text=/^\\s*Saved \\d/")
    page.wait_for_selector("#preview >> text=three days")
    page.close()  # a closed browser takes nothing with it
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/the-minutes-nobody-kept/edit")
    assert "three days" in page.input_value("#source_text")
    assert "two days" in reader.inner_text("main")

    page.click("nav.tabs >> text=Publication")
    page.check("input[value=editorial]")
    page.fill("#note", "Counted again.")
    page.click("text=Publish the correction")
    page.wait_for_selector("text=Version 2 is published")
    reader.reload()
    assert "three days" in reader.inner_text("main")
    follow(reader, "text=What changed")
    assert reader.inner_text(".wording del") == "two"
    assert "three" in reader.inner_text(".changes ins")
    assert accessibility_violations(reader) == [], "changes"
    reader.goto(f"{letter}/versions/1")
    assert "two days" in reader.inner_text("main")
    assert accessibility_violations(reader) == [], "version"
    reader.goto(f"{site}/documents/")
    follow(reader, "text=Tunis Agenda")
    assert "The minutes nobody kept" in reader.inner_text("main")
    assert accessibility_violations(reader) == [], "document"

    page.click("text=Withdraw the letter…")
    page.fill("#reason", "Its author asked for it.")
    page.click("text=Show what readers will see")
    expect(page.locator(".tombstone")).to_contain_text("Its author asked for it.")
    assert accessibility_violations(page, only=None) == [], "withdrawal"
    page.click("button:has-text('Withdraw the letter')")
    page.wait_for_selector("text=The letter is withdrawn")
    answer = reader.goto(letter)
    assert answer.status == 410
    assert "Its author asked for it." in reader.inner_text("main")


def test_the_pages_of_stewards_are_accessible(browser, site):
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    for address in ("/desk/people/", "/desk/settings/", "/desk/letters/", "/desk/letters/new"):
        page.goto(site + address)
        assert accessibility_violations(page, only=None) == [], address


def test_a_second_editor_sees_the_conflict_and_takes_over(browser, site):
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    sign_in_browser(first, site, "steward@staff.example")
    sign_in_browser(second, site, "steward@staff.example")
    for page in (first, second):
        page.goto(f"{site}/desk/letters/hello/edit")
    first.fill(
        "#source_text", "Dear all\n\nWritten by the first, a moment before the second began.\n"
    )
    first.wait_for_selector("text=/^\\s*Saved \\d/")
    second.fill(
        "#source_text", "Dear all\n\nWritten by the second, who had opened the page before.\n"
    )
    second.wait_for_selector(".saved.wrong")
    assert "saved this letter" in second.inner_text(".saved")
    second.click("text=Save")
    second.wait_for_selector(".summary")
    assert "Written by the second" in second.input_value("#source_text")
    assert "saved this letter" in second.inner_text(".summary")
    assert "Written by the first" in second.text_content("details:has([readonly])")
    second.click("text=Take over and save mine")
    second.wait_for_selector("text=Saved. Readers see it")


def test_an_editor_works_without_javascript(browser, site):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/hello/edit")
    page.fill("#source_text", "Dear all\n\nA *new* first paragraph, long enough to be one.\n")
    follow(page, "button:has-text('Show preview')")
    assert page.inner_html("#preview").count("<em>new</em>") == 1
    page.click("main button:has-text('Save')")
    expect(page.locator("main")).to_contain_text("Saved. Readers see it")


def test_a_refused_file_keeps_the_text_and_takes_the_focus_to_the_reason(browser, site):
    page = browser.new_context().new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/hello/edit")
    page.fill("#source_text", "Dear all\n\nA text that was saved a moment ago, and that stays.\n")
    page.wait_for_selector("text=/^\\s*Saved \\d/")
    file = {"name": "list.md", "mimeType": "text/plain", "buffer": b"Dear all\n\nWe met twice.\n"}
    page.set_input_files("#file", file)
    page.click("button:has-text('Replace the text')")
    expect(page.locator(".summary")).to_be_focused()
    assert "A text that was saved" in page.input_value("#source_text")
    assert "A text that was saved" in page.inner_text("#preview")
    page.click(".summary a")
    expect(page.locator("#file-title")).to_be_focused()
    page.fill("#source_text", "")
    expect(page.locator("form[data-editor] .saved")).to_have_text(
        "Not saved: Enter the text of the letter."
    )
    page.goto(f"{site}/desk/letters/hello/edit")
    assert "A text that was saved" in page.input_value("#source_text")
    page.goto(f"{site}/desk/letters/new")
    page.set_input_files("#file", file)
    page.click("text=Save draft")
    expect(page.locator(".summary")).to_be_focused()


def test_a_text_that_cannot_be_saved_is_not_lost_to_another_form(browser, site):
    page = browser.new_context().new_page()
    sign_in_browser(page, site, "steward@staff.example")
    page.goto(f"{site}/desk/letters/hello/edit")
    page.fill("#title", " ")
    page.fill("#source_text", "Dear all\n\nA text under an empty title, which waits for one.\n")
    expect(page.locator("form[data-editor] .saved")).to_have_text("Not saved: Enter a title.")
    page.set_input_files(
        "#file", {"name": "b.md", "mimeType": "text/plain", "buffer": b"# B\n\nAnother text.\n"}
    )
    page.click("button:has-text('Replace the text')")
    expect(page.locator("form[data-editor] .saved")).to_be_in_viewport()
    assert "under an empty title" in page.input_value("#source_text")
    page.fill("#title", "A title")
    page.click("button:has-text('Replace the text')")
    expect(page.locator("main")).to_contain_text("The text is replaced.")
