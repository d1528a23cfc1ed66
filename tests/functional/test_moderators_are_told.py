"""Moderators hear of what waits as often as they chose, through a real mail server; nothing decides itself."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from commentsite import clock, jobs
from commentsite.accounts.models import StaffMessages
from commentsite.accounts.queries import staff_by_email
from commentsite.audit.queries import head
from commentsite.db import session, transaction
from commentsite.moderation.transparency import verify
from tests.browser.test_fifty_by_keyboard import send
from tests.conftest import add_person, sign_in

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ADDRESS = "mod@staff.example"


def page_of(client, address):
    return client.get(address).get_data(as_text=True)


def choose(client, **changes):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page_of(client, "/desk/me/"))[1]
    sent = {
        "how": "immediate", "hour": "8", "quiet_from": "", "quiet_until": "", "zone": "UTC",
        "subjects": ["waiting", "second", "appeals", "reports"], "csrf_token": token,
    }  # fmt: skip
    return client.post("/desk/me/messages", data=sent | changes)


def told(box):
    """What came to the moderator, of what the desk says."""
    return [
        m.get_content() + m["Subject"] for m in box.parsed()
        if m["To"] == ADDRESS and "New at the desk" in m["Subject"]
    ]  # fmt: skip


@pytest.fixture
def desk(site, mailbox):
    """A moderator who signs in at noon; it stays noon unless a test says otherwise."""
    with clock.at(NOON):
        add_person(site)
        yield sign_in(site)


def after(site, **past):
    with clock.at(NOON + timedelta(**past)):
        while jobs.run_once(site):
            pass


def arrive(site, n, **past):
    with clock.at(NOON + timedelta(**past)):
        send(site, n)


def test_at_once_and_then_what_came_meanwhile_in_one(site, mailbox, desk):
    with clock.at(NOON):
        assert choose(desk).status_code == 303
    after(site, minutes=1)
    assert told(mailbox) == []  # nothing is new
    arrive(site, 2, minutes=2)
    after(site, minutes=3)
    assert len(told(mailbox)) == 1
    first = told(mailbox)[0]
    assert first.endswith("New at the desk: 2 comments")
    assert "2 comments, 2 in all" in first
    assert "http://127.0.0.1:8000/desk/moderation/" in first
    assert "Reader" not in first  # no names
    assert "Thought number" not in first  # and no words
    after(site, minutes=4)
    assert len(told(mailbox)) == 1


def test_one_every_ten_minutes_and_every_hour_in_a_flood(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk)
    with site.app_context(), clock.at(NOON + timedelta(minutes=1)):
        send(site, 1)
    after(site, minutes=2)
    sent_before = len(told(mailbox))
    with clock.at(NOON + timedelta(minutes=3)):
        send(site, 60, first=1)
    after(site, minutes=11)
    assert len(told(mailbox)) == sent_before
    after(site, minutes=13)
    assert len(told(mailbox)) == sent_before + 1
    assert "60 comments, 61 in all" in told(mailbox)[-1]
    with clock.at(NOON + timedelta(minutes=20)):
        send(site, 1, first=100)
    after(site, minutes=60)
    assert len(told(mailbox)) == sent_before + 1
    after(site, minutes=75)
    assert len(told(mailbox)) == sent_before + 2


def test_nothing_in_quiet_hours_and_all_of_it_when_they_end(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk, quiet_from="20", quiet_until="7", zone="Asia/Tokyo")  # noon is 21:00 there
    arrive(site, 3, minutes=1)
    for minutes in (2, 60, 599):
        after(site, minutes=minutes)
    assert told(mailbox) == []
    after(site, minutes=601)  # 7:01 there
    assert len(told(mailbox)) == 1
    assert "3 comments" in told(mailbox)[0]
    assert "21:00 JST" in told(mailbox)[0]


def test_once_a_day_at_the_hour_chosen(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk, how="daily", hour="18", zone="Europe/Zurich")
    arrive(site, 2, minutes=1)
    after(site, hours=4, minutes=59)
    assert told(mailbox) == []
    after(site, hours=5, minutes=1)  # 18:01 there
    assert len(told(mailbox)) == 1
    after(site, hours=28)
    after(site, hours=30)
    assert len(told(mailbox)) == 1  # nothing new came


def test_a_link_opened_decides_nothing(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk)
    arrive(site, 1, minutes=1)
    after(site, minutes=2)
    with site.app_context():
        before = head()
    links = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", told(mailbox)[0])
    assert links == ["/desk/moderation/", "/desk/me/#messages"]
    for link in links:
        assert desk.get(link).status_code == 200
    with site.app_context():
        assert head() == before
        assert verify() == []


def test_only_what_was_chosen_and_of_the_letters_looked_after(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk, subjects=["appeals", "reports"])
    arrive(site, 1, minutes=1)
    after(site, minutes=2)
    assert told(mailbox) == []
    with clock.at(NOON + timedelta(minutes=3)):
        choose(desk, how="off")
    after(site, minutes=30)
    assert told(mailbox) == []


def test_while_the_mail_server_refuses_messages_do_not_pile_up(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk)
    mailbox.is_away = True
    arrive(site, 1, minutes=1)
    after(site, minutes=2)
    with clock.at(NOON + timedelta(minutes=14)):
        send(site, 1, first=1)
    after(site, minutes=15)
    mailbox.is_away = False
    after(site, minutes=50)
    after(site, minutes=51)
    after(site, minutes=65)
    assert [t.rpartition("desk: ")[2] for t in told(mailbox)] == ["1 comment", "1 comment"]


def test_who_left_the_staff_hears_nothing(site, mailbox, desk):
    with clock.at(NOON):
        choose(desk)
    with site.app_context(), transaction():
        staff_by_email(ADDRESS).active = False
    arrive(site, 1, minutes=1)
    after(site, minutes=2)
    assert told(mailbox) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "There is no time zone of this name."),
        ({"zone": ""}, "There is no time zone of this name."),
        ({"hour": "24"}, "Choose an hour of the day."),
        ({"hour": "noon"}, "Choose an hour of the day."),
        ({"quiet_from": "22"}, "Choose from when until when it is quiet, or neither."),
        ({"quiet_from": "22", "quiet_until": "99"}, "Choose an hour of the day."),
        ({"subjects": []}, "Choose at least one thing to hear of"),
        ({"subjects": ["everything"]}, "Choose from what there is."),
    ],
)
def test_what_cannot_be_chosen_says_why_and_is_kept_in_the_form(site, desk, typed, sentence):
    answer = choose(desk, **typed)
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert sentence in shown
    assert 'value="immediate" checked' in shown
    with site.app_context():
        assert session().get(StaffMessages, 1) is None


def test_the_home_of_the_desk_says_when_no_message_comes(site, mailbox, desk):
    assert "No message tells you what comes." in page_of(desk, "/desk/")
    choose(desk)
    assert "No message tells you what comes." not in page_of(desk, "/desk/")
