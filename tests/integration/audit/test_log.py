"""The audit log on both databases: coverage of checkpoints, erasure, and detection of each change."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit import export
from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import GENESIS_HASH, hash_entry
from commentsite.audit.services import record_event
from commentsite.audit.signing import Signer, load_or_create_signer, save_signer
from commentsite.audit.tree_heads import announce_new_key, store_pending_hashes
from commentsite.audit.tree_heads import sign_tree_head as sign_with_key
from commentsite.comments.author_actions import revise_comment, withdraw_comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.errors import ConfigurationError
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.site.queries import load_site
from commentsite.worker import tasks
from tests.support.audit import list_entries, load_stored_hashes, verify_records
from tests.support.factories import store_comment
from tests.support.verifier import verify_file


def log_key(app):
    return app.extensions["commentsite"].settings.log_key_path


def sign_tree_head(app):
    with transaction():
        return sign_with_key("user:1", log_key(app))


def record_entries(count, actor="system"):
    with transaction():
        for n in range(count):
            record_event(actor, "test.deed", "test:1", n=n)


def download_log():
    return b"".join(export.export_lines(1, audit_queries.get_last_entry()[0]))


def test_each_checkpoint_covers_all_entries_and_is_consistent_with_the_one_before(
    any_app, tmp_path
):
    store_comment(any_app)
    sizes = [sign_tree_head(any_app).size]
    for count in (1, 252, 3, 300, 500):  # across the runs whose hashes are stored
        record_entries(count)
        sizes.append(sign_tree_head(any_app).size)
    assert sizes[-1] == audit_queries.get_last_entry()[0] > 1000
    assert sign_tree_head(any_app) is None  # nothing new to cover
    assert len(load_stored_hashes()) == 4 + 2 + 1
    assert verify_records() == []
    assert log_key(any_app).stat().st_mode & 0o777 == 0o600
    assert verify_file(tmp_path / "log.jsonl", download_log()) is None
    for old in sizes:
        assert len(export.export_consistency_proof(old, sizes[-1])["path"]) < 20


def test_any_sequence_of_actions_keeps_the_audit_log_consistent(any_app, tmp_path, encryption):
    comments = [
        store_comment(any_app, email=f"a{n}@example.org", body=f"{n} words.") for n in range(4)
    ]
    sign_tree_head(any_app)
    ids = [submitted.comment.id for submitted in comments]
    with transaction():
        decide(ids[0], 1, Verdict.PUBLISH, by=SYSTEM, encryption=encryption, rule="", note="")
    with transaction():
        withdraw_comment(get_comment_for_update(ids[1]), by=READER)
    with transaction():
        revise_comment(get_comment_for_update(ids[2]), "Other words.", by=READER, site=load_site())
    sign_tree_head(any_app)
    for n in ids:
        with transaction():
            erase_comment(get_comment_for_update(n), by=READER)
    sign_tree_head(any_app)
    with clock.freeze_at(clock.now() + timedelta(days=400)):
        tasks.run_pass(any_app)
        record_entries(1)
    with clock.freeze_at(clock.now() + timedelta(days=401)):
        tasks.run_pass(any_app)
    assert verify_records(load_or_create_signer(log_key(any_app)).key_id) == []
    log = download_log()
    assert verify_file(tmp_path / "log.jsonl", log) is None
    assert not [word for word in (b"Ada", b"example.org", b"words", b"Amina") if word in log]
    for n in ids:
        proof = export.export_inclusion_proofs(f"comment:{n}")
        assert proof["entries"]
        (tmp_path / "proof.json").write_text(json.dumps(proof))
        assert verify_file(tmp_path / "log.jsonl", log, tmp_path / "proof.json") is None


def test_a_long_log_is_hashed_in_several_passes_before_its_first_checkpoint(any_app, monkeypatch):
    monkeypatch.setattr("commentsite.audit.tree_heads.MAX_RUNS_PER_PASS", 1)
    record_entries(900)
    more = []
    while not more or more[-1]:
        with transaction():
            more.append(store_pending_hashes())
    assert more == [True, True, False]
    stored = load_stored_hashes()
    assert len(stored) == 3 + 1
    assert verify_records() == []
    tasks.run_pass(any_app)
    session().rollback()
    assert load_stored_hashes() == stored
    assert audit_queries.find_latest_tree_head().size == audit_queries.get_last_entry()[0]
    assert verify_records() == []


def test_the_worker_signs_once_a_day_and_only_if_the_log_grew(any_app):
    tasks.run_pass(any_app)
    tasks.run_pass(any_app)
    assert len(audit_queries.list_tree_head_sizes()) == 1
    record_entries(1)
    tasks.run_pass(any_app)
    session().rollback()
    assert len(audit_queries.list_tree_head_sizes()) == 1  # the day is not over
    for _ in range(2):
        with clock.freeze_at(clock.now() + timedelta(days=1)):
            tasks.run_pass(any_app)
    session().rollback()  # the worker has a session of its own
    assert audit_queries.find_latest_tree_head().size == audit_queries.get_last_entry()[0]
    assert len(audit_queries.list_tree_head_sizes()) == 2


def test_signing_waits_for_a_transaction_that_writes_and_then_covers_its_entries(any_app):
    """On PostgreSQL two transactions write at once. On SQLite the second one waits from its first statement on."""
    writing, sizes = threading.Event(), []
    before = audit_queries.get_last_entry()[0]
    session().rollback()

    def sign():
        with any_app.app_context():
            writing.wait(10)
            sizes.append(sign_tree_head(any_app).size)
            db.session.remove()

    thread = threading.Thread(target=sign)
    thread.start()
    with transaction():
        record_event("system", "test.deed", "test:1")
        writing.set()
        thread.join(0.5)
        assert not sizes  # the entry might still be rolled back
        record_event("system", "test.deed", "test:2")
    thread.join(20)
    assert sizes == [before + 4]  # two events, the key, the signing
    record_entries(1)
    assert verify_records() == []
    assert audit_queries.list_entries_between(before + 2, before + 2)[0].object == "test:2"


def test_the_old_key_vouches_for_a_new_key_and_no_key_for_a_foreign_one(any_app, tmp_path):
    record_entries(2)
    sign_tree_head(any_app)
    old = load_or_create_signer(log_key(any_app))
    with transaction():
        new = announce_new_key("system", log_key(any_app))
    save_signer(new, log_key(any_app))
    record_entries(1)
    sign_tree_head(any_app)
    assert [*audit_queries.find_signing_keys()] == [old.key_id, new.key_id]
    assert audit_queries.find_latest_tree_head().key_id == new.key_id
    assert verify_records(new.key_id) == []
    log = download_log()
    assert verify_file(tmp_path / "log.jsonl", log, old.public_key) is None
    assert "checkpoint of entry" in verify_file(tmp_path / "log.jsonl", log, new.public_key)
    # The key of an attacker, or one generated after the file was lost.
    save_signer(Signer(b"f" * 32), log_key(any_app))
    record_entries(1)
    foreign = sign_tree_head(any_app)
    expected = f"The checkpoint of entry {foreign.size} is signed with a key that no earlier key vouched for."
    assert verify_records(new.key_id) == [expected]
    log = download_log()
    assert f"checkpoint of entry {foreign.size}," in verify_file(tmp_path / "log.jsonl", log)
    public = Signer(b"f" * 32).public_key
    assert verify_file(tmp_path / "log.jsonl", log, old.public_key, public) is None


def test_a_key_file_that_others_can_read_or_without_a_key_signs_nothing(any_app):
    load_or_create_signer(log_key(any_app))
    log_key(any_app).chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        sign_tree_head(any_app)
    log_key(any_app).chmod(0o600)
    log_key(any_app).write_text("nonsense")
    with pytest.raises(ConfigurationError, match="holds no key"):
        sign_tree_head(any_app)
    assert audit_queries.find_latest_tree_head() is None


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_entry SET actor = 'user:9' WHERE seq = 3", "from entry 3 on"),
        ("UPDATE audit_entry SET hash = 'x' WHERE seq = 3", "from entry 3 on"),
        ("UPDATE audit_entry SET details = '{\"n\": 7}' WHERE seq = 7", "from entry 7 on"),
        ("DELETE FROM audit_entry WHERE seq = 5", "from entry 5 on"),
        ("DELETE FROM audit_entry WHERE seq > 20", "the end of the log is missing"),
        (
            "DELETE FROM log_head WHERE size = (SELECT min(size) FROM log_head)",
            "signed but is missing",
        ),
        ("UPDATE log_head SET root = '{0}'", "do not match the checkpoint"),
        ("UPDATE log_head SET signature = '{0}{0}'", "signature of the checkpoint of entry"),
        ("UPDATE log_head SET key = '0000000000000000'", "signature of the checkpoint of entry"),
        (
            "UPDATE log_head SET at = '2001-01-01 00:00:00.000000+00:00'",
            "signature of the checkpoint",
        ),
        ("UPDATE log_node SET hash = '{0}' WHERE level = 8", "stored hash 8/0"),
        ("DELETE FROM log_node WHERE level = 8", "stored hash 8/0"),
        ("UPDATE log_node SET position = 9 WHERE level = 8", "belongs to no entries"),
    ],
)
def test_a_change_outside_the_application_is_named_by_the_verification(
    any_app, statement, expected
):
    record_entries(10)
    sign_tree_head(any_app)
    record_entries(260)
    sign_tree_head(any_app)
    assert verify_records() == []
    session().rollback()
    statement = statement.replace("{0}", "0" * 64)
    if db.engine.dialect.name == "sqlite":
        statement = statement.replace("+00:00'", "'")
    with db.engine.begin() as connection:
        connection.execute(text(statement.replace(":9", r"\:9")))
    session().expunge_all()
    problems = " ".join(verify_records())
    assert expected in problems


def test_entries_behind_a_wide_gap_are_found_too(any_app):
    record_entries(510)
    with transaction():
        session().execute(text("UPDATE audit_entry SET seq = seq + 2000 WHERE seq > 5"))
    batches = audit_queries.iter_log_rows(after=0, batch_size=200)
    assert [row.seq for batch in batches for row in batch] == sorted(
        session().scalars(text("SELECT seq FROM audit_entry"))
    )


def test_a_log_rewritten_from_the_start_does_not_match_its_checkpoints(any_app, tmp_path):
    """An attacker with the database can compute every hash anew, but not the signature."""
    record_entries(5)
    size = sign_tree_head(any_app).size
    (tmp_path / "heads.json").write_text(json.dumps(export.export_tree_heads()))
    copy = download_log()
    rewrite_history()
    expected = f"The first {size} entries of the audit log do not match the checkpoint that was signed over them."
    assert verify_records() == [expected]
    assert f"checkpoint of entry {size}," in verify_file(tmp_path / "log.jsonl", download_log())
    assert export.find_first_difference(copy).startswith("Line 1 of the copy, entry 1, differs")
    # An attacker who has the key too can sign. Only checkpoints saved elsewhere reveal it.
    with transaction():
        session().execute(text("DELETE FROM log_head"))
        session().execute(text("DELETE FROM audit_entry WHERE seq = :n"), {"n": size})
    session().expunge_all()
    assert sign_tree_head(any_app).size == size
    assert verify_records() == []
    forged = download_log()
    assert verify_file(tmp_path / "log.jsonl", forged) is None
    assert "heads.json" in verify_file(tmp_path / "log.jsonl", forged, tmp_path / "heads.json")


def rewrite_history():
    """Change the first entry, and every hash after it, as an attacker with the database would."""
    session().rollback()
    with transaction():
        prev = GENESIS_HASH
        rows = list_entries()
        for entry in rows:
            session().execute(
                text("UPDATE audit_entry SET hash = :h WHERE seq = :n"),
                {"h": f"x{entry.seq}", "n": entry.seq},
            )
        rows[0].actor = "user:9"
        for entry in rows:
            entry.prev = prev
            entry.hash = prev = hash_entry(audit_queries.hashed_fields(entry))
    session().expunge_all()


def test_text_cannot_enter_the_log(any_app):
    before = audit_queries.get_last_entry()
    for wrong in ("two words", "ada@example.org", "ü", {"a": ["x y"]}, 1.5):
        with pytest.raises(ValueError, match="codes and numbers"), transaction():
            record_event("system", "test.deed", "test:1", value=wrong)
    assert audit_queries.get_last_entry() == before
