"""Find what was imported before, and old addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.exchange.importers.records import System
from commentsite.exchange.models import ImportedComment, ImportedLetter, ImportRun, OldAddress
from commentsite.letters.models import Letter
from commentsite.site.pages.models import Page

BATCH = 500


def find_imported_letter(source_key: str) -> int | None:
    """Return the id of the letter that a page became."""
    row = session().get(ImportedLetter, source_key)
    return row.letter_id if row else None


def find_imported_page(source_key: str) -> int | None:
    """Return the id of the page of the site that a page became."""
    row = session().get(ImportedLetter, source_key)
    return row.page_id if row else None


def load_imported_comments(source_keys: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Return comment, root and letter of those that were imported, by source key. A root is its own root."""
    found: dict[str, tuple[int, int, int]] = {}
    for start in range(0, len(source_keys), BATCH):
        query = (
            select(ImportedComment.source_key, Comment.id, Comment.root_id, Comment.letter_id)
            .join(Comment, Comment.id == ImportedComment.comment_id)
            .where(ImportedComment.source_key.in_(_pad_values(source_keys[start : start + BATCH])))
        )
        for key, number, root_id, letter_id in session().execute(query):
            found[key] = (number, root_id or number, letter_id)
    return found


@dataclass(frozen=True)
class Origin:
    """Where an imported comment comes from. `history` holds values of own_format.records.HistoryEvent."""

    system: System
    site: str  # its name, where two sites of one system were imported
    source_id: str
    imported_at: datetime
    history: list[dict[str, Any]]


def find_origin(comment_id: int) -> Origin | None:
    """Return where a comment comes from, or None for one that was sent here."""
    query = (
        select(ImportedComment, ImportRun)
        .join(ImportRun, ImportRun.id == ImportedComment.run_id)
        .where(ImportedComment.comment_id == comment_id)
    )
    row = session().execute(query).first()
    if row is None:
        return None
    comment, run = row
    site = run.options.get("site", "")
    return Origin(
        System(run.system), site, comment.source_id, run.started_at, list(comment.history)
    )


def load_repetitions(
    letter_id: int, hashes: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Return how often addresses have sent texts to a letter, by hash of the address and of the text."""
    pairs = set(hashes)
    emails = sorted({email for email, _ in pairs})
    counts: dict[tuple[str, str], int] = {}
    for start in range(0, len(emails), BATCH):
        query = (
            select(Comment.email_hash, Comment.body_hash, func.max(Comment.repetition))
            .where(
                Comment.letter_id == letter_id,
                Comment.email_hash.in_(_pad_values(emails[start : start + BATCH])),
            )
            .group_by(Comment.email_hash, Comment.body_hash)
        )
        for email, body, highest in session().execute(query):
            if (email, body) in pairs:
                counts[email or "", body] = highest + 1
    return counts


def find_letter_at_old_address(path: str) -> str | None:
    """Return the slug of the letter that an old address leads to."""
    query = (
        select(Letter.slug)
        .join(OldAddress, OldAddress.letter_id == Letter.id)
        .where(OldAddress.path == path, Letter.published_at.is_not(None))
    )
    return session().scalars(query).first()


def find_page_at_old_address(path: str) -> str | None:
    """Return the slug of the public page of the site that an old address leads to."""
    query = (
        select(Page.slug)
        .join(OldAddress, OldAddress.page_id == Page.id)
        .where(OldAddress.path == path, Page.is_public)
    )
    return session().scalars(query).first()


def has_old_address(path: str) -> bool:
    return session().get(OldAddress, path) is not None


def list_runs(limit: int = 50) -> Sequence[ImportRun]:
    """Return the latest runs, the newest first."""
    query = select(ImportRun).order_by(ImportRun.id.desc()).limit(limit)
    return session().scalars(query).all()


def find_run(run_id: int) -> ImportRun | None:
    return session().get(ImportRun, run_id)


def load_comment_ids(receipt_hashes: Sequence[str]) -> dict[str, int]:
    """Return the ids of comments by the hashes of their receipts."""
    query = select(Comment.receipt_hash, Comment.id)
    query = query.where(Comment.receipt_hash.in_(_pad_values(receipt_hashes)))
    return dict(session().execute(query).all())


def _pad_values(values: Sequence[str]) -> list[str]:
    """Return the values, at least one, with the last one repeated until their number is a power of two.

    A query with another number of values is another statement, and the driver of SQLite keeps the last 128
    statements with their plans. For an import these were several megabytes.
    """
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *[values[-1]] * missing]
