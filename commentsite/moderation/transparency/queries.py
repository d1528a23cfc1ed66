"""Assemble the transparency report, and compare tables with the audit log."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import get_last_entry, list_pending_subjects
from commentsite.comments.commitment import hash_words
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.states import CommentState
from commentsite.db.session import session, snapshot
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.versioning import hash_version
from commentsite.moderation.models import Decision
from commentsite.moderation.quality.queries import load_monthly_agreement
from commentsite.moderation.transparency.figures import SummaryRow, TransparencyReport
from commentsite.moderation.transparency.months.figures import MonthFigures
from commentsite.moderation.transparency.months.queries import (
    LogPosition,
    count_logged,
    count_months,
    find_log_position,
    list_months_changed_since,
    load_stored_months,
)
from commentsite.moderation.transparency.tables import build_tables
from commentsite.text.plain_text import has_same_words

# --- The report


def load_report_version() -> int:
    """Return the cache key of the report: the entry of the audit log as of which it is counted."""
    position = find_log_position()
    return position.log_entry if position else get_last_entry()[0]


def load_transparency_report() -> TransparencyReport:
    """Load all published figures about moderation, as of one moment.

    On a small site they are counted now. On a large one they are the stored figures of the months,
    which the worker counts at most a minute later.
    """
    with snapshot():
        position = find_log_position()
        if position is None:
            return _build_report(_load_end_of_log(), count_months())
        return _build_report(position, load_stored_months())


def _load_end_of_log() -> LogPosition:
    return LogPosition(*get_last_entry(), *count_logged())


def _build_report(position: LogPosition, months: dict[str, MonthFigures]) -> TransparencyReport:
    tables = build_tables(months)
    return TransparencyReport(
        log_entry=position.log_entry,
        log_digest=position.log_digest,
        comments_logged=position.comments_examined,
        total=tables[""][""],
        months=tuple(sorted(tables["month"].values(), key=lambda row: row.key, reverse=True)),
        groups=_sort_by_size(tables["group"]),
        languages=_sort_by_size(tables["language"]),
        oldest_pending_at=_find_oldest_pending(),
        monthly_agreement=load_monthly_agreement(),
        appeals_logged=position.appeals_logged,
    )


def _find_oldest_pending() -> datetime | None:
    query = select(func.min(Comment.submitted_at)).where(Comment.state == CommentState.PENDING)
    return session().scalars(query).one()


def _sort_by_size(rows: dict[str, SummaryRow]) -> tuple[SummaryRow, ...]:
    return tuple(sorted(rows.values(), key=lambda row: (-row.submitted, row.key)))


# --- Comparison with the audit log


def find_state_mismatches() -> Iterator[str]:
    """Yield a sentence for each comment whose state is not the last one in the audit log."""
    logged_states: dict[str, str] = {}
    comments_logged = 0
    query = select(AuditEntry.action, AuditEntry.object, AuditEntry.details).where(
        AuditEntry.object.startswith("comment:")
    )
    for action, subject, details in session().execute(query.order_by(AuditEntry.seq)):
        comments_logged += action == "comment.submitted"
        logged_states[subject] = details.get("state", logged_states.get(subject, ""))
    stored_states = {
        f"comment:{comment_id}": str(state)
        for comment_id, state in session().execute(select(Comment.id, Comment.state))
    }
    # An entry that waits for its number is not in the log yet.
    for subject in list_pending_subjects() & stored_states.keys():
        comments_logged += subject not in logged_states
        logged_states[subject] = stored_states[subject]
    if comments_logged != len(stored_states):
        yield f"The audit log has {comments_logged} submitted comments. The database has {len(stored_states)}."
    for subject in sorted(stored_states.keys() | logged_states.keys()):
        stored = stored_states.get(subject, "missing")
        logged = logged_states.get(subject, "missing")
        if stored_states.get(subject) != logged_states.get(subject):
            yield f"{subject} is {stored} in the database and {logged} in the audit log."


def find_word_mismatches() -> Iterator[str]:
    """Yield a sentence for each comment whose words are not those that the audit log committed to."""
    logged, pending = _load_logged_words(), list_pending_subjects()
    query = first_batch = (
        select(
            Comment.id, Comment.name, Comment.organisation, Comment.body, Comment.body_html,
            Comment.words_salt, Comment.erased_at, Comment.sanitizer_version, Comment.redactions,
        )
        .order_by(Comment.id)
        .limit(500)
    )  # fmt: skip
    while rows := session().execute(query).all():
        for row in rows:
            subject = f"comment:{row.id}"
            if subject in pending:
                continue
            if row.erased_at is not None:
                if subject not in logged.erased:
                    yield f"{subject} is erased in the database, and the audit log has no such entry."
            elif not row.words_salt:
                if subject in logged.words:
                    yield f"The words of {subject} cannot be compared with the audit log: their salt is missing."
            elif logged.words.get(subject) != hash_words(
                row.words_salt, row.name, row.organisation, row.body
            ):
                yield f"The words of {subject} are not those that the audit log committed to."
            elif (
                not row.redactions
                and row.sanitizer_version == SANITIZER_VERSION
                and render_comment_html(row.body) != row.body_html
            ):
                yield f"The page shows other words for {subject} than its text has."
        query = first_batch.where(Comment.id > rows[-1].id)


@dataclass
class LoggedWords:
    """The commitments of the audit log to the words of comments, by subject such as "comment:12"."""

    words: dict[str, str] = field(default_factory=dict)  # the last commitment
    erased: set[str] = field(default_factory=set)
    since: datetime | None = None  # the time of the first commitment


def _load_logged_words() -> LoggedWords:
    logged = LoggedWords()
    query = select(AuditEntry.at, AuditEntry.action, AuditEntry.object, AuditEntry.details).where(
        AuditEntry.object.startswith("comment:")
    )
    for at, action, subject, details in session().execute(query.order_by(AuditEntry.seq)):
        if "content_hash" in details:
            logged.words[subject] = details["content_hash"]
            logged.since = logged.since or at
        if action == "comment.erased":
            logged.erased.add(subject)
    return logged


def find_letter_mismatches() -> Iterator[str]:
    """Yield a sentence for each published version of a letter that is not as it was published."""
    query = select(AuditEntry.object, AuditEntry.details).where(
        AuditEntry.action.in_(("letter.published", "letter.corrected"))
    )
    logged = {
        (int(subject.removeprefix("letter:")), details["version"]): details["content_hash"]
        for subject, details in session().execute(query.order_by(AuditEntry.seq))
        if "content_hash" in details
    }
    versions = (
        select(LetterVersion)
        .where(LetterVersion.published_at.is_not(None))
        .options(selectinload(LetterVersion.blocks))
        .order_by(LetterVersion.id)
        .execution_options(yield_per=20)
    )
    for version in session().scalars(versions):
        name = f"Version {version.number} of letter:{version.letter_id}"
        words = logged.pop((version.letter_id, version.number), None)
        if words is None:
            continue
        if words != hash_version(version, version.blocks):
            yield f"{name} does not have the words that the audit log committed to."
        elif not all(has_same_words(block.html, block.text) for block in version.blocks):
            yield f"The page shows other words for version {version.number} of letter:{version.letter_id} than its text has."
    for letter_id, number in sorted(logged):
        yield f"Version {number} of letter:{letter_id} was published and is missing."


def find_decision_mismatches() -> Iterator[str]:
    """Yield a sentence for each decision that differs from its entry in the audit log."""
    rows = {
        row.id: row
        for row in session().execute(
            select(
                Decision.id,
                Decision.comment_id,
                Decision.verdict,
                Decision.rule,
                Decision.moderator_id,
            )
        )
    }
    query = select(AuditEntry.actor, AuditEntry.object, AuditEntry.details).where(
        AuditEntry.action.in_(("comment.decided", "comment.redacted"))
    )
    for actor, subject, details in session().execute(query.order_by(AuditEntry.seq)):
        if "decision" not in details:
            continue
        row = rows.get(details["decision"])
        stored = row and (
            f"comment:{row.comment_id}", row.verdict, row.rule,
            f"user:{row.moderator_id}" if row.moderator_id else "system",
        )  # fmt: skip
        if stored != (subject, details["verdict"], details["reason"], actor):
            yield f"Decision {details['decision']} about {subject} is not the one in the audit log."


def describe_uncovered_words() -> str:
    """Return a sentence about words that are older than the commitments in the audit log, or an empty string."""
    logged = _load_logged_words()
    covered = logged.words.keys() | logged.erased
    count = sum(f"comment:{n}" not in covered for n in session().scalars(select(Comment.id)))
    if not count:
        return ""
    since = f" before {logged.since:%Y-%m-%d}" if logged.since else ""
    return f"The audit log does not cover the words of {count} comments, which were sent{since} to an earlier version of the program."


def find_count_mismatches() -> Iterator[str]:
    """Yield a sentence for each letter whose stored number of published comments is wrong."""
    published = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.letter_id == Letter.id, Comment.state == CommentState.PUBLISHED)
        .scalar_subquery()
    )
    query = select(Letter.slug, Letter.published_comment_count, published)
    for slug, stored, counted in session().execute(query):
        if stored != counted:
            yield f"The letter {slug} shows {stored} published comments and has {counted}."


def find_stored_month_mismatches() -> Iterator[str]:
    """Yield a sentence for each month whose stored figures differ from the tables.

    Months that changed since they were counted are left out.
    """
    position = find_log_position()
    if position is None:
        return
    changed = list_months_changed_since(position.log_entry)
    for month, stored in sorted(load_stored_months().items()):
        if month in changed:
            continue
        counted = count_months([month]).get(month, MonthFigures())
        if stored != MonthFigures.from_json(counted.to_json()):
            yield f"The transparency report shows other figures for {month} than the tables have."
