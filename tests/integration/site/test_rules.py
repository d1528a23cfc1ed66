"""The rules of the site: a version is added, never changed, and what rests on one keeps its words."""

import threading
from dataclasses import replace

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import latest_entries
from commentsite.db import db, session, transaction
from commentsite.errors import Conflict, NotAllowed, NotFound
from commentsite.moderation.books import public_books
from commentsite.moderation.grounds import grounds_of
from commentsite.moderation.policy import Verdict
from commentsite.moderation.reasons import prepare
from commentsite.moderation.services import decide
from commentsite.moderation.tally import does_not_balance
from commentsite.moderation.transparency import verify
from commentsite.site import queries
from commentsite.site.rulebook import FIRST, Typed
from commentsite.site.rulemaking import publish_rules
from commentsite.upgrading import downgrade, upgrade
from tests.support.factories import store_comment, vault_of

STEWARD = Actor("user:7", frozenset({Permission.EDIT_RULES}), None, "Stella", "s@staff.example")


def test_a_new_site_begins_with_the_first_version(any_app):
    rules = queries.rules_in_force()
    assert rules.version == 1
    assert tuple(rules.clauses.values()) == FIRST
    assert list(rules.clauses) == [f"R{n}" for n in range(1, 10)]
    assert not rules.retired
    with pytest.raises(NotFound):
        queries.rulebook(2)


def test_a_site_from_before_has_had_them_since_its_first_entry(any_app):
    downgrade(revision="0019")
    db.session.remove()
    upgrade()
    db.session.remove()
    rules = queries.rules_in_force()
    assert tuple(rules.clauses.values()) == FIRST
    assert rules.published_at == session().get(AuditEntry, 1).at


def typed_rules(**changed):
    return [
        Typed(c.code, c.number, c.title, changed.get(c.code, c.text), c.is_retired)
        for c in queries.rules_in_force().all
    ]


def publish_changed_rules(version, summary="Said more plainly.", **changed):
    with transaction():
        return publish_rules(version, typed_rules(**changed), summary, by=STEWARD)


def store_refused_comment(app, **changed):
    vault = vault_of(app)
    comment = store_comment(app, **changed).comment
    with transaction():
        decide(comment.id, 1, Verdict.REFUSE, by=SYSTEM, vault=vault, reason="R5", note="")
    return comment


def export_statements():
    today = clock.now().date()
    prepared = prepare(today, today, {}, by=SYSTEM)
    assert prepared.problems == []
    return [s for file in prepared.files for s in file["statements"]]


def test_a_decision_keeps_the_wording_of_the_rule_it_cited(any_app):
    first = store_refused_comment(any_app)
    before = grounds_of(first)
    assert publish_changed_rules(1, R5="Speak to the letter.") == 2
    second = store_refused_comment(any_app, body="Another answer.")
    session().expire_all()
    assert grounds_of(first) == before
    assert before.clauses == (FIRST[4],)
    (said,) = grounds_of(second).clauses
    assert (said.version, said.text, said.since) == (2, "Speak to the letter.", 1)
    old, new = export_statements()
    assert old["incompatible_content_ground"] == "Rule 5, off the subject (rules, version 1)"
    assert old["incompatible_content_explanation"] == FIRST[4].text
    assert new["incompatible_content_ground"] == "Rule 5, off the subject (rules, version 2)"
    assert new["incompatible_content_explanation"] == "Speak to the letter."


def test_a_rule_that_came_later_counts_in_the_books_beside_the_others(any_app, vault):
    store_refused_comment(any_app)
    with transaction():
        rows = [
            *typed_rules(),
            Typed("", 10, "made by a machine", "Say so where a machine wrote it."),
        ]
        publish_rules(1, rows, "One more.", by=STEWARD)
    later = store_comment(any_app, body="Written by a machine.").comment
    assert later.rules_version == 2
    with transaction():
        decide(later.id, 1, Verdict.REFUSE, by=SYSTEM, vault=vault, reason="R10", note="")
    drawn = public_books()
    assert drawn.whole.clauses == {"R10": 1, "R5": 1}
    assert does_not_balance(drawn) == []
    assert queries.rules_in_force().clauses["R10"].since == 2
    assert verify() == []


def test_of_two_stewards_who_publish_rules_at_once_one_is_refused(any_app):
    ready, told = threading.Barrier(2), []

    def one(words):
        with any_app.app_context():
            rows = typed_rules(R5=words)
            session().rollback()
            ready.wait()
            try:
                with transaction():
                    told.append(publish_rules(1, rows, "Said more plainly.", by=STEWARD))
            except Conflict as error:
                told.append(error.details["n"])
            db.session.remove()

    threads = [threading.Thread(target=one, args=(f"Words of number {n}.",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [2, 2]
    session().rollback()
    assert [row.version for row in queries.rule_history()] == [2, 1]
    assert [e.action for e in latest_entries(9)].count("rules.published") == 1


def test_a_steward_of_certain_letters_cannot_edit_the_rules(any_app):
    scoped = replace(STEWARD, letters=frozenset({1}))
    with pytest.raises(NotAllowed), transaction():
        publish_rules(1, typed_rules(R5="Speak to the letter."), "Said more plainly.", by=scoped)
    assert queries.rules_in_force().version == 1
