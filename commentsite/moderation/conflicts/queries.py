"""Read what ties the staff to a comment, and who of them could decide about it."""

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
    """Something declared, with the title of the letter it is about."""

    id: int
    letter_title: str
    comment_id: int | None
    explanation: str
    declared_at: datetime


def load_relationships(comment: Comment, encryption: Encryption) -> Relationships:
    """Return who and what has a part in a comment, in one question."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    asked = {
        "letter": comment.letter_id,
        "comment": comment.id,
        "root": comment.root_id or comment.id,
    }
    for what, number, text, more in session().execute(_relationships_statement(), asked):
        found.setdefault(what, []).append((number, text, more))
    written = found.get("author", [])
    thread = {number: email_hash for number, email_hash, _ in found.get("comment", [])}
    return Relationships(
        author_email_hash=comment.email_hash,
        letter_author_email_hashes=frozenset(address for _, address, _ in found.get("address", [])),
        letter_author_names=frozenset(skeleton(name) for _, name, _ in written),
        organisations=frozenset(
            skeleton(o) for o in (comment.organisation, *(named for _, _, named in written))
        ),
        answered_email_hash=thread.get(comment.replied_to_id or comment.parent_id or 0),
        thread_email_hashes=frozenset(thread.values()),
        text=decrypt_original_text(comment, encryption),
        declared_staff_ids=frozenset(staff_id for staff_id, _, _ in found.get("interest", [])),
    )


@cache
def _relationships_statement() -> CompoundSelect[str, int, str, str]:
    """Ask for the authors and addresses of a comment's letter, whose interests it touches, and whose each other comment of its thread is.

    Of the thread only what was public or comes from a confirmed address: anybody can type
    anybody's address, and nobody shall keep a moderator away from a case by that.
    """
    nothing = literal("")
    letter_id: ColumnElement[int] = bindparam("letter")
    comment_id: ColumnElement[int] = bindparam("comment")
    root: ColumnElement[int] = bindparam("root")
    others = select(literal("comment"), Comment.id, Comment.email_hash, nothing).where(
        Comment.id != comment_id,
        Comment.email_hash.is_not(None),
        or_(Comment.published_at.is_not(None), Comment.email_confirmed_at.is_not(None)),
    )
    interests = select(literal("interest"), ConflictDeclaration.staff_id, nothing, nothing)
    return union_all(
        select(literal("author"), LetterAuthor.id, LetterAuthor.name, LetterAuthor.organisation)
        .where(LetterAuthor.letter_id == letter_id),
        select(literal("address"), AuthorAddress.id, AuthorAddress.email_hash, nothing)
        .where(AuthorAddress.letter_id == letter_id),
        interests.where(ConflictDeclaration.letter_id == letter_id),
        interests.where(ConflictDeclaration.comment_id == comment_id),
        # Each half of the thread by its own key: asked with OR, a database may read every comment.
        others.where(Comment.id == root),
        others.where(Comment.root_id == root),
    )  # fmt: skip


def build_staff_identity(actor: Actor, encryption: Encryption) -> StaffIdentity:
    """Return somebody of the staff as the rules of recusal see them."""
    return StaffIdentity(
        actor.user_id, hash_email(encryption, actor.email), actor.name, actor.organisation
    )


def check_no_conflict(comment: Comment, by: Actor, vault: Encryption) -> None:
    """Raise NotAllowed, with the reason as a sentence, when the actor has a conflict of interest.

    Every act of the desk on one comment asks this: a decision, a dismissed report, a sanction on
    its author, a quality review, a verified delegation, and a change of its campaign.
    """
    check_no_conflict_of_interest(
        build_staff_identity(by, vault), load_relationships(comment, vault)
    )


def list_moderators() -> list[Actor]:
    """Return everybody who may moderate something today."""
    actors = [build_actor(user) for user in list_staff()]
    return [actor for actor in actors if actor.can(Permission.MODERATE)]


def list_eligible_moderators(
    comment: Comment, encryption: Encryption, relationships: Relationships
) -> list[Actor]:
    """Return the moderators who look after the letter of a comment and whom nothing ties to it."""
    return [
        actor
        for actor in list_moderators()
        if actor.can(Permission.MODERATE, comment.letter_id)
        and not find_conflict_of_interest(build_staff_identity(actor, encryption), relationships)
    ]


def list_declarations(staff_id: int) -> list[DeclarationSummary]:
    """Return what somebody declared, the newest first."""
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
    """Return the number of what somebody declared about a letter or a comment, if anything."""
    query = select(ConflictDeclaration.id).where(
        ConflictDeclaration.staff_id == staff_id,
        ConflictDeclaration.letter_id == letter_id,
        ConflictDeclaration.comment_id == comment_id,
    )
    return session().scalars(query).first()
