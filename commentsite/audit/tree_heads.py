"""Sign tree heads of the audit log. The pages call a signed tree head a checkpoint.

A tree head is the root of the Merkle tree over all entries so far, with its size and time, signed with the key
of the installation. After that no entry below it can change unnoticed: a reader who saved the tree head detects
any other log. The worker signs once a day. Each tree head also covers an entry that announces the public key.
To replace the key, a last tree head signed with the old key covers the announcement of the new key, and so
vouches for it. A verifier that trusts the old key can then trust the new one.
"""

from datetime import datetime
from pathlib import Path

from commentsite import clock
from commentsite.audit import merkle, signing
from commentsite.audit import queries as audit_queries
from commentsite.audit.models import TreeHead
from commentsite.audit.queries import SIGNING_KEY_ADDED, TREE_HEAD_SIGNED
from commentsite.audit.services import append_event, number_pending_entries
from commentsite.audit.signing import Signer
from commentsite.audit.stored_tree import MIN_STORED_LEVEL, RUN_LENGTH, StoredTree
from commentsite.db.session import session

MAX_RUNS_PER_PASS = 20  # of RUN_LENGTH entries each, together less than a second


def is_signing_due(now: datetime) -> bool:
    """Return whether the log has grown, and no tree head was signed today (UTC)."""
    newest = audit_queries.find_latest_tree_head()
    if newest is None:
        return audit_queries.get_last_entry()[0] > 0
    return newest.at.date() < now.date() and audit_queries.get_last_entry()[0] > newest.size


def count_pending_runs() -> int:
    """Return how many complete runs of RUN_LENGTH entries have no stored hash yet."""
    runs = audit_queries.get_last_entry()[0] // RUN_LENGTH
    return runs - audit_queries.count_stored_hashes(MIN_STORED_LEVEL)


def store_pending_hashes() -> bool:
    """Store the hashes of the next entries before a tree head is signed. Return whether more remain.

    A log without tree heads for years has many hashes to store. Done at once, this would block every
    request that writes to the log.
    """
    number_pending_entries()
    size = audit_queries.get_last_entry()[0]
    stored = audit_queries.count_stored_hashes(MIN_STORED_LEVEL)
    StoredTree().store_up_to(min(size, (stored + MAX_RUNS_PER_PASS) * RUN_LENGTH))
    return size >= (stored + MAX_RUNS_PER_PASS + 1) * RUN_LENGTH


def sign_tree_head(actor: str, key_path: Path) -> TreeHead | None:
    """Sign a tree head over all entries. Return None if the newest one already covers them.

    The key is generated if its file does not exist. Other transactions wait to append until this one commits,
    so the tree head misses no entry below its size.
    """
    number_pending_entries()  # locks the log
    newest = audit_queries.find_latest_tree_head()
    if audit_queries.get_last_entry()[0] == (newest.size if newest else 0):
        return None
    return _sign_tree_head(actor, signing.load_or_create_signer(key_path))


def announce_new_key(actor: str, key_path: Path) -> Signer:
    """Announce a new key in the log, sign that with the old key, and return the new key.

    The caller saves the new key after the transaction has committed.
    """
    number_pending_entries()  # locks the log
    old, new = signing.load_or_create_signer(key_path), signing.generate_signer()
    _record_key(actor, old)
    _record_key(actor, new)
    _sign_tree_head(actor, old)
    return new


def _record_key(actor: str, signer: Signer) -> None:
    if signer.key_id not in audit_queries.find_signing_keys():
        append_event(actor, SIGNING_KEY_ADDED, f"key:{signer.key_id}", public=signer.public_key)


def _sign_tree_head(actor: str, signer: Signer) -> TreeHead:
    _record_key(actor, signer)
    size = audit_queries.get_last_entry()[0] + 1
    append_event(actor, TREE_HEAD_SIGNED, f"head:{size}", key=signer.key_id)
    tree, at = StoredTree(), clock.now()
    tree.store_up_to(size)
    root = merkle.compute_root(size, tree.subtree).hex()
    text = signing.tree_head_bytes(size, root, at.isoformat(timespec="microseconds"), signer.key_id)
    head = TreeHead(size=size, at=at, root=root, key_id=signer.key_id, signature=signer.sign(text))
    session().add(head)
    session().flush()
    return head
