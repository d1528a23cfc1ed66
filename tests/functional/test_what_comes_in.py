"""What is published before a moderator has read it, what holds it again, and the switches for a flood."""

import re
from datetime import timedelta

import pytest

from commentsite import clock, jobs
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment, Report
from commentsite.db import session, transaction
from commentsite.letters.own_ways import set_intake
from commentsite.moderation.books import public_books
from commentsite.moderation.tally import does_not_balance
from commentsite.site.queries import settings_row
from tests.conftest import add_person, sign_in
from tests.functional.test_stewards_edit_the_rules import mail
from tests.functional.test_what_the_screening_points_out import save


def page_of(client, address):
    return client.get(address).get_data(as_text=True)


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def send(client, later, n=1, **changes):
    form = later.form(client, email=f"{n}@example.org", **changes)
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def set_site(app, **settings):
    with app.app_context(), transaction():
        row = settings_row()
        for name, value in settings.items():
            setattr(row, name, value)
        row.version += 1


def confirm(app, client, receipt):
    link = re.findall(rf"{re.escape(receipt)}/confirm/\S+", mail(app))[-1]
    signed = re.search(r'name="receipt_form" value="([^"]+)"', page_of(client, link))[1]
    number = re.search(r'name="comment" value="(\d+)"', page_of(client, link))
    sent = {"receipt_form": signed, "comment": number[1] if number else "1"}
    assert client.post(link, data=sent).status_code == 303


def states(app):
    with app.app_context():
        return [str(c.state) for c in session().query(Comment).order_by(Comment.id)]


def act(staff, comment, verdict, **more):
    """Decide one comment as its page offers it."""
    page = page_of(staff, f"/desk/moderation/{comment}")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    item = re.search(r'name="comment" value="(\d+@\d+)"', page)[1]
    sent = {"comment": item, "verdict": verdict, "csrf_token": token} | more
    return staff.post("/desk/moderation/decisions", data=sent)


def switch(staff, **sent):
    page = page_of(staff, "/desk/switchboard/")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    typed = {"act": "on", "hours": "2", "reason": "A wave of advertising."}
    return staff.post("/desk/switchboard/", data=typed | {"csrf_token": token} | sent)


@pytest.fixture
def editor(app):
    add_person(app, "editor", "ed@staff.example", "Edda Editor")
    return sign_in(app, "ed@staff.example")


@pytest.fixture
def steward(app):
    add_person(app, "steward", "st@staff.example", "Sada Steward")
    return sign_in(app, "st@staff.example")


def test_as_it_comes_every_comment_waits(app, client, later):
    send(client, later)
    assert states(app) == ["pending"]


def test_published_at_once_and_looked_at_afterwards(app, client, later, moderator):
    set_site(app, intake="publish_and_look")
    receipt = send(client, later, body="Good words, at once.")
    assert "Good words, at once." in page_of(client, "/letters/hello")
    assert "Your comment is published." in page_of(client, receipt)
    told = mail(app)
    assert "A moderator looks at it afterwards." in told
    assert "reads it before it appears" not in told
    send(client, later, n=2, body="Buy at https://shop.example now.")  # a link of somebody new
    assert states(app) == ["published", "pending"]
    assert "1 was published unread" in text_of(page_of(moderator, "/desk/"))
    view = page_of(moderator, "/desk/moderation/?state=published&waiting=look")
    assert "Published unread, 1" in text_of(view)
    assert act(moderator, 1, "publish").status_code == 303
    assert "Published unread, 0" in text_of(page_of(moderator, "/desk/moderation/?waiting=look"))
    assert states(app) == ["published", "pending"]
    with app.app_context():
        assert does_not_balance(public_books()) == []


def test_what_was_published_unread_can_be_removed_or_the_look_be_undone(
    app, client, later, moderator
):
    set_site(app, intake="publish_and_look")
    send(client, later)
    done = act(moderator, 1, "publish").headers["Location"]
    number = re.search(r"done=(\d+)", done)[1]
    token = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', page_of(moderator, "/desk/moderation/1")
    )[1]
    undone = moderator.post(f"/desk/moderation/decisions/{number}/undo", data={"csrf_token": token})
    assert undone.status_code == 303
    assert "Published unread, 1" in text_of(page_of(moderator, "/desk/moderation/?waiting=look"))
    assert act(moderator, 1, "restrict", reason="R2", facts="It shouts.").status_code == 303
    assert "Removed under rule 2" in text_of(page_of(client, "/letters/hello"))


def test_the_known_come_in_once_they_confirm_and_nobody_in_their_name(
    app, client, later, moderator
):
    set_site(app, intake="hold_unknown")
    first = send(client, later, body="The first words of somebody.")
    confirm(app, client, first)
    assert states(app) == ["pending"]  # confirmed, and never published before
    act(moderator, 1, "publish")
    second = send(client, later, body="Other words under the same address.")
    assert states(app) == ["published", "pending"]  # anybody can type an address
    assert "Other words" not in page_of(client, "/letters/hello")
    confirm(app, client, second)
    assert states(app) == ["published", "published"]
    assert "Other words" in page_of(client, "/letters/hello")
    send(client, later, n=2, body="The words of a stranger.")
    assert states(app)[2] == "pending"


def test_who_changed_the_words_or_has_a_sanction_waits(app, client, later, moderator):
    set_site(app, intake="hold_unknown")
    confirm(app, client, send(client, later, body="The first words of somebody."))
    act(moderator, 1, "publish")
    receipt = send(client, later, body="Words that will be changed.")
    signed = re.search(r'name="receipt_form" value="([^"]+)"', page_of(client, receipt))[1]
    client.post(
        f"{receipt}/edit", data={"receipt_form": signed, "body": "Words that were changed."}
    )
    confirm(app, client, receipt)
    assert states(app)[1] == "pending"


def test_a_letter_does_otherwise_than_its_site(app, client, later, editor):
    page = page_of(editor, "/desk/letters/hello/publish")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    there = "/desk/letters/hello/publish"
    sent = {"act": "intake", "intake": "everything", "csrf_token": token}
    assert editor.post(there, data=sent).status_code == 422
    assert editor.post(there, data=sent | {"intake": "publish_and_look"}).status_code == 303
    send(client, later)
    assert states(app) == ["published"]
    set_site(app, intake="publish_and_look")
    with app.app_context(), transaction():
        set_intake("hello", "hold_all", by=SYSTEM)
    send(client, later, n=2, body="Another reader's words.")
    assert states(app) == ["published", "pending"]


def report(client, address, comment=1):
    there = f"/letters/hello/comments/{comment}/report"
    signed = re.search(r'name="report_form" value="([^"]+)"', page_of(client, there))[1]
    sent = {"rule": "R2", "words": "It attacks the author.", "report_form": signed}
    return client.post(there, data=sent, environ_overrides={"REMOTE_ADDR": address})


def test_reports_from_enough_readers_hold_a_comment_and_a_look_settles_them(
    app, client, later, moderator
):
    set_site(app, report_threshold=3)
    receipt = send(client, later, body="The words that are reported.")
    act(moderator, 1, "publish")
    send(client, later, n=2, body="An answer to them.", parent="1")
    act(moderator, 2, "publish")
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"):
        follow = report(client, address).headers["Location"]
    assert states(app)[0] == "published"  # two readers, however often they say it
    report(client, "192.0.2.3")
    assert states(app)[0] == "pending"
    letter = text_of(page_of(client, "/letters/hello"))
    assert "The words that are reported." not in letter
    assert "Held" in letter
    assert "A moderator looks at it." in letter
    assert "An answer to them." in letter
    assert "readers reported it" in text_of(page_of(moderator, "/desk/moderation/1"))
    assert "waits for a moderator" in page_of(client, receipt)
    shown = page_of(moderator, "/desk/moderation/1")
    assert "/desk/moderation/1/keep" not in shown  # it does not stay before it is published again
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)[1]
    kept = moderator.post("/desk/moderation/1/keep", data={"csrf_token": token})
    assert kept.status_code == 409
    assert "report" not in text_of(page_of(moderator, "/desk/"))  # it waits among the others
    act(moderator, 1, "publish")
    assert states(app)[0] == "published"
    assert "The words that are reported." in page_of(client, "/letters/hello")
    assert "the comment stays" in page_of(client, follow)
    assert report(client, "192.0.2.4").status_code == 303
    assert states(app)[0] == "published"  # the same again, from one
    with app.app_context():
        assert does_not_balance(public_books()) == []
        assert {r.state for r in session().query(Report)} == {"kept", "open"}


def test_what_reports_held_is_refused_with_a_mark_and_they_were_right(
    app, client, later, moderator
):
    set_site(app, report_threshold=1)
    send(client, later, body="The words that are reported.")
    act(moderator, 1, "publish")
    follow = report(client, "192.0.2.1").headers["Location"]
    assert states(app) == ["pending"]
    assert act(moderator, 1, "refuse", reason="R2", facts="It does.").status_code == 303
    assert "Removed under rule 2" in text_of(page_of(client, "/letters/hello"))
    assert "The comment was removed." in page_of(client, follow)


def test_reports_hold_nothing_where_the_site_does_not_say_so(app, client, later, moderator):
    send(client, later)
    act(moderator, 1, "publish")
    for n in range(8):
        assert report(client, f"192.0.2.{n}").status_code == 303
    assert states(app) == ["published"]


def test_the_address_of_who_reports_is_forgotten_like_any(app, client, later, moderator):
    send(client, later)
    act(moderator, 1, "publish")
    report(client, "192.0.2.1")
    with clock.at(clock.now() + timedelta(days=200)):
        jobs.run_once(app)
    with app.app_context():
        assert [r.address_hash for r in session().query(Report)] == [None]


def test_everything_waits_while_the_switch_is_on_and_not_after(app, client, later, editor):
    set_site(app, intake="publish_and_look")
    assert switch(editor, kind="hold").status_code == 303
    shown = text_of(page_of(editor, "/desk/"))
    assert "Everything waits for a moderator until" in shown
    assert "Edda Editor : A wave of advertising." in shown
    send(client, later)
    assert states(app) == ["pending"]
    with clock.at(clock.now() + timedelta(hours=2, seconds=1)):
        send(client, later, n=2, body="Sent when it was over.")
        assert "on" not in re.findall(r'class="tag">(\w+)<', page_of(editor, "/desk/switchboard/"))
    assert states(app) == ["pending", "published"]


def test_only_confirmed_addresses_are_read(app, client, later, editor):
    switch(editor, kind="confirmed")
    receipt = send(client, later)
    assert states(app) == ["awaiting_email"]
    confirm(app, client, receipt)
    assert states(app) == ["pending"]
    switch(editor, kind="confirmed", act="off")
    send(client, later, n=2, body="Sent when it was off.")
    assert states(app) == ["pending", "pending"]


def test_closed_says_until_when_keeps_what_was_typed_and_opens_by_itself(
    app, client, later, editor
):
    form = later.form(client, body="Typed for an hour, with care.")
    assert 'name="body"' in page_of(client, "/letters/hello")
    switch(editor, kind="closed", hours="1")
    shut = page_of(client, "/letters/hello")
    assert "This site takes no comments until" in shut
    assert 'name="body"' not in shut
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 403
    kept = answer.get_data(as_text=True)
    assert "Typed for an hour, with care." in kept
    assert "send it then" in kept
    assert states(app) == []
    with clock.at(clock.now() + timedelta(hours=1, seconds=1)):
        assert 'name="body"' in page_of(client, "/letters/hello")
        assert client.post("/letters/hello/comments", data=form).status_code == 303


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"kind": "everything"}, 422, "Choose what to switch on."),
        ({"kind": "hold", "hours": "0"}, 422, "from 1 to 168"),
        ({"kind": "hold", "hours": "169"}, 422, "from 1 to 168"),
        ({"kind": "hold", "hours": "many"}, 422, "from 1 to 168"),
        ({"kind": "hold", "reason": " "}, 422, "Say in a sentence why"),
        ({"kind": "hold", "act": "off"}, 409, "It is off already."),
        ({"kind": "hold", "csrf_token": "none"}, 400, ""),
    ],
)
def test_a_switch_that_cannot_be(app, editor, sent, status, sentence):
    answer = switch(editor, **sent)
    assert answer.status_code == status
    assert sentence in answer.get_data(as_text=True)
    with app.app_context():
        assert settings_row().version == 1


def test_trying_other_settings_changes_nothing_and_tells_what_they_would_do(
    app, client, later, moderator, steward
):
    send(client, later, body="A casino in every port.")
    send(client, later, n=2, body="See https://a.example for more.")
    send(client, later, n=3, body="Plain words.")
    act(moderator, 1, "publish")
    shown = text_of(
        save(steward, banned_words="casino\nport", **{"try": "1"}).get_data(as_text=True)
    )
    assert "Tried on the last 3 comments; nothing is changed" in shown
    assert "Pointed out as it is: 1. As you typed it: 2." in shown
    assert "Comment 1 Published: a word on the list" in shown
    assert "A casino in every port." in shown
    assert "Those that come in stand like this today: published 1." in shown
    assert "Comment 2" not in shown
    with app.app_context():
        assert settings_row().banned_words == ""
        assert settings_row().version == 1
    assert save(steward, banned_words="casino\nport").status_code == 303
    again = text_of(
        save(steward, banned_words="casino\nport", **{"try": "1"}).get_data(as_text=True)
    )
    assert "They are the same." in again


def test_what_cannot_be_tried_says_why(steward):
    answer = save(steward, banned_words="[two words]", **{"try": "1"})
    assert answer.status_code == 422
    assert "names no language" in answer.get_data(as_text=True)
