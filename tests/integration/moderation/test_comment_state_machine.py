"""Any sequence of actions by readers, moderators and authors keeps counts and audit log consistent."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from commentsite.accounts.permissions import READER, Actor, Permission
from commentsite.audit.queries import list_latest_entries_about
from commentsite.comments import author_actions, privacy
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.emails import confirmation
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.redaction.spans import RedactionRequest
from commentsite.comments.reports.services import dismiss_open_reports, report_comment
from commentsite.comments.states import UNREAD, CommentState
from commentsite.comments.submission import Submission
from commentsite.comments.threads.queries import count_comments, load_thread_page
from commentsite.db.session import session, transaction
from commentsite.errors import SiteError
from commentsite.letters.queries import get_page_versions
from commentsite.moderation.decisions import policy as decision_policy
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.withdrawal import undo_withdrawal
from commentsite.site.queries import get_current_rulebook, load_site
from tests.support.audit import verify_records
from tests.support.factories import (
    close_database,
    count_comments_by_state,
    encryption_of,
    make_app,
    publish_sample_letter,
    submit_by_service,
)

MODERATOR = Actor("system", frozenset({Permission.MODERATE}), None, "Mona", "mona@staff.example")
TEMPLATE = None
CAMPAIGN = (
    "We ask that both positions stand side by side in the report, since neither was agreed, and since "
    "those who were not in the room must be able to see what was said there and by whom."
)


class Site(RuleBasedStateMachine):
    """A site with one letter, and a model of it: the state of every comment."""

    @initialize()
    def open_the_site(self):
        self.folder = tempfile.TemporaryDirectory()
        self.app = make_app(Path(self.folder.name), TEMPLATE, RATELIMIT_ENABLED="false")
        self.context = self.app.app_context()
        self.context.push()
        publish_sample_letter()
        self.states, self.erased, self.redacted = {}, set(), set()
        self.acts = Counter()  # number of audit entries expected for each comment

    def teardown(self):
        if hasattr(self, "context"):
            close_database()
            self.context.pop()
            self.folder.cleanup()

    @rule(trap=st.booleans(), number=st.integers(0, 3), answers=st.booleans(), own=st.booleans())
    def submit(self, trap, number, answers, own):
        body = f"Words {len(self.states) // 2}" if own else f"{CAMPAIGN} {'And so do I. ' * number}"
        parent = next((i for i, s in self.states.items() if s == "published"), None)
        sent = Submission(
            name="Ada", email=f"ada{number}@example.org", stakeholder_group="CIV", organisation="",
            capacity="personal", body=body, kind="general",
            paragraphs=(), stance="none", parent_id=parent if answers else None, notify_of_replies=False,
            honeypot="x" if trap else "", form_age=60.0, network_address="192.0.2.1",
        )  # fmt: skip
        try:
            with transaction():
                stored = submit_by_service(sent, encryption_of(self.app))
        except SiteError:
            return  # the same text from the same sender
        self.states[stored.comment.id] = "spam" if trap else "pending"
        self.acts[stored.comment.id] += 2  # submitted and examined

    @rule(verdict=st.sampled_from(Verdict), data=st.data())
    def moderate(self, verdict, data):
        if not self.states:
            return
        chosen = data.draw(st.sampled_from(sorted(self.states)))
        comment = get_comment_for_update(chosen)
        before, is_redacted = CommentState(self.states[chosen]), chosen in self.redacted
        is_unread = before == CommentState.SPAM and comment.awaiting in UNREAD
        allowed = decision_policy.is_verdict_allowed(
            verdict, before, has_votes=is_unread, is_redacted=is_redacted
        )
        allowed &= not (verdict is Verdict.REDACT and is_redacted)  # the same characters again
        try:
            with transaction():
                decide(
                    chosen, comment.version, verdict, rule="R5", note="Why.", by=MODERATOR,
                    redaction=RedactionRequest(0, 3), encryption=encryption_of(self.app),
                )  # fmt: skip
        except SiteError:
            assert not allowed or chosen in self.erased
        else:
            assert allowed
            self.acts[chosen] += 1
            self.states[chosen] = decision_policy.state_after(verdict).value
            if verdict is Verdict.REDACT:
                self.redacted.add(chosen)
            elif before == CommentState.PUBLISHED and verdict is Verdict.RESTORE:
                self.redacted.discard(chosen)

    @rule(act=st.sampled_from(["withdraw", "undo", "erase", "revise"]), data=st.data())
    def author(self, act, data):
        if not self.states:
            return
        chosen = data.draw(st.sampled_from(sorted(self.states)))
        try:
            with transaction():
                comment = get_comment_for_update(chosen)
                if act == "withdraw":
                    author_actions.withdraw_comment(comment, by=READER)
                elif act == "undo":
                    undo_withdrawal(comment, by=READER, encryption=encryption_of(self.app))
                elif act == "erase":
                    privacy.erase_comment(comment, by=READER)
                    self.erased.add(chosen)
                else:
                    words = f"Other words {comment.version}"
                    author_actions.revise_comment(comment, words, by=READER, site=load_site())
                    self.redacted.discard(chosen)
        except SiteError:
            return
        self.states[chosen] = str(comment.state)
        self.acts[chosen] = self.acts[chosen] if act == "erase" else self.acts[chosen] + 1

    @rule(act=st.sampled_from(["report", "keep", "confirm", "group", "part"]), data=st.data())
    def others(self, act, data):
        if not self.states:
            return
        chosen = data.draw(st.sampled_from(sorted(self.states)))
        try:
            with transaction():
                comment = get_comment_for_update(chosen)
                if act == "report":
                    report_comment(
                        comment, "R2", "It attacks me.", rulebook=get_current_rulebook(), by=READER
                    )
                elif act == "keep":
                    changed = dismiss_open_reports(comment, by=MODERATOR)
                    self.acts[chosen] -= not changed
                elif act == "confirm":
                    self.acts[chosen] -= comment.email_confirmed_at is not None
                    confirmation.confirm_email(comment, by=READER)
                else:
                    {"group": campaigns.add_to_campaign, "part": campaigns.remove_from_campaign}[
                        act
                    ](comment, by=MODERATOR)
        except SiteError:
            return
        self.acts[chosen] += 1
        assert str(comment.state) == self.states[chosen]

    @invariant()
    def every_change_has_an_audit_entry(self):
        for comment_id, number in getattr(self, "acts", {}).items():
            rows = len(list_latest_entries_about(f"comment:{comment_id}", 1000))
            # Erasing writes one entry, and another one if it withdraws the comment first.
            assert rows >= number
            assert comment_id in self.erased or rows == number

    @invariant()
    def every_duplicate_has_a_published_representative(self):
        if not hasattr(self, "states"):
            return
        published = {i for i, s in self.states.items() if s == "published"}
        for comment in session().query(Comment).filter(Comment.representative_id.is_not(None)):
            representative = session().get(Comment, comment.representative_id)
            assert comment.id not in published or (
                representative.id in published and representative.representative_id is None
            )
        page = load_thread_page(1, count_comments(1).threads)
        shown = {comment.id for comment in page.comments}
        for comment in session().query(Comment).filter(Comment.state == "published"):
            assert comment.id in shown or comment.representative_id in shown

    @invariant()
    def counts_and_audit_log_are_consistent(self):
        if not hasattr(self, "states"):
            return
        session().rollback()
        counted = count_comments_by_state()
        for state in CommentState:
            assert counted[state.value] == sum(s == state for s in self.states.values())
        assert sum(count_comments(1).by_group.values()) == counted["published"]
        assert verify_records() == []
        self.erased_comments_have_no_text()

    def erased_comments_have_no_text(self):
        for comment_id in self.erased:
            comment = get_comment_for_update(comment_id)
            assert (comment.name, comment.body, comment.email_hash) == ("", "", None)

    @invariant()
    def a_page_with_the_same_version_shows_the_same_comments(self):
        if not hasattr(self, "states"):
            return
        session().rollback()
        session().expunge_all()
        rows = session().query(Comment.id, Comment.representative_id).order_by(Comment.id)
        shown = tuple(
            (i, representative)
            for i, representative in rows
            if self.states[i] in {"published", "restricted"}
        )
        seen = self.__dict__.setdefault("seen", {})
        versions = get_page_versions("hello")
        assert seen.setdefault(versions, shown) == shown


def test_counts_and_audit_log_stay_consistent_after_any_actions(template_database):
    global TEMPLATE  # noqa: PLW0603  # Hypothesis creates the machine, without fixtures
    TEMPLATE = template_database
    machine = Site.TestCase
    machine.settings = settings(max_examples=25, stateful_step_count=30)
    machine().runTest()
