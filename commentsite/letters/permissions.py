"""By whose leave a letter stands: recorded with its evidence, and taken back."""

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


def add_permission(  # noqa: PLR0913  # one for each entry of the form
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
    """Record somebody's leave; its evidence is sealed and shown to nobody but those who may see addresses.

    Raises Invalid on an entry that is missing or too long.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if not scopes or not set(scopes) <= set(PermissionScope):
        msg = "Choose what the permission is for."
        raise Invalid(msg, field="scopes")
    if not 0 < len(given_by.strip()) <= 200:
        msg = "Say who gave the permission."
        raise Invalid(msg, field="given_by")
    if method not in set(PermissionMethod):
        msg = "Say how it was given."
        raise Invalid(msg, field="how")
    if given_on is not None and given_on > clock.now().date():
        msg = "This day has not come yet."
        raise Invalid(msg, field="given_on")
    if len(statement) > 500:
        msg = "Write at most 500 characters."
        raise Invalid(msg, field="statement")
    if len(evidence) > MAX_EVIDENCE_BYTES:
        msg = "The evidence may have 5 MB."
        raise Invalid(msg, field="evidence")
    permission = LetterPermission(
        letter_id=letter.id,
        scopes=list(dict.fromkeys(scopes)),
        given_by=clean_single_line(given_by),
        method=method,
        given_on=given_on,
        statement=clean_single_line(statement),
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
    """Return the evidence as it was received. Raises NotFound when there is none, or no key opens it."""
    by.require(Permission.SEE_ADDRESSES)
    text = require_found(
        encryption.decrypt(permission.evidence_sealed) if permission.evidence_sealed else None,
        "No evidence is kept here.",
    )
    return base64.b64decode(text)


def revoke_permission(slug: str, permission_id: int, *, by: Actor) -> Letter:
    """Record that somebody took their leave back; a letter without any left is withdrawn at once."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    permission = letter_queries.get_permission(letter, permission_id)
    if permission.revoked_at is None:
        permission.revoked_at = clock.now()
        session().flush()
        details = {"permission": permission.id}
        if letter.state in PUBLIC_STATES - {
            LetterState.WITHDRAWN
        } and not letter_queries.has_publication_permission(letter):
            withdraw_from_public(letter, "The permission to publish it was taken back.", by=by)
        record_event(
            by.label,
            "letter.permission_taken_back",
            f"letter:{letter.id}",
            state=str(letter.state),
            **details,
        )
        bump_related_pages()
    return letter
