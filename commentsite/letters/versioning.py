"""Turn the text of a letter into a version: blocks, paragraph ids, links, citations, search entry.

A letter is imported with version 1. Before publication its blocks may be replaced. Every
correction after publication adds a version, which records whether the change is editorial or
substantive and why. All versions stay readable. Each version stores its own blocks. The ids of
paragraphs are carried over from the current version (text.paragraph_ids), and a ParagraphLink
per earlier paragraph says what became of it, so that comments on it keep their target.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from commentsite import clock, tokens
from commentsite.audit.hash_chain import canonical_json
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.citations import queries as citation_queries
from commentsite.letters.citations.references import find_references
from commentsite.letters.draft import LetterDraft
from commentsite.letters.media.services import load_images
from commentsite.letters.models import (
    Block,
    Citation,
    Letter,
    LetterVersion,
    ParagraphLink,
    WorkingCopy,
)
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.images import Image
from commentsite.letters.text.paragraph_ids import ParagraphMatch, match_paragraphs
from commentsite.letters.text.paragraphs import ParsedBlock, new_paragraph_id, parse_blocks
from commentsite.search.index import index_letter

MAX_PARAGRAPHS = 3_000


def build_first_version(
    draft: LetterDraft, original: Letter | None, images: Mapping[str, Image]
) -> LetterVersion:
    """Build version 1 of an imported letter, which may be a translation of `original`.

    `images` are the pictures that are stored for it, by hash.

    Paragraph n of a translation has the id of paragraph n of the original, so that a link to a
    paragraph works in both languages. Further paragraphs get new ids.
    """
    parsed_blocks = parse_blocks(draft.source_text, images)
    paragraph_count = sum(1 for block in parsed_blocks if block.number)
    shared_pids = (
        [b.pid for b in text_queries.list_current_blocks(original) if b.pid] if original else []
    )
    used_pids, pids = set(shared_pids), shared_pids[:paragraph_count]
    while len(pids) < paragraph_count:
        pids.append(new_paragraph_id(used_pids, tokens.new_short_id))
        used_pids.add(pids[-1])
    return LetterVersion(
        number=1,
        title=draft.title,
        standfirst=draft.standfirst,
        source_text=draft.source_text,
        original=draft.original,
        original_name=draft.original_name,
        original_sha256=sha256(draft.original).hexdigest(),
        created_at=clock.now(),
        blocks=_build_block_rows(parsed_blocks, pids),
    )


def build_blocks(letter: Letter, source_text: str) -> tuple[list[Block], list[ParagraphMatch]]:
    """Build the blocks of a text that follows the letter's current version.

    Return them with one match for each paragraph of the current version. A new paragraph gets
    an id that no paragraph of the letter or its translations ever had. Raises Invalid.
    """
    parsed_blocks = parse_blocks(source_text, load_images(letter, source_text))
    paragraphs = [block for block in parsed_blocks if block.number]
    if not paragraphs:
        msg = "Write at least one paragraph."
        raise Invalid(msg, field="source_text")
    if len(paragraphs) > MAX_PARAGRAPHS:
        msg = "This text has more than 3,000 paragraphs. Split it into several letters."
        raise Invalid(msg, field="source_text")
    current = [(b.pid, b.text) for b in text_queries.list_current_blocks(letter) if b.pid]
    matches = match_paragraphs(current, [block.text for block in paragraphs])
    carried_pids = {match.new_index: match.pid for match in matches if match.keeps_id}
    used_pids = text_queries.list_all_paragraph_ids(letter)
    pids: list[str] = []
    for index in range(len(paragraphs)):
        pid = carried_pids.get(index) or new_paragraph_id(used_pids, tokens.new_short_id)
        used_pids.add(pid)
        pids.append(pid)
    return _build_block_rows(parsed_blocks, pids), matches


def _build_block_rows(parsed_blocks: list[ParsedBlock], pids: list[str]) -> list[Block]:
    remaining_pids = iter(pids)
    return [
        Block(
            position=position,
            kind=block.kind,
            pid=next(remaining_pids) if block.number else None,
            number=block.number,
            label=block.label or None,
            language=block.language,
            html=block.html,
            text=block.text,
        )
        for position, block in enumerate(parsed_blocks)
    ]


def build_paragraph_links(
    matches: list[ParagraphMatch], blocks: list[Block]
) -> list[ParagraphLink]:
    """Build rows from the two results of build_blocks. The caller sets their version_id."""
    pids = [block.pid for block in blocks if block.pid]
    return [
        ParagraphLink(
            pid=match.pid,
            relation=match.relation.value,
            target_pid=pids[match.new_index] if match.new_index is not None else None,
            score=match.score,
        )
        for match in matches
    ]


def save_citations(letter: Letter, blocks: list[Block]) -> None:
    """Replace the letter's citations by those in these blocks."""
    for citation in citation_queries.list_citations(letter):
        session().delete(citation)
    for block in blocks:
        for reference in find_references(block.text) if block.pid and block.number else ():
            session().add(
                Citation(
                    letter_id=letter.id,
                    pid=block.pid,
                    number=block.number,
                    label=block.label or f"{block.number}",
                    symbol=reference.symbol[:120],
                    cited_paragraph=reference.paragraph[:20],
                    citing_text=reference.citing_text[:300],
                )
            )


def hash_version(version: LetterVersion, blocks: Iterable[Block]) -> str:
    """Return SHA-256 of the words of a version, in hex, for the audit log.

    The words of a published letter are public and are not erased, so the hash needs no salt.
    """
    words = {
        "title": version.title,
        "standfirst": version.standfirst,
        "blocks": [[str(b.kind), b.pid or "", b.number or 0, b.text] for b in blocks],
    }
    return sha256(canonical_json(words)).hexdigest()


def build_searchable_text(blocks: Iterable[Block | text_queries.BlockRow]) -> str:
    return "\n".join(block.text for block in blocks)


def update_search_index(letter: Letter, text: str) -> None:
    """Index a public letter by its title, standfirst, authors and text."""
    heading = " ".join(
        [letter.title, letter.standfirst, *(author.name for author in letter.authors)]
    )
    index_letter(letter.id, heading, text)


def check_working_copy_revision(letter: Letter, seen_revision: int | None) -> None:
    """Raise Conflict when the working copy was saved after the actor's page showed it.

    None skips the check.
    """
    copy = letter_queries.find_working_copy(letter)
    revision = copy.revision if copy else letter.copy_revision
    if seen_revision is None or seen_revision == revision:
        return
    if copy and copy.saved_by:
        msg = "%(name)s saved this letter after you opened this page. Read it again before you publish."
        raise Conflict(msg, name=copy.saved_by)
    msg = "This letter has changed after you opened this page. Read it again before you publish."
    raise Conflict(msg)


def apply_working_copy(letter: Letter, copy: WorkingCopy) -> None:
    """Copy title, standfirst and editor's note to the letter and delete the working copy."""
    letter.title, letter.standfirst = copy.title, copy.standfirst
    letter.editors_note = copy.editors_note
    letter.copy_revision = copy.revision
    session().delete(copy)
