"""Compare the stored comments and letters with what the audit log says about them."""

from collections.abc import Iterator
from itertools import chain

from commentsite.comments.commitment import hash_words
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.letters.versioning import hash_version
from commentsite.moderation.transparency.records import queries as record_queries
from commentsite.moderation.transparency.records.logged import LoggedComment, LoggedRecords
from commentsite.moderation.transparency.records.queries import StoredComment
from commentsite.text.plain_text import has_same_words

MISSING = "missing"
END = 2**63  # above every number
Pair = tuple[int, StoredComment | None, LoggedComment | None]


def pair_all_comments(logged: LoggedRecords) -> Iterator[Pair]:
    """Yield each comment of the database or of the log with its number: the stored and the logged one."""
    return _merge(record_queries.iter_comments(), logged.iter_comments())


def pair_logged_comments(logged: LoggedRecords) -> Iterator[Pair]:
    """Yield the comments that the collected entries name, and no others."""
    batches = map(record_queries.list_comments, logged.iter_comment_ids())
    return _merge(chain.from_iterable(batches), logged.iter_comments())


def _merge(
    stored: Iterator[StoredComment], logged: Iterator[tuple[int, LoggedComment]]
) -> Iterator[Pair]:
    """Merge two sequences, both in the order of the numbers of the comments."""
    row, entry = next(stored, None), next(logged, None)
    while row is not None or entry is not None:
        row_id = row.id if row is not None else END
        entry_id, facts = entry if entry is not None else (END, None)
        if row_id <= entry_id:
            yield row_id, row, facts if row_id == entry_id else None
            row = next(stored, None)
        else:
            yield entry_id, None, facts
        if entry_id <= row_id:
            entry = next(logged, None)


def compare_comment(pair: Pair, *, is_whole_log: bool) -> Iterator[str]:
    """Yield a sentence about a state or words that differ from the audit log.

    Where only the newest entries were read, they need not name the state and the words.
    """
    number, row, logged = pair
    subject = f"comment:{number}"
    stored_state = str(row.state) if row is not None else MISSING
    logged_state = (logged.state or "") if logged is not None else MISSING
    if stored_state != logged_state and (is_whole_log or logged_state):
        yield f"{subject} is {stored_state} in the database and {logged_state} in the audit log."
    if row is None or not (is_whole_log or (logged and (logged.words or logged.is_erased))):
        return
    words = logged.words if logged else None
    if row.is_erased:
        if is_whole_log and not (logged and logged.is_erased):
            yield f"{subject} is erased in the database, and the audit log has no such entry."
    elif not row.words_salt:
        if words:
            yield f"The words of {subject} cannot be compared with the audit log: their salt is missing."
    elif words != hash_words(row.words_salt, row.name, row.organisation, row.body):
        yield f"The words of {subject} are not those that the audit log committed to."
    elif (
        not row.is_redacted
        and row.sanitizer_version == SANITIZER_VERSION
        and render_comment_html(row.body) != row.body_html
    ):
        yield f"The page shows other words for {subject} than its text has."


def compare_versions(logged: LoggedRecords) -> Iterator[str]:
    """Yield a sentence for each published version of a letter that is not as it was published."""
    for batch in logged.iter_versions():
        yield from _compare_versions(batch)


def _compare_versions(logged: dict[tuple[int, int], str]) -> Iterator[str]:
    missing = dict(logged)
    for version in record_queries.iter_published_versions({letter_id for letter_id, _ in logged}):
        words = missing.pop((version.letter_id, version.number), None)
        if words is None:
            continue
        if words != hash_version(version, version.blocks):
            yield f"Version {version.number} of letter:{version.letter_id} does not have the words that the audit log committed to."
        elif not all(has_same_words(block.html, block.text) for block in version.blocks):
            yield f"The page shows other words for version {version.number} of letter:{version.letter_id} than its text has."
    for letter_id, number in missing:
        yield f"Version {number} of letter:{letter_id} was published and is missing."
