"""Query conflicts of interest: relationships of a comment, eligible moderators, declarations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import build_actor, list_staff
from commentsite.comments.affiliation.models import AuthorAddress
from commentsite.comments.hashing import hash_email
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter, LetterAuthor
from commentsite.moderation.conflicts.policy import (
    Relationships,
    StaffIdentity,
    check_no_conflict_of_interest,
    find_conflict_of_interest,
)
from commentsite.moderation.models import ConflictDeclaration
from commentsite.text.confusables import skeleton


@dataclass(frozen=True)
class DeclarationSummary:
    """A declared conflict of interest, with the title of the letter it concerns."""

    id: int
    letter_title: str
    comment_id: int | None
    explanation: str
    declared_at: datetime


def check_no_conflict(comment: Comment, by: Actor, encryption: Encryption) -> None:
    """Raise NotAllowed, with the kind of conflict as a sentence, if the actor has one.

    Every act of the desk on one comment calls this: a decision, a dismissed report, a sanction on
    its author, a quality review, a verified delegation, and a change of its campaign.
    """
    check_no_conflict_of_interest(
        build_staff_identity(by, encryption), load_relationships(comment, encryption)
    )


def build_staff_identity(actor: Actor, encryption: Encryption) -> StaffIdentity:
    return StaffIdentity(
        actor.user_id, hash_email(encryption, actor.email), actor.name, actor.organisation
    )


def load_relationships(comment: Comment, encryption: Encryption) -> Relationships:
    """Load the people and organisations involved in a comment, in one query."""
    return load_all_relationships([comment], encryption)[comment.id]


def load_all_relationships(
    comments: Sequence[Comment], encryption: Encryption
) -> dict[int, Relationships]:
    """Load what `load_relationships` does for several comments, in one query."""
    parameters = {
        "letters": sorted({comment.letter_id for comment in comments}),
        "comments": sorted({comment.id for comment in comments}),
        "roots": sorted({comment.root_id or comment.id for comment in comments}),
    }
    rows: dict[tuple[str, int], list[tuple[int, str, str]]] = {}
    for kind, key, number, text, extra in session().execute(_relationships_statement(), parameters):
        rows.setdefault((kind, key), []).append((number, text, extra))
    return {comment.id: _build_relationships(comment, rows, encryption) for comment in comments}


def _build_relationships(
    comment: Comment,
    rows: Mapping[tuple[str, int], list[tuple[int, str, str]]],
    encryption: Encryption,
) -> Relationships:
    letter_authors = rows.get(("author", comment.letter_id), [])
    addresses = rows.get(("address", comment.letter_id), [])
    thread = {
        comment_id: email_hash
        for comment_id, email_hash, _ in rows.get(("comment", comment.root_id or comment.id), [])
        if comment_id != comment.id
    }
    declarations = [
        *rows.get(("letter interest", comment.letter_id), []),
        *rows.get(("comment interest", comment.id), []),
    ]
    return Relationships(
        author_email_hash=comment.email_hash,
        letter_author_email_hashes=frozenset(email_hash for _, email_hash, _ in addresses),
        letter_author_names=frozenset(skeleton(name) for _, name, _ in letter_authors),
        organisations=frozenset(
            skeleton(organisation)
            for organisation in (comment.organisation, *(org for _, _, org in letter_authors))
        ),
        answered_email_hash=thread.get(comment.replied_to_id or comment.parent_id or 0),
        thread_email_hashes=frozenset(thread.values()),
        text=decrypt_original_text(comment, encryption),
        declared_staff_ids=frozenset(staff_id for staff_id, _, _ in declarations),
    )


@cache
def _relationships_statement() -> CompoundSelect[str, int, int, str, str]:
    """Build a union of five kinds of rows: (kind, key, number, text, extra text).

    - "author": an author of the letter with the id `key`, with name and organisation
    - "address": a registered email address of an author of the letter, as a keyed hash
    - "letter interest": a staff member who declared a conflict in the letter
    - "comment interest": a staff member who declared a conflict in the comment with the id `key`
    - "comment": a comment of the thread that begins with `key`, with the keyed hash of its email address

    Any sender can type a moderator's address. A comment of the thread therefore counts only if it
    was published or its address is confirmed. Otherwise a stranger could keep a moderator away
    from a case.
    """
    nothing = literal("")
    is_known = (
        Comment.email_hash.is_not(None),
        or_(Comment.published_at.is_not(None), Comment.email_confirmed_at.is_not(None)),
    )

    def is_one_of(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
        return column.in_(bindparam(name, expanding=True))

    author, declaration = LetterAuthor, ConflictDeclaration
    return union_all(
        select(literal("author"), author.letter_id, author.id, author.name, author.organisation)
        .where(is_one_of(author.letter_id, "letters")),
        select(literal("address"), AuthorAddress.letter_id, AuthorAddress.id, AuthorAddress.email_hash, nothing)
        .where(is_one_of(AuthorAddress.letter_id, "letters")),
        select(literal("letter interest"), declaration.letter_id, declaration.staff_id, nothing, nothing)
        .where(is_one_of(declaration.letter_id, "letters")),
        select(literal("comment interest"), declaration.comment_id, declaration.staff_id, nothing, nothing)
        .where(is_one_of(declaration.comment_id, "comments")),
        # Two selects instead of one OR, because OR can make a database read every comment.
        select(literal("comment"), Comment.id, Comment.id, Comment.email_hash, nothing)
        .where(is_one_of(Comment.id, "roots"), *is_known),
        select(literal("comment"), Comment.root_id, Comment.id, Comment.email_hash, nothing)
        .where(is_one_of(Comment.root_id, "roots"), *is_known),
    )  # fmt: skip


def list_moderators() -> list[Actor]:
    """Return the active staff members who may moderate at least one letter."""
    actors = [build_actor(user) for user in list_staff()]
    return [actor for actor in actors if actor.can(Permission.MODERATE)]


def list_eligible_moderators(
    comment: Comment, encryption: Encryption, relationships: Relationships
) -> list[Actor]:
    """Return the moderators who have the letter in scope and no conflict of interest."""
    identities = [(actor, build_staff_identity(actor, encryption)) for actor in list_moderators()]
    return filter_eligible_moderators(identities, comment, relationships)


def filter_eligible_moderators(
    moderators: Sequence[tuple[Actor, StaffIdentity]],
    comment: Comment,
    relationships: Relationships,
) -> list[Actor]:
    """Return those of the moderators that `list_eligible_moderators` returns."""
    return [
        actor
        for actor, identity in moderators
        if actor.can(Permission.MODERATE, comment.letter_id)
        and not find_conflict_of_interest(identity, relationships)
    ]


def list_declarations(staff_id: int) -> list[DeclarationSummary]:
    """Return the declared conflicts of a staff member, the newest first."""
    letter_id = func.coalesce(ConflictDeclaration.letter_id, Comment.letter_id)
    query = (
        select(
            ConflictDeclaration.id,
            Letter.title,
            ConflictDeclaration.comment_id,
            ConflictDeclaration.explanation,
            ConflictDeclaration.declared_at,
        )
        .join(Comment, Comment.id == ConflictDeclaration.comment_id, isouter=True)
        .join(Letter, Letter.id == letter_id)
        .where(ConflictDeclaration.staff_id == staff_id)
        .order_by(ConflictDeclaration.id.desc())
    )
    return [DeclarationSummary(*row) for row in session().execute(query)]


def find_declaration_id(staff_id: int, letter_id: int | None, comment_id: int | None) -> int | None:
    query = select(ConflictDeclaration.id).where(
        ConflictDeclaration.staff_id == staff_id,
        ConflictDeclaration.letter_id == letter_id,
        ConflictDeclaration.comment_id == comment_id,
    )
    return session().scalars(query).first()
