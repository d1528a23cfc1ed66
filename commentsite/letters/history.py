"""Read what lies behind a letter: its versions, permissions, and what editors write on."""

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import defer, selectinload

from commentsite.db import session
from commentsite.errors import NotFound, require_found
from commentsite.letters.models import (
    Block,
    Letter,
    LetterPermission,
    LetterVersion,
    ParagraphLink,
    WorkingCopy,
)
from commentsite.letters.states import Scope

# Asked with each page that is drawn, so composed once.
_VERSIONS = (
    select(LetterVersion)
    .where(LetterVersion.letter_id == bindparam("letter"))
    .options(
        defer(LetterVersion.source_text, raiseload=True),
        defer(LetterVersion.original, raiseload=True),
    )
    .order_by(LetterVersion.number.desc())
)
_PERMISSIONS = (
    select(LetterPermission)
    .where(LetterPermission.letter_id == bindparam("letter"))
    .order_by(LetterPermission.id)
)


def current_version(letter: Letter) -> LetterVersion:
    """Return the version that stands now, with its blocks."""
    return version_of(letter, letter.version_number)


def version_of(letter: Letter, number: int) -> LetterVersion:
    """Return one version with its blocks. Raises NotFound."""
    query = select(LetterVersion).where(
        LetterVersion.letter_id == letter.id, LetterVersion.number == number
    )
    return require_found(
        session().scalars(query.options(selectinload(LetterVersion.blocks))).first(),
        "There is no such version of this letter.",
    )


def versions_of(letter: Letter) -> list[LetterVersion]:
    """Return every version without its words, the newest first."""
    return list(session().scalars(_VERSIONS, {"letter": letter.id}))


def links_into(version: LetterVersion) -> dict[str, ParagraphLink]:
    """Return what became of the paragraphs of the version before, by their ids."""
    query = select(ParagraphLink).where(ParagraphLink.version_id == version.id)
    return {link.pid: link for link in session().scalars(query)}


def edits_of(letter: Letter) -> list[tuple[int, str, float]]:
    """Return (version, id, likeness) of every paragraph that was edited, split or merged into another."""
    query = (
        select(LetterVersion.number, ParagraphLink.pid, ParagraphLink.score)
        .join(LetterVersion, LetterVersion.id == ParagraphLink.version_id)
        .where(LetterVersion.letter_id == letter.id, ParagraphLink.score < 1.0)
    )
    return [(number, pid, score) for number, pid, score in session().execute(query)]


def earlier_numbers(letter: Letter, pids: set[str]) -> dict[tuple[int, str], int]:
    """Return the numbers that these paragraphs had in each version."""
    query = (
        select(LetterVersion.number, Block.pid, Block.number)
        .join(LetterVersion, LetterVersion.id == Block.version_id)
        .where(LetterVersion.letter_id == letter.id, Block.pid.in_(pids))
    )
    rows = session().execute(query)
    return {(version, pid): number for version, pid, number in rows if pid and number}


def pids_ever(letter: Letter) -> set[str]:
    """Return every paragraph id that the letter, its original or its translations ever had."""
    root = letter.translation_of_id or letter.id
    family = select(Letter.id).where(or_(Letter.id == root, Letter.translation_of_id == root))
    query = (
        select(Block.pid)
        .join(LetterVersion, LetterVersion.id == Block.version_id)
        .where(or_(LetterVersion.letter_id == letter.id, LetterVersion.letter_id.in_(family)))
        .where(Block.pid.is_not(None))
    )
    return {pid for pid in session().scalars(query) if pid}


def working_copy(letter: Letter) -> WorkingCopy | None:
    """Return what editors write on, as it is now, if anybody has begun."""
    query = select(WorkingCopy).where(WorkingCopy.letter_id == letter.id)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def permissions_of(letter: Letter) -> list[LetterPermission]:
    """Return every permission recorded for a letter, the newest last."""
    return list(session().scalars(_PERMISSIONS, {"letter": letter.id}))


def permission(letter: Letter, permission_id: int) -> LetterPermission:
    """Return one of a letter's permissions. Raises NotFound."""
    found = session().get(LetterPermission, permission_id)
    if found is None or found.letter_id != letter.id:
        msg = "There is no such permission."
        raise NotFound(msg)
    return found


def may_be_published(letter: Letter) -> bool:
    """Say whether somebody's leave to publish is recorded and not taken back."""
    return any(
        Scope.PUBLISH in p.scopes and p.taken_back_at is None for p in permissions_of(letter)
    )
