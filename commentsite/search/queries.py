"""Ask the index: SQLite's FTS5, or a column of PostgreSQL's tsvector, with the same answers."""

from dataclasses import dataclass

from sqlalchemy import text

from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.search.tokenizer import Phrase


@dataclass(frozen=True)
class SearchResult:
    """Numbers of one page of matches, and how many there are, up to one more than is counted."""

    ids: list[int]
    total: int


def is_postgresql() -> bool:
    """Say which of the two indexes there is."""
    return session().get_bind().dialect.name == "postgresql"


def find_matches(table: str, phrases: list[Phrase], *, limit: int, offset: int = 0) -> SearchResult:
    """Return the matches in `search_letter`, the most fitting first, or `search_comment`, the newest first."""
    if not phrases:
        return SearchResult([], 0)
    postgresql = is_postgresql()
    matches = "words @@ CAST(:q AS tsquery)" if postgresql else f"{table} MATCH :q"
    values = {"q": _build_tsquery(phrases) if postgresql else _build_fts5_query(phrases)}
    counted = (
        f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {matches} LIMIT {MAX_COUNT + 1}) AS n"  # noqa: S608  # our own names
    )
    total = int(session().execute(text(counted), values).scalar_one())
    order = "rowid DESC"
    if table == "search_letter" and total <= MAX_COUNT:
        rank = (
            "ts_rank(words, CAST(:q AS tsquery)) DESC" if postgresql else f"bm25({table}, 8.0, 1.0)"
        )
        order = f"{rank}, rowid DESC"
    page = f"SELECT rowid FROM {table} WHERE {matches} ORDER BY {order} LIMIT :limit OFFSET :offset"  # noqa: S608  # our own names
    rows = session().execute(text(page), values | {"limit": limit, "offset": offset})
    return SearchResult([row[0] for row in rows], total)


def is_index_empty() -> bool:
    """Say whether no letter is in the index."""
    return session().execute(text("SELECT 1 FROM search_letter LIMIT 1")).first() is None


def _build_fts5_query(chunks: list[Phrase]) -> str:
    return " ".join(f'"{" ".join(c.tokens)}"' + (" *" if c.is_prefix else "") for c in chunks)


def _build_tsquery(chunks: list[Phrase]) -> str:
    return " & ".join(
        "(" + " <-> ".join(f"'{u}'" for u in c.tokens) + (":*" if c.is_prefix else "") + ")"
        for c in chunks
    )
