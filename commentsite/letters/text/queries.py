"""Read the versions of a letter, their blocks, and the links between their paragraphs."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import defer, selectinload

from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.letters.models import Block, Letter, LetterVersion, ParagraphLink
from commentsite.letters.queries import CommentableLetter


class BlockRow(NamedTuple):
    """The columns of a block that pages show. The names are those of `Block`."""

    position: int
    kind: str
    pid: str | None
    number: int | None
    label: str | None
    language: str
    html: str
    text: str


class VersionRow(NamedTuple):
    """The columns of a published version that the page of its letter shows. The names are those of `LetterVersion`."""

    number: int
    change: str
    change_note: str
    published_at: datetime


# The columns of the tables and not of the classes: rows of these are less work for SQLAlchemy.
_BLOCK, _VERSION, _LINK = Block.__mapper__.c, LetterVersion.__mapper__.c, ParagraphLink.__mapper__.c

# Pages of letters run these statements. They are composed once.
_VERSIONS = (
    select(LetterVersion)
    .where(LetterVersion.letter_id == bindparam("letter"))
    .options(
        defer(LetterVersion.source_text, raiseload=True),
        defer(LetterVersion.original, raiseload=True),
    )
    .order_by(LetterVersion.number.desc())
)
_PUBLISHED_VERSIONS = (
    select(*(_VERSION[name] for name in VersionRow._fields))
    .where(_VERSION.letter_id == bindparam("letter"), _VERSION.published_at.is_not(None))
    .order_by(_VERSION.number.desc())
)
_CURRENT_BLOCKS = (
    select(*(_BLOCK[name] for name in BlockRow._fields))
    .join(LetterVersion.__table__, _VERSION.id == _BLOCK.version_id)
    .where(_VERSION.letter_id == bindparam("letter"), _VERSION.number == bindparam("number"))
    .order_by(_BLOCK.position)
)
_CURRENT_PARAGRAPH_IDS = (
    select(Block.pid)
    .join(LetterVersion, LetterVersion.id == Block.version_id)
    .where(
        LetterVersion.letter_id == bindparam("letter"),
        LetterVersion.number == bindparam("number"),
        Block.pid.is_not(None),
    )
)
_PARAGRAPH_EDITS = (
    select(_VERSION.number, _LINK.pid, _LINK.score)
    .join(LetterVersion.__table__, _VERSION.id == _LINK.version_id)
    .where(_VERSION.letter_id == bindparam("letter"), _LINK.score < 1.0)
)
_EARLIER_LABELS = (
    select(_VERSION.number, _BLOCK.pid, _BLOCK.label)
    .join(LetterVersion.__table__, _VERSION.id == _BLOCK.version_id)
    .where(
        _VERSION.letter_id == bindparam("letter"),
        _BLOCK.pid.in_(bindparam("pids", expanding=True)),
    )
)


def get_current_version(letter: Letter) -> LetterVersion:
    """Return the current version with its blocks."""
    return get_version(letter, letter.version_number)


def get_version(letter: Letter, number: int) -> LetterVersion:
    """Return one version with its blocks. Raises NotFound."""
    query = select(LetterVersion).where(
        LetterVersion.letter_id == letter.id, LetterVersion.number == number
    )
    return require_found(
        session().scalars(query.options(selectinload(LetterVersion.blocks))).first(),
        "This letter has no version with this number.",
    )


def get_source_text(letter: Letter) -> str:
    """Return the Markdown of the current version. Raises NotFound."""
    query = select(LetterVersion.source_text).where(
        LetterVersion.letter_id == letter.id, LetterVersion.number == letter.version_number
    )
    return require_found(
        session().scalars(query).first(), "This letter has no version with this number."
    )


def list_versions(letter: Letter) -> list[LetterVersion]:
    """List versions without their texts, newest first."""
    return list(session().scalars(_VERSIONS, {"letter": letter.id}))


def list_published_versions(letter: Letter) -> list[VersionRow]:
    """List the published versions without their texts, newest first."""
    rows = session().execute(_PUBLISHED_VERSIONS, {"letter": letter.id})
    return [VersionRow._make(row) for row in rows]


def list_current_blocks(letter: Letter) -> list[BlockRow]:
    """List the blocks of the current version in order."""
    parameters = {"letter": letter.id, "number": letter.version_number}
    return [BlockRow._make(row) for row in session().execute(_CURRENT_BLOCKS, parameters)]


def list_current_paragraph_ids(letter: Letter | CommentableLetter) -> set[str]:
    """Return the ids of the numbered paragraphs of the current version."""
    parameters = {"letter": letter.id, "number": letter.version_number}
    return set(session().scalars(_CURRENT_PARAGRAPH_IDS, parameters))


def get_paragraph_links(version: LetterVersion) -> dict[str, ParagraphLink]:
    """Return the links from the previous version's paragraphs, by paragraph id."""
    query = select(ParagraphLink).where(ParagraphLink.version_id == version.id)
    return {link.pid: link for link in session().scalars(query)}


def list_paragraph_edits(letter: Letter) -> list[tuple[int, str, float]]:
    """List (version number, paragraph id, similarity) of paragraphs with a similarity below 1."""
    rows = session().execute(_PARAGRAPH_EDITS, {"letter": letter.id})
    return [(number, pid, score) for number, pid, score in rows]


def get_earlier_paragraph_labels(
    letter: Letter, pids: Collection[str]
) -> dict[tuple[int, str], str]:
    """Return the label of each of these paragraphs by (version number, paragraph id)."""
    rows = session().execute(_EARLIER_LABELS, {"letter": letter.id, "pids": sorted(pids)})
    return {(version, pid): label for version, pid, label in rows if pid and label}


def list_all_paragraph_ids(letter: Letter) -> set[str]:
    """Return the paragraph ids of all versions of the letter, its original and its translations."""
    root = letter.translation_of_id or letter.id
    family = select(Letter.id).where(or_(Letter.id == root, Letter.translation_of_id == root))
    query = (
        select(Block.pid)
        .join(LetterVersion, LetterVersion.id == Block.version_id)
        .where(or_(LetterVersion.letter_id == letter.id, LetterVersion.letter_id.in_(family)))
        .where(Block.pid.is_not(None))
    )
    return {pid for pid in session().scalars(query) if pid}
