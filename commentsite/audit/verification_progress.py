"""Remember up to which checkpoint the audit log was verified, so that the next verification can begin there.

The row carries a hash keyed with the secret key of the site. A person who can only write to the database cannot
make a changed entry count as verified.
"""

from datetime import datetime

from sqlalchemy import delete

from commentsite import clock
from commentsite.audit.hash_chain import canonical_json
from commentsite.audit.models import VerificationProgress
from commentsite.audit.queries import find_verification_progress
from commentsite.audit.verification import VerifiedLog
from commentsite.db.session import session
from commentsite.encryption import Encryption


def load_progress(encryption: Encryption) -> tuple[VerifiedLog, datetime] | None:
    """Return the part of the log that was verified, and when. None if there is none, or if it was forged."""
    row = find_verification_progress()
    if row is None or row.seal != _seal(row, encryption):
        return None
    return VerifiedLog.from_json(row.state), row.verified_at


def save_progress(log: VerifiedLog, encryption: Encryption) -> None:
    """Remember the part of the log that was verified. An empty part removes what was remembered."""
    session().execute(delete(VerificationProgress))
    if log.size:
        row = VerificationProgress(size=log.size, state=log.to_json(), verified_at=clock.now())
        row.seal = _seal(row, encryption)
        session().add(row)


def _seal(row: VerificationProgress, encryption: Encryption) -> str:
    content = {"state": row.state, "verified_at": row.verified_at.isoformat()}
    return encryption.keyed_hash("verification", canonical_json(content).decode())
