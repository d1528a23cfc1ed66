"""The dashboard says what waits, for whom, since when, and what comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.letters.publication.comment_settings import set_author_anonymity
from commentsite.moderation.activity import queries as activity_queries
from commentsite.moderation.activity.services import refresh_activity
from commentsite.site.emergency_switches import switch_on
from tests.support.clients import (
    choose_time_zone,
    decide,
    fetch_page,
    post_from_queue,
    publish,
    report_comment,
    sign_in,
    submit,
    submit_numbered,
)
from tests.support.factories import add_staff_member
from tests.support.pages import visible_text

MORNING = datetime(2027, 1, 11, 8, tzinfo=UTC)


def dashboard(client):
    return visible_text(fetch_page(client, "/desk/"))


def test_an_empty_desk_says_that_nothing_waits(moderator):
    shown = dashboard(moderator)
    assert "Nothing waits for you." in shown
    assert "No comment waited or was decided." in shown
    assert "Late:" not in shown
    assert 'class="btn main"' not in fetch_page(moderator, "/desk/")


def test_what_waits_has_a_count_a_link_and_a_word_when_it_is_late(app, client):
    add_staff_member(app)
    with clock.freeze_at(MORNING):
        submit(client, name="Karim Reader")
    with clock.freeze_at(MORNING + timedelta(hours=3)):
        shown = dashboard(sign_in(app))
        assert "1 Waiting for a decision Oldest 3 h" in shown
        assert ", late" not in shown
        assert "Karim Reader on “Hello”" in shown
    with clock.freeze_at(MORNING + timedelta(hours=27)):
        page = fetch_page(sign_in(app), "/desk/")
        assert "Oldest 27 h, late" in visible_text(page)
        assert 'class="due over"' in page
        assert '<a class="btn main" href="/desk/moderation/">Review comments</a>' in page


def test_a_reported_comment_is_counted_where_it_can_be_reviewed(client, moderator):
    submit(client)
    publish(moderator)
    assert report_comment(client).status_code in {200, 303}
    page = fetch_page(moderator, "/desk/")
    assert "1 Published and reported by readers" in visible_text(page)
    assert '<a class="btn main" href="/desk/moderation/?state=published&amp;reported=yes">' in page


def test_my_own_work_is_listed(client, moderator, second_moderator):
    submit_numbered(client, 1)
    submit_numbered(client, 2)
    post_from_queue(moderator, "/desk/moderation/2/claim")
    decide(moderator, 1, "return", reason="R4", note="Name the paragraph.")
    shown = dashboard(moderator)
    assert "Assigned to me Comment 2 on “Hello”" in shown
    assert "1 comment that you returned to its author" in shown
    assert "Mine" not in dashboard(second_moderator)


def test_letters_are_for_those_who_write_them(app, editor, moderator):
    with app.app_context(), transaction():
        session().add(
            Letter(slug="draft", title="A draft letter", state="review", created_at=clock.now())
        )
    assert "1 Letters to review" in dashboard(editor)
    assert "A draft letter" in dashboard(editor)
    assert "A draft letter" not in dashboard(moderator)
    assert "Letters to review" not in dashboard(moderator)


def test_an_emergency_control_that_is_on_is_named_with_its_end_in_local_time(app):
    add_staff_member(app, "editor")
    with clock.freeze_at(MORNING):
        editor = sign_in(app)
        choose_time_zone(editor, "Asia/Tokyo")
        with app.app_context(), transaction():
            switch_on("hold", 2, "A wave of spam", by=SYSTEM)
        shown = dashboard(editor)
    assert "All comments are held for a moderator" in shown
    assert "11 January 2027, 19:00" in shown


def test_a_hidden_author_stays_hidden(app, client, moderator):
    with app.app_context(), transaction():
        set_author_anonymity("hello", "yes", by=SYSTEM)
    submit(client, name="Karim Reader")
    assert "Comment 1 on “Hello”" in dashboard(moderator)
    assert "Karim" not in fetch_page(moderator, "/desk/")


def test_the_chart_has_its_numbers_in_a_table(app, client):
    add_staff_member(app)
    with clock.freeze_at(MORNING):
        submit_numbered(client, 1)
        submit_numbered(client, 2)
    with clock.freeze_at(MORNING + timedelta(hours=2)):
        moderator = sign_in(app)
        publish(moderator, 1)
        shown = dashboard(moderator)
    assert "1 comment was decided for the first time, 2 h after it was sent." in shown
    assert "11 January 2027 1 1" in shown  # one still waits, one is decided
    assert "11 January 2027: 1 waiting, 1 decided" in shown


def test_on_a_large_site_the_worker_counts(app, client, moderator, monkeypatch):
    monkeypatch.setattr(activity_queries, "MAX_COUNT", 0)
    submit(client)
    assert "The worker counts these numbers every five minutes." in dashboard(moderator)
    with app.app_context():
        assert refresh_activity() == 1
    shown = dashboard(moderator)
    assert "It has not counted them yet." not in shown
    assert "Waiting at the end of the day" in shown
    monkeypatch.undo()
    with app.app_context():
        assert refresh_activity() == 0


@pytest.mark.parametrize("path", ["/desk/", "/desk/audit/", "/desk/me/"])
def test_every_page_of_the_desk_names_its_time_zone_and_leads_to_the_site(moderator, path):
    page = fetch_page(moderator, path)
    assert '<span class="zone"' in page
    assert '<a class="view-site" href="/">View site</a>' in page
    assert 'class="link">Sign out</button>' in page
