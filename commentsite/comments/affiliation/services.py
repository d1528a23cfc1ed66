"""Determine the badges of a comment's author: letter author, staff, organisation.

A badge does not decide whether a comment is published. The role of an email address is shown only
once the address is confirmed with the comment (`Comment.confirmed_author_role`), because a stranger
can enter any address.
"""

from collections.abc import Mapping

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import filter_staff_addresses
from commentsite.audit.services import record_event
from commentsite.comments.affiliation import queries as affiliation_queries
from commentsite.comments.affiliation.models import AuthorAddress, AuthorRole
from commentsite.comments.hashing import hash_email
from commentsite.comments.models import Comment
from commentsite.comments.queries import lock_letter_comments
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.text.confusables import skeleton
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.text.plain_text import clean_text

REPRESENTATIVE_CAPACITIES = frozenset({"on_behalf_of", "delegate"})
MIN_EVIDENCE_LENGTH = 5
MAX_EVIDENCE_LENGTH = 1_000


# --- Role of the email address ---


def determine_author_roles(letter_id: int, emails: Mapping[str, str]) -> dict[str, AuthorRole]:
    """Return the roles of email addresses, which are given and returned by their hash."""
    authors = affiliation_queries.filter_author_addresses(letter_id, emails)
    staff = filter_staff_addresses(emails.values())
    roles = {
        email_hash: AuthorRole.STAFF if email.lower() in staff else AuthorRole.NONE
        for email_hash, email in emails.items()
    }
    return roles | dict.fromkeys(authors, AuthorRole.LETTER_AUTHOR)


def determine_author_role(letter_id: int, email: str, email_hash: str) -> AuthorRole:
    return determine_author_roles(letter_id, {email_hash: email})[email_hash]


def refresh_author_role(comment: Comment, encryption: Encryption) -> None:
    """Determine the role again, because authors and staff may have changed since the submission.

    Call it when the role becomes visible: at the confirmation and at the publication.
    """
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    comment.author_role = (
        determine_author_role(comment.letter_id, email, comment.email_hash or "")
        if email
        else AuthorRole.NONE
    )


def add_author_address(
    letter: Letter, email: str, *, by: Actor, encryption: Encryption
) -> AuthorAddress:
    """Record an email address of the letter's author. Comments already sent from it get the badge.

    Raises Invalid on an invalid address and Conflict on an address that is recorded already.
    """
    by.require(Permission.WRITE_LETTERS, letter.id)
    try:
        address_text = normalize_email(email)
    except InvalidEmail as error:
        raise Invalid(error.message, field="email") from None
    email_hash = hash_email(encryption, address_text)
    lock_letter_comments(letter.id)
    if affiliation_queries.is_author_address(letter.id, email_hash):
        msg = "This address is already recorded."
        raise Conflict(msg, field="email")
    address = AuthorAddress(letter_id=letter.id, email_hash=email_hash, recorded_at=clock.now())
    session().add(address)
    session().flush()
    _refresh_author_roles(letter, email_hash, encryption)
    record_event(by.label, "letter.author_address_added", f"letter:{letter.id}")
    return address


def remove_author_address(
    letter: Letter, address_id: int, *, by: Actor, encryption: Encryption
) -> None:
    """Delete an address of the letter's author. Comments from it lose the badge. Raises NotFound."""
    by.require(Permission.WRITE_LETTERS, letter.id)
    address = session().get(AuthorAddress, address_id)
    if address is None or address.letter_id != letter.id:
        msg = "This address is no longer recorded."
        raise NotFound(msg)
    lock_letter_comments(letter.id)
    session().delete(address)
    session().flush()
    _refresh_author_roles(letter, address.email_hash, encryption)
    record_event(by.label, "letter.author_address_removed", f"letter:{letter.id}")


def _refresh_author_roles(letter: Letter, email_hash: str, encryption: Encryption) -> None:
    for comment in affiliation_queries.list_comments_from_email(letter.id, email_hash):
        refresh_author_role(comment, encryption)
    # Every transaction locks the comments before the row of their letter.
    session().flush()
    bump_page_version(letter)


# --- Affiliation with an organisation ---


def is_organisation_domain(email: str, organisation: str, domains: Mapping[str, str]) -> bool:
    """Return whether an address belongs to a domain that the site recorded for this organisation.

    `domains` maps domains to names of organisations.
    """
    host = email.rpartition("@")[2].lower()
    return any(
        (host == domain or host.endswith(f".{domain}"))
        and skeleton(organisation) == skeleton(name)
        and bool(skeleton(name))
        for domain, name in domains.items()
    )


def verify_delegation(
    comment: Comment, evidence: str, *, by: Actor, encryption: Encryption
) -> None:
    """Record that the author speaks for the organisation, and the evidence, which only staff can read.

    Raises Conflict when the comment does not speak for an organisation or is verified already, and
    Invalid on evidence of the wrong length.
    """
    by.require(Permission.WRITE_LETTERS, comment.letter_id)
    if comment.capacity not in REPRESENTATIVE_CAPACITIES or comment.erased_at is not None:
        msg = "The author of this comment does not speak for an organisation."
        raise Conflict(msg)
    if comment.delegation_verified_at is not None:
        msg = "The delegation is already verified."
        raise Conflict(msg)
    evidence_text = clean_text(evidence)
    if not MIN_EVIDENCE_LENGTH <= len(evidence_text) <= MAX_EVIDENCE_LENGTH:
        msg = (
            "Describe the evidence in at most 1,000 characters, for example a document, or a call "
            "and the name of the person who answered."
        )
        raise Invalid(msg, field="evidence")
    comment.delegation_verified_at = clock.now()
    comment.delegation_evidence_sealed = encryption.encrypt(evidence_text)
    bump_page_version(get_letter(comment.letter_id))
    _record_event(comment, "comment.delegation_verified", by)


def revoke_delegation(comment: Comment, *, by: Actor) -> None:
    """Withdraw the verification. Raises Conflict when the delegation is not verified."""
    by.require(Permission.WRITE_LETTERS, comment.letter_id)
    if comment.delegation_verified_at is None:
        msg = "The delegation is not verified."
        raise Conflict(msg)
    comment.delegation_verified_at = comment.delegation_evidence_sealed = None
    bump_page_version(get_letter(comment.letter_id))
    _record_event(comment, "comment.delegation_doubted", by)


def _record_event(comment: Comment, action: str, by: Actor) -> None:
    record_event(by.label, action, f"comment:{comment.id}", state=str(comment.state))
