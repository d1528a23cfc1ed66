"""Each page has a maximum number of queries, independent of the amount of data."""

import pytest

from commentsite.comments.models import Comment
from commentsite.db.session import db
from commentsite.web.caching.store import clear_caches
from tests.support.clients import fill_comment_form
from tests.support.databases import record_statements

LONG = "/letters/the-width-of-a-column"


def select_statements(app, address):
    """Return the SELECT statements of a second request for a page, whose code is loaded and whose cache is empty."""
    client = app.test_client()
    client.get(address)
    clear_caches(app, "pages")
    with app.app_context():
        engine = db.engine
    with record_statements(engine, "SELECT", "WITH") as seen:
        assert client.get(address).status_code == 200
    return [statement for statement, _parameters in seen]


@pytest.mark.parametrize(
    ("address", "most"),
    [
        # Two for the version stamp and the letter, three for the section about it: permission, related letters and
        # record of positions. Two for the threads and for the replies that the page leaves out, or for the comments
        # of a group and the names of those that they answer. The text was read before.
        (LONG, 7),
        (f"{LONG}?page=2", 7),
        (f"{LONG}?sort=answered", 7),
        (f"{LONG}?group=CIV", 7),
        (f"{LONG}/feed.atom", 5),
        ("/", 6),  # one for the records of positions of the listed letters
        ("/letters/", 9),
        (
            "/search?q=column",
            12,
        ),  # one each for records of positions and for the languages of comments
        ("/feed.atom", 7),
        ("/rules", 2),  # the version of the site, and what the versions of its rules were
        # The transparency report: stored position, log, states, rules, durations, appeals, quality reviews.
        # The number does not depend on the number of comments. One more each for version stamp and site.
        ("/transparency", 12),
        ("/transparency.csv", 12),
        ("/transparency.json", 12),
        ("/transparency/log", 7),
    ],
)
def test_a_public_page_stays_within_its_number_of_queries(demo_app, address, most):
    seen = select_statements(demo_app, address)
    assert len(seen) <= most, "\n\n".join(seen)


def test_a_cached_page_takes_one_query(demo_app):
    client = demo_app.test_client()
    client.get(LONG)
    with demo_app.app_context():
        engine = db.engine
    with record_statements(engine, "SELECT", "WITH") as seen:
        assert client.get(LONG).status_code == 200
    assert len(seen) == 1


def test_sending_a_comment_takes_one_query_and_one_insertion_for_each_table(app, client):
    first = fill_comment_form(client)
    second = first | {"email": "another@example.org", "kind": "general", "body": "Another text."}
    assert client.post("/letters/hello/comments", data=first).status_code == 303
    with app.app_context():
        engine = db.engine
    with record_statements(engine, "SELECT", "WITH", "INSERT", "UPDATE", "DELETE") as seen:
        assert client.post("/letters/hello/comments", data=second).status_code == 303
    statements = [" ".join(statement.split()[:3]) for statement, _parameters in seen]
    assert statements[:4] == [  # then the tests' client lets the worker examine the comment
        "SELECT letter.id, letter.slug,",
        "INSERT INTO comment",
        "INSERT INTO comment_examination",
        "INSERT INTO pending_audit_entry",
    ]


def test_relationships_are_never_loaded_implicitly():
    lazy = {
        f"{mapper.class_.__name__}.{relation.key}": relation.lazy
        for mapper in Comment.registry.mappers
        for relation in mapper.relationships
    }
    # Flask-Security reads roles and passkeys itself, and every check of a permission needs the scope.
    loaded_with_their_owner = {"User.roles", "User.scope", "User.webauthn"}
    assert {name for name, lazy in lazy.items() if lazy != "raise"} <= loaded_with_their_owner | {
        name for name in lazy if name.startswith("Role.")
    }
