"""Sign what the log is: a head covers every entry so far, and no later hand can change one below it."""

from datetime import datetime
from pathlib import Path

from commentsite import clock
from commentsite.audit import merkle, signing
from commentsite.audit import queries as audit_queries
from commentsite.audit.models import TreeHead
from commentsite.audit.queries import SIGNING_KEY_ADDED, TREE_HEAD_SIGNED
from commentsite.audit.services import record_event
from commentsite.audit.signing import Signer
from commentsite.audit.stored_tree import MIN_STORED_LEVEL, RUN_LENGTH, StoredTree
from commentsite.db.session import acquire_advisory_lock, session

MAX_RUNS_PER_PASS = 20  # runs of entries, which take less than a second


def is_signing_due(now: datetime) -> bool:
    """Say whether the log has grown and no head was signed since this day (UTC) began."""
    newest = audit_queries.find_latest_tree_head()
    if newest is None:
        return audit_queries.get_last_entry()[0] > 0
    return newest.at.date() < now.date() and audit_queries.get_last_entry()[0] > newest.size


def store_pending_hashes() -> bool:
    """Store the hashes of some entries ahead of a head; say whether there are more to do.

    A log that grew for years before its first head would otherwise keep everybody waiting.
    """
    _lock_log()
    size, stored = (
        audit_queries.get_last_entry()[0],
        audit_queries.count_stored_hashes(MIN_STORED_LEVEL),
    )
    StoredTree().store_up_to(min(size, (stored + MAX_RUNS_PER_PASS) * RUN_LENGTH))
    return size >= (stored + MAX_RUNS_PER_PASS + 1) * RUN_LENGTH


def sign_tree_head(actor: str, key_path: Path) -> TreeHead | None:
    """Sign a head with the key kept there, made if there is none; None when the newest covers everything.

    Who writes to the log waits until this is committed, so a head covers all entries up to
    one and none is missing between.
    """
    _lock_log()
    newest = audit_queries.find_latest_tree_head()
    if audit_queries.get_last_entry()[0] == (newest.size if newest else 0):
        return None
    return _sign_tree_head(actor, signing.load_or_create_signer(key_path))


def announce_new_key(actor: str, key_path: Path) -> Signer:
    """Return a new key that the log names, under a head by the old one: the old vouches for the new.

    The caller keeps it in place of the old one once this is committed.
    """
    _lock_log()
    old, new = signing.load_or_create_signer(key_path), signing.generate_signer()
    _record_key(actor, old)
    _record_key(actor, new)
    _sign_tree_head(actor, old)
    return new


def _lock_log() -> None:
    session().flush()
    acquire_advisory_lock("audit")


def _record_key(actor: str, signer: Signer) -> None:
    if signer.key_id not in audit_queries.find_signing_keys():
        record_event(actor, SIGNING_KEY_ADDED, f"key:{signer.key_id}", public=signer.public_key)


def _sign_tree_head(actor: str, signer: Signer) -> TreeHead:
    _record_key(actor, signer)
    size = audit_queries.get_last_entry()[0] + 1
    record_event(actor, TREE_HEAD_SIGNED, f"head:{size}", key=signer.key_id)
    tree, at = StoredTree(), clock.now()
    tree.store_up_to(size)
    root = merkle.compute_root(size, tree.subtree).hex()
    text = signing.tree_head_bytes(size, root, at.isoformat(timespec="microseconds"), signer.key_id)
    head = TreeHead(size=size, at=at, root=root, key_id=signer.key_id, signature=signer.sign(text))
    session().add(head)
    session().flush()
    return head
