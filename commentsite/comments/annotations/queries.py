"""Read the comments on paragraphs with the replies to them, and the paragraphs as they were when a comment was written."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.letters.models import Block, Letter, LetterVersion
from commentsite.letters.states import BlockKind

CONTEXT_LENGTH = 32  # characters before and after a quotation


@dataclass(frozen=True)
class QuotedParagraph:
    """The words of a paragraph in one version, with the ends of its neighbours."""

    pid: str
    text: str
    prefix: str
    suffix: str


def count_annotations(letter_id: int) -> int:
    """Count the published comments on paragraphs of a letter, and the published replies in their threads."""
    query = select(func.count()).select_from(Comment).where(*_is_annotation(letter_id))
    return session().scalars(query).one()


def list_annotations(letter_id: int, *, offset: int, limit: int) -> list[Comment]:
    """Return these comments with their targets, in the order in which they were sent."""
    query = (
        select(Comment)
        .where(*_is_annotation(letter_id))
        .options(selectinload(Comment.targets))
        .order_by(Comment.id)
    )
    return list(session().scalars(query.offset(offset).limit(limit)))


def _is_annotation(letter_id: int) -> tuple[ColumnElement[bool], ...]:
    own = exists().where(CommentTarget.comment_id == Comment.id)
    root, target = aliased(Comment), aliased(CommentTarget)
    of_root = exists().where(
        root.id == Comment.root_id,
        root.state == CommentState.PUBLISHED,
        target.comment_id == root.id,
    )
    return (
        Comment.letter_id == letter_id,
        Comment.state == CommentState.PUBLISHED,
        or_(own, of_root),
    )


def load_quoted_paragraphs(
    letter: Letter, versions: Iterable[int]
) -> dict[tuple[int, str], QuotedParagraph]:
    """Return the paragraphs of these versions by the number of the version and the id of the paragraph."""
    query = (
        select(LetterVersion.number, Block.pid, Block.text)
        .join(LetterVersion, LetterVersion.id == Block.version_id)
        .where(
            LetterVersion.letter_id == letter.id,
            LetterVersion.number.in_(set(versions)),
            LetterVersion.published_at.is_not(None),
            Block.kind != BlockKind.RULE,
        )
        .order_by(LetterVersion.number, Block.position)
    )
    rows = [(number, pid, text) for number, pid, text in session().execute(query)]
    quoted = {}
    for index, (number, pid, text) in enumerate(rows):
        if pid:
            before, after = _find_text(rows, index - 1, number), _find_text(rows, index + 1, number)
            quoted[number, pid] = QuotedParagraph(
                pid, text, before[-CONTEXT_LENGTH:], after[:CONTEXT_LENGTH]
            )
    return quoted


def _find_text(rows: list[tuple[int, str | None, str]], index: int, number: int) -> str:
    """Return the text of a neighbour in the same version, or an empty string at the end of the letter."""
    is_inside = 0 <= index < len(rows) and rows[index][0] == number
    return rows[index][2] if is_inside else ""
