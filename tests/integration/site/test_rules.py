"""Versions of the moderation rules are added and never changed."""

import threading
from dataclasses import replace

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.audit.models import AuditEntry
from commentsite.cli.migrate import downgrade_database, run_migrations
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict, NotAllowed, NotFound
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.statement import load_current_statement
from commentsite.moderation.dsa.services import Period, build_part
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.site import queries as site_queries
from commentsite.site.rule_editing import publish_rules
from commentsite.site.rulebook import DEFAULT_CLAUSES, ClauseInput
from tests.support.audit import list_latest_entries, verify_records
from tests.support.factories import encryption_of, store_comment

STEWARD = Actor("user:7", frozenset({Permission.EDIT_RULES}), None, "Stella", "s@staff.example")


def test_a_new_site_begins_with_the_first_version(any_app):
    rules = site_queries.get_current_rulebook()
    assert rules.version == 1
    assert tuple(rules.active_clauses.values()) == DEFAULT_CLAUSES
    assert list(rules.active_clauses) == [f"R{n}" for n in range(1, 10)]
    assert not rules.retired_clauses
    with pytest.raises(NotFound):
        site_queries.get_rulebook(2)


def test_the_migration_dates_the_first_rules_from_the_first_audit_event(any_app):
    downgrade_database(revision="0019")
    db.session.remove()
    run_migrations()
    db.session.remove()
    rules = site_queries.get_current_rulebook()
    assert tuple(rules.active_clauses.values()) == DEFAULT_CLAUSES
    assert rules.published_at == session().get(AuditEntry, 1).at


def typed_rules(**changed):
    return [
        ClauseInput(c.code, c.number, c.title, changed.get(c.code, c.text), c.is_retired)
        for c in site_queries.get_current_rulebook().all_clauses
    ]


def publish_changed_rules(version, summary="Said more plainly.", **changed):
    with transaction():
        return publish_rules(version, typed_rules(**changed), summary, by=STEWARD)


def store_refused_comment(app, **changed):
    encryption = encryption_of(app)
    comment = store_comment(app, **changed).comment
    with transaction():
        decide(comment.id, 1, Verdict.REFUSE, by=SYSTEM, encryption=encryption, rule="R5", note="")
    return comment


def export_statements():
    today = clock.now().date()
    built = build_part(Period(today, today), 1, {}, by=SYSTEM)
    assert built.problems == []
    return built.file["statements"]


def test_a_decision_keeps_the_wording_of_the_rule_it_cited(any_app):
    first = store_refused_comment(any_app)
    before = load_current_statement(first)
    assert publish_changed_rules(1, R5="Speak to the letter.") == 2
    second = store_refused_comment(any_app, body="Another answer.")
    session().expire_all()
    assert load_current_statement(first) == before
    assert before.cited_rules == (DEFAULT_CLAUSES[4],)
    (clause,) = load_current_statement(second).cited_rules
    assert (clause.version, clause.text, clause.since) == (2, "Speak to the letter.", 1)
    old, new = export_statements()
    assert old["incompatible_content_ground"] == "Rule 5, off the subject (rules, version 1)"
    assert old["incompatible_content_explanation"] == DEFAULT_CLAUSES[4].text
    assert new["incompatible_content_ground"] == "Rule 5, off the subject (rules, version 2)"
    assert new["incompatible_content_explanation"] == "Speak to the letter."


def test_the_transparency_report_counts_a_rule_that_was_added_later(any_app, encryption):
    store_refused_comment(any_app)
    with transaction():
        rows = [
            *typed_rules(),
            ClauseInput("", 10, "made by a machine", "Say so where a machine wrote it."),
        ]
        publish_rules(1, rows, "One more.", by=STEWARD)
    later = store_comment(any_app, body="Written by a machine.").comment
    assert later.rules_version == 2
    with transaction():
        decide(later.id, 1, Verdict.REFUSE, by=SYSTEM, encryption=encryption, rule="R10", note="")
    report = load_transparency_report()
    assert report.total.count_by_rule == {"R10": 1, "R5": 1}
    assert find_inconsistencies(report) == []
    assert site_queries.get_current_rulebook().active_clauses["R10"].since == 2
    assert verify_records() == []


def test_of_two_stewards_who_publish_rules_at_once_one_is_refused(any_app):
    barrier, versions = threading.Barrier(2), []

    def publish_concurrently(text):
        with any_app.app_context():
            rows = typed_rules(R5=text)
            session().rollback()
            barrier.wait()
            try:
                with transaction():
                    versions.append(publish_rules(1, rows, "Said more plainly.", by=STEWARD))
            except Conflict as error:
                versions.append(error.details["n"])
            db.session.remove()

    threads = [
        threading.Thread(target=publish_concurrently, args=(f"Words of number {n}.",))
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions == [2, 2]
    session().rollback()
    assert [row.version for row in site_queries.list_rules_versions()] == [2, 1]
    assert [e.action for e in list_latest_entries(9)].count("rules.published") == 1


def test_a_steward_of_certain_letters_cannot_edit_the_rules(any_app):
    scoped = replace(STEWARD, letter_ids=frozenset({1}))
    with pytest.raises(NotAllowed), transaction():
        publish_rules(1, typed_rules(R5="Speak to the letter."), "Said more plainly.", by=scoped)
    assert site_queries.get_current_rulebook().version == 1
