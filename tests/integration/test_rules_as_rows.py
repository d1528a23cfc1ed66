"""The rules of the site: a version is added, never changed, and what rests on one keeps its words."""

import pytest
from flask_migrate import downgrade, upgrade

from commentsite.audit.models import AuditEntry
from commentsite.db import db, session
from commentsite.errors import NotFound
from commentsite.site import queries
from commentsite.site.rulebook import FIRST


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
