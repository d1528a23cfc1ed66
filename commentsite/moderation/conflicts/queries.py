"""Query conflicts of interest: relationships of a comment, eligible moderators, declarations."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

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
    parameters = {
        "letter": comment.letter_id,
        "comment": comment.id,
        "root": comment.root_id or comment.id,
    }
    rows: dict[str, list[tuple[int, str, str]]] = {}
    for kind, number, text, extra in session().execute(_relationships_statement(), parameters):
        rows.setdefault(kind, []).append((number, text, extra))
    letter_authors = rows.get("author", [])
    thread = {comment_id: email_hash for comment_id, email_hash, _ in rows.get("comment", [])}
    return Relationships(
        author_email_hash=comment.email_hash,
        letter_author_email_hashes=frozenset(
            email_hash for _, email_hash, _ in rows.get("address", [])
        ),
        letter_author_names=frozenset(skeleton(name) for _, name, _ in letter_authors),
        organisations=frozenset(
            skeleton(organisation)
            for organisation in (comment.organisation, *(org for _, _, org in letter_authors))
        ),
        answered_email_hash=thread.get(comment.replied_to_id or comment.parent_id or 0),
        thread_email_hashes=frozenset(thread.values()),
        text=decrypt_original_text(comment, encryption),
        declared_staff_ids=frozenset(staff_id for staff_id, _, _ in rows.get("interest", [])),
    )


@cache
def _relationships_statement() -> CompoundSelect[str, int, str, str]:
    """Build a union of four kinds of rows: (kind, number, text, extra text).

    - "author": an author of the letter, with name and organisation
    - "address": a registered email address of an author of the letter, as a keyed hash
    - "interest": a staff member who declared a conflict in the letter or the comment
    - "comment": another comment of the thread, with the keyed hash of its email address

    Any sender can type a moderator's address. A comment of the thread therefore counts only if it
    was published or its address is confirmed. Otherwise a stranger could keep a moderator away
    from a case.
    """
    nothing = literal("")
    letter_id: ColumnElement[int] = bindparam("letter")
    comment_id: ColumnElement[int] = bindparam("comment")
    root: ColumnElement[int] = bindparam("root")
    thread_comments = select(literal("comment"), Comment.id, Comment.email_hash, nothing).where(
        Comment.id != comment_id,
        Comment.email_hash.is_not(None),
        or_(Comment.published_at.is_not(None), Comment.email_confirmed_at.is_not(None)),
    )
    declarations = select(literal("interest"), ConflictDeclaration.staff_id, nothing, nothing)
    return union_all(
        select(literal("author"), LetterAuthor.id, LetterAuthor.name, LetterAuthor.organisation)
        .where(LetterAuthor.letter_id == letter_id),
        select(literal("address"), AuthorAddress.id, AuthorAddress.email_hash, nothing)
        .where(AuthorAddress.letter_id == letter_id),
        declarations.where(ConflictDeclaration.letter_id == letter_id),
        declarations.where(ConflictDeclaration.comment_id == comment_id),
        # Two selects instead of one OR, because OR can make a database read every comment.
        thread_comments.where(Comment.id == root),
        thread_comments.where(Comment.root_id == root),
    )  # fmt: skip


def list_moderators() -> list[Actor]:
    """Return the active staff members who may moderate at least one letter."""
    actors = [build_actor(user) for user in list_staff()]
    return [actor for actor in actors if actor.can(Permission.MODERATE)]


def list_eligible_moderators(
    comment: Comment, encryption: Encryption, relationships: Relationships
) -> list[Actor]:
    """Return the moderators who have the letter in scope and no conflict of interest."""
    return [
        actor
        for actor in list_moderators()
        if actor.can(Permission.MODERATE, comment.letter_id)
        and not find_conflict_of_interest(build_staff_identity(actor, encryption), relationships)
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
