"""The main jobs of readers, moderators, editors and stewards in Firefox."""

import time

import pytest

from tests.support.clients import submit
from tests.support.factories import PASSWORD
from tests.support.firefox import ENTER, run_firefox


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    with run_firefox(tmp_path_factory.mktemp("firefox")) as tab:
        tab.resize(1280, 800)
        yield tab


@pytest.fixture
def tab(firefox):
    yield firefox
    firefox.forget_cookies()


def sign_in(tab, site, email):
    tab.open(f"{site}/account/login")
    tab.fill("#email", email)
    tab.fill("#password", PASSWORD + ENTER)
    tab.wait_for_address("/desk/")


def test_a_reader_comments_and_reads_the_receipt(tab, site):
    tab.open(f"{site}/letters/hello")
    tab.fill("#body", "Typed in another browser.")
    tab.fill("#name", "Ada Reader")
    tab.fill("#email", "ada@example.org")
    tab.choose("#stakeholder_group", "CIV")
    time.sleep(2.1)  # a form sent within two seconds is taken for a robot's
    tab.click("form:has(#body) .btn.main")
    tab.wait_for_address("/receipts/")
    assert "Typed in another browser." in tab.read()


def test_a_moderator_publishes_a_comment_with_a_key(tab, site, site_app):
    submit(site_app.test_client(), body="It waits for a moderator.")
    sign_in(tab, site, "mod@staff.example")
    tab.open(f"{site}/desk/moderation/")
    assert "It waits for a moderator." in tab.read("body")
    tab.press("p")
    tab.wait_for_address("done=")
    tab.open(f"{site}/letters/hello")
    assert "It waits for a moderator." in tab.read("#comments")


def test_an_editor_writes_and_publishes_a_letter(tab, site):
    sign_in(tab, site, "steward@staff.example")
    tab.open(f"{site}/desk/letters/new")
    tab.fill("#title", "Printed side by side")
    tab.fill("#author-1", "Ada Delegate")
    tab.choose("#author-group-1", "CIV")
    tab.fill("#date_written", "2026-10-09")
    tab.choose("#language", "en")
    tab.fill("#text", "Both positions have the same space.")
    tab.click("main form .btn.main")
    tab.wait_for_address("/desk/letters/printed-side-by-side/edit")
    tab.open(f"{site}/desk/letters/printed-side-by-side/permission")
    tab.click("main form .btn.main")
    tab.wait_for_address("/publish")
    tab.click("main form .btn.main")
    tab.wait_for("document.body.innerText.includes('View the public page')")
    tab.open(f"{site}/letters/printed-side-by-side")
    assert "Both positions have the same space." in tab.read("main")


def test_a_steward_changes_the_name_of_the_site(tab, site):
    sign_in(tab, site, "steward@staff.example")
    tab.open(f"{site}/desk/settings/")
    tab.fill("#title", "Letters and Answers" + ENTER)
    tab.wait_for("document.querySelector('header').innerText.includes('Letters and Answers')")
