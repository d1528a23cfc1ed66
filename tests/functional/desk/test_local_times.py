"""Staff see and type times in the zone of their account. Readers see UTC."""

import re
from datetime import UTC, datetime

import pytest

from commentsite import clock
from commentsite.accounts.queries import find_staff_by_email
from commentsite.db.session import transaction
from commentsite.letters.queries import get_any_letter
from tests.support.clients import choose_time_zone, fetch_page, post_form, publish, sign_in, submit
from tests.support.pages import visible_text

WINTER = datetime(2027, 1, 10, 23, 30, tzinfo=UTC)
WINDOW = "/desk/letters/hello/publish"


@pytest.fixture
def in_zurich(editor):
    assert choose_time_zone(editor, "Europe/Zurich").status_code == 303
    return editor


def set_window(client, **times):
    fields = {"opens": "", "closes": "", "grace_hours": "0"} | times
    return post_form(client, f"{WINDOW}/window", page=WINDOW, **fields)


def closing_time(app):
    with app.app_context():
        return get_any_letter("hello").comments_close_at


def test_the_desk_shows_the_time_of_the_account_and_pages_for_readers_show_utc(
    app, client, in_zurich
):
    with clock.freeze_at(WINTER):
        in_zurich = sign_in(app, "ed@staff.example")
        submit(client)
        case = visible_text(fetch_page(in_zurich, "/desk/moderation/1"))
        assert publish(in_zurich).status_code == 303
        for reader in (client, in_zurich):  # staff see the same page as everyone
            assert "10 January 2027, 23:30 UTC" in visible_text(fetch_page(reader))
    assert "11 January 2027, 00:30" in case
    assert "Zurich time (UTC+01:00)" in case


def test_the_list_of_zones_is_by_region_with_city_country_and_offset(app, editor):
    with clock.freeze_at(WINTER):
        editor = sign_in(app, "ed@staff.example")
        page = fetch_page(editor, "/desk/me/")
        assert '<option value="Asia/Kolkata">Kolkata, India (UTC+05:30)</option>' in page
        assert page.index('<optgroup label="Africa">') < page.index('<optgroup label="Asia">')
        choose_time_zone(editor, "Asia/Kolkata")
        page = fetch_page(editor, "/desk/me/")
    assert '<option value="Asia/Kolkata" selected>' in page
    assert "Your time zone is saved." in page


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe/Zurich\x00"])
def test_an_unknown_zone_is_refused(app, editor, zone):
    answer = choose_time_zone(editor, zone)
    assert answer.status_code == (303 if zone.startswith("Europe") else 422)
    with app.app_context():
        stored = find_staff_by_email("ed@staff.example").time_zone
    assert stored in {"UTC", "Europe/Zurich"}
    if answer.status_code == 422:
        assert "Choose a time zone from the list." in answer.text


def test_a_comment_period_is_read_in_the_zone_of_the_account(app, in_zurich):
    assert "Comments close (Zurich time)" in fetch_page(in_zurich, WINDOW)
    assert set_window(in_zurich, closes="2027-07-10T18:00").status_code == 303
    assert closing_time(app) == datetime(2027, 7, 10, 16, tzinfo=UTC)
    assert 'value="2027-07-10T18:00"' in fetch_page(in_zurich, WINDOW)


def test_a_time_that_the_clocks_skip_is_refused_and_stays_in_the_form(app, in_zurich):
    answer = set_window(in_zurich, closes="2027-03-28T02:30")
    assert answer.status_code == 422
    assert "The clocks go forward on that day and skip this time." in answer.text
    assert 'value="2027-03-28T02:30"' in answer.text
    assert closing_time(app) is None


def test_saving_a_form_does_not_move_a_time_that_the_clocks_show_twice(app, in_zurich):
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)  # the second 2:30 of that night
    with app.app_context(), transaction():
        get_any_letter("hello").comments_close_at = second
    shown = re.search(r'name="closes"[^>]*value="([^"]*)"', fetch_page(in_zurich, WINDOW))[1]
    assert shown == "2027-10-31T02:30"
    assert set_window(in_zurich, closes=shown).status_code == 303
    assert closing_time(app) == second
    assert set_window(in_zurich, closes="2027-10-31T02:45").status_code == 303
    assert closing_time(app) == datetime(2027, 10, 31, 0, 45, tzinfo=UTC)
