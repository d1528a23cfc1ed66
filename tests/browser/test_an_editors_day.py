"""An editor's whole day: a letter comes in, waits for its permission, appears, is corrected and withdrawn."""

from datetime import UTC, datetime, timedelta

from axe_playwright_python.sync_playwright import Axe

from commentsite import clock, jobs
from tests.conftest import PASSWORD

LETTER = """# The minutes nobody kept

To the secretariat

We met for two days in October, and on the second evening the recorder was switched off.

What was said afterwards is cited in the Tunis Agenda, para 60, and in no other place.

I ask that the two positions be printed side by side, as both delegations wished.

With regards
"""


def sign_in(page, site, email="steward@staff.example"):
    page.goto(f"{site}/account/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{site}/desk/")


def findings(page):
    result = Axe().run(page)
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in result.response["violations"]]


def test_an_editors_day(browser, site_app, site, tmp_path):
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in(page, site)
    file = tmp_path / "minutes.md"
    file.write_text(LETTER)
    page.goto(f"{site}/desk/letters/new")
    page.set_input_files("#file", file)
    page.click("text=Take it in as a draft")
    page.wait_for_url("**/desk/letters/the-minutes-nobody-kept/edit")
    assert findings(page) == [], "text"

    page.click("nav.tabs >> text=Where it comes from")
    page.fill("#author-1", "Ada Delegate")
    page.select_option("#author-group-1", "CIV")
    page.fill("#occasion", "After the last session")
    page.click("main button:has-text('Save')")
    page.wait_for_selector("text=The entries are saved")
    assert findings(page) == [], "entries"

    page.click("nav.tabs >> text=Publication")
    page.click("button:has-text('Publish now')")
    page.wait_for_selector(".summary")
    assert "permission" in page.inner_text(".summary")
    assert findings(page) == [], "publication"

    page.click("nav.tabs >> text=Permission")
    page.fill("#given_by", "Ada Delegate")
    page.set_input_files(
        "#evidence", {"name": "yes.eml", "mimeType": "text/plain", "buffer": b"Yes."}
    )
    page.click("text=Record it")
    page.wait_for_selector("text=The permission is recorded")
    assert findings(page) == [], "permission"

    at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=2)
    page.click("nav.tabs >> text=Publication")
    page.fill("#scheduled_for", at.strftime("%Y-%m-%dT%H:%M"))
    page.click("button:has-text('Schedule')")
    page.wait_for_selector("text=Scheduled")
    letter = f"{site}/letters/the-minutes-nobody-kept"
    assert page.request.get(letter).status == 404
    jobs.run_once(site_app)
    assert page.request.get(letter).status == 404
    with clock.at(at):
        jobs.run_once(site_app)
    reader = browser.new_context(bypass_csp=True).new_page()
    reader.goto(letter)
    assert "After the last session" in reader.inner_text("main")
    assert findings(reader) == [], "letter"

    page.goto(f"{site}/desk/letters/the-minutes-nobody-kept/edit")
    text = page.input_value("#source_text")
    page.fill("#source_text", text.replace("two days", "three days"))
    page.wait_for_selector("text=Saved at")
    page.wait_for_selector("#preview >> text=three days")
    page.close()  # a closed browser takes nothing with it
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in(page, site)
    page.goto(f"{site}/desk/letters/the-minutes-nobody-kept/edit")
    assert "three days" in page.input_value("#source_text")
    assert "two days" in reader.inner_text("main")

    page.click("nav.tabs >> text=Publication")
    page.check("input[value=editorial]")
    page.fill("#note", "Counted again.")
    page.click("text=Publish the correction")
    page.wait_for_selector("text=Done: the letter is published")
    reader.reload()
    assert "three days" in reader.inner_text("main")
    reader.click("text=What changed")
    assert reader.inner_text("del") in {"two", "words that went are struck through"}
    assert "three" in reader.inner_text(".changes ins")
    assert findings(reader) == [], "changes"
    reader.goto(f"{letter}/versions/1")
    assert "two days" in reader.inner_text("main")
    assert findings(reader) == [], "version"
    reader.goto(f"{site}/documents/")
    reader.click("text=Tunis Agenda")
    assert "The minutes nobody kept" in reader.inner_text("main")
    assert findings(reader) == [], "document"

    page.fill("#reason", "Its author asked for it.")
    page.click("text=Withdraw the letter")
    page.wait_for_selector("text=Done: the letter is withdrawn")
    answer = reader.goto(letter)
    assert answer.status == 410
    assert "Its author asked for it." in reader.inner_text("main")


def test_stewards_pages_have_nothing_for_axe_to_find(browser, site):
    page = browser.new_context(bypass_csp=True).new_page()
    sign_in(page, site)
    for address in ("/desk/people/", "/desk/settings/", "/desk/letters/", "/desk/letters/new"):
        page.goto(site + address)
        assert findings(page) == [], address


def test_a_second_editor_is_told_and_takes_over(browser, site):
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    sign_in(first, site)
    sign_in(second, site, "steward@staff.example")
    for page in (first, second):
        page.goto(f"{site}/desk/letters/hello/edit")
    first.fill(
        "#source_text", "Dear all\n\nWritten by the first, a moment before the second began.\n"
    )
    first.wait_for_selector("text=Saved at")
    second.fill(
        "#source_text", "Dear all\n\nWritten by the second, who had opened the page before.\n"
    )
    second.wait_for_selector(".saved.wrong")
    assert "saved this letter" in second.inner_text(".saved")
    second.click("text=Save")
    second.wait_for_selector(".summary")
    assert "Written by the second" in second.input_value("#source_text")
    assert "Written by the first" in second.inner_text("details") or second.is_visible("text=saved")
    second.click("text=Take over and save mine")
    second.wait_for_selector("text=Saved. Readers see it")


def test_writing_needs_no_script(browser, site):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, site)
    page.goto(f"{site}/desk/letters/hello/edit")
    page.fill("#source_text", "Dear all\n\nA *new* first paragraph, long enough to be one.\n")
    page.click("button:has-text('Preview')")
    assert page.inner_html("#preview").count("<em>new</em>") == 1
    page.click("main button:has-text('Save')")
    assert "Saved. Readers see it" in page.inner_text("main")
