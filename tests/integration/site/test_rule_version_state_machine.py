"""After any sequence of edits to the rules, a decision still shows the wording it cited."""

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
from commentsite.moderation.dsa.services import prepare_export
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
        self.sent, self.said, self.books = 0, {}, {1: get_current_rulebook()}

    def teardown(self):
        if hasattr(self, "context"):
            close_database()
            self.context.pop()
            self.folder.cleanup()

    @rule(code=st.integers(1, 12), verdict=st.sampled_from([Verdict.REFUSE, Verdict.RETURN]))
    def decide(self, code, verdict):
        self.sent += 1
        comment = store_comment(self.app, body=f"Words number {self.sent}.").comment
        try:
            with transaction():
                decide(
                    comment.id, 1, verdict, rule=f"R{code}", note="", by=SYSTEM,
                    encryption=encryption_of(self.app),
                )  # fmt: skip
        except SiteError:
            assert f"R{code}" not in get_current_rulebook().active_clauses
        else:
            self.said[comment.id] = load_current_statement(comment)
            (clause,) = self.said[comment.id].clauses
            assert clause == get_current_rulebook().active_clauses[f"R{code}"]

    @rule(data=st.data())
    def edit(self, data):
        now = get_current_rulebook()
        changed = data.draw(st.dictionaries(st.sampled_from(now.all_clauses), EDITS, max_size=3))
        typed = [
            ClauseInput(c.code, c.number + move, title or c.title, text or c.text, is_retired)
            for c in now.all_clauses
            for move, title, text, is_retired in [changed.get(c, (0, "", "", c.is_retired))]
        ]
        if data.draw(st.booleans()):
            typed.append(ClauseInput("", 99 - len(typed), data.draw(WORDS), data.draw(WORDS)))
        try:
            with transaction():
                made = publish_rules(now.version, typed, "Why it changes.", by=SYSTEM)
        except SiteError:
            return
        self.books[made] = get_current_rulebook()

    @invariant()
    def what_was_said_is_said_still(self):
        if not hasattr(self, "books"):
            return
        session().rollback()
        session().expunge_all()
        for number, said in self.said.items():
            assert load_current_statement(session().get(Comment, number)) == said
        for version, book in self.books.items():
            assert get_rulebook(version) == book
        first = self.books[max(self.books)]
        assert get_current_rulebook() == first
        assert diff_clauses(first, first.all_clauses) == []

    @invariant()
    def the_statements_for_others_hold_and_name_the_words_of_then(self):
        if not hasattr(self, "books") or not self.said:
            return
        today = clock.now().date()
        numbers = {}
        prepared = prepare_export(today, today, {}, by=SYSTEM)
        for statement in (s for file in prepared.files for s in file["statements"]):
            numbers[statement["puid"]] = statement.get("incompatible_content_explanation")
        refused = [said for said in self.said.values() if said.verdict == "refuse"]
        said = [said.clauses[0].text for said in refused if said.clauses[0].code != "R8"]
        assert sorted(filter(None, numbers.values())) == sorted(said)


def test_old_statements_never_change_when_rules_are_edited(template_database):
    global TEMPLATE  # noqa: PLW0603  # the machine is made by Hypothesis, without our fixtures
    TEMPLATE = template_database
    machine = Rules.TestCase
    machine.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
    machine().runTest()
