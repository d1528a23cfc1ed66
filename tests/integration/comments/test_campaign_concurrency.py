"""Concurrent changes of one campaign finish without a deadlock and lose nothing."""

import threading

import pytest

from commentsite.accounts.permissions import READER, SYSTEM, Actor, Permission
from commentsite.comments import author_actions
from commentsite.comments.affiliation import services as affiliation
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.emails import confirmation
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.errors import SiteError
from commentsite.letters.queries import get_any_letter, get_public_letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from tests.support.audit import verify_records
from tests.support.factories import encryption_of, store_numbered_comment

TEXT = (
    "We ask that both positions stand side by side in the report, since neither was agreed, and since "
    "those who were not in the room must be able to see what was said there and by whom."
)
EDITOR = Actor(
    "system",
    frozenset({Permission.MODERATE, Permission.WRITE_LETTERS}),
    None,
    "Mona",
    "mona@staff.example",
)


def act(app, what, n):
    """Perform one named action on one comment, in a transaction of its own."""
    encryption = encryption_of(app)
    with transaction():
        if what == "submit":
            pass
        elif what == "address":
            letter = get_any_letter("hello")
            affiliation.add_author_address(
                letter, f"n{n}@example.org", by=EDITOR, encryption=encryption
            )
        else:
            comment = get_comment_for_update(n)
            if what == "group":
                campaigns.add_to_campaign(comment, by=EDITOR)
            elif what == "part":
                campaigns.remove_from_campaign(comment, by=EDITOR)
            elif what == "confirm":
                confirmation.confirm_email(comment, by=READER)
            elif what == "withdraw":
                author_actions.withdraw_comment(comment, by=READER)
            else:
                decide(
                    n, comment.version, Verdict(what), rule="R5", note="It is off the subject.",
                    by=EDITOR, encryption=encryption,
                )  # fmt: skip
    if what == "submit":
        store_numbered_comment(app, n + 100, body=f"{TEXT} {'And I. ' * (n % 3)}")


@pytest.mark.parametrize("round_", range(3))
def test_concurrent_actions_do_not_deadlock(any_app, round_):
    for n in range(1, 9):
        store_numbered_comment(any_app, n, body=f"{TEXT} {'So do I. ' * (n % 4 + round_)}")
    actions = ["publish", "submit", "restrict", "group", "address", "confirm", "part", "withdraw"]
    problems, start = [], threading.Barrier(6)

    def work(offset):
        with any_app.app_context():
            start.wait()
            for step in range(16):
                n = (offset * 3 + step * 5) % 8 + 1
                try:
                    act(any_app, actions[(offset + step) % len(actions)], n)
                except SiteError:
                    session().rollback()
                except Exception as problem:  # noqa: BLE001  # a deadlock, for example
                    problems.append(repr(problem)[:300])
                    session().rollback()
            db.session.remove()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    session().rollback()
    session().expunge_all()
    assert verify_records() == []
    for comment in session().query(Comment).filter(Comment.representative_id.is_not(None)):
        representative = session().get(Comment, comment.representative_id)
        assert comment.state != "published" or (
            str(representative.state) == "published" and representative.representative_id is None
        )


def test_one_of_two_editors_who_add_the_same_address_at_once_is_refused(any_app, encryption):
    for number in range(12):
        outcomes, start = [], threading.Barrier(2)

        def record(email=f"author{number}@example.org", outcomes=outcomes, start=start):
            with any_app.app_context():
                start.wait()
                try:
                    with transaction():
                        affiliation.add_author_address(
                            get_public_letter("hello"), email, by=SYSTEM, encryption=encryption
                        )
                    outcomes.append("recorded")
                except Exception as problem:  # noqa: BLE001  # the type is compared below
                    outcomes.append(type(problem).__name__)
                db.session.remove()

        threads = [threading.Thread(target=record) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["Conflict", "recorded"]
