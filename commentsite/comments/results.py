"""Read what a search finds: letters and published comments, with the words around each match."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment
from commentsite.db import session
from commentsite.letters.models import Block, Letter, LetterVersion
from commentsite.paging import MOST_COUNTED
from commentsite.search.queries import Found, find
from commentsite.search.words import Chunk, Part, chunks, in_context


@dataclass(frozen=True)
class LetterHit:
    """A letter that has the words, and where."""

    letter: Letter
    context: list[Part]


@dataclass(frozen=True)
class CommentHit:
    """A comment that has the words, its letter, and where they stand."""

    comment: Comment
    letter: Letter
    context: list[Part]


@dataclass(frozen=True)
class Results:
    """One page of what was found in letters, or in comments."""

    letters: list[LetterHit]
    comments: list[CommentHit]
    letters_total: int
    comments_total: int


def search(question: str, *, page: int = 1, per_page: int = 20, comments_page: int = 1) -> Results:
    """Return letters and published comments that have all of these words."""
    wanted = chunks(question)
    letters = find("search_letter", wanted, limit=per_page, offset=(page - 1) * per_page)
    comments = find("search_comment", wanted, limit=per_page, offset=(comments_page - 1) * per_page)
    return Results(
        _letters(letters, wanted),
        _comments(comments, wanted),
        min(letters.total, MOST_COUNTED),
        min(comments.total, MOST_COUNTED),
    )


def _letters(found: Found, wanted: list[Chunk]) -> list[LetterHit]:
    query = select(Letter).where(Letter.id.in_(found.ids)).options(selectinload(Letter.authors))
    by_id = {letter.id: letter for letter in session().scalars(query)} if found.ids else {}
    texts = _texts(found.ids)
    return [
        LetterHit(by_id[i], in_context(_fitting(texts.get(i, []), wanted), wanted))
        for i in found.ids
        if i in by_id
    ]


def _comments(found: Found, wanted: list[Chunk]) -> list[CommentHit]:
    if not found.ids:
        return []
    query = (
        select(Comment, Letter)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id.in_(found.ids))
    )
    by_id = {comment.id: (comment, letter) for comment, letter in session().execute(query)}
    return [
        CommentHit(*by_id[i], in_context(by_id[i][0].body, wanted)) for i in found.ids if i in by_id
    ]


def _texts(letter_ids: list[int]) -> dict[int, list[str]]:
    if not letter_ids:
        return {}
    query = (
        select(Letter.id, Block.text)
        .join(LetterVersion, LetterVersion.letter_id == Letter.id)
        .join(Block, Block.version_id == LetterVersion.id)
        .where(Letter.id.in_(letter_ids), LetterVersion.number == Letter.version_number)
        .order_by(Block.position)
    )
    texts: dict[int, list[str]] = {}
    for letter_id, words in session().execute(query):
        texts.setdefault(letter_id, []).append(words)
    return texts


def _fitting(blocks: list[str], wanted: list[Chunk]) -> str:
    """Return the paragraph with the most of what was searched for."""

    def matches(words: str) -> int:
        return sum(part.is_match for part in in_context(words, wanted))

    return max(blocks, key=matches) if len(blocks) > 1 else "".join(blocks)
