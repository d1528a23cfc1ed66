"""Write the full-text indexes: FTS5 tables in SQLite, tokens and tsvector columns in PostgreSQL.

One index holds the public texts, and one holds all comments for the desk. An entry of the desk's index also
has facets (see `queries.DeskFacets`), so that the database finds the words among the comments of one state.

The index changes in the same transaction as the letter or the comment, so that a search never
finds a text that is no longer public.

Both databases store the same tokens (see `tokenizer.tokenize_for_index`). FTS5 finds phrases with its
own positions. A tsvector keeps at most 256 positions of a word and none beyond 16,383, so on PostgreSQL
it only says which texts contain all words of a query. The phrase is then looked up in the stored tokens.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import CursorResult, bindparam, text

from commentsite.db.session import is_postgresql, session
from commentsite.search.queries import DeskFacets, find_progress
from commentsite.search.tokenizer import BOUNDARY, TOKENIZER_VERSION, tokenize_for_index

MAX_TOKENS = 100_000  # of one letter. A search does not find the rest
MAX_TOKEN_BYTES = 400_000  # of the different tokens in one row; PostgreSQL allows 1 MB for all rows
MERGE_PAGES = 200  # of about 4 kB; some hundredths of a second
MIN_CHANGES_OF_MERGE = 2
PARTS = ("search_letter", "search_comment", "search_desk")
#: The tables with texts of comments, which an erasure has to leave.
COMMENT_PARTS = PARTS[1:]
#: Records of positions, without the words of comments that they quote.
RECORDS = "search_record"
_DELETE_DESK_ENTRIES = text("DELETE FROM search_desk WHERE rowid IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def index_letter(letter_id: int, title: str, body: str) -> None:
    """Add a letter to the index, or replace its entry."""
    _index_titled_text("search_letter", letter_id, title, body)


def index_record(summary_id: int, title: str, body: str) -> None:
    """Add a record of positions to the index, or replace its entry."""
    _index_titled_text(RECORDS, summary_id, title, body)


def _index_titled_text(table: str, row_id: int, title: str, body: str) -> None:
    remove_from_index(table, row_id)
    title_tokens, body_tokens = _build_tokens(title), _build_tokens(body)
    if is_postgresql():
        _insert_titled_vector(table, row_id, title_tokens, body_tokens)
        return
    query = f"INSERT INTO {table} (rowid, title, words) VALUES (:id, :title, :words)"  # noqa: S608  # the table is not user input
    session().execute(
        text(query),
        {"id": row_id, "title": " ".join(title_tokens), "words": " ".join(body_tokens)},
    )


def index_comment(comment_id: int, body: str) -> None:
    """Add a comment to the index, or replace its entry."""
    remove_from_index("search_comment", comment_id)
    _insert_comment(comment_id, body)


def _insert_comment(comment_id: int, body: str) -> None:
    session().execute(
        text(_get_public_query()),
        _build_public_entry(comment_id, _build_tokens(body), has_vectors=is_postgresql()),
    )


def _get_public_query() -> str:
    if is_postgresql():
        return "INSERT INTO search_comment (rowid, words, tokens) VALUES (:id, CAST(:words AS tsvector), :tokens)"
    return "INSERT INTO search_comment (rowid, words) VALUES (:id, :words)"


def _build_public_entry(
    comment_id: int, tokens: list[str], *, has_vectors: bool
) -> dict[str, str | int]:
    words = " ".join(tokens)
    if has_vectors:
        return {"id": comment_id, "words": _build_tsvector(tokens), "tokens": f" {words} "}
    return {"id": comment_id, "words": words}


class DeskEntry(NamedTuple):
    """A comment in any state, as the index of the desk holds it."""

    comment_id: int
    facets: DeskFacets
    author: str
    body: str


def index_comments_for_desk(entries: Sequence[DeskEntry]) -> None:
    """Add comments to the index of the desk, or replace their entries."""
    if not entries:
        return
    session().execute(_DELETE_DESK_ENTRIES, {"ids": [entry.comment_id for entry in entries]})
    has_vectors = is_postgresql()
    rows = [
        _build_desk_entry(
            entry.comment_id,
            entry.facets,
            _build_tokens(entry.author),
            _build_tokens(entry.body),
            has_vectors=has_vectors,
        )
        for entry in entries
    ]
    session().execute(text(_get_desk_query()), rows)


def _get_desk_query() -> str:
    if is_postgresql():
        return "INSERT INTO search_desk (rowid, author, body, words) VALUES (:id, :author, :body, CAST(:words AS tsvector))"
    return "INSERT INTO search_desk (rowid, facets, author, body) VALUES (:id, :facets, :author, :body)"


def _build_desk_entry(
    comment_id: int,
    facets: DeskFacets,
    author_tokens: list[str],
    body_tokens: list[str],
    *,
    has_vectors: bool,
) -> dict[str, str | int]:
    entry: dict[str, str | int] = {
        "id": comment_id,
        "author": f" {' '.join(author_tokens)} ",
        "body": f" {' '.join(body_tokens)} ",
    }
    if has_vectors:
        words = [*facets.list_lexemes(), *author_tokens, *body_tokens]
        entry["words"] = _build_tsvector(words)
    else:
        entry["facets"] = " ".join(facets.list_tokens())
    return entry


def index_new_comments(comments: Iterable[tuple[int, DeskFacets, str, str, bool]]) -> None:
    """Index comments that have no entries yet: id, facets, author, body, and whether the comment is public."""
    desk, public = [], []
    has_vectors = is_postgresql()  # asked once, because an import indexes many
    for comment_id, facets, author, body, is_public in comments:
        author_tokens, body_tokens = _build_tokens(author), _build_tokens(body)
        desk.append(
            _build_desk_entry(
                comment_id, facets, author_tokens, body_tokens, has_vectors=has_vectors
            )
        )
        if is_public:
            tokens = _join_texts(author_tokens, body_tokens)
            public.append(_build_public_entry(comment_id, tokens, has_vectors=has_vectors))
    if desk:
        session().execute(text(_get_desk_query()), desk)
    if public:
        session().execute(text(_get_public_query()), public)


def _join_texts(first: list[str], second: list[str]) -> list[str]:
    """Return the tokens of two texts with a space between them, from the tokens of each."""
    (split, joined), (more_split, more_joined) = _get_rows(first), _get_rows(second)
    tokens = [*split, *more_split]
    if joined or more_joined:
        tokens += [BOUNDARY, *(joined or split), *(more_joined or more_split)]
    return tokens


def _get_rows(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Return the tokens with compounds split, and those with compounds joined where they differ."""
    if BOUNDARY not in tokens:
        return tokens, []
    position = tokens.index(BOUNDARY)
    return tokens[:position], tokens[position + 1 :]


def change_desk_facets(comment_id: int, old: DeskFacets, new: DeskFacets) -> bool:
    """Store the new facets of a comment. Return False for a comment that is not in the index."""
    values: dict[str, int | str | list[str]] = {"id": comment_id}
    if is_postgresql():
        query = (
            "UPDATE search_desk SET words = ts_delete(words, CAST(:old AS text[])) || CAST(:new AS tsvector)"
            " WHERE rowid = :id"
        )
        values |= {"old": old.list_lexemes(), "new": _build_tsvector(new.list_lexemes())}
    else:
        query = "UPDATE search_desk SET facets = :facets WHERE rowid = :id"
        values |= {"facets": " ".join(new.list_tokens())}
    result = session().execute(text(query), values)
    return isinstance(result, CursorResult) and result.rowcount > 0


def remove_from_index(table: str, row_id: int) -> None:
    session().execute(text(f"DELETE FROM {table} WHERE rowid = :id"), {"id": row_id})  # noqa: S608  # the table is not user input


def purge_removed_text() -> bool:
    """Remove the tokens of deleted entries from the files of SQLite's index. Return whether more are left.

    FTS5 marks entries as deleted and keeps their tokens until its segments are merged into one. The index of a
    large site has hundreds of megabytes, so a transaction merges MERGE_PAGES of it.
    """
    if is_postgresql():
        return False
    return any(_merge(table) for table in COMMENT_PARTS)


def _merge(table: str) -> bool:
    """Merge some pages of one index. Return whether more are left."""
    before = _count_changes()
    # A negative number lets FTS5 merge all segments. A merge that has nothing to do makes less than two changes.
    command = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', :pages)"  # noqa: S608  # a constant
    session().execute(text(command), {"pages": -MERGE_PAGES})
    return _count_changes() - before >= MIN_CHANGES_OF_MERGE


def _count_changes() -> int:
    return int(session().execute(text("SELECT total_changes()")).scalar_one())


def remove_range(table: str, after: int, until: int | None) -> None:
    """Remove the entries with ids above `after` and up to `until`, or all above it."""
    command = f"DELETE FROM {table} WHERE rowid > :after"  # noqa: S608  # the table is not user input
    if until is not None:
        command += " AND rowid <= :until"
    session().execute(text(command), {"after": after, "until": until})


def save_progress(table: str, last_id: int | None) -> None:
    """Note how far a table is filled with tokens of the present version. None: it is complete."""
    values = {"table": table, "version": TOKENIZER_VERSION, "last": last_id}
    columns = "tokenizer_version = :version, last_id = :last"
    command = f"UPDATE search_progress SET {columns} WHERE part = :table"  # noqa: S608  # constants
    if find_progress(table) is None:
        command = "INSERT INTO search_progress (part, tokenizer_version, last_id) VALUES (:table, :version, :last)"
    session().execute(text(command), values)


def _build_tokens(body: str) -> list[str]:
    return tokenize_for_index(body, max_tokens=MAX_TOKENS, max_bytes=MAX_TOKEN_BYTES)


def _insert_titled_vector(
    table: str, row_id: int, title_tokens: list[str], body_tokens: list[str]
) -> None:
    title = " ".join(title_tokens)
    tokens = [*title_tokens, BOUNDARY, *body_tokens] if title_tokens else body_tokens
    query = (
        f"INSERT INTO {table} (rowid, words, tokens, title)"  # noqa: S608  # the table is not user input
        " VALUES (:id, CAST(:words AS tsvector), :tokens, :title)"
    )
    entry = _build_public_entry(row_id, tokens, has_vectors=True) | {"title": f" {title} "}
    session().execute(text(query), entry)


def _build_tsvector(tokens: list[str]) -> str:
    """Write a tsvector literal without positions. PostgreSQL's own parser would split texts differently."""
    return " ".join(f"'{token}'" for token in sorted(set(tokens) - {BOUNDARY}))
