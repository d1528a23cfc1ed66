"""Open an archive from the disk in a real browser, with JavaScript and without."""

import pytest

from commentsite.db.session import transaction
from tests.support.clients import submit_numbered
from tests.support.commands import run_command
from tests.support.factories import mark_published


@pytest.fixture
def archive(app, tmp_path):
    """The address of an archive with one public comment."""
    submit_numbered(app.test_client(), 1, body="Où sont les routes d'été ?")
    with app.app_context(), transaction():
        mark_published(1)
    result = run_command(app, "archive", tmp_path / "archive")
    assert result.exit_code == 0, result.output
    return (tmp_path / "archive").as_uri()


def test_the_search_of_an_archive_needs_no_server(page, archive):
    problems = []
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{archive}/index.html")
    page.get_by_role("link", name="Hello").first.click()
    page.wait_for_url("**/letters/hello/index.html")
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("searchbox").fill("OU routes ete")
    page.keyboard.press("Enter")
    page.get_by_text("One result").wait_for()
    page.get_by_role("list").get_by_role("link", name="Hello").click()
    page.wait_for_url("**/letters/hello/index.html#comment-1")
    assert page.locator("#comment-1:target").count() == 1
    assert problems == []


def test_without_javascript_the_letters_are_listed_from_a_to_z(browser, archive):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{archive}/search.html")
    assert page.get_by_text("The search needs JavaScript").is_visible()
    assert not page.get_by_role("searchbox").is_visible()
    page.get_by_role("link", name="Letters from A to Z").first.click()
    page.get_by_role("main").get_by_role("link", name="Hello").click()
    page.wait_for_url("**/letters/hello/index.html")
    context.close()
