"""Search the full-text index, with the same results on SQLite (FTS5) and PostgreSQL (tsvector)."""

from dataclasses import dataclass

from sqlalchemy import text

from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.search.tokenizer import Phrase


@dataclass(frozen=True)
class SearchResult:
    """The ids of one page of matches, and the number of all matches, counted up to MAX_COUNT + 1."""

    ids: list[int]
    total: int


def is_postgresql() -> bool:
    return session().get_bind().dialect.name == "postgresql"


def find_matches(table: str, phrases: list[Phrase], *, limit: int, offset: int = 0) -> SearchResult:
    """Find entries that contain every phrase in the table `search_letter` or `search_comment`.

    Letters are sorted by relevance, unless there are more than MAX_COUNT matches, because ranking
    reads every match. Comments are sorted by id, the newest first.
    """
    if not phrases:
        return SearchResult([], 0)
    has_tsvector = is_postgresql()
    condition = "words @@ CAST(:q AS tsquery)" if has_tsvector else f"{table} MATCH :q"
    parameters = {"q": _build_tsquery(phrases) if has_tsvector else _build_fts5_query(phrases)}
    count_query = (
        f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition} LIMIT {MAX_COUNT + 1}) AS n"  # noqa: S608  # the table is not user input
    )
    total = int(session().execute(text(count_query), parameters).scalar_one())
    order = "rowid DESC"
    if table == "search_letter" and total <= MAX_COUNT:
        # A match in the title weighs more than one in the body.
        rank = (
            "ts_rank(words, CAST(:q AS tsquery)) DESC"
            if has_tsvector
            else f"bm25({table}, 8.0, 1.0)"
        )
        order = f"{rank}, rowid DESC"
    page_query = (
        f"SELECT rowid FROM {table} WHERE {condition} ORDER BY {order} LIMIT :limit OFFSET :offset"  # noqa: S608  # the table is not user input
    )
    rows = session().execute(text(page_query), parameters | {"limit": limit, "offset": offset})
    return SearchResult([row[0] for row in rows], total)


def is_index_empty() -> bool:
    """Whether the index contains no letter."""
    return session().execute(text("SELECT 1 FROM search_letter LIMIT 1")).first() is None


def _build_fts5_query(phrases: list[Phrase]) -> str:
    return " ".join(
        f'"{" ".join(phrase.tokens)}"' + (" *" if phrase.is_prefix else "") for phrase in phrases
    )


def _build_tsquery(phrases: list[Phrase]) -> str:
    return " & ".join(
        "("
        + " <-> ".join(f"'{token}'" for token in phrase.tokens)
        + (":*" if phrase.is_prefix else "")
        + ")"
        for phrase in phrases
    )
