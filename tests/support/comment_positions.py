"""Store many comments with positions at once, without the steps that comments go through."""

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import delete, insert, select

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.letters.models import Block, Letter, LetterVersion

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = count(1)


def list_pids(slug: str = "hello") -> list[str]:
    """Return the ids of the paragraphs of the current version, in their order."""
    query = (
        select(Block.pid)
        .join(LetterVersion, LetterVersion.id == Block.version_id)
        .join(Letter, Letter.id == LetterVersion.letter_id)
        .where(Letter.slug == slug, LetterVersion.number == Letter.version_number)
        .where(Block.pid.is_not(None))
        .order_by(Block.position)
    )
    return list(session().scalars(query))


def store_position(group: str, stance: str = "none", *pids: str, person: str = "", **columns):
    """Store a published comment that takes a position, in an open transaction, and return its id.

    Without `person` it is by a person of its own. A pid may hold a stance of its own after a colon.
    """
    number = next(_numbers)
    person = person or f"person {number}"
    time = START + timedelta(minutes=number)
    row = {
        "letter_id": 1, "letter_version": 1, "state": CommentState.PUBLISHED, "name": person,
        "stakeholder_group": group, "stance": stance, "kind": "paragraph" if pids else "general",
        "email_hash": person, "body": f"Text {number}", "body_html": f"<p>Text {number}</p>",
        "body_hash": f"text {number}", "sanitizer_version": 1, "rules_version": 1,
        "submitted_at": time, "changed_at": time, "published_at": time,
        "receipt_hash": f"receipt {number}", "receipt_sealed": b"",
    }  # fmt: skip
    table, targets = Comment.__table__, CommentTarget.__table__
    names = {name: column.key for name, column in Comment.__mapper__.columns.items()}
    values = {names[name]: value for name, value in (row | columns).items()}
    comment_id = session().execute(insert(table).values(values)).inserted_primary_key[0]
    for position, target in enumerate(pids):
        pid, _, own_stance = target.partition(":")
        session().execute(
            insert(targets).values(
                comment_id=comment_id, position=position, pid=pid, stance=own_stance or "none"
            )
        )
    return comment_id


def store_positions(*groups: tuple[str, int, int], pid: str = "") -> None:
    """Store as many supporting and opposing comments of each group, each by a person of its own."""
    pids = (pid,) if pid else ()
    with transaction():
        for group, support, oppose in groups:
            for stance, people in (("support", support), ("oppose", oppose)):
                for _ in range(people):
                    store_position(group, stance, *pids)


def delete_comments() -> None:
    with transaction():
        session().execute(delete(CommentTarget.__table__))
        session().execute(delete(Comment.__table__))
