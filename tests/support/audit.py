"""Read the whole audit log and verify it."""

from sqlalchemy import select

from commentsite.audit.models import AuditEntry, TreeNode
from commentsite.audit.verification import VerifiedLog
from commentsite.db.session import session
from commentsite.moderation.transparency.verification import verify_since


def verify_records(own_key_id="", advance=lambda _: None):
    """Return every problem of the audit log and of the tables beside it, as sentences."""
    return verify_since(VerifiedLog(), own_key_id, advance)[0]


def list_entries():
    """Return all entries of the audit log in order."""
    return list(session().scalars(select(AuditEntry).order_by(AuditEntry.seq)))


def list_latest_entries(limit):
    """Return the newest entries, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    return list(session().scalars(query))


def load_stored_hashes():
    """Return all stored hashes of the Merkle tree by (level, position)."""
    query = select(TreeNode.level, TreeNode.position, TreeNode.hash)
    return {(level, position): value for level, position, value in session().execute(query)}
