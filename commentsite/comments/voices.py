"""Whose voice a comment is: an author's, the staff's, an organisation's. None of it decides who may speak.

What an address claims holds only once its mailbox has confirmed it (`Comment.confirmed_voice`).
"""

from collections.abc import Mapping

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import is_staff_address
from commentsite.audit.services import record
from commentsite.comments import speakers
from commentsite.comments.keys import hash_email
from commentsite.comments.models import AuthorAddress, Comment
from commentsite.comments.queries import lock_comments_of
from commentsite.comments.sanitizer import clean_text
from commentsite.db import session
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.models import Letter
from commentsite.letters.queries import letter_by_id
from commentsite.letters.services import mark_changed
from commentsite.text.confusables import skeleton
from commentsite.vault import Vault

AUTHOR, STAFF = "author", "staff"
SPEAKS_FOR_OTHERS = frozenset({"on_behalf_of", "delegate"})
LONGEST_EVIDENCE = 1_000


def voice_of(letter_id: int, email: str, email_hash: str) -> str:
    """Return whose voice an address claims to be: author of this letter, staff, or nobody special ("")."""
    if speakers.is_author_address(letter_id, email_hash):
        return AUTHOR
    return STAFF if is_staff_address(email) else ""


def is_own_domain(email: str, organisation: str, domains: Mapping[str, str]) -> bool:
    """Say whether an address lies at the domain that the stewards recorded for this organisation."""
    host = email.rpartition("@")[2].lower()
    return any(
        (host == domain or host.endswith(f".{domain}"))
        and skeleton(organisation) == skeleton(name)
        and bool(skeleton(name))
        for domain, name in domains.items()
    )


def settle_voice(comment: Comment, vault: Vault) -> None:
    """Say again whose voice it is, at the moments when that becomes visible: people come and go."""
    email = vault.open(comment.email_sealed) if comment.email_sealed else None
    comment.voice = voice_of(comment.letter_id, email, comment.email_hash or "") if email else ""


def add_author_address(letter: Letter, email: str, *, by: Actor, vault: Vault) -> AuthorAddress:
    """Record an address from which an author answers; what came from it already is marked too.

    Raises Invalid on what is no address, Conflict on one that is recorded.
    """
    by.require(Permission.WRITE_LETTERS)
    if not 3 <= len(email) <= 254 or "@" not in email or not email.isprintable():
        msg = "Enter an email address like name@example.org."
        raise Invalid(msg, field="email")
    email_hash = hash_email(vault, email)
    lock_comments_of(letter.id)
    if speakers.is_author_address(letter.id, email_hash):
        msg = "This address is recorded already."
        raise Conflict(msg)
    found = AuthorAddress(letter_id=letter.id, email_hash=email_hash, recorded_at=clock.now())
    session().add(found)
    session().flush()
    _speak_again(letter, email_hash, vault)
    record(by.label, "letter.author_address_added", f"letter:{letter.id}")
    return found


def remove_author_address(letter: Letter, address_id: int, *, by: Actor, vault: Vault) -> None:
    """Forget an author's address; what came from it is no longer marked. Raises NotFound."""
    by.require(Permission.WRITE_LETTERS)
    found = session().get(AuthorAddress, address_id)
    if found is None or found.letter_id != letter.id:
        msg = "This address is not recorded any more."
        raise NotFound(msg)
    lock_comments_of(letter.id)
    session().delete(found)
    session().flush()
    _speak_again(letter, found.email_hash, vault)
    record(by.label, "letter.author_address_removed", f"letter:{letter.id}")


def verify_delegation(comment: Comment, evidence: str, *, by: Actor, vault: Vault) -> None:
    """Say that its author speaks for the organisation named, on evidence that only the desk sees.

    Raises Conflict when the comment speaks for nobody else or is verified already, Invalid
    without evidence.
    """
    by.require(Permission.WRITE_LETTERS)
    if comment.capacity not in SPEAKS_FOR_OTHERS or comment.erased_at is not None:
        msg = "This comment does not speak for an organisation."
        raise Conflict(msg)
    if comment.delegation_verified_at is not None:
        msg = "The delegation is verified already."
        raise Conflict(msg)
    said = clean_text(evidence)
    if not 5 <= len(said) <= LONGEST_EVIDENCE:
        msg = "Say how you know, in at most 1,000 characters: a document, a call, who answered."
        raise Invalid(msg, field="evidence")
    comment.delegation_verified_at = clock.now()
    comment.delegation_evidence_sealed = vault.seal(said)
    mark_changed(letter_by_id(comment.letter_id))
    _audit(comment, "comment.delegation_verified", by)


def doubt_delegation(comment: Comment, *, by: Actor) -> None:
    """Take the verification back. Raises Conflict where there is none."""
    by.require(Permission.WRITE_LETTERS)
    if comment.delegation_verified_at is None:
        msg = "The delegation is not verified."
        raise Conflict(msg)
    comment.delegation_verified_at = comment.delegation_evidence_sealed = None
    mark_changed(letter_by_id(comment.letter_id))
    _audit(comment, "comment.delegation_doubted", by)


def _audit(comment: Comment, action: str, by: Actor) -> None:
    record(by.label, action, f"comment:{comment.id}", state=str(comment.state))


def _speak_again(letter: Letter, email_hash: str, vault: Vault) -> None:
    for comment in speakers.sent_from(letter.id, email_hash):
        settle_voice(comment, vault)
    session().flush()  # comments before their letter, as everybody locks them
    mark_changed(letter)
