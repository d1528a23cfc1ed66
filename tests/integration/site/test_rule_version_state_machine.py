"""After any sequence of edits to the rules, a decision still shows the text it cited."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.errors import SiteError
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.statement import load_current_statement
from commentsite.moderation.dsa.services import Period, build_part, load_export
from commentsite.site.queries import get_current_rulebook, get_rulebook
from commentsite.site.rule_editing import publish_rules
from commentsite.site.rulebook import ClauseInput, diff_clauses
from tests.support.factories import (
    close_database,
    encryption_of,
    make_app,
    publish_sample_letter,
    store_comment,
)

TEMPLATE = None
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="@\0"), min_size=2, max_size=30)
EDITS = st.tuples(st.sampled_from([0, 20]), WORDS | st.just(""), WORDS | st.just(""), st.booleans())


class Rules(RuleBasedStateMachine):
    """A site whose stewards edit its rules while moderators decide under them."""

    @initialize()
    def open_the_site(self):
        self.folder = tempfile.TemporaryDirectory()
        self.app = make_app(Path(self.folder.name), TEMPLATE, RATELIMIT_ENABLED="false")
        self.context = self.app.app_context()
        self.context.push()
        publish_sample_letter()
        self.sent_count, self.statements, self.rulebooks = 0, {}, {1: get_current_rulebook()}

    def teardown(self):
        if hasattr(self, "context"):
            close_database()
            self.context.pop()
            self.folder.cleanup()

    @rule(code=st.integers(1, 12), verdict=st.sampled_from([Verdict.REFUSE, Verdict.RETURN]))
    def decide(self, code, verdict):
        self.sent_count += 1
        comment = store_comment(self.app, body=f"Words number {self.sent_count}.").comment
        try:
            with transaction():
                decide(
                    comment.id, 1, verdict, rule=f"R{code}", note="", by=SYSTEM,
                    encryption=encryption_of(self.app),
                )  # fmt: skip
        except SiteError:
            assert f"R{code}" not in get_current_rulebook().active_clauses
        else:
            self.statements[comment.id] = load_current_statement(comment)
            (clause,) = self.statements[comment.id].cited_rules
            assert clause == get_current_rulebook().active_clauses[f"R{code}"]

    @rule(data=st.data())
    def edit(self, data):
        current = get_current_rulebook()
        edits = data.draw(st.dictionaries(st.sampled_from(current.all_clauses), EDITS, max_size=3))
        rows = [
            ClauseInput(c.code, c.number + move, title or c.title, text or c.text, is_retired)
            for c in current.all_clauses
            for move, title, text, is_retired in [edits.get(c, (0, "", "", c.is_retired))]
        ]
        if data.draw(st.booleans()):
            rows.append(ClauseInput("", 99 - len(rows), data.draw(WORDS), data.draw(WORDS)))
        try:
            with transaction():
                version = publish_rules(current.version, rows, "Why it changes.", by=SYSTEM)
        except SiteError:
            return
        self.rulebooks[version] = get_current_rulebook()

    @invariant()
    def earlier_statements_and_rules_are_unchanged(self):
        if not hasattr(self, "rulebooks"):
            return
        session().rollback()
        session().expunge_all()
        for comment_id, statement in self.statements.items():
            assert load_current_statement(session().get(Comment, comment_id)) == statement
        for version, rulebook in self.rulebooks.items():
            assert get_rulebook(version) == rulebook
        newest = self.rulebooks[max(self.rulebooks)]
        assert get_current_rulebook() == newest
        assert diff_clauses(newest, newest.all_clauses) == []

    @invariant()
    def exported_statements_quote_the_rules_of_their_time(self):
        if not hasattr(self, "rulebooks") or not self.statements:
            return
        today = clock.now().date()
        explanations = {}
        period = Period(today, today)
        parts = range(1, load_export(period, by=SYSTEM).part_count + 1)
        files = [build_part(period, part, {}, by=SYSTEM).file for part in parts]
        for exported in (s for file in files for s in file["statements"]):
            explanations[exported["puid"]] = exported.get("incompatible_content_explanation")
        clauses = [s.cited_rules[0] for s in self.statements.values() if s.verdict == "refuse"]
        # R8 stands for unlawful content, which the export explains by a law instead.
        texts = [clause.text for clause in clauses if clause.code != "R8"]
        assert sorted(filter(None, explanations.values())) == sorted(texts)


def test_old_statements_never_change_when_rules_are_edited(template_database):
    global TEMPLATE  # noqa: PLW0603  # Hypothesis creates the machine and passes it no fixtures
    TEMPLATE = template_database
    machine = Rules.TestCase
    machine.settings = settings(max_examples=15, stateful_step_count=12)
    machine().runTest()
