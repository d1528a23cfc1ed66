"""Invite somebody to the staff, take it back, and take them on when they follow it."""

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
    """Send a link that lets the owner of an address join with a role, for all letters or some.

    Raises Invalid on a malformed address or a steward limited to letters, Conflict when the
    address is on the staff or invited already.
    """
    by.require(Permission.MANAGE_PEOPLE)
    address = check_new_address(email)
    if letters and role == RoleName.STEWARD:
        msg = "A steward looks after the whole site and cannot be limited to letters."
        raise Invalid(msg, field="letters")
    now, email_hash = clock.now(), encryption.keyed_hash("staff", address.lower())
    acquire_advisory_lock("staff")
    if account_queries.find_open_invitation(email_hash, now):
        msg = "This address is invited already. Take that invitation back to send another."
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
        inviter=by.name,
        role=role,
        token=token,
    )
    record_event(by.label, "staff.invited", about, role=role.value, letters=sorted(letters))
    return invitation


def revoke_invitation(invitation_id: int, *, by: Actor) -> None:
    """Make an invitation worthless. Raises NotFound when it was used or taken back before."""
    by.require(Permission.MANAGE_PEOPLE)
    invitation = account_queries.get_invitation_for_update(invitation_id)
    delete_unsent_messages(f"invitation:{invitation.id}")
    session().delete(invitation)
    record_event(by.label, "staff.invitation_taken_back", f"invitation:{invitation.id}")


def find_invitation(token: str) -> Invitation:
    """Return the invitation a link names. Raises NotFound once it is used, taken back or too old."""
    return account_queries.get_invitation_by_token_for_update(hash_token(token), clock.now())


def accept_invitation(  # noqa: PLR0913  # each is a field of the form, named by the caller
    token: str,
    *,
    name: str,
    password_hash: str,
    group: str,
    organisation: str,
    encryption: Encryption,
) -> User:
    """Take on whoever holds the link, with the role it promised; it can be used once.

    Raises NotFound once it is used, taken back or too old, Invalid on a name that cannot be.
    """
    found = find_invitation(token)
    email = encryption.decrypt(found.email_sealed)
    if email is None:
        msg = "This invitation can no longer be read. Ask for another."
        raise Conflict(msg)
    number, letters = found.id, frozenset(found.letters)
    session().delete(found)
    user = add_staff(
        by=SYSTEM,
        email=email,
        name=name,
        role=RoleName(found.role),
        password_hash=password_hash,
        group=group,
        organisation=organisation,
        letters=letters,
    )
    record_event(f"user:{user.id}", "staff.joined", f"invitation:{number}", user=user.id)
    return user


def decrypt_address(invitation: Invitation, encryption: Encryption) -> str:
    """Return the address an invitation was sent to."""
    return encryption.decrypt(invitation.email_sealed) or ""


def purge_expired_invitations(now: datetime) -> int:
    """Delete the invitations whose time is over; return how many there were."""
    over = account_queries.list_expired_invitations(now)
    for found in over:
        session().delete(found)
    return len(over)
