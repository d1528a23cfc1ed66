"""Findings of the screening checks reach the desk with their position, and decide nothing."""

import pytest
from sqlalchemy import text

from commentsite.db.session import db
from tests.support.clients import (
    decide,
    fetch_case,
    fill_comment_form,
    save_settings,
    sign_in,
    submit_numbered,
)
from tests.support.factories import add_staff_member, make_app, publish_sample_letter
from tests.support.pages import held_reasons


def change_settings(app, **changes):
    add_staff_member(app, "steward", "steward@staff.example", "Sada Steward")
    steward = sign_in(app, "steward@staff.example")
    return save_settings(steward, **changes)


def test_a_link_from_a_new_sender_is_highlighted_in_the_text(client, moderator):
    submit_numbered(client, body="I <b>wrote</b> about it at https://a.example/x & elsewhere.")
    page = fetch_case(moderator)
    assert "a link from a new sender (a.example)" in held_reasons(page)
    assert "version 1 of the check" in page
    assert "<mark>https://a.example/x</mark>" in page
    assert "I &lt;b&gt;wrote&lt;/b&gt; about it at <mark>" in page  # as it was sent, and escaped


def test_a_link_from_a_published_sender_with_a_confirmed_address_is_not_flagged(
    app, client, moderator
):
    submit_numbered(client, body="The first words.")
    assert decide(moderator, 1, "publish").status_code == 303
    submit_numbered(client, body="See https://a.example now.")
    assert "new sender" in held_reasons(fetch_case(moderator, 2))
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET email_confirmed_at = submitted_at"))
    submit_numbered(client, body="See https://b.example today.")
    assert "new sender" not in held_reasons(fetch_case(moderator, 3))
    submit_numbered(client, number=2, body="See https://c.example today.")
    assert "new sender" in held_reasons(fetch_case(moderator, 4))


def test_a_moderator_sees_counts_for_the_same_network_address(client, moderator):
    for n in range(3):
        submit_numbered(client, number=n, body=f"Words number {n}.")
    assert decide(moderator, 1, "spam").status_code == 303
    assert decide(moderator, 2, "refuse", reason="R5").status_code == 303
    last = submit_numbered(client, number=9, body="Words of somebody else.")
    page = fetch_case(moderator, 4)
    assert "same network address (1 spam, 1 refused)" in held_reasons(page)
    assert "In the last 7 days: 1 spam, 1 refused" in page
    assert "In the last 7 days" in fetch_case(
        moderator, 3
    )  # it was sent before the verdicts, which count now
    copy = client.get(f"{last}/data.json").get_json()  # others may share the network
    assert ([r["rule"] for r in copy["held"]], copy["held_by"]) == (
        ["first_reading"],
        "first_reading",
    )


def test_a_comment_from_a_disposable_address_is_accepted_and_flagged(app, client, moderator):
    answer = change_settings(app, disposable_domains="@box.example\n")
    assert answer.status_code == 303
    for email in ("a@mailinator.com", "b@any.box.example"):
        form = fill_comment_form(client, email=email, body=f"Words of {email[0]}.")
        assert client.post("/letters/hello/comments", data=form).status_code == 303
    assert "a disposable email address (mailinator.com)" in held_reasons(fetch_case(moderator, 1))
    assert "a disposable email address (box.example)" in held_reasons(fetch_case(moderator, 2))


def test_listed_words_of_the_letters_language_are_found_in_body_name_and_organisation(
    app, client, moderator
):
    lists = "[fr]\r\nbonjour\r\n\r\n[en]\r\ncasino\r\n"
    assert change_settings(app, banned_words=lists).status_code == 303
    submit_numbered(
        client, name="Casino Ada", organisation="CASINO Ltd", body="Bonjour, c‑a‑s‑i‑n‑o!"
    )
    page = fetch_case(moderator)
    assert "a word on the list (casino, casino in the name, casino in the org" in held_reasons(page)
    assert "<mark>Casino</mark> Ada" in page
    assert "Bonjour, <mark>c‑a‑s‑i‑n‑o</mark>!" in page


def test_word_lists_are_shown_as_they_were_typed_so_that_saving_them_again_changes_nothing(app):
    add_staff_member(app, "steward", "steward@staff.example", "Sada Steward")
    steward = sign_in(app, "steward@staff.example")
    lists = {
        "banned_words": "casino\r\n\r\n[fr]\r\nloterie\r\n",
        "disposable_domains": "a.example\r\n",
    }
    for sent, told in ((lists, "The settings are saved."), ({}, "No setting was different.")):
        assert save_settings(steward, **sent).status_code == 303
        assert told in steward.get("/desk/settings/").text


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("banned_words", "one\n[french words]\ntwo", "“[french words]” is not a language."),
        ("disposable_domains", "not a domain", "“not a domain” is not a domain."),
    ],
)
def test_an_invalid_list_names_the_line_and_keeps_the_input(app, field, typed, told):
    answer = change_settings(app, **{field: typed})
    page = answer.text
    assert answer.status_code == 422
    assert told in page
    assert typed in page


def test_findings_stored_before_checks_had_versions_are_shown_without_one(app, client, moderator):
    submit_numbered(client, body="Words with a <i>tag</i>.")
    old = '[{"rule": "links", "detail": "3"}, {"rule": "gone_since", "detail": "<b>x</b>"}]'
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET held = :held"), {"held": old})
    page = fetch_case(moderator)
    assert "many links (3); gone_since (&lt;b&gt;x&lt;/b&gt;)" in held_reasons(page)
    assert "<mark>" not in page


@pytest.fixture
def app_with_akismet(tmp_path, template_database):
    app = make_app(
        tmp_path / "akismet",
        template_database,
        AKISMET_URL="https://words.example",
        AKISMET_KEY="0123456789ab",
    )
    with app.app_context():
        publish_sample_letter()
    return app


def test_the_privacy_page_names_the_external_service_if_there_is_one(client, app_with_akismet):
    assert "Who else is asked" not in client.get("/privacy").text
    page = app_with_akismet.test_client().get("/privacy")
    assert "sends its text to words.example" in page.text
    assert page.headers["ETag"] != client.get("/privacy").headers["ETag"]
