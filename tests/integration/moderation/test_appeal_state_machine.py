"""In any sequence of decisions and appeals no reviewer rules on their own decision."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM, RoleName
from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.accounts.services import add_staff
from commentsite.comments.appeals.queries import get_appeal, list_appeals
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.redaction.spans import RedactionRequest
from commentsite.comments.submission import Submission
from commentsite.db.session import session, transaction
from commentsite.errors import SiteError
from commentsite.letters.publication.comment_settings import set_moderation_mode
from commentsite.moderation.appeals.filing import (
    answer_question,
    file_appeal,
    list_appealable_decisions,
    withdraw_appeal,
)
from commentsite.moderation.appeals.reversals import VariationRequest
from commentsite.moderation.appeals.rulings import ask_appellant, decide_appeal, make_version_token
from commentsite.moderation.conflicts.services import declare_conflict
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.queries import list_agreeing_votes
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.undo import UNDO_WINDOW, undo_decision
from commentsite.moderation.models import Decision
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from tests.support.audit import verify_records
from tests.support.factories import (
    close_database,
    encryption_of,
    make_app,
    publish_sample_letter,
    submit_by_service,
)

GROUPS = ["CIV", "GOV", "BUS", "TEC", "UND"]
OUTCOMES = ["upheld", "overturned", "varied", "inadmissible"]
NEEDS_TWO = {"refuse", "restrict", "redact"}
WHY = "The decision mistakes what I wrote for something else."


class Desk(RuleBasedStateMachine):
    """Three to six moderators with groups, some of whom wrote a comment or declare a conflict."""

    @initialize(groups=st.lists(st.sampled_from(GROUPS), min_size=3, max_size=6))
    def open_the_site(self, groups):
        self.folder = tempfile.TemporaryDirectory()
        self.app = make_app(Path(self.folder.name), Desk.template, RATELIMIT_ENABLED="false")
        self.context = self.app.app_context()
        self.context.push()
        self.encryption = encryption_of(self.app)
        publish_sample_letter()
        self.people, self.comments = [], []
        self.modes = {}  # moderation mode of each decision, by id
        self.rulings = {}  # by appeal: reviewer, mode, earlier deciders with groups, comment
        for n, group in enumerate(groups):
            with transaction():
                user = add_staff(
                    by=SYSTEM, email=f"p{n}@staff.example", name=f"Person{n} Desk",
                    role=RoleName.MODERATOR, password_hash="x", group=group,
                )  # fmt: skip
                number = user.id
            self.people.append(build_actor(get_staff_member(number)))
        self.mode = "solo"

    def teardown(self):
        if hasattr(self, "context"):
            close_database()
            self.context.pop()
            self.folder.cleanup()

    @rule(by_staff=st.booleans(), data=st.data())
    def submit(self, by_staff, data):
        if len(self.comments) >= 3:
            return
        writer = data.draw(st.sampled_from(self.people)) if by_staff else None
        sent = Submission(
            name="Ada", email=writer.email if writer else "ada@example.org", stakeholder_group="CIV",
            organisation="", capacity="personal", body=f"Number {len(self.comments)}, as I see it.",
            kind="general", paragraphs=(), stance="none", parent_id=None, notify_of_replies=False, honeypot="",
            form_age=60.0, network_address=None,
        )  # fmt: skip
        with transaction():
            stored = submit_by_service(sent, self.encryption)
            self.comments.append((stored.comment.id, writer.user_id if writer else None))

    @rule(mode=st.sampled_from(["solo", "pair", "cross_group"]))
    def choose(self, mode):
        self.mode = mode
        with transaction():
            set_moderation_mode("hello", mode, by=SYSTEM)

    @precondition(lambda self: self.comments)
    @rule(verdict=st.sampled_from(list(Verdict)), data=st.data())
    def vote(self, verdict, data):
        by = data.draw(st.sampled_from(self.people))
        number, _writer = data.draw(st.sampled_from(self.comments))
        try:
            with transaction():
                version = get_comment_for_update(number).version
                decide(
                    number, version, verdict, rule="R5", note="Why.", redaction=RedactionRequest(0, 3), by=by,
                    encryption=self.encryption, undo_until=clock.now() + UNDO_WINDOW,
                )  # fmt: skip
        except SiteError:
            return
        for decision in session().query(Decision).order_by(Decision.id):
            self.modes.setdefault(decision.id, self.mode)

    @precondition(lambda self: self.comments)
    @rule(data=st.data())
    def undo(self, data):
        made = [d.id for d in session().query(Decision).order_by(Decision.id.desc()).limit(2)]
        session().rollback()
        if not made:
            return
        by, chosen = data.draw(st.sampled_from(self.people)), data.draw(st.sampled_from(made))
        try:
            with transaction():
                undo_decision(chosen, by=by, encryption=self.encryption)
        except SiteError:
            return
        undone = session().get(Decision, chosen)
        assert undone.moderator_id == by.user_id
        assert not undone.is_applied
        comment = get_comment(undone.comment_id)
        assert comment.state == undone.details["from"]
        if comment.published_at is not None:  # it was public before the decision, too
            assert comment.published_at < undone.decided_at
        session().rollback()

    @precondition(lambda self: self.comments)
    @rule(data=st.data())
    def declare(self, data):
        by = data.draw(st.sampled_from(self.people))
        number, _writer = data.draw(st.sampled_from(self.comments))
        try:
            with transaction():
                declare_conflict(by.user_id, "", by=by, comment_id=number)
        except SiteError:
            return

    @precondition(lambda self: self.comments)
    @rule(data=st.data())
    def appeal(self, data):
        number, _writer = data.draw(st.sampled_from(self.comments))
        try:
            with transaction():
                comment = get_comment_for_update(number)
                held = list_appealable_decisions(comment)
                file_appeal(
                    comment, held[-1].id if held else 1, WHY, by=READER, encryption=self.encryption
                )
        except SiteError:
            return

    @precondition(lambda self: self.comments)
    @rule(act=st.sampled_from(["answer", "withdraw"]), data=st.data())
    def author(self, act, data):
        number, _writer = data.draw(st.sampled_from(self.comments))
        filed = list_appeals(number)
        if not filed:
            return
        try:
            with transaction():
                comment = get_comment_for_update(number)
                if act == "answer":
                    answer_question(
                        comment, filed[-1].id, "Yes.", by=READER, encryption=self.encryption
                    )
                else:
                    withdraw_appeal(comment, filed[-1].id, by=READER)
        except SiteError:
            return

    @precondition(lambda self: self.comments)
    @rule(outcome=st.sampled_from([*OUTCOMES, "ask"]), data=st.data())
    def rule_on(self, outcome, data):
        by = data.draw(st.sampled_from(self.people))
        number, _writer = data.draw(st.sampled_from(self.comments))
        filed = list_appeals(number)
        if not filed:
            return
        chosen = data.draw(st.sampled_from([one.id for one in filed]))
        how = data.draw(st.sampled_from(["redact", "return", "clause"]))
        before = self.earlier(number)
        try:
            with transaction():
                seen = make_version_token(get_appeal(chosen), get_comment_for_update(number))
                if outcome == "ask":
                    ask_appellant(chosen, seen, "Which?", by=by, encryption=self.encryption)
                    return
                decide_appeal(
                    chosen, seen, outcome, facts="Read again.", by=by, encryption=self.encryption,
                    variation=VariationRequest(how, "R2", RedactionRequest(0, 2)),
                )  # fmt: skip
        except SiteError:
            return
        assert chosen not in self.rulings
        self.rulings[chosen] = (by, self.mode, before, number)

    def earlier(self, number):
        votes = session().query(Decision).filter_by(comment_id=number)
        found = [(vote.moderator_id, vote.moderator_group) for vote in votes]
        found += [
            (by.user_id, by.group)
            for by, _mode, _before, about in self.rulings.values()
            if about == number
        ]
        session().rollback()
        return found

    @invariant()
    def no_reviewer_rules_on_their_own_decision(self):
        for by, mode, before, number in getattr(self, "rulings", {}).values():
            assert by.user_id not in {decider for decider, _group in before}
            assert (number, by.user_id) not in self.comments
            if mode == "cross_group":
                assert by.group != "UND"
                assert by.group not in {group for _decider, group in before}

    @invariant()
    def no_moderator_decides_on_their_own_comment(self):
        for decision in session().query(Decision).filter(Decision.id > getattr(self, "last", 0)):
            assert (decision.comment_id, decision.moderator_id) not in self.comments
            self.last = decision.id
        session().rollback()

    @invariant()
    def no_moderator_votes_twice_and_every_rejection_has_the_votes_that_the_mode_needs(self):
        if not hasattr(self, "modes"):
            return
        votes = session().query(Decision).all()
        cast = [(v.comment_id, v.comment_version, v.moderator_id) for v in votes if not v.undone_at]
        assert len(cast) == len(set(cast))
        for decision in votes:
            alone = decision.mode == "solo" or "appeal" in decision.details
            if decision.is_applied and decision.verdict in NEEDS_TWO and not alone:
                agreed = list_agreeing_votes(decision)
                assert len({vote.moderator_id for vote in agreed}) > 1
                if decision.mode == "cross_group":
                    assert len({vote.moderator_group for vote in agreed} - {"", "UND"}) > 1
        session().rollback()

    @invariant()
    def audit_log_and_report_are_consistent(self):
        if not hasattr(self, "modes"):
            return
        assert verify_records() == []
        assert find_inconsistencies(load_transparency_report()) == []

    @invariant()
    def an_overturned_redaction_is_lifted(self):
        for chosen, (_by, _mode, _before, number) in getattr(self, "rulings", {}).items():
            found, comment = get_appeal(chosen), get_comment(number)
            hiding = {row["decision"] for row in comment.redactions}
            if found.state in ("overturned", "varied"):
                assert found.decision_id not in hiding
        session().rollback()


def test_any_order_of_votes_appeals_and_rulings_keeps_the_rules(template_database):
    Desk.template = template_database
    Case = Desk.TestCase  # noqa: N806  # a class
    Case.settings = settings(max_examples=25, stateful_step_count=40)
    Case().runTest()
