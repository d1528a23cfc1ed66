"""Automatic publication, reports, moderators and editors at once on one letter."""

import threading
import time
from itertools import count

import pytest

from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.comments import transitions
from commentsite.comments.auto_publish import auto_publish_after_confirmation
from commentsite.comments.emails.confirmation import confirm_selected
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.reports import services as reports
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict
from commentsite.letters.comment_window import set_comment_window
from commentsite.letters.publication.comment_settings import set_premoderation_policy
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.site.queries import load_site
from tests.support.audit import verify_records
from tests.support.factories import encryption_of, store_comment

MONA = Actor("system", frozenset(Permission), None, "Mona", "mod@staff.example")
SECONDS = 4


class Crowd:
    """Actions on one letter. Each is repeated in a thread until the time is over or one fails."""

    def __init__(self, app):
        self.app, self.encryption = app, encryption_of(app)
        self.failed, self.until = [], time.monotonic() + SECONDS

    def newest(self, state):
        found = session().query(Comment.id).filter_by(state=state).order_by(Comment.id.desc())
        number = found.limit(1).scalar()
        session().rollback()
        return number

    def send(self, n):
        words = f"Words {n} of {threading.get_ident()}."
        store_comment(self.app, body=words, email=f"{n % 3}@example.org")

    def confirm(self, _n):
        if (number := self.newest("pending")) is None:
            return
        with transaction():
            confirmed = confirm_selected(number, {number}, by=SYSTEM, encryption=self.encryption)
        if confirmed:
            with transaction():
                auto_publish_after_confirmation(confirmed, load_site(), self.encryption)

    def report(self, n):
        if (number := self.newest("published")) is None:
            return
        with transaction():
            reports.report_comment(
                get_comment_for_update(number), "R2", "It attacks.", rulebook=load_site().rulebook,
                by=SYSTEM, network_address_hash=str(n),
            )  # fmt: skip
        with transaction():
            transitions.hold_reported_comment(number, 1)

    def decide(self, _n):
        if (number := self.newest("pending")) is None:
            return
        with transaction():
            version = get_comment_for_update(number).version
            decide(
                number,
                version,
                Verdict.PUBLISH,
                rule="",
                note="",
                by=MONA,
                encryption=self.encryption,
            )

    def edit(self, n):
        with transaction():
            set_comment_window("hello", None, None, n % 5, by=SYSTEM)

    def work(self, act):
        with self.app.app_context():
            for n in count():
                if self.failed or time.monotonic() > self.until:
                    return
                try:
                    act(n)
                except Conflict:
                    pass  # another thread changed the comment first
                except Exception as problem:  # noqa: BLE001
                    self.failed.append(problem)
                finally:
                    db.session.remove()


@pytest.mark.parametrize("policy", ["publish_and_look", "hold_unknown"])
def test_concurrent_actions_do_not_deadlock_and_the_records_stay_consistent(any_app, policy):
    with transaction():
        set_premoderation_policy("hello", policy, by=SYSTEM)
    session().rollback()
    crowd = Crowd(any_app)
    acts = (crowd.send, crowd.send, crowd.confirm, crowd.report, crowd.decide, crowd.edit)
    threads = [threading.Thread(target=crowd.work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crowd.failed == []
    assert session().query(Comment).filter(Comment.published_at.is_not(None)).count() > 0
    assert verify_records() == []
    assert find_inconsistencies(load_transparency_report()) == []
