"""Freeze words into versions whose paragraphs keep their ids."""

from hashlib import sha256

from commentsite import clock, tokens
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.citations import queries as citation_queries
from commentsite.letters.citations.references import find_references
from commentsite.letters.draft import LetterDraft
from commentsite.letters.models import (
    Block,
    Citation,
    Letter,
    LetterVersion,
    ParagraphLink,
    WorkingCopy,
)
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.paragraph_ids import ParagraphMatch, match_paragraphs
from commentsite.letters.text.paragraphs import ParsedBlock, new_paragraph_id, parse_blocks
from commentsite.search.index import index_letter


def update_search_index(letter: Letter, text: str) -> None:
    """Let a public letter be found by its title, authors and words."""
    named = " ".join([letter.title, letter.standfirst, *(author.name for author in letter.authors)])
    index_letter(letter.id, named, text)


def check_working_copy_revision(letter: Letter, revision: int | None) -> None:
    """Raise Conflict when the working copy was saved after somebody looked at this revision of it."""
    copy = letter_queries.find_working_copy(letter)
    now = copy.revision if copy else letter.copy_revision
    if revision is not None and revision != now:
        msg = "%(name)s saved this letter after you opened this page. Read it again before you publish."
        raise Conflict(msg, name=(copy.saved_by if copy else "") or "Somebody")


def apply_working_copy(letter: Letter, copy: WorkingCopy) -> None:
    """Let a letter carry the words of its working copy, which is no longer needed."""
    letter.title, letter.standfirst = copy.title, copy.standfirst
    letter.editors_note = copy.editors_note
    letter.copy_revision = copy.revision
    session().delete(copy)


MAX_PARAGRAPHS = 3_000


def build_blocks(letter: Letter, source_text: str) -> tuple[list[Block], list[ParagraphMatch]]:
    """Return the blocks of a text, with the ids of the letter's current paragraphs carried over.

    A paragraph that no earlier one explains gets an id that no paragraph ever had.
    """
    pieces = parse_blocks(source_text)
    if not any(piece.number for piece in pieces):
        msg = "This text has no paragraph."
        raise Invalid(msg, field="source_text")
    numbered = [piece for piece in pieces if piece.number]
    if len(numbered) > MAX_PARAGRAPHS:
        msg = "A letter has at most 3,000 paragraphs."
        raise Invalid(msg, field="source_text")
    before = [(b.pid, b.text) for b in text_queries.list_current_blocks(letter) if b.pid]
    links = match_paragraphs(before, [piece.text for piece in numbered])
    carried = {
        link.new_index: link.pid for link in links if link.keeps_id and link.new_index is not None
    }
    taken = text_queries.find_all_paragraph_ids(letter)
    pids: list[str] = []
    for index in range(len(numbered)):
        pid = carried.get(index) or new_paragraph_id(taken, tokens.new_short_id)
        taken.add(pid)
        pids.append(pid)
    return _build_block_rows(pieces, pids), links


def searchable_text(blocks: list[Block]) -> str:
    """Return the words under which a version is found."""
    return "\n".join(block.text for block in blocks)


def build_paragraph_links(links: list[ParagraphMatch], blocks: list[Block]) -> list[ParagraphLink]:
    """Return what became of the paragraphs of the version before, as rows."""
    pids = [block.pid for block in blocks if block.pid]
    return [
        ParagraphLink(
            pid=link.pid,
            relation=link.relation.value,
            target_pid=pids[link.new_index] if link.new_index is not None else None,
            score=link.score,
        )
        for link in links
    ]


def save_citations(letter: Letter, blocks: list[Block]) -> None:
    """Remember which documents the letter cites now, and where."""
    for old in citation_queries.list_citations(letter):
        session().delete(old)
    for block in blocks:
        for found in find_references(block.text) if block.pid and block.number else ():
            session().add(
                Citation(
                    letter_id=letter.id,
                    pid=block.pid,
                    number=block.number,
                    symbol=found.symbol[:120],
                    cited_paragraph=found.paragraph[:20],
                    citing_text=found.citing_text[:300],
                )
            )


def build_first_version(draft: LetterDraft, original: Letter | None) -> LetterVersion:
    """Return the first version of a letter; a translation shares the ids of its original."""
    pieces = parse_blocks(draft.source_text)
    numbered = sum(1 for piece in pieces if piece.number)
    # A translation shares the ids of its original, paragraph by paragraph.
    shared = (
        [b.pid for b in text_queries.list_current_blocks(original) if b.pid] if original else []
    )
    taken, pids = set(shared), shared[:numbered]
    while len(pids) < numbered:
        pids.append(new_paragraph_id(taken, tokens.new_short_id))
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
        blocks=_build_block_rows(pieces, pids),
    )


def _build_block_rows(pieces: list[ParsedBlock], pids: list[str]) -> list[Block]:
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
