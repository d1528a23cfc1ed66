"""Invite people to join the staff, revoke an invitation, and accept it."""

from datetime import datetime

from commentsite import clock, retention, tokens
from commentsite.accounts import queries as account_queries
from commentsite.accounts.models import Invitation, User
from commentsite.accounts.permissions import SYSTEM, Actor, Permission, RoleName
from commentsite.accounts.services import add_staff, check_new_address
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.notifications.outbox import delete_unsent_messages, enqueue_message
from commentsite.tokens import hash_token


def invite_staff(
    email: str, role: RoleName, letters: frozenset[int], *, by: Actor, encryption: Encryption
) -> Invitation:
    """Email a link with which the owner of the address can join in this role.

    An empty set of letters means access to all letters. Raises Invalid for a malformed address or a steward
    limited to letters, and Conflict if the address belongs to the staff or has an open invitation.
    """
    by.require(Permission.MANAGE_PEOPLE)
    address = check_new_address(email)
    if letters and role == RoleName.STEWARD:
        msg = "A steward has access to the whole site and cannot be limited to certain letters."
        raise Invalid(msg, field="letters")
    now, email_hash = clock.now(), encryption.keyed_hash("staff", address.lower())
    acquire_advisory_lock("staff")
    if account_queries.find_open_invitation(email_hash, now):
        msg = "This address already has an invitation. Revoke it before you send another."
        raise Conflict(msg, field="email")
    token = tokens.new_token()
    invitation = Invitation(
        token_hash=hash_token(token),
        email_sealed=encryption.encrypt(address),
        email_hash=email_hash,
        role=role.value,
        letters=sorted(letters),
        invited_by_id=by.user_id,
        invited_at=now,
        expires_at=now + retention.INVITATION_TTL,
    )
    session().add(invitation)
    session().flush()
    about = f"invitation:{invitation.id}"
    enqueue_message(
        "staff.invitation",
        address,
        encryption=encryption,
        about=about,
        language=by.language,
        inviter=by.name,
        role=role,
        token=token,
    )
    record_event(by.label, "staff.invited", about, role=role.value, letters=sorted(letters))
    return invitation


def revoke_invitation(invitation_id: int, *, by: Actor) -> None:
    """Delete an invitation and its unsent email. Raises NotFound if it was used or revoked before."""
    by.require(Permission.MANAGE_PEOPLE)
    invitation = account_queries.get_invitation_for_update(invitation_id)
    delete_unsent_messages(f"invitation:{invitation.id}")
    session().delete(invitation)
    record_event(by.label, "staff.invitation_taken_back", f"invitation:{invitation.id}")


def find_invitation(token: str) -> Invitation:
    """Return the invitation of a link. Raises NotFound if it was used, revoked or has expired."""
    return account_queries.get_invitation_by_token_for_update(hash_token(token), clock.now())


def accept_invitation(  # noqa: PLR0913  # each is a field of the form, named by the caller
    token: str,
    *,
    name: str,
    password_hash: str,
    group: str,
    organisation: str,
    language: str,
    encryption: Encryption,
) -> User:
    """Create the account of the invited person, whose desk is in `language`, or in that of the site if it is ''.

    A link can be used once.

    Raises NotFound if the invitation was used, revoked or has expired, and Invalid for an unacceptable name.
    """
    invitation = find_invitation(token)
    email = encryption.decrypt(invitation.email_sealed)
    if email is None:
        msg = "This invitation can no longer be used. Ask for a new one."
        raise Conflict(msg)
    invitation_id, letters = invitation.id, frozenset(invitation.letters)
    session().delete(invitation)
    user = add_staff(
        by=SYSTEM,
        email=email,
        name=name,
        role=RoleName(invitation.role),
        password_hash=password_hash,
        group=group,
        organisation=organisation,
        letters=letters,
    )
    user.language = language
    record_event(f"user:{user.id}", "staff.joined", f"invitation:{invitation_id}", user=user.id)
    return user


def decrypt_address(invitation: Invitation, encryption: Encryption) -> str:
    return encryption.decrypt(invitation.email_sealed) or ""


def purge_expired_invitations(now: datetime) -> int:
    """Delete expired invitations and return their number."""
    expired = account_queries.list_expired_invitations(now)
    for invitation in expired:
        session().delete(invitation)
    return len(expired)
