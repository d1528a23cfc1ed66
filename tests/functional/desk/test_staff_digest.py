"""Moderators get digests on the schedule they chose, through a real mail server."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from commentsite import clock
from commentsite.accounts.models import DigestPreferences
from commentsite.accounts.queries import find_staff_by_email
from commentsite.audit.queries import get_last_entry
from commentsite.db.session import session, transaction
from commentsite.worker import tasks
from tests.support.audit import verify_records
from tests.support.clients import choose_time_zone, csrf_token, fetch_page, sign_in
from tests.support.factories import add_staff_member, store_numbered_comments
from tests.support.smtp import text_of

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ADDRESS = "mod@staff.example"


def choose_digest(client, **changes):
    token = csrf_token(fetch_page(client, "/desk/me/"))
    sent = {
        "how": "immediate", "hour": "8", "quiet_from": "", "quiet_until": "",
        "subjects": ["waiting", "second", "appeals", "reports"], "csrf_token": token,
    }  # fmt: skip
    return client.post("/desk/me/messages", data=sent | changes)


def digests_in(mailbox):
    """Return the subject and text of each digest that reached the moderator."""
    return [
        text_of(m) + m["Subject"] for m in mailbox.parsed()
        if m["To"] == ADDRESS and "New at the desk" in m["Subject"]
    ]  # fmt: skip


@pytest.fixture
def desk(mail_site, mailbox):
    """A moderator who signs in at noon. It stays noon unless a test moves the clock."""
    with clock.freeze_at(NOON):
        add_staff_member(mail_site)
        yield sign_in(mail_site)


def run_worker_after(mail_site, **past):
    with clock.freeze_at(NOON + timedelta(**past)):
        while tasks.run_pass(mail_site):
            pass


def store_comment_after(mail_site, n, **past):
    with clock.freeze_at(NOON + timedelta(**past)):
        store_numbered_comments(mail_site, n)


def test_the_first_digest_comes_at_once_and_the_next_one_collects(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        assert choose_digest(desk).status_code == 303
    run_worker_after(mail_site, minutes=1)
    assert digests_in(mailbox) == []  # nothing is new
    store_comment_after(mail_site, 2, minutes=2)
    run_worker_after(mail_site, minutes=3)
    assert len(digests_in(mailbox)) == 1
    first = digests_in(mailbox)[0]
    assert "New at the desk: 2 comments to moderate" in first
    assert "2 comments to moderate (2 in total)" in first
    assert "http://127.0.0.1:8000/desk/moderation/" in first
    assert "Reader" not in first  # no names
    assert "Thought number" not in first  # and no words
    run_worker_after(mail_site, minutes=4)
    assert len(digests_in(mailbox)) == 1


def test_digests_come_every_ten_minutes_and_every_hour_in_a_flood(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_digest(desk)
    with mail_site.app_context(), clock.freeze_at(NOON + timedelta(minutes=1)):
        store_numbered_comments(mail_site, 1)
    run_worker_after(mail_site, minutes=2)
    sent_before = len(digests_in(mailbox))
    with clock.freeze_at(NOON + timedelta(minutes=3)):
        store_numbered_comments(mail_site, 60, first=1)
    run_worker_after(mail_site, minutes=11)
    assert len(digests_in(mailbox)) == sent_before
    run_worker_after(mail_site, minutes=13)
    assert len(digests_in(mailbox)) == sent_before + 1
    assert "60 comments to moderate (61 in total)" in digests_in(mailbox)[-1]
    with clock.freeze_at(NOON + timedelta(minutes=20)):
        store_numbered_comments(mail_site, 1, first=100)
    run_worker_after(mail_site, minutes=60)
    assert len(digests_in(mailbox)) == sent_before + 1
    run_worker_after(mail_site, minutes=75)
    assert len(digests_in(mailbox)) == sent_before + 2


def test_a_digest_waits_for_the_end_of_quiet_hours(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_time_zone(desk, "Asia/Tokyo")
        choose_digest(desk, quiet_from="20", quiet_until="7")  # noon is 21:00 there
    store_comment_after(mail_site, 3, minutes=1)
    for minutes in (2, 60, 599):
        run_worker_after(mail_site, minutes=minutes)
    assert digests_in(mailbox) == []
    run_worker_after(mail_site, minutes=601)  # 7:01 there
    assert len(digests_in(mailbox)) == 1
    assert "3 comments" in digests_in(mailbox)[0]
    assert "21:00 (UTC+09:00)" in digests_in(mailbox)[0]


def test_a_daily_digest_comes_at_the_chosen_hour(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_digest(desk, how="daily", hour="18")
        choose_time_zone(desk, "Europe/Zurich")  # moves the hour of the digest too
    store_comment_after(mail_site, 2, minutes=1)
    run_worker_after(mail_site, hours=4, minutes=59)
    assert digests_in(mailbox) == []
    run_worker_after(mail_site, hours=5, minutes=1)  # 18:01 there
    assert len(digests_in(mailbox)) == 1
    run_worker_after(mail_site, hours=28)
    run_worker_after(mail_site, hours=30)
    assert len(digests_in(mailbox)) == 1  # nothing new came


def test_opening_a_link_of_a_digest_decides_nothing(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_digest(desk)
    store_comment_after(mail_site, 1, minutes=1)
    run_worker_after(mail_site, minutes=2)
    with mail_site.app_context():
        before = get_last_entry()
    links = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", digests_in(mailbox)[0])
    assert links == ["/desk/moderation/", "/desk/me/#messages"]
    for link in links:
        assert desk.get(link).status_code == 200
    with mail_site.app_context():
        assert get_last_entry() == before
        assert verify_records() == []


def test_a_digest_holds_only_chosen_subjects_and_the_moderators_letters(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_digest(desk, subjects=["appeals", "reports"])
    store_comment_after(mail_site, 1, minutes=1)
    run_worker_after(mail_site, minutes=2)
    assert digests_in(mailbox) == []
    with clock.freeze_at(NOON + timedelta(minutes=3)):
        choose_digest(desk, how="off")
    run_worker_after(mail_site, minutes=30)
    assert digests_in(mailbox) == []


def test_digests_do_not_pile_up_while_the_mail_server_refuses_them(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_digest(desk)
    mailbox.is_away = True
    store_comment_after(mail_site, 1, minutes=1)
    run_worker_after(mail_site, minutes=2)
    with clock.freeze_at(NOON + timedelta(minutes=14)):
        store_numbered_comments(mail_site, 1, first=1)
    run_worker_after(mail_site, minutes=15)
    mailbox.is_away = False
    run_worker_after(mail_site, minutes=50)
    run_worker_after(mail_site, minutes=51)
    run_worker_after(mail_site, minutes=65)
    assert [re.search("desk: (.*) –", t)[1] for t in digests_in(mailbox)] == [
        "1 comment to moderate"
    ] * 2


def test_a_former_member_of_staff_gets_no_digest(mail_site, mailbox, desk):
    with clock.freeze_at(NOON):
        choose_digest(desk)
    with mail_site.app_context(), transaction():
        find_staff_by_email(ADDRESS).active = False
    store_comment_after(mail_site, 1, minutes=1)
    run_worker_after(mail_site, minutes=2)
    assert digests_in(mailbox) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"hour": "24"}, "Choose an hour of the day."),
        ({"hour": "noon"}, "Choose an hour of the day."),
        ({"quiet_from": "22"}, "Choose both the start and the end of the quiet hours, or neither."),
        ({"quiet_from": "22", "quiet_until": "99"}, "Choose an hour of the day."),
        ({"subjects": []}, "Choose at least one topic"),
        ({"subjects": ["everything"]}, "Choose from the topics in the list."),
    ],
)
def test_an_invalid_digest_schedule_is_refused_and_stays_in_the_form(
    mail_site, desk, typed, sentence
):
    answer = choose_digest(desk, **typed)
    assert answer.status_code == 422
    shown = answer.text
    assert sentence in shown
    assert 'value="immediate" checked' in shown
    with mail_site.app_context():
        assert session().get(DigestPreferences, 1) is None


def test_the_dashboard_says_that_email_notifications_are_off(mail_site, mailbox, desk):
    assert "Turn on email notifications" in fetch_page(desk, "/desk/")
    choose_digest(desk)
    assert "Turn on email notifications" not in fetch_page(desk, "/desk/")
