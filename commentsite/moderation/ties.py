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
from commentsite.accounts.queries import actor_for, staff
from commentsite.comments.keys import hash_email
from commentsite.comments.models import AuthorAddress, Comment
from commentsite.comments.redacting import original_words
from commentsite.db import session
from commentsite.letters.models import Letter, LetterAuthor
from commentsite.moderation.models import DeclaredInterest
from commentsite.moderation.policy import CONFLICT, SECOND, THIRD
from commentsite.moderation.recusal import Person, Ties, check_not_recused, recused_because
from commentsite.text.confusables import skeleton
from commentsite.vault import Vault


@dataclass(frozen=True)
class Interest:
    """Something declared, with the title of the letter it is about."""

    id: int
    title: str
    comment_id: int | None
    words: str
    declared_at: datetime


def ties_of(comment: Comment, vault: Vault) -> Ties:
    """Return who and what has a part in a comment, in one question."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    asked = {
        "letter": comment.letter_id,
        "comment": comment.id,
        "root": comment.root_id or comment.id,
    }
    for what, number, text, more in session().execute(_parts(), asked):
        found.setdefault(what, []).append((number, text, more))
    written = found.get("author", [])
    thread = {number: email_hash for number, email_hash, _ in found.get("comment", [])}
    return Ties(
        author=comment.email_hash,
        letter_addresses=frozenset(address for _, address, _ in found.get("address", [])),
        letter_names=frozenset(skeleton(name) for _, name, _ in written),
        organisations=frozenset(
            skeleton(o) for o in (comment.organisation, *(named for _, _, named in written))
        ),
        answered=thread.get(comment.answers_id or comment.parent_id or 0),
        thread=frozenset(thread.values()),
        words=original_words(comment, vault),
        interested=frozenset(staff_id for staff_id, _, _ in found.get("interest", [])),
    )


@cache
def _parts() -> CompoundSelect[str, int, str, str]:
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
    interests = select(literal("interest"), DeclaredInterest.staff_id, nothing, nothing)
    return union_all(
        select(literal("author"), LetterAuthor.id, LetterAuthor.name, LetterAuthor.organisation)
        .where(LetterAuthor.letter_id == letter_id),
        select(literal("address"), AuthorAddress.id, AuthorAddress.email_hash, nothing)
        .where(AuthorAddress.letter_id == letter_id),
        interests.where(DeclaredInterest.letter_id == letter_id),
        interests.where(DeclaredInterest.comment_id == comment_id),
        # Each half of the thread by its own key: asked with OR, a database may read every comment.
        others.where(Comment.id == root),
        others.where(Comment.root_id == root),
    )  # fmt: skip


def person(actor: Actor, vault: Vault) -> Person:
    """Return somebody of the staff as the rules of recusal see them."""
    return Person(actor.user_id, hash_email(vault, actor.email), actor.name, actor.organisation)


def check_no_conflict(comment: Comment, by: Actor, vault: Vault) -> None:
    """Raise NotAllowed, with the reason as a sentence, when the actor has a conflict of interest.

    Every act of the desk on one comment asks this: a decision, a dismissed report, a sanction on
    its author, a quality review, a verified delegation, and a change of its campaign.
    """
    check_not_recused(person(by, vault), ties_of(comment, vault))


def moderators() -> list[Actor]:
    """Return everybody who may moderate something today."""
    actors = [actor_for(user) for user in staff()]
    return [actor for actor in actors if actor.can(Permission.MODERATE)]


def free_to_decide(comment: Comment, vault: Vault, ties: Ties) -> list[Actor]:
    """Return the moderators who look after the letter of a comment and whom nothing ties to it."""
    return [
        actor
        for actor in moderators()
        if actor.can(Permission.MODERATE, comment.letter_id)
        and not recused_because(person(actor, vault), ties)
    ]


def interests_of(staff_id: int) -> list[Interest]:
    """Return what somebody declared, the newest first."""
    letter_id = func.coalesce(DeclaredInterest.letter_id, Comment.letter_id)
    query = (
        select(
            DeclaredInterest.id,
            Letter.title,
            DeclaredInterest.comment_id,
            DeclaredInterest.words,
            DeclaredInterest.declared_at,
        )
        .join(Comment, Comment.id == DeclaredInterest.comment_id, isouter=True)
        .join(Letter, Letter.id == letter_id)
        .where(DeclaredInterest.staff_id == staff_id)
        .order_by(DeclaredInterest.id.desc())
    )
    return [Interest(*row) for row in session().execute(query)]


def interest_in(staff_id: int, letter_id: int | None, comment_id: int | None) -> int | None:
    """Return the number of what somebody declared about a letter or a comment, if anything."""
    query = select(DeclaredInterest.id).where(
        DeclaredInterest.staff_id == staff_id,
        DeclaredInterest.letter_id == letter_id,
        DeclaredInterest.comment_id == comment_id,
    )
    return session().scalars(query).first()


def waiting_for_somebody(limit: int = 200) -> list[int]:
    """Return the comments about which somebody has voted and somebody else has to, the oldest first."""
    query = select(Comment.id).where(Comment.waits_for.in_((SECOND, THIRD, CONFLICT)))
    return list(session().scalars(query.order_by(Comment.submitted_at, Comment.id).limit(limit)))
