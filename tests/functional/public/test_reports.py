"""A reader reports a published comment without an account, and follows the outcome."""

import pytest

from tests.support.clients import csrf_token, fetch_page, publish, report_comment, submit

ADDRESS = "/letters/hello/comments/1/report"


@pytest.fixture
def published(client, moderator):
    submit(client)
    publish(moderator)


def test_a_report_reaches_the_desk_and_its_sender_sees_that_it_was_upheld(
    client, moderator, published
):
    assert ADDRESS in fetch_page(client, "/letters/hello")
    answer = report_comment(client)
    assert answer.status_code == 303
    follow = answer.headers["Location"]
    assert "Your report is waiting for a moderator." in fetch_page(client, follow)
    assert client.get(follow).headers["Cache-Control"] == "private, no-store"
    view = fetch_page(moderator, "/desk/moderation/?state=published&reported=yes")
    assert "It attacks the author" in view
    assert "Published and reported by readers" in fetch_page(moderator, "/desk/")
    moderator.post(
        "/desk/moderation/decisions",
        data={
            "comment": "1@2",
            "verdict": "restrict",
            "facts": "It attacks a person.",
            "reason": "R2",
            "csrf_token": csrf_token(view),
        },
    )
    assert "The comment was removed." in fetch_page(client, follow)
    assert "It attacks the author" not in fetch_page(client, "/letters/hello")


def test_a_moderator_dismisses_a_report_and_the_comment_stays_published(
    client, moderator, published
):
    follow = report_comment(client).headers["Location"]
    view = fetch_page(moderator, "/desk/moderation/1")
    kept = moderator.post("/desk/moderation/1/keep", data={"csrf_token": csrf_token(view)})
    assert kept.status_code == 303
    assert "The comment stays published." in fetch_page(client, follow)
    assert (
        moderator.post("/desk/moderation/1/keep", data={"csrf_token": csrf_token(view)}).status_code
        == 409
    )
    assert "I read it twice" in fetch_page(client, "/letters/hello")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"rule": "R10"}, 422),
        ({"rule": ""}, 422),
        ({"words": "x"}, 422),
        ({"words": "x" * 1001}, 422),
        ({"report_form": "forged"}, 400),
        ({"nickname": "a robot"}, 400),
    ],
)
def test_an_invalid_report_keeps_the_input(client, moderator, published, changes, status):
    answer = report_comment(client, **changes)
    assert answer.status_code == status
    if status == 422 and "words" not in changes:
        assert "It attacks the author" in answer.text
    assert "report by a reader waits" not in fetch_page(moderator, "/desk/")


def test_only_published_comments_can_be_reported_up_to_a_limit(app, client, moderator):
    submit(client)
    assert client.get(ADDRESS).status_code == 404
    publish(moderator)
    statuses = [report_comment(client, words=f"Reason number {n}.").status_code for n in range(21)]
    assert statuses == [303] * 20 + [409]


def test_records_are_consistent_after_a_report(app, client, moderator, published):
    from tests.support.audit import verify_records  # noqa: PLC0415

    report_comment(client)
    with app.app_context():
        assert verify_records() == []
