"""Tokens with which programs act for a member of staff: created, checked with each request, revoked.

A token is 256 random bits, and the table holds its hash, so a copy of the database opens nothing. Each
request reads the account too: a token can do what its scopes and the present role of its owner both allow,
on the letters of its owner. A token ends when it expires or is revoked, and when the account of its owner is
deactivated, or gets another role, address, password or second factor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from commentsite import clock, tokens
from commentsite.accounts import queries as account_queries
from commentsite.accounts.models import ApiToken, User
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.notifications.outbox import enqueue_message
from commentsite.retention import EXPIRED_TOKEN_TTL
from commentsite.text.plain_text import clean_single_line

PREFIX = "cst_"  # programs that look for leaked secrets recognise it
BEGINNING_LENGTH = 8  # characters that the list of tokens shows
MAX_NAME_LENGTH = 60
MAX_DAYS = 366
MAX_TOKENS = 20  # of one person


class TokenScope(StrEnum):
    """A kind of work that a token allows."""

    READ_QUEUE = "moderation:read"
    DECIDE = "moderation:decide"
    WRITE_LETTERS = "letters:write"
    PUBLISH_LETTERS = "letters:publish"


#: The permission that each scope passes on from the owner.
SCOPE_PERMISSIONS = {
    TokenScope.READ_QUEUE: Permission.MODERATE,
    TokenScope.DECIDE: Permission.MODERATE,
    TokenScope.WRITE_LETTERS: Permission.WRITE_LETTERS,
    TokenScope.PUBLISH_LETTERS: Permission.PUBLISH_LETTERS,
}


@dataclass(frozen=True)
class TokenHolder:
    """A request with a token: what it may do, and on behalf of which member of staff."""

    token_id: int
    actor: Actor  # with no more permissions than the scopes pass on
    scopes: frozenset[TokenScope]
    has_second_factor: bool
    is_first_use_today: bool


def list_offered_scopes(by: Actor) -> list[TokenScope]:
    """Return the scopes that the role of a member of staff can use."""
    return [scope for scope, permission in SCOPE_PERMISSIONS.items() if by.can(permission)]


def create_token(
    name: str, scopes: Iterable[str], days: int | None, *, by: Actor, encryption: Encryption
) -> str:
    """Create a token for the actor and return it. It cannot be read again. The actor gets an email about it.

    `days` is the time until it expires, 1 to MAX_DAYS. Raises Invalid on a field that is missing or that the
    actor's role does not allow, and Conflict if the actor has MAX_TOKENS already.
    """
    if by.user_id is None:
        msg = "Only staff can create tokens."
        raise NotAllowed(msg)
    cleaned = clean_single_line(name)
    if not 0 < len(cleaned) <= MAX_NAME_LENGTH:
        msg = "Enter a name of at most 60 characters, such as the program that will use the token."
        raise Invalid(msg, field="name")
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(list_offered_scopes(by)):
        msg = "Choose at least one thing that the token allows."
        raise Invalid(msg, field="scopes")
    if days is None or not 1 <= days <= MAX_DAYS:
        msg = "Enter a number of days from 1 to 366."
        raise Invalid(msg, field="days")
    acquire_advisory_lock(f"tokens:{by.user_id}")
    if account_queries.count_tokens(by.user_id) >= MAX_TOKENS:
        msg = "You have 20 tokens. Revoke one that you no longer need before you create another."
        raise Conflict(msg)
    token, now = PREFIX + tokens.new_secret_key(), clock.now()
    row = ApiToken(
        staff_id=by.user_id,
        name=cleaned,
        token_hash=tokens.hash_token(token),
        beginning=token[:BEGINNING_LENGTH],
        scopes=chosen,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session().add(row)
    session().flush()
    record_event(by.label, "staff.token_created", f"user:{by.user_id}", token=row.id, scopes=chosen)
    enqueue_message(
        "staff.token_created",
        by.email,
        encryption=encryption,
        language=by.language,
        token_name=cleaned,
    )
    return token


def authenticate(token: str) -> TokenHolder | None:
    """Return what a token allows now, or None if it is unknown, expired or revoked.

    The time to answer tells nothing about other tokens: they are found by the hash of the whole token.
    """
    if not token.startswith(PREFIX):
        return None
    found = account_queries.find_token_with_owner(tokens.hash_token(token), clock.now())
    if found is None:
        return None
    row, owner = found
    scopes = frozenset(TokenScope(scope) for scope in row.scopes if scope in set(TokenScope))
    actor = account_queries.build_actor(owner)
    passed_on = {SCOPE_PERMISSIONS[scope] for scope in scopes}
    return TokenHolder(
        token_id=row.id,
        actor=replace(actor, permissions=actor.permissions & passed_on),
        scopes=scopes,
        has_second_factor=account_queries.has_second_factor(owner),
        is_first_use_today=row.last_used_on != clock.now().date(),
    )


def record_use(token_id: int) -> None:
    """Store that a token is in use today. The exact time is not kept."""
    if row := session().get(ApiToken, token_id):
        row.last_used_on = clock.now().date()


def revoke_token(token_id: int, *, by: Actor) -> ApiToken:
    """End a token of the actor, or of another person if the actor manages people.

    Raises NotFound if it has ended, also for the token of another person.
    """
    row = account_queries.get_token_for_update(token_id)
    if row.staff_id != by.user_id:
        by.require(Permission.MANAGE_PEOPLE)
    _delete(row, by)
    return row


def end_all_tokens(user: User, *, by: Actor) -> None:
    """End every token of a member of staff, for example because the role changed."""
    for row, _name in account_queries.list_tokens(user.id):
        _delete(row, by)


def is_expired(row: ApiToken) -> bool:
    return row.expires_at <= clock.now()


def purge_expired_tokens(now: datetime) -> int:
    """Delete tokens that expired some time ago, and return their number."""
    expired = account_queries.list_tokens_expired_before(now - EXPIRED_TOKEN_TTL)
    for row in expired:
        session().delete(row)
    return len(expired)


def _delete(row: ApiToken, by: Actor) -> None:
    session().delete(row)
    record_event(by.label, "staff.token_revoked", f"user:{row.staff_id}", token=row.id)
