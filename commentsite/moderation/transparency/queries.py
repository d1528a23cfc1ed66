"""Count the figures of the transparency report, and compare tables with the audit log.

The report takes seven queries, however many comments there are. Each groups its rows by month,
stakeholder group and language at once, and Python sums the groups for every table of the report.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, case, cast, extract, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.functions import FunctionElement

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import get_last_entry
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import OUTCOMES
from commentsite.comments.commitment import hash_words
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.states import CommentState
from commentsite.db.session import session, snapshot
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.versioning import hash_version
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.models import Decision
from commentsite.moderation.quality.queries import load_monthly_agreement
from commentsite.moderation.transparency.figures import (
    DECIDED_STATES,
    NO_RULE,
    CommentCount,
    DurationSummary,
    SummaryRow,
    TransparencyReport,
    build_summary_rows,
    summarise_durations,
)
from commentsite.text.plain_text import has_same_words

#: The tables of the report. "" is the row for the whole site.
DIMENSIONS = ("", "month", "group", "language")
ENTRIES_PER_REFRESH = 10_000


class _utc_month(FunctionElement[str]):  # noqa: N801  # used in queries like a function
    """The month of a moment, in UTC, as 2026-03. Each database has its own function for it."""

    type = String()
    inherit_cache = True


@compiles(_utc_month, "sqlite")
def _compile_utc_month_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"substr({compiler.process(element.clauses, **kwargs)}, 1, 7)"


@compiles(_utc_month, "postgresql")
def _compile_utc_month_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kwargs)} AT TIME ZONE 'UTC', 'YYYY-MM')"


# --- The report


def load_report_version() -> int:
    """Return the cache key of the report, which changes when the report must be rendered again.

    It is the number of the last audit entry, rounded down to steps of one in ten thousand of the
    length of the log. Rendering reads every comment, so the steps keep its cost for each entry of
    the log constant on a large site.
    """
    last_seq = get_last_entry()[0]
    return last_seq - last_seq % max(1, last_seq // ENTRIES_PER_REFRESH)


def load_transparency_report() -> TransparencyReport:
    """Load all published figures about moderation, as of one moment."""
    with snapshot():
        return _build_report()


def _build_report() -> TransparencyReport:
    last_seq, digest = get_last_entry()
    counts, rule_counts, durations = _count_comments(), _count_rules(), _load_durations()
    tables = {
        dimension: build_summary_rows(counts, dimension, count_by_rule=rule_counts[dimension])
        for dimension in DIMENSIONS
    }
    for dimension, rows in tables.items():
        for key, row in rows.items():
            row.decision_durations = durations[dimension].get(key, DurationSummary())
    _add_appeals(tables)
    comments_logged, appeals_logged, oldest_pending_at = _load_log_totals()
    return TransparencyReport(
        log_entry=last_seq,
        log_digest=digest,
        comments_logged=comments_logged,
        total=tables[""][""],
        months=tuple(sorted(tables["month"].values(), key=lambda row: row.key, reverse=True)),
        groups=_sort_by_size(tables["group"]),
        languages=_sort_by_size(tables["language"]),
        oldest_pending_at=oldest_pending_at,
        monthly_agreement=load_monthly_agreement(),
        appeals_logged=appeals_logged,
    )


def _add_appeals(tables: dict[str, dict[str, SummaryRow]]) -> None:
    """Add the appeals by state, and the durations to the minute of those with a ruling."""
    seconds = extract("epoch", Appeal.changed_at) - extract("epoch", Appeal.filed_at)
    keys = (
        _utc_month(Comment.submitted_at),
        Comment.stakeholder_group,
        Letter.language,
        Appeal.state,
        cast(seconds, Integer) // 60,
    )
    query = (
        select(*keys, func.count())
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Letter, Letter.id == Comment.letter_id)
        .group_by(*keys)
    )
    durations: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for month, group, language, state, minutes, count in session().execute(query):
        for dimension, key in _keys_by_dimension(month, group, language):
            tables[dimension][key].appeals_by_state[str(state)] += count
            if state in OUTCOMES:
                durations[dimension, key][minutes * 60] += count
    for (dimension, key), count_by_seconds in durations.items():
        tables[dimension][key].appeal_durations = summarise_durations(count_by_seconds)


def _count_comments() -> list[CommentCount]:
    """Count the comments by state, and those of them that were decided without a person."""
    decided_by_person = (
        select(Decision.comment_id)
        .where(Decision.moderator_id.is_not(None), Decision.is_applied.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    is_automated = Comment.state.in_(DECIDED_STATES) & decided_by_person.c.comment_id.is_(None)
    month = _utc_month(Comment.submitted_at)
    keys = (month, Comment.stakeholder_group, Letter.language, Comment.state)
    query = (
        select(*keys, func.count(), func.sum(case((is_automated, 1), else_=0)))
        .join(Letter, Letter.id == Comment.letter_id)
        .join(decided_by_person, decided_by_person.c.comment_id == Comment.id, isouter=True)
        .group_by(*keys)
    )
    return [
        CommentCount(month, group, language, str(state), count, int(automated))
        for month, group, language, state, count, automated in session().execute(query)
    ]


def _count_rules() -> dict[str, dict[str, Counter[str]]]:
    """Count the refused and removed comments by the rule of their last refusal or removal."""
    last_rejection = (
        select(func.max(Decision.id).label("id"))
        .where(
            Decision.verdict.in_((Verdict.REFUSE, Verdict.RESTRICT)), Decision.is_applied.is_(True)
        )
        .group_by(Decision.comment_id)
        .subquery()
    )
    rejection = (
        select(Decision.comment_id, Decision.rule)
        .join(last_rejection, last_rejection.c.id == Decision.id)
        .subquery()
    )
    keys = (
        _utc_month(Comment.submitted_at),
        Comment.stakeholder_group,
        Letter.language,
        func.coalesce(rejection.c.rule, ""),
    )
    query = (
        select(*keys, func.count())
        .join(Letter, Letter.id == Comment.letter_id)
        .join(rejection, rejection.c.comment_id == Comment.id, isouter=True)
        .where(Comment.state.in_((CommentState.REFUSED, CommentState.RESTRICTED)))
        .group_by(*keys)
    )
    counts: dict[str, dict[str, Counter[str]]] = {
        dimension: defaultdict(Counter) for dimension in DIMENSIONS
    }
    for month, group, language, rule, count in session().execute(query):
        for dimension, key in _keys_by_dimension(month, group, language):
            counts[dimension][key][rule or NO_RULE] += count
    return counts


def _load_durations() -> dict[str, dict[str, DurationSummary]]:
    """Summarise the time from submission to the first applied decision, to the minute.

    The database groups equal durations, so that few rows come back.
    """
    first_decision = (
        select(Decision.comment_id, func.min(Decision.decided_at).label("at"))
        .where(Decision.is_applied.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    seconds = extract("epoch", first_decision.c.at) - extract("epoch", Comment.submitted_at)
    minutes = cast(seconds, Integer) // 60
    keys = (_utc_month(Comment.submitted_at), Comment.stakeholder_group, Letter.language, minutes)
    query = (
        select(*keys, func.count())
        .join(first_decision, first_decision.c.comment_id == Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .group_by(*keys)
    )
    durations: dict[str, dict[str, Counter[int]]] = {
        dimension: defaultdict(Counter) for dimension in DIMENSIONS
    }
    for month, group, language, taken, count in session().execute(query):
        for dimension, key in _keys_by_dimension(month, group, language):
            durations[dimension][key][taken * 60] += count
    return {
        dimension: {
            key: summarise_durations(count_by_seconds) for key, count_by_seconds in by_key.items()
        }
        for dimension, by_key in durations.items()
    }


def _load_log_totals() -> tuple[int, int, datetime | None]:
    """Return the comments and the appeals that the audit log has, and the oldest pending comment."""
    comments_logged, appeals_logged = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action == action)
        .scalar_subquery()
        for action in ("comment.submitted", "appeal.filed")
    )
    oldest_pending_at = (
        select(func.min(Comment.submitted_at))
        .where(Comment.state == CommentState.PENDING)
        .scalar_subquery()
    )
    row = session().execute(select(comments_logged, appeals_logged, oldest_pending_at)).one()
    return row[0], row[1], row[2]


def _keys_by_dimension(month: str, group: str, language: str) -> Iterator[tuple[str, str]]:
    """Pair each dimension with the key of the row in which an item counts."""
    return zip(DIMENSIONS, ("", month, group, language), strict=True)


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
    if comments_logged != len(stored_states):
        yield f"The audit log has {comments_logged} submitted comments. The database has {len(stored_states)}."
    for subject in sorted(stored_states.keys() | logged_states.keys()):
        stored = stored_states.get(subject, "missing")
        logged = logged_states.get(subject, "missing")
        if stored_states.get(subject) != logged_states.get(subject):
            yield f"{subject} is {stored} in the database and {logged} in the audit log."


def find_word_mismatches() -> Iterator[str]:
    """Yield a sentence for each comment whose words are not those that the audit log committed to."""
    logged = _load_logged_words()
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
