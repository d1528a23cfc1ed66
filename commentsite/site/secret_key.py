"""Recognise whether the secret key of this installation is the key of its database.

With another key nobody can sign in, no email can be sent, and new rows are encrypted and hashed differently from
the older ones. So the database holds a check value for each secret that was ever the current one: a keyed hash,
encrypted with that secret. The hash recognises the oldest secret, from which all keyed hashes derive, and the
encryption recognises the others.
"""

from collections.abc import Sequence

from sqlalchemy import Table

from commentsite.db.queries import has_content
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import ConfigurationError
from commentsite.site import queries as site_queries
from commentsite.site.models import KeyCheck

KEY_MISMATCH = "the secret key is not the one with which the data of this site is encrypted"
KEY_MISMATCH_REMEDY = (
    "The secret key is not the one with which the data of this site is encrypted. "
    "Put the right key into COMMENTSITE_SECRET_KEY, or its file secret_key into the instance folder. "
    "A backup of the site holds that file."
)


def find_key_problem(encryption: Encryption, tables: Sequence[Table] | None = None) -> str:
    """Return a sentence if the key is not that of the database, or an empty string.

    A database of an older version has no check value. Then any encrypted value proves the key. `tables` are those
    of the database, if it has the schema of an older version.
    """
    has_checks = tables is None or KeyCheck.__tablename__ in {table.name for table in tables}
    checks = site_queries.list_key_checks() if has_checks else []
    if checks:
        is_own = all(encryption.is_own_check(check.sealed) for check in checks)
    else:
        samples = site_queries.list_encrypted_samples(tables)
        is_own = not samples or _can_decrypt_any(encryption, samples)
    return "" if is_own or not has_content(session().connection()) else KEY_MISMATCH


def require_matching_key(encryption: Encryption) -> None:
    """Raise ConfigurationError, with the remedy, if the key is not that of the database."""
    if find_key_problem(encryption):
        raise ConfigurationError(KEY_MISMATCH_REMEDY)


def store_key_check(encryption: Encryption) -> None:
    """Store the check value of the current secret, if the key is proved to be that of the database.

    Raises ConfigurationError if it is another key. Without any encrypted value in a database of an older version
    nothing is stored, and a later start tries again.
    """
    require_matching_key(encryption)
    checks = site_queries.list_key_checks()
    if any(not encryption.is_own_check(check.sealed) for check in checks):
        for check in checks:  # the site is empty, so it may begin with another key
            session().delete(check)
        checks = []
    if any(encryption.is_encrypted_with_current(check.sealed) for check in checks):
        return
    is_proved = bool(checks) or _can_decrypt_any(encryption, site_queries.list_encrypted_samples())
    if is_proved or not has_content(session().connection()):
        session().add(KeyCheck(sealed=encryption.make_check()))
        session().flush()


def _can_decrypt_any(encryption: Encryption, samples: list[bytes]) -> bool:
    return any(encryption.decrypt(sample) is not None for sample in samples)
