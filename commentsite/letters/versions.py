"""Freeze words into versions whose paragraphs keep their ids."""

from hashlib import sha256

from commentsite import clock, tokens
from commentsite.db import session
from commentsite.errors import Invalid
from commentsite.letters import history, queries, surroundings
from commentsite.letters.carry import Link, carry
from commentsite.letters.drafts import LetterDraft
from commentsite.letters.models import Block, Citation, Letter, LetterVersion, ParagraphLink
from commentsite.letters.paragraphs import Piece, new_pid, split
from commentsite.letters.references import references

MOST_PARAGRAPHS = 3_000


def frozen_blocks(letter: Letter, source_text: str) -> tuple[list[Block], list[Link]]:
    """Return the blocks of a text, with the ids of the letter's current paragraphs carried over.

    A paragraph that no earlier one explains gets an id that no paragraph ever had.
    """
    pieces = split(source_text)
    if not any(piece.number for piece in pieces):
        msg = "This text has no paragraph."
        raise Invalid(msg, field="source_text")
    numbered = [piece for piece in pieces if piece.number]
    if len(numbered) > MOST_PARAGRAPHS:
        msg = "A letter has at most 3,000 paragraphs."
        raise Invalid(msg, field="source_text")
    before = [(b.pid, b.text) for b in queries.current_blocks(letter) if b.pid]
    links = carry(before, [piece.text for piece in numbered])
    carried = {link.index: link.pid for link in links if link.carries and link.index is not None}
    taken = history.pids_ever(letter)
    pids: list[str] = []
    for index in range(len(numbered)):
        pid = carried.get(index) or new_pid(taken, tokens.short)
        taken.add(pid)
        pids.append(pid)
    return _blocks(pieces, pids), links


def searchable(blocks: list[Block]) -> str:
    """Return the words under which a version is found."""
    return "\n".join(block.text for block in blocks)


def link_rows(links: list[Link], blocks: list[Block]) -> list[ParagraphLink]:
    """Return what became of the paragraphs of the version before, as rows."""
    pids = [block.pid for block in blocks if block.pid]
    return [
        ParagraphLink(
            pid=link.pid,
            relation=link.relation.value,
            now_at=pids[link.index] if link.index is not None else None,
            score=link.score,
        )
        for link in links
    ]


def keep_citations(letter: Letter, blocks: list[Block]) -> None:
    """Remember which documents the letter cites now, and where."""
    for old in surroundings.citations_of(letter):
        session().delete(old)
    for block in blocks:
        for found in references(block.text) if block.pid and block.number else ():
            session().add(
                Citation(
                    letter_id=letter.id,
                    pid=block.pid,
                    number=block.number,
                    symbol=found.symbol[:120],
                    place=found.paragraph[:20],
                    words=found.words[:300],
                )
            )


def first_version(draft: LetterDraft, original: Letter | None) -> LetterVersion:
    """Return the first version of a letter; a translation shares the ids of its original."""
    pieces = split(draft.source_text)
    numbered = sum(1 for piece in pieces if piece.number)
    # A translation shares the ids of its original, paragraph by paragraph.
    shared = [b.pid for b in queries.current_blocks(original) if b.pid] if original else []
    taken, pids = set(shared), shared[:numbered]
    while len(pids) < numbered:
        pids.append(new_pid(taken, tokens.short))
        taken.add(pids[-1])
    return LetterVersion(
        number=1,
        title=draft.title,
        standfirst=draft.standfirst,
        source_text=draft.source_text,
        original=draft.original,
        original_name=draft.original_name,
        original_sha256=sha256(draft.original).hexdigest(),
        created_at=clock.now(),
        blocks=_blocks(pieces, pids),
    )


def _blocks(pieces: list[Piece], pids: list[str]) -> list[Block]:
    remaining = iter(pids)
    return [
        Block(
            position=position,
            kind=piece.kind,
            pid=next(remaining) if piece.number else None,
            number=piece.number,
            language=piece.language,
            html=piece.html,
            text=piece.text,
        )
        for position, piece in enumerate(pieces)
    ]
