"""Record the permission to publish a letter with its evidence, and revoke it."""

import base64
from datetime import date
from hashlib import sha256

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Invalid, require_found
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter, LetterPermission
from commentsite.letters.page_versions import bump_page_version, bump_related_pages
from commentsite.letters.states import PUBLIC_STATES, LetterState, PermissionMethod, PermissionScope
from commentsite.letters.transitions import withdraw_from_public
from commentsite.text.plain_text import clean_single_line

MAX_EVIDENCE_BYTES = 5_000_000


def add_permission(  # noqa: PLR0913  # one for each field of the form
    slug: str,
    *,
    by: Actor,
    encryption: Encryption,
    scopes: tuple[str, ...],
    given_by: str,
    method: str,
    given_on: date | None,
    statement: str,
    evidence: bytes = b"",
    evidence_name: str = "",
) -> LetterPermission:
    """Record a permission and encrypt its evidence, a file.

    Raises Invalid on a field that is missing or too long.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if not scopes or not set(scopes) <= set(PermissionScope):
        msg = "Choose at least one thing that the permission allows."
        raise Invalid(msg, field="scopes")
    if not 0 < len(given_by.strip()) <= 200:
        msg = "Enter the name of the person who gave the permission, in at most 200 characters."
        raise Invalid(msg, field="given_by")
    if method not in set(PermissionMethod):
        msg = "Choose how the permission was given."
        raise Invalid(msg, field="how")
    if given_on is not None and given_on > clock.now().date():
        msg = "This date is in the future. Enter the date on which the permission was given."
        raise Invalid(msg, field="given_on")
    if len(statement) > 500:
        msg = "Write at most 500 characters."
        raise Invalid(msg, field="statement")
    if len(evidence) > MAX_EVIDENCE_BYTES:
        msg = "The file is too large. Choose a file of at most 5 MB."
        raise Invalid(msg, field="evidence")
    permission = LetterPermission(
        letter_id=letter.id,
        scopes=list(dict.fromkeys(scopes)),
        given_by=clean_single_line(given_by),
        method=PermissionMethod(method),
        given_on=given_on,
        statement=clean_single_line(statement),
        # Encryption takes text, so the bytes of the file are encoded first.
        evidence_sealed=encryption.encrypt(base64.b64encode(evidence).decode())
        if evidence
        else None,
        evidence_name=clean_single_line(evidence_name)[:200],
        evidence_sha256=sha256(evidence).hexdigest() if evidence else "",
        recorded_by=by.label,
        recorded_at=clock.now(),
    )
    session().add(permission)
    session().flush()
    bump_page_version(letter)
    record_event(
        by.label,
        "letter.permission_recorded",
        f"letter:{letter.id}",
        permission=permission.id,
        scopes=list(permission.scopes),
        sha256=permission.evidence_sha256,
    )
    return permission


def decrypt_evidence(permission: LetterPermission, *, by: Actor, encryption: Encryption) -> bytes:
    """Return the file as received. Raises NotFound when there is none or no key decrypts it."""
    by.require(Permission.SEE_ADDRESSES, permission.letter_id)
    text = require_found(
        encryption.decrypt(permission.evidence_sealed) if permission.evidence_sealed else None,
        "This permission has no evidence that can be opened.",
    )
    return base64.b64decode(text)


def revoke_permission(slug: str, permission_id: int, *, by: Actor) -> Letter:
    """Revoke a permission. A public letter without another one to publish is withdrawn at once."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    permission = letter_queries.get_permission(letter, permission_id)
    if permission.revoked_at is None:
        permission.revoked_at = clock.now()
        session().flush()
        is_readable = letter.state in PUBLIC_STATES - {LetterState.WITHDRAWN}
        if is_readable and not letter_queries.has_publication_permission(letter):
            withdraw_from_public(
                letter, "The permission to publish this letter was withdrawn.", by=by
            )
        record_event(
            by.label,
            "letter.permission_taken_back",
            f"letter:{letter.id}",
            state=str(letter.state),
            permission=permission.id,
        )
        bump_related_pages()
    return letter
