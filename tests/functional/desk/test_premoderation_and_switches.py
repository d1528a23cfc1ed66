"""Publication before review, comments held again by reports, and emergency switches."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.reports.models import Report
from commentsite.db.session import session, transaction
from commentsite.letters.publication.comment_settings import set_premoderation_policy
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.site.queries import find_settings
from commentsite.worker import tasks
from tests.support.clients import (
    confirm_email,
    csrf_token,
    decide,
    fetch_page,
    fill_comment_form,
    receipt_token,
    report_comment,
    save_settings,
    submit_numbered,
    try_settings,
)
from tests.support.factories import comment_states, update_site_settings
from tests.support.pages import visible_text
from tests.support.smtp import read_mail_text

SWITCHES = "/desk/switchboard/"


def set_emergency_switch(staff, action="on", **sent):
    token = csrf_token(fetch_page(staff, SWITCHES))
    form = {"hours": "2", "reason": "A wave of advertising.", "csrf_token": token}
    return staff.post(SWITCHES + action, data=form | sent)


def test_scripts_may_still_turn_a_switch_on_and_off_by_a_field(editor):
    assert set_emergency_switch(editor, "", kind="hold", act="on").status_code == 303
    assert "Stop holding all comments" in fetch_page(editor, SWITCHES)
    assert set_emergency_switch(editor, "", kind="hold", act="off").status_code == 303
    assert "Stop holding all comments" not in fetch_page(editor, SWITCHES)


def test_an_editor_reads_until_when_a_switch_is_on(editor):
    set_emergency_switch(editor, kind="hold")
    shown = visible_text(fetch_page(editor, SWITCHES))
    assert "“All comments are held for a moderator” is on until" in shown
    set_emergency_switch(editor, "off", kind="hold")
    assert "“All comments are held for a moderator” is off." in visible_text(
        fetch_page(editor, SWITCHES)
    )


def test_by_default_every_comment_waits(app, client):
    submit_numbered(client)
    assert comment_states(app) == ["pending"]


def test_a_comment_is_published_at_once_and_reviewed_afterwards(app, client, moderator):
    update_site_settings(app, intake="publish_and_look")
    receipt = submit_numbered(client, body="Good words, at once.")
    assert "Good words, at once." in fetch_page(client, "/letters/hello")
    assert "Your comment is published." in fetch_page(client, receipt)
    email = read_mail_text(app)
    assert "is published. A moderator will review it." in email
    assert "reads it before it is published" not in email
    submit_numbered(
        client, number=2, body="Buy at https://shop.example now."
    )  # a link from a new sender
    assert comment_states(app) == ["published", "pending"]
    assert "1 Published before review" in visible_text(fetch_page(moderator, "/desk/"))
    view = fetch_page(moderator, "/desk/moderation/?state=published&waiting=look")
    assert "Published, not yet reviewed, 1" in visible_text(view)
    assert decide(moderator, 1, "publish").status_code == 303
    assert "Published, not yet reviewed, 0" in visible_text(
        fetch_page(moderator, "/desk/moderation/?waiting=look")
    )
    assert comment_states(app) == ["published", "pending"]
    with app.app_context():
        assert find_inconsistencies(load_transparency_report()) == []


def test_a_moderator_undoes_a_review_and_removes_the_published_comment(app, client, moderator):
    update_site_settings(app, intake="publish_and_look")
    submit_numbered(client)
    done = decide(moderator, 1, "publish").headers["Location"]
    number = re.search(r"done=(\d+)", done)[1]
    token = csrf_token(fetch_page(moderator, "/desk/moderation/1"))
    undone = moderator.post(f"/desk/moderation/decisions/{number}/undo", data={"csrf_token": token})
    assert undone.status_code == 303
    assert "Published, not yet reviewed, 1" in visible_text(
        fetch_page(moderator, "/desk/moderation/?waiting=look")
    )
    assert decide(moderator, 1, "restrict", reason="R2", facts="It shouts.").status_code == 303
    assert "Removed under rule 2" in visible_text(fetch_page(client, "/letters/hello"))


def test_a_known_commenter_is_published_on_confirmation_and_an_impostor_is_not(
    app, client, moderator
):
    update_site_settings(app, intake="hold_unknown")
    first = submit_numbered(client, body="The first words of somebody.")
    confirm_email(app, client, receipt=first)
    assert comment_states(app) == ["pending"]  # confirmed, and never published before
    decide(moderator, 1, "publish")
    second = submit_numbered(client, body="Other words under the same address.")
    assert comment_states(app) == ["published", "pending"]  # every sender can type any address
    assert "Other words" not in fetch_page(client, "/letters/hello")
    confirm_email(app, client, receipt=second)
    assert comment_states(app) == ["published", "published"]
    assert "Other words" in fetch_page(client, "/letters/hello")
    submit_numbered(client, number=2, body="The words of a stranger.")
    assert comment_states(app)[2] == "pending"


def test_a_commenter_who_edited_or_has_a_sanction_waits(app, client, moderator):
    update_site_settings(app, intake="hold_unknown")
    confirm_email(app, client, receipt=submit_numbered(client, body="The first words of somebody."))
    decide(moderator, 1, "publish")
    receipt = submit_numbered(client, body="Words that will be changed.")
    signed = receipt_token(fetch_page(client, receipt))
    client.post(
        f"{receipt}/edit", data={"receipt_form": signed, "body": "Words that were changed."}
    )
    confirm_email(app, client, receipt=receipt)
    assert comment_states(app)[1] == "pending"


def test_a_letter_overrides_the_policy_of_the_site(app, client, editor):
    page = fetch_page(editor, "/desk/letters/hello/publish")
    token = csrf_token(page)
    address = "/desk/letters/hello/publish/premoderation"
    sent = {"intake": "everything", "csrf_token": token}
    assert editor.post(address, data=sent).status_code == 422
    assert editor.post(address, data=sent | {"intake": "publish_and_look"}).status_code == 303
    submit_numbered(client)
    assert comment_states(app) == ["published"]
    update_site_settings(app, intake="publish_and_look")
    with app.app_context(), transaction():
        set_premoderation_policy("hello", "hold_all", by=SYSTEM)
    submit_numbered(client, number=2, body="Another reader's words.")
    assert comment_states(app) == ["published", "pending"]


def test_enough_reports_hold_a_comment_until_a_moderator_reviews_it(app, client, moderator):
    update_site_settings(app, report_threshold=3)
    receipt = submit_numbered(client, body="The words that are reported.")
    decide(moderator, 1, "publish")
    submit_numbered(client, number=2, body="An answer to them.", parent="1")
    decide(moderator, 2, "publish")
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"):
        follow = report_comment(client, address=address).headers["Location"]
    assert comment_states(app)[0] == "published"  # two readers, however often they say it
    report_comment(client, address="192.0.2.3")
    assert comment_states(app)[0] == "pending"
    letter = visible_text(fetch_page(client, "/letters/hello"))
    assert "The words that are reported." not in letter
    assert "Held" in letter
    assert "A moderator is reviewing this comment." in letter
    assert "An answer to them." in letter
    assert "readers reported it" in visible_text(fetch_page(moderator, "/desk/moderation/1"))
    assert "is waiting for a moderator" in fetch_page(client, receipt)
    shown = fetch_page(moderator, "/desk/moderation/1")
    assert "/desk/moderation/1/keep" not in shown  # it does not stay before it is published again
    token = csrf_token(shown)
    dismissed = moderator.post("/desk/moderation/1/keep", data={"csrf_token": token})
    assert dismissed.status_code == 409
    assert "report" not in visible_text(
        fetch_page(moderator, "/desk/")
    )  # it waits among the others
    decide(moderator, 1, "publish")
    assert comment_states(app)[0] == "published"
    assert "The words that are reported." in fetch_page(client, "/letters/hello")
    assert "A moderator dismissed your report. The comment stays published." in fetch_page(
        client, follow
    )
    assert report_comment(client, address="192.0.2.4").status_code == 303
    assert comment_states(app)[0] == "published"  # the same again, from one
    with app.app_context():
        assert find_inconsistencies(load_transparency_report()) == []
        assert {r.state for r in session().query(Report)} == {"kept", "open"}


def test_refusing_a_reported_comment_leaves_a_notice_and_upholds_the_reports(
    app, client, moderator
):
    update_site_settings(app, report_threshold=1)
    submit_numbered(client, body="The words that are reported.")
    decide(moderator, 1, "publish")
    follow = report_comment(client, address="192.0.2.1").headers["Location"]
    assert comment_states(app) == ["pending"]
    assert decide(moderator, 1, "refuse", reason="R2", facts="It does.").status_code == 303
    assert "Removed under rule 2" in visible_text(fetch_page(client, "/letters/hello"))
    assert "The comment was removed." in fetch_page(client, follow)


def test_reports_hold_no_comment_by_default(app, client, moderator):
    submit_numbered(client)
    decide(moderator, 1, "publish")
    for n in range(8):
        assert report_comment(client, address=f"192.0.2.{n}").status_code == 303
    assert comment_states(app) == ["published"]


def test_the_network_address_of_a_report_is_purged(app, client, moderator):
    submit_numbered(client)
    decide(moderator, 1, "publish")
    report_comment(client, address="192.0.2.1")
    with clock.freeze_at(clock.now() + timedelta(days=200)):
        tasks.run_pass(app)
    with app.app_context():
        assert [r.network_address_hash for r in session().query(Report)] == [None]


def test_every_comment_waits_while_the_switch_is_on(app, client, editor):
    update_site_settings(app, intake="publish_and_look")
    assert set_emergency_switch(editor, kind="hold").status_code == 303
    shown = visible_text(fetch_page(editor, "/desk/"))
    assert "“All comments are held for a moderator” is on until" in shown
    assert "Edda Editor : A wave of advertising." in shown
    submit_numbered(client)
    assert comment_states(app) == ["pending"]
    with clock.freeze_at(clock.now() + timedelta(hours=2, seconds=1)):
        submit_numbered(client, number=2, body="Sent when it was over.")
        assert "on" not in re.findall(
            r'class="tag">(\w+)<', fetch_page(editor, "/desk/switchboard/")
        )
    assert comment_states(app) == ["pending", "published"]


def test_a_switch_requires_confirmed_addresses(app, client, editor):
    set_emergency_switch(editor, kind="confirmed")
    receipt = submit_numbered(client)
    assert comment_states(app) == ["awaiting_email"]
    confirm_email(app, client, receipt=receipt)
    assert comment_states(app) == ["pending"]
    set_emergency_switch(editor, "off", kind="confirmed")
    submit_numbered(client, number=2, body="Sent when it was off.")
    assert comment_states(app) == ["pending", "pending"]


def test_a_closed_site_keeps_typed_comments_and_opens_by_itself(app, client, editor):
    form = fill_comment_form(client, body="Typed for an hour, with care.")
    assert 'name="body"' in fetch_page(client, "/letters/hello")
    set_emergency_switch(editor, kind="closed", hours="1")
    shut = fetch_page(client, "/letters/hello")
    assert "This site accepts no comments until" in shut
    assert 'name="body"' not in shut
    answer = client.post("/letters/hello/comments", data=form)
    assert answer.status_code == 403
    page = answer.text
    assert "Typed for an hour, with care." in page
    assert "Send it then." in page
    assert comment_states(app) == []
    with clock.freeze_at(clock.now() + timedelta(hours=1, seconds=1)):
        assert 'name="body"' in fetch_page(client, "/letters/hello")
        assert client.post("/letters/hello/comments", data=form).status_code == 303


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"kind": "everything"}, 422, "Choose what to switch on."),
        ({"kind": "hold", "hours": "0"}, 422, "from 1 to 168"),
        ({"kind": "hold", "hours": "169"}, 422, "from 1 to 168"),
        ({"kind": "hold", "hours": "many"}, 422, "from 1 to 168"),
        ({"kind": "hold", "reason": " "}, 422, "Give the reason in a sentence"),
        ({"kind": "hold", "action": "off"}, 409, "This switch is already off."),
        ({"kind": "hold", "csrf_token": "none"}, 400, ""),
    ],
)
def test_an_invalid_switch_is_refused(app, editor, sent, status, sentence):
    answer = set_emergency_switch(editor, **sent)
    assert answer.status_code == status
    assert sentence in answer.text
    with app.app_context():
        assert find_settings().version == 1


def test_a_dry_run_of_settings_lists_flagged_comments_and_saves_nothing(
    app, client, moderator, steward
):
    submit_numbered(client, body="A casino in every port.")
    submit_numbered(client, number=2, body="See https://a.example for more.")
    submit_numbered(client, number=3, body="Plain words.")
    decide(moderator, 1, "publish")
    shown = visible_text(try_settings(steward, banned_words="casino\nport").text)
    assert "Tried on the latest 3 comments. No setting is changed." in shown
    assert "Flagged by the settings in force: 1. Flagged by your settings: 2." in shown
    assert "Comment 1 Published: a word on the list (casino, port)" in shown
    assert "A casino in every port." in shown
    assert "Newly flagged, by current state: Published: 1" in shown
    assert "Comment 2" not in shown
    with app.app_context():
        assert find_settings().banned_words == ""
        assert find_settings().version == 1
    assert save_settings(steward, banned_words="casino\nport").status_code == 303
    again = visible_text(try_settings(steward, banned_words="casino\nport").text)
    assert "Both flag the same comments." in again


@pytest.mark.parametrize("old", [{}, {"path": "/desk/settings/", "try": "1"}])
def test_invalid_settings_are_refused_by_a_dry_run(steward, old):
    answer = try_settings(steward, banned_words="[two words]", **old)
    assert answer.status_code == 422
    assert "is not a language." in answer.text


def test_reloading_the_page_of_a_dry_run_shows_the_settings(steward):
    answer = steward.get("/desk/settings/dry-run")
    assert (answer.status_code, answer.location) == (303, "/desk/settings/")
