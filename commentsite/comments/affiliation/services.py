"""Whose voice a comment is: an author's, the staff's, an organisation's. None of it decides who may speak.

What an address claims holds only once its mailbox has confirmed it (`Comment.confirmed_voice`).
"""

from collections.abc import Mapping

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import is_staff_address
from commentsite.audit.services import record_event
from commentsite.comments.affiliation import queries as affiliation_queries
from commentsite.comments.affiliation.models import AuthorAddress
from commentsite.comments.hashing import hash_email
from commentsite.comments.models import Comment
from commentsite.comments.queries import lock_letter_comments
from commentsite.comments.sanitizer import clean_text
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.text.confusables import skeleton

AUTHOR_ROLE, STAFF_ROLE = "author", "staff"
REPRESENTATIVE_CAPACITIES = frozenset({"on_behalf_of", "delegate"})
MAX_EVIDENCE_LENGTH = 1_000


def determine_author_role(letter_id: int, email: str, email_hash: str) -> str:
    """Return whose voice an address claims to be: author of this letter, staff, or nobody special ("")."""
    if affiliation_queries.is_author_address(letter_id, email_hash):
        return AUTHOR_ROLE
    return STAFF_ROLE if is_staff_address(email) else ""


def is_organisation_domain(email: str, organisation: str, domains: Mapping[str, str]) -> bool:
    """Say whether an address lies at the domain that the stewards recorded for this organisation."""
    host = email.rpartition("@")[2].lower()
    return any(
        (host == domain or host.endswith(f".{domain}"))
        and skeleton(organisation) == skeleton(name)
        and bool(skeleton(name))
        for domain, name in domains.items()
    )


def refresh_author_role(comment: Comment, encryption: Encryption) -> None:
    """Say again whose voice it is, at the moments when that becomes visible: people come and go."""
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    comment.author_role = (
        determine_author_role(comment.letter_id, email, comment.email_hash or "") if email else ""
    )


def add_author_address(
    letter: Letter, email: str, *, by: Actor, encryption: Encryption
) -> AuthorAddress:
    """Record an address from which an author answers; what came from it already is marked too.

    Raises Invalid on what is no address, Conflict on one that is recorded.
    """
    by.require(Permission.WRITE_LETTERS)
    if not 3 <= len(email) <= 254 or "@" not in email or not email.isprintable():
        msg = "Enter an email address like name@example.org."
        raise Invalid(msg, field="email")
    email_hash = hash_email(encryption, email)
    lock_letter_comments(letter.id)
    if affiliation_queries.is_author_address(letter.id, email_hash):
        msg = "This address is recorded already."
        raise Conflict(msg)
    found = AuthorAddress(letter_id=letter.id, email_hash=email_hash, recorded_at=clock.now())
    session().add(found)
    session().flush()
    _refresh_author_roles(letter, email_hash, encryption)
    record_event(by.label, "letter.author_address_added", f"letter:{letter.id}")
    return found


def remove_author_address(
    letter: Letter, address_id: int, *, by: Actor, encryption: Encryption
) -> None:
    """Forget an author's address; what came from it is no longer marked. Raises NotFound."""
    by.require(Permission.WRITE_LETTERS)
    found = session().get(AuthorAddress, address_id)
    if found is None or found.letter_id != letter.id:
        msg = "This address is not recorded any more."
        raise NotFound(msg)
    lock_letter_comments(letter.id)
    session().delete(found)
    session().flush()
    _refresh_author_roles(letter, found.email_hash, encryption)
    record_event(by.label, "letter.author_address_removed", f"letter:{letter.id}")


def verify_delegation(
    comment: Comment, evidence: str, *, by: Actor, encryption: Encryption
) -> None:
    """Say that its author speaks for the organisation named, on evidence that only the desk sees.

    Raises Conflict when the comment speaks for nobody else or is verified already, Invalid
    without evidence.
    """
    by.require(Permission.WRITE_LETTERS)
    if comment.capacity not in REPRESENTATIVE_CAPACITIES or comment.erased_at is not None:
        msg = "This comment does not speak for an organisation."
        raise Conflict(msg)
    if comment.delegation_verified_at is not None:
        msg = "The delegation is verified already."
        raise Conflict(msg)
    said = clean_text(evidence)
    if not 5 <= len(said) <= MAX_EVIDENCE_LENGTH:
        msg = "Say how you know, in at most 1,000 characters: a document, a call, who answered."
        raise Invalid(msg, field="evidence")
    comment.delegation_verified_at = clock.now()
    comment.delegation_evidence_sealed = encryption.encrypt(said)
    bump_page_version(get_letter(comment.letter_id))
    _record_event(comment, "comment.delegation_verified", by)


def revoke_delegation(comment: Comment, *, by: Actor) -> None:
    """Take the verification back. Raises Conflict where there is none."""
    by.require(Permission.WRITE_LETTERS)
    if comment.delegation_verified_at is None:
        msg = "The delegation is not verified."
        raise Conflict(msg)
    comment.delegation_verified_at = comment.delegation_evidence_sealed = None
    bump_page_version(get_letter(comment.letter_id))
    _record_event(comment, "comment.delegation_doubted", by)


def _record_event(comment: Comment, action: str, by: Actor) -> None:
    record_event(by.label, action, f"comment:{comment.id}", state=str(comment.state))


def _refresh_author_roles(letter: Letter, email_hash: str, encryption: Encryption) -> None:
    for comment in affiliation_queries.list_comments_from_email(letter.id, email_hash):
        refresh_author_role(comment, encryption)
    session().flush()  # comments before their letter, as everybody locks them
    bump_page_version(letter)
