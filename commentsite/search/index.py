"""Write the full-text index: FTS5 tables in SQLite, tsvector columns in PostgreSQL.

The index changes in the same transaction as the letter or the comment, so that a search never
finds a text that is no longer public.
"""

from sqlalchemy import text

from commentsite.db.session import session
from commentsite.search.queries import is_postgresql
from commentsite.search.tokenizer import tokenize

MAX_TOKENS = 100_000  # of one letter; a search does not find the rest
MAX_TSVECTOR_BYTES = 900_000  # PostgreSQL allows 1 MB
MAX_TSVECTOR_POSITION = 16_383  # the highest position that PostgreSQL stores


def index_letter(letter_id: int, title: str, body: str) -> None:
    """Add a letter to the index, or replace its entry."""
    remove_from_index("search_letter", letter_id)
    title_tokens, body_tokens = tokenize(title), tokenize(body)[:MAX_TOKENS]
    if is_postgresql():
        vector = _build_tsvector(title_tokens, body_tokens)
        _insert_tsvector("search_letter", letter_id, vector)
        return
    query = "INSERT INTO search_letter (rowid, title, words) VALUES (:id, :title, :words)"
    session().execute(
        text(query),
        {"id": letter_id, "title": " ".join(title_tokens), "words": " ".join(body_tokens)},
    )


def index_comment(comment_id: int, body: str) -> None:
    """Add a comment to the index, or replace its entry."""
    remove_from_index("search_comment", comment_id)
    if is_postgresql():
        _insert_tsvector("search_comment", comment_id, _build_tsvector([], tokenize(body)))
        return
    query = "INSERT INTO search_comment (rowid, words) VALUES (:id, :words)"
    session().execute(text(query), {"id": comment_id, "words": " ".join(tokenize(body))})


def remove_from_index(table: str, row_id: int) -> None:
    session().execute(text(f"DELETE FROM {table} WHERE rowid = :id"), {"id": row_id})  # noqa: S608  # the table is not user input


def purge_removed_text() -> None:
    """Remove the tokens of deleted entries from the files of SQLite's index.

    FTS5 marks entries as deleted and keeps their tokens until its segments are merged.
    """
    if not is_postgresql():
        session().execute(text("INSERT INTO search_comment (search_comment) VALUES ('optimize')"))


def clear_index() -> None:
    for table in ("search_letter", "search_comment"):
        session().execute(text(f"DELETE FROM {table}"))  # noqa: S608  # the table is not user input


def _insert_tsvector(table: str, row_id: int, vector: str) -> None:
    query = f"INSERT INTO {table} (rowid, words) VALUES (:id, CAST(:vector AS tsvector))"  # noqa: S608  # the table is not user input
    session().execute(text(query), {"id": row_id, "vector": vector})


def _build_tsvector(title_tokens: list[str], body_tokens: list[str]) -> str:
    """Write a tsvector literal. PostgreSQL's own parser would split the text into other tokens.

    A gap of one position keeps a phrase from matching across the end of the title.
    """
    lexemes = [
        f"'{token}':{position}A" for position, token in enumerate(title_tokens, 1)
    ]  # weight A ranks matches in the title higher
    size = 0
    for position, token in enumerate(body_tokens, len(title_tokens) + 2):
        lexeme = f"'{token}':{min(position, MAX_TSVECTOR_POSITION)}"
        size += len(lexeme.encode()) + 1
        if size > MAX_TSVECTOR_BYTES:
            break
        lexemes.append(lexeme)
    return " ".join(lexemes)
