"""What the screening finds reaches the desk in words, marked where it stands, and decides nothing itself."""

import re

import pytest
from sqlalchemy import text

from commentsite.db import db
from tests.conftest import add_person, make_app, publish_hello, sign_in


def send(client, later, n=1, **changes):
    form = later.form(client, email=f"{n}@example.org", **changes)
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 303
    return answer.headers["Location"]


def case(moderator, n=1):
    return moderator.get(f"/desk/moderation/{n}").get_data(as_text=True)


def held_line(page):
    return re.sub(r"<[^>]+>", "", re.search(r'<p class="held">.*?</p>', page, re.DOTALL)[0])


def decide(moderator, n, verdict, version=1, reason=""):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', case(moderator, n))[1]
    sent = {"comment": f"{n}@{version}", "verdict": verdict, "csrf_token": token, "reason": reason}
    assert moderator.post("/desk/moderation/decisions", data=sent).status_code == 303


def change_settings(app, **changes):
    add_person(app, "steward", "steward@staff.example", "Sada Steward")
    steward = sign_in(app, "steward@staff.example")
    return save(steward, **changes)


def save(steward, **changes):
    page = steward.get("/desk/settings/").get_data(as_text=True)
    sent = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    sent |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)</textarea>', page))
    sent |= {
        "email_confirmation": "off",
        "moderation_mode": "solo",
        "intake": "hold_all",
        **changes,
    }
    for tick in ("letters_need_two", "staff_need_second_factor", "is_blind"):
        sent.pop(tick, None)
    return steward.post("/desk/settings/", data=sent)


def test_a_link_of_somebody_new_is_marked_where_it_stands(client, later, moderator):
    send(client, later, body="I <b>wrote</b> about it at https://a.example/x & elsewhere.")
    page = case(moderator)
    assert "a link of somebody new (a.example)" in held_line(page)
    assert "links_unknown, version 1" in page
    assert "<mark>https://a.example/x</mark>" in page
    assert "I &lt;b&gt;wrote&lt;/b&gt; about it at <mark>" in page  # as it was sent, and inert


def test_a_link_of_somebody_published_under_a_confirmed_address_is_theirs_to_give(
    app, client, later, moderator
):
    send(client, later, body="The first words.")
    decide(moderator, 1, "publish")
    send(client, later, body="See https://a.example now.")
    assert "somebody new" in held_line(case(moderator, 2))
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET email_confirmed_at = submitted_at"))
    send(client, later, body="See https://b.example today.")
    assert "somebody new" not in held_line(case(moderator, 3))
    send(client, later, n=2, body="See https://c.example today.")
    assert "somebody new" in held_line(case(moderator, 4))


def test_what_came_from_the_same_network_address_is_told_in_numbers(client, later, moderator):
    for n in range(3):
        send(client, later, n=n, body=f"Words number {n}.")
    decide(moderator, 1, "spam")
    decide(moderator, 2, "refuse", reason="R5")
    last = send(client, later, n=9, body="Words of somebody else.")
    page = case(moderator, 4)
    assert "same network address (1 spam, 1 refused)" in held_line(page)
    assert "In the last 7 days: 1 spam, 1 refused" in page
    assert "In the last 7 days" in case(moderator, 3)  # it came before the verdicts; they count now
    copy = client.get(f"{last}/data.json").get_json()  # others may share the network
    assert ([r["rule"] for r in copy["held"]], copy["held_by"]) == (
        ["first_reading"],
        "first_reading",
    )


def test_a_throw_away_address_is_pointed_out_and_taken_in(app, client, later, moderator):
    answer = change_settings(app, disposable_domains="@box.example\n")
    assert answer.status_code == 303
    for email in ("a@mailinator.com", "b@any.box.example"):
        form = later.form(client, email=email, body=f"Words of {email[0]}.")
        assert client.post("/letters/hello/comments", data=form).status_code == 303
    assert "a throw-away address (mailinator.com)" in held_line(case(moderator, 1))
    assert "a throw-away address (box.example)" in held_line(case(moderator, 2))


def test_words_of_the_letters_language_are_found_in_body_name_and_organisation(
    app, client, later, moderator
):
    lists = "[fr]\r\nbonjour\r\n\r\n[en]\r\ncasino\r\n"
    assert change_settings(app, banned_words=lists).status_code == 303
    send(client, later, name="Casino Ada", organisation="CASINO Ltd", body="Bonjour, c‑a‑s‑i‑n‑o!")
    page = case(moderator)
    assert "a word on the list (casino, casino in the name, casino in the org" in held_line(page)
    assert "<mark>Casino</mark> Ada" in page
    assert "Bonjour, <mark>c‑a‑s‑i‑n‑o</mark>!" in page


def test_lists_are_shown_as_they_were_typed_so_that_saving_them_again_changes_nothing(app):
    add_person(app, "steward", "steward@staff.example", "Sada Steward")
    steward = sign_in(app, "steward@staff.example")
    lists = {
        "banned_words": "casino\r\n\r\n[fr]\r\nloterie\r\n",
        "disposable_domains": "a.example\r\n",
    }
    for sent, told in ((lists, "The settings are changed."), ({}, "Nothing was different.")):
        assert save(steward, **sent).status_code == 303
        assert told in steward.get("/desk/settings/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("banned_words", "one\n[french words]\ntwo", "“[french words]” names no language."),
        ("disposable_domains", "not a domain", "“not a domain” is no domain."),
    ],
)
def test_a_list_that_cannot_be_taken_says_which_line_and_loses_nothing(app, field, typed, told):
    answer = change_settings(app, **{field: typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert typed in page


def test_a_comment_held_before_rules_had_versions_is_shown_as_it_was(app, client, later, moderator):
    send(client, later, body="Words with a <i>tag</i>.")
    old = '[{"rule": "links", "detail": "3"}, {"rule": "gone_since", "detail": "<b>x</b>"}]'
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET held = :held"), {"held": old})
    page = case(moderator)
    assert "many links (3); gone_since (&lt;b&gt;x&lt;/b&gt;)." in held_line(page)
    assert "<mark>" not in page


@pytest.fixture
def asked(tmp_path, template_database):
    app = make_app(
        tmp_path / "asked",
        template_database,
        AKISMET_URL="https://words.example",
        AKISMET_KEY="0123456789ab",
    )
    with app.app_context():
        publish_hello()
    return app


def test_readers_are_told_who_is_asked_about_their_words_and_otherwise_that_nobody_is(
    client, asked
):
    assert "Who else is asked" not in client.get("/privacy").get_data(as_text=True)
    page = asked.test_client().get("/privacy")
    assert "are given to words.example" in page.get_data(as_text=True)
    assert page.headers["ETag"] != client.get("/privacy").headers["ETag"]
