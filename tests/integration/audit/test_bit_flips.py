"""With any byte of the audit log changed, the verification names the entry or checkpoint."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from commentsite.audit import export
from commentsite.audit import queries as audit_queries
from commentsite.audit.services import record_event
from commentsite.audit.tree_heads import sign_tree_head
from commentsite.comments.states import CommentState
from commentsite.db.session import db, session, transaction
from tests.support.audit import verify_records
from tests.support.factories import close_database, make_app, publish_sample_letter
from tests.support.verifier import verify_file

ON_ONE_SITE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def site(tmp_path_factory, template_database):
    app = make_app(tmp_path_factory.mktemp("log") / "instance", template_database)
    with app.app_context():
        publish_sample_letter()
        for n in range(3):
            with transaction():
                record_event("reader", "test.deed", f"test:{n}", held=["links", "burst"], letter=1)
            with transaction():
                sign_tree_head("system", app.extensions["commentsite"].settings.log_key_path)
        with transaction():
            record_event("user:3", "test.deed", "test:4", state=CommentState.PENDING.value)
        session().rollback()
        yield app
        close_database()


@pytest.fixture(scope="module")
def log(site):
    content = b"".join(export.export_lines(1, audit_queries.get_last_entry()[0]))
    session().rollback()
    return content


def name_of(line: bytes) -> str:
    content = json.loads(line)
    return (
        f"entry {content['entry']['seq']}"
        if "entry" in content
        else (f"the checkpoint of entry {content['head']['size']}")
    )


@ON_ONE_SITE
@given(data=st.data())
def test_both_programs_name_the_changed_line_of_a_file(tmp_path, log, data):
    at = data.draw(st.integers(0, len(log) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda n: n != log[at]))
    changed = log[:at] + bytes([value]) + log[at + 1 :]
    number = log[:at].count(b"\n")
    name = name_of(log.splitlines()[number])
    message = verify_file(tmp_path / "log.jsonl", changed)
    assert message is not None
    assert message.startswith(f"Line {number + 1}, {name}, is not valid")
    assert f"Line {number + 1} of the copy, {name}, differs" in export.find_first_difference(
        changed
    )
    session().rollback()


def test_every_flip_of_case_is_found(tmp_path, log):
    """Hexadecimal digits mean the same in capitals, but the bytes differ."""
    for at, byte in enumerate(log):
        if chr(byte).isalpha():
            changed = log[:at] + bytes([byte ^ 32]) + log[at + 1 :]
            message = export.find_first_difference(changed)
            assert message, at
    ends = [0, *(n + 1 for n, byte in enumerate(log) if byte == 10)]
    for start, end in pairwise(ends):
        upper_case = log[:start] + log[start:end].upper() + log[end:]
        assert verify_file(tmp_path / "log.jsonl", upper_case) is not None
    signature = log.rindex(b'"signature":"') + 13
    last = log[signature : signature + 128]
    assert verify_file(tmp_path / "log.jsonl", log.replace(last, last.upper())) is not None


@contextmanager
def stored_value(table: str, column: str, key: tuple[str, int], value: str) -> Iterator[None]:
    """Write a value directly to the database, and restore the old one afterwards."""
    name, row = key
    before = read_stored(table, column, key)
    change = text(f"UPDATE {table} SET {column} = :v WHERE {name} = :k")
    session().rollback()
    session().expunge_all()
    with db.engine.begin() as connection:
        connection.execute(change, {"v": value, "k": row})
    try:
        yield
    finally:
        session().rollback()
        session().expunge_all()
        with db.engine.begin() as connection:
            connection.execute(change, {"v": before, "k": row})


def read_stored(table: str, column: str, key: tuple[str, int]) -> str:
    with db.engine.connect() as connection:
        query = text(f"SELECT {column} FROM {table} WHERE {key[0]} = :k")
        return str(connection.execute(query, {"k": key[1]}).scalar_one())


@ON_ONE_SITE
@given(data=st.data())
def test_the_verification_of_the_database_names_the_entry_or_checkpoint(site, data):
    is_head = data.draw(st.booleans())
    if is_head:
        row = data.draw(st.sampled_from(audit_queries.list_tree_head_sizes()))
        table, key = "log_head", ("size", row)
        column = data.draw(st.sampled_from(["at", "root", "key", "signature"]))
    else:
        row = data.draw(st.integers(1, audit_queries.get_last_entry()[0]))
        table, key = "audit_entry", ("seq", row)
        column = data.draw(
            st.sampled_from(["at", "actor", "action", "object", "details", "prev", "hash"])
        )
    old = read_stored(table, column, key)
    at = data.draw(st.integers(0, len(old) - 1))
    character = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    new = old[:at] + character + old[at + 1 :]
    assume(new != old and not means_the_same(column, old, new))
    with stored_value(table, column, key, new):
        problems = " ".join(verify_records())
        named = f"of entry {row}" if is_head else f"from entry {row} on"
        if is_head and column == "root":
            named = f"The first {row} entries"
        assert named in problems, problems


@pytest.mark.parametrize("column", ["root", "key", "signature"])
def test_a_checkpoint_in_capital_digits_is_found(site, column):
    size = audit_queries.list_tree_head_sizes()[0]
    old = read_stored("log_head", column, ("size", size))
    with stored_value("log_head", column, ("size", size), old.upper()):
        assert verify_records() != []


def means_the_same(column: str, old: str, new: str) -> bool:
    """Return whether two stored values mean the same. The separator of a date and spaces in JSON may differ."""
    from datetime import datetime  # noqa: PLC0415

    try:
        if column == "at":
            return datetime.fromisoformat(new) == datetime.fromisoformat(old)
        return column == "details" and json.loads(new) == json.loads(old)
    except ValueError:
        return False


def test_an_unchanged_log_is_valid(site, tmp_path, log):
    assert verify_records() == []
    assert verify_file(tmp_path / "log.jsonl", log) is None
    assert export.find_first_difference(log) is None
