"""Invite somebody to the staff, take it back, and take them on when they follow it."""

from datetime import datetime

from commentsite import clock, retention, tokens
from commentsite.accounts import queries
from commentsite.accounts.models import Invitation, User
from commentsite.accounts.permissions import SYSTEM, Actor, Permission, RoleName
from commentsite.accounts.services import add_staff, free_address
from commentsite.audit.services import record
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid
from commentsite.notifications.services import enqueue, forget_messages_about
from commentsite.tokens import hash_token
from commentsite.vault import Vault


def invite(
    email: str, role: RoleName, letters: frozenset[int], *, by: Actor, vault: Vault
) -> Invitation:
    """Send a link that lets the owner of an address join with a role, for all letters or some.

    Raises Invalid on a malformed address or a steward limited to letters, Conflict when the
    address is on the staff or invited already.
    """
    by.require(Permission.MANAGE_PEOPLE)
    address = free_address(email)
    if letters and role == RoleName.STEWARD:
        msg = "A steward looks after the whole site and cannot be limited to letters."
        raise Invalid(msg, field="letters")
    now, email_hash = clock.now(), vault.keyed_hash("staff", address.lower())
    serialize("staff")
    if queries.invitation_to(email_hash, now):
        msg = "This address is invited already. Take that invitation back to send another."
        raise Conflict(msg, field="email")
    token = tokens.new()
    invitation = Invitation(
        token_hash=hash_token(token),
        email_sealed=vault.seal(address),
        email_hash=email_hash,
        role=role.value,
        letters=sorted(letters),
        invited_by_id=by.user_id,
        invited_at=now,
        expires_at=now + retention.INVITED,
    )
    session().add(invitation)
    session().flush()
    about = f"invitation:{invitation.id}"
    enqueue(
        "staff.invitation",
        address,
        vault=vault,
        about=about,
        inviter=by.name,
        role=role,
        token=token,
    )
    record(by.label, "staff.invited", about, role=role.value, letters=sorted(letters))
    return invitation


def take_back(invitation_id: int, *, by: Actor) -> None:
    """Make an invitation worthless. Raises NotFound when it was used or taken back before."""
    by.require(Permission.MANAGE_PEOPLE)
    invitation = queries.invitation_numbered(invitation_id)
    forget_messages_about(f"invitation:{invitation.id}")
    session().delete(invitation)
    record(by.label, "staff.invitation_taken_back", f"invitation:{invitation.id}")


def invitation(token: str) -> Invitation:
    """Return the invitation a link names. Raises NotFound once it is used, taken back or too old."""
    return queries.invitation_with(hash_token(token), clock.now())


def accept(  # noqa: PLR0913  # each is a field of the form, named by the caller
    token: str, *, name: str, password_hash: str, group: str, organisation: str, vault: Vault
) -> User:
    """Take on whoever holds the link, with the role it promised; it can be used once.

    Raises NotFound once it is used, taken back or too old, Invalid on a name that cannot be.
    """
    found = invitation(token)
    email = vault.open(found.email_sealed)
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
    record(f"user:{user.id}", "staff.joined", f"invitation:{number}", user=user.id)
    return user


def address_of(found: Invitation, vault: Vault) -> str:
    """Return the address an invitation was sent to."""
    return vault.open(found.email_sealed) or ""


def forget(now: datetime) -> int:
    """Delete the invitations whose time is over; return how many there were."""
    over = queries.invitations_before(now)
    for found in over:
        session().delete(found)
    return len(over)
