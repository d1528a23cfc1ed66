"""Find published records of positions by their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from commentsite.comments.queries import SearchFilters, is_in_language
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.letters.queries import list_filter_conditions
from commentsite.search.queries import find_record_ids
from commentsite.search.tokenizer import (
    ExcerptSegment,
    Phrase,
    build_excerpt,
    find_spans,
    mark_matches,
)
from commentsite.summaries.models import Summary, SummaryVersion
from commentsite.summaries.queries import LISTED_STATES
from commentsite.summaries.search.texts import MEMBERS, build_title, list_texts
from commentsite.summaries.states import Outcome


class RecordRow(NamedTuple):
    """A published record in a result, without its content."""

    version_id: int
    summary_id: int
    slug: str
    letter_title: str
    letter_language: str
    outcome: Outcome
    language: str
    published_at: datetime


@dataclass(frozen=True)
class RecordHit:
    """A record that a search found. `title` is that of its letter."""

    record: RecordRow
    title: list[ExcerptSegment]
    outcome: list[ExcerptSegment]
    excerpt: list[ExcerptSegment]


@dataclass(frozen=True)
class RecordResults:
    """One page of records, and the number of all that were found, at most MAX_COUNT."""

    hits: list[RecordHit]
    total: int


def find_records(
    phrases: Sequence[Phrase],
    outcomes: Mapping[Outcome, str],
    *,
    limit: int,
    offset: int = 0,
    filters: SearchFilters,
) -> RecordResults:
    """Find the records that contain every phrase, those with most of them in the title first.

    `outcomes` are the words in which the reader sees each outcome: a record has these too. The newest
    MAX_COUNT records are looked at, and those of withdrawn letters are left out. A filter by group
    keeps the records of consultations in which people of the group commented.
    """
    if not phrases:
        return RecordResults([], 0)
    wanted = [
        (
            find_record_ids(phrase),
            {outcome for outcome, words in outcomes.items() if find_spans(words, [phrase])},
        )
        for phrase in phrases
    ]
    if not all(ids or matching for ids, matching in wanted):
        return RecordResults([], 0)
    found = [
        row
        for row in _list_records(filters)
        if all(row.summary_id in ids or row.outcome in matching for ids, matching in wanted)
    ]
    found.sort(key=lambda row: -_count_in_title(row, phrases))
    shown = found[offset : offset + limit]
    contents = _load_texts([row.version_id for row in shown])
    return RecordResults(
        [_build_hit(row, contents[row.version_id], phrases, outcomes) for row in shown], len(found)
    )


def list_record_languages() -> set[str]:
    """Return the languages of the published records, as BCP 47 tags."""
    query = select(SummaryVersion.language).join(Summary, Summary.id == SummaryVersion.summary_id)
    return set(
        session().scalars(
            query.where(SummaryVersion.number == Summary.published_version).distinct()
        )
    )


def _list_records(filters: SearchFilters) -> list[RecordRow]:
    # An outer join and a CASE, because SQLite would begin with all letters.
    is_listed = and_(Letter.state.in_(LISTED_STATES), Letter.is_page.is_(False))
    query = (
        select(
            SummaryVersion.id,
            Summary.id,
            Letter.slug,
            Letter.title,
            Letter.language,
            SummaryVersion.outcome,
            SummaryVersion.language,
            SummaryVersion.published_at,
        )
        .join(Summary, Summary.id == SummaryVersion.summary_id)
        .join(Letter, Letter.id == Summary.letter_id, isouter=True)
        .where(
            SummaryVersion.number == Summary.published_version,
            case((is_listed, 1), else_=0) == 1,
            *list_filter_conditions(
                topic=filters.topic, year=filters.year, published_at=SummaryVersion.published_at
            ),
        )
        .order_by(SummaryVersion.published_at.desc(), SummaryVersion.id.desc())
        .limit(MAX_COUNT)
    )
    if filters.language:
        query = query.where(is_in_language(SummaryVersion.language, filters.language))
    rows = [RecordRow._make(row) for row in session().execute(query)]
    if not filters.group:
        return rows
    heard = _list_versions_with_group([row.version_id for row in rows], filters.group)
    return [row for row in rows if row.version_id in heard]


def _list_versions_with_group(version_ids: Sequence[int], group: str) -> set[int]:
    people = SummaryVersion.content["totals"]["people_by_group"]
    query = select(SummaryVersion.id, people).where(SummaryVersion.id.in_(version_ids))
    return {version_id for version_id, by_group in session().execute(query) if by_group.get(group)}


def list_published_contents(*, after_id: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
    """List the records with an id above `after_id`, each with the texts of its last version."""
    query = (
        _select_texts(Summary.id)
        .join(SummaryVersion, SummaryVersion.summary_id == Summary.id)
        .where(SummaryVersion.number == Summary.published_version, Summary.id > after_id)
        .order_by(Summary.id)
        .limit(limit)
    )
    return _read_texts(query)


def count_published_records() -> int:
    query = select(func.count()).select_from(Summary).where(Summary.published_version.is_not(None))
    return session().scalars(query).one()


def _load_texts(version_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the texts of stored versions by their ids, without the rest of their content."""
    if not version_ids:
        return {}
    query = _select_texts(SummaryVersion.id).where(SummaryVersion.id.in_(version_ids))
    return dict(_read_texts(query))


def _select_texts(key: InstrumentedAttribute[int]) -> Select[Any]:
    return select(key, *(SummaryVersion.content[name] for name in MEMBERS))


def _read_texts(query: Select[Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return each key of the query with the members of a report that `list_texts` reads."""
    return [
        (key, dict(zip(MEMBERS, members, strict=True)))
        for key, *members in session().execute(query)
    ]


def _count_in_title(row: RecordRow, phrases: Sequence[Phrase]) -> int:
    return sum(bool(find_spans(row.letter_title, [phrase])) for phrase in phrases)


def _build_hit(
    row: RecordRow,
    content: Mapping[str, Any],
    phrases: Sequence[Phrase],
    outcomes: Mapping[Outcome, str],
) -> RecordHit:
    given = list(phrases)
    further = build_title(content).split("\n")[1:]  # the title of the first letter stands above
    texts = [*list_texts(content), *further]
    best = max(texts, key=lambda text: len(find_spans(text, given)), default="")
    return RecordHit(
        row,
        mark_matches(row.letter_title, given),
        mark_matches(outcomes[row.outcome], given),
        build_excerpt(best, given),
    )
