"""Where authors are hidden, no moderator sees one before the decision is final."""

import pytest

from commentsite.db.session import session
from commentsite.moderation.models import Decision
from tests.support.audit import list_latest_entries
from tests.support.clients import csrf_token, decide, post_from_queue, submit_for_receipt
from tests.support.clock import after_undo_window
from tests.support.factories import comment_states, update_site_settings

NAME, ORGANISATION = "Quillon Farwell", "Persimmon Union"
TRACES = (NAME, ORGANISATION, "Quillon", "Persimmon", "q…@example.org", "quillon@example.org")


@pytest.fixture
def hidden(app, client):
    """A site that hides authors, with two comments."""
    update_site_settings(app, is_blind=True)
    for number in (1, 2):
        submit_for_receipt(
            client, name=f"{NAME} {number}", organisation=ORGANISATION, capacity="on_behalf_of",
            email="quillon@example.org", body=f"Comment number {number} about this letter.",
        )  # fmt: skip
    return app


def undo(staff, decision_id=1):
    return post_from_queue(staff, f"/desk/moderation/decisions/{decision_id}/undo")


def assert_hidden(page: str, where: str) -> None:
    for trace in TRACES:
        assert trace not in page, f"{where} shows {trace}"


def visit_every_view(staff, decision_id=1):
    """Open what the desk shows of a decided comment, and check that it names no author."""
    for address in (
        "/desk/", "/desk/moderation/1", f"/desk/moderation/?done={decision_id}",
        "/desk/moderation/?state=spam", "/desk/moderation/?state=refused",
        "/desk/moderation/?state=published", "/desk/moderation/?state=returned",
        "/desk/moderation/?mine=yes&state=spam", "/desk/moderation/2",
    ):  # fmt: skip
        assert_hidden(staff.get(address).text, address)


@pytest.mark.parametrize("verdict", ["spam", "refuse", "return", "publish"])
def test_the_author_stays_hidden_while_the_decision_can_be_undone(hidden, moderator, verdict):
    answer = decide(moderator, verdict=verdict, reason="R2", note="Why.", facts="These.")
    assert answer.status_code == 303
    assert_hidden(moderator.get(answer.location).text, "the page after the decision")
    visit_every_view(moderator)
    with after_undo_window():
        assert NAME in moderator.get("/desk/moderation/1").text or verdict == "return"


@pytest.mark.parametrize("verdict", ["spam", "refuse", "return"])
def test_after_an_undo_the_author_is_hidden_and_the_moderator_decides_unknowing(
    hidden, moderator, verdict
):
    decide(moderator, verdict=verdict, reason="R2", note="Why.", facts="These.")
    assert undo(moderator).status_code == 303
    assert comment_states(hidden)[0] == "pending"
    visit_every_view(moderator)
    with after_undo_window():
        visit_every_view(moderator)
    assert decide(moderator, verdict="publish").status_code == 303


def test_who_published_and_undid_cannot_decide_again_but_another_moderator_can(
    hidden, moderator, second_moderator
):
    decide(moderator, verdict="publish")
    assert undo(moderator).status_code == 303
    visit_every_view(moderator)
    for verdict in ("publish", "refuse", "spam"):
        refused = decide(moderator, verdict=verdict, reason="R2", note="Why.")
        assert refused.status_code == 403
        assert "another moderator must decide" in refused.text
    assert decide(second_moderator, verdict="publish").status_code == 303
    assert comment_states(hidden)[0] == "published"


def test_search_finds_no_author_while_the_decision_can_be_undone(hidden, moderator):
    decide(moderator, verdict="spam")
    for words in ("Farwell", "quillon@example.org"):
        page = moderator.get(f"/desk/moderation/?state=spam&q={words}").text
        assert "/desk/moderation/1" not in page
        with after_undo_window():
            page = moderator.get(f"/desk/moderation/?state=spam&q={words}").text
        assert "/desk/moderation/1" in page


def test_the_results_of_a_selection_name_no_author_while_it_can_be_undone(hidden, moderator):
    fields = {"comment": ["1@1", "2@1"], "verdict": "spam"}
    answer = post_from_queue(moderator, "/desk/moderation/decisions", **fields)
    assert_hidden(moderator.get(answer.location).text, "the results")
    page = moderator.get(answer.location).text
    undone = moderator.post(
        answer.location.partition("?")[0] + "/undo", data={"csrf_token": csrf_token(page)}
    )
    assert_hidden(moderator.get(undone.location).text, "the results after the undo")
    assert comment_states(hidden) == ["pending", "pending"]


def test_revealing_an_author_is_recorded_and_a_moderator_cannot(hidden, moderator, steward):
    assert post_from_queue(moderator, "/desk/moderation/1/reveal").status_code == 403
    post_from_queue(steward, "/desk/moderation/1/reveal")
    assert NAME in steward.get("/desk/moderation/1").text
    with hidden.app_context():
        entry = next(e for e in list_latest_entries(3) if e.action == "comment.revealed")
        assert entry.object == "comment:1"
        assert session().query(Decision).count() == 0
