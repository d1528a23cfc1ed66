"""Sign what the log is: a head covers every entry so far, and no later hand can change one below it."""

from datetime import datetime
from pathlib import Path

from commentsite import clock
from commentsite.audit import merkle, queries, signing
from commentsite.audit.models import LogHead
from commentsite.audit.queries import HEAD_SIGNED, KEY_ADDED
from commentsite.audit.services import record
from commentsite.audit.signing import Signer
from commentsite.audit.tree import RUN, STORED, StoredTree
from commentsite.db import serialize, session

AT_ONCE = 20  # runs of entries, which take less than a second


def is_due(now: datetime) -> bool:
    """Say whether the log has grown and no head was signed since this day (UTC) began."""
    newest = queries.newest_head()
    if newest is None:
        return queries.head()[0] > 0
    return newest.at.date() < now.date() and queries.head()[0] > newest.size


def prepare() -> bool:
    """Store the hashes of some entries ahead of a head; say whether there are more to do.

    A log that grew for years before its first head would otherwise keep everybody waiting.
    """
    _alone()
    size, stored = queries.head()[0], queries.count_nodes(STORED)
    StoredTree().grow(min(size, (stored + AT_ONCE) * RUN))
    return size >= (stored + AT_ONCE + 1) * RUN


def sign_head(actor: str, kept: Path) -> LogHead | None:
    """Sign a head with the key kept there, made if there is none; None when the newest covers everything.

    Who writes to the log waits until this is committed, so a head covers all entries up to
    one and none is missing between.
    """
    _alone()
    newest = queries.newest_head()
    if queries.head()[0] == (newest.size if newest else 0):
        return None
    return _sign(actor, signing.kept_signer(kept))


def announce_key(actor: str, kept: Path) -> Signer:
    """Return a new key that the log names, under a head by the old one: the old vouches for the new.

    The caller keeps it in place of the old one once this is committed.
    """
    _alone()
    old, new = signing.kept_signer(kept), signing.new_signer()
    _name_key(actor, old)
    _name_key(actor, new)
    _sign(actor, old)
    return new


def _alone() -> None:
    session().flush()
    serialize("audit")


def _name_key(actor: str, signer: Signer) -> None:
    if signer.key_id not in queries.signing_keys():
        record(actor, KEY_ADDED, f"key:{signer.key_id}", public=signer.public)


def _sign(actor: str, signer: Signer) -> LogHead:
    _name_key(actor, signer)
    size = queries.head()[0] + 1
    record(actor, HEAD_SIGNED, f"head:{size}", key=signer.key_id)
    tree, at = StoredTree(), clock.now()
    tree.grow(size)
    root = merkle.root(size, tree.subtree).hex()
    text = signing.head_bytes(size, root, at.isoformat(timespec="microseconds"), signer.key_id)
    head = LogHead(size=size, at=at, root=root, key=signer.key_id, signature=signer.sign(text))
    session().add(head)
    session().flush()
    return head
