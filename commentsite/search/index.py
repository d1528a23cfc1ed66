"""Keep the index of what is public, in the transaction that makes it so."""

from sqlalchemy import text

from commentsite.db.session import session
from commentsite.search.queries import is_postgresql
from commentsite.search.tokenizer import tokenize

MAX_TOKENS = 100_000  # of one letter; what comes after is not found
MAX_TSVECTOR_BYTES = 900_000  # bytes; PostgreSQL takes 1 MB
MAX_TSVECTOR_POSITION = 16_383  # PostgreSQL counts no further


def index_letter(letter_id: int, title: str, body: str) -> None:
    """Let a letter be found by its title and words."""
    remove_from_index("search_letter", letter_id)
    if is_postgresql():
        named, said = tokenize(title), tokenize(body)[:MAX_TOKENS]
        _insert_tsvector("search_letter", letter_id, _build_tsvector(named, said))
        return
    query = "INSERT INTO search_letter (rowid, title, words) VALUES (:id, :title, :words)"
    spaced = " ".join(tokenize(body)[:MAX_TOKENS])
    session().execute(
        text(query), {"id": letter_id, "title": " ".join(tokenize(title)), "words": spaced}
    )


def index_comment(comment_id: int, body: str) -> None:
    """Let a comment be found by its words."""
    remove_from_index("search_comment", comment_id)
    if is_postgresql():
        _insert_tsvector("search_comment", comment_id, _build_tsvector([], tokenize(body)))
        return
    query = "INSERT INTO search_comment (rowid, words) VALUES (:id, :words)"
    session().execute(text(query), {"id": comment_id, "words": " ".join(tokenize(body))})


def remove_from_index(table: str, row_id: int) -> None:
    """Take a letter or a comment out of the index."""
    session().execute(text(f"DELETE FROM {table} WHERE rowid = :id"), {"id": row_id})  # noqa: S608  # our own names


def purge_removed_text() -> None:
    """Write the index anew without the words of what was taken out of it."""
    if not is_postgresql():
        session().execute(text("INSERT INTO search_comment (search_comment) VALUES ('optimize')"))


def clear_index() -> None:
    """Empty the index, before it is made again."""
    for table in ("search_letter", "search_comment"):
        session().execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names


def _insert_tsvector(table: str, number: int, vector: str) -> None:
    query = f"INSERT INTO {table} (rowid, words) VALUES (:id, CAST(:vector AS tsvector))"  # noqa: S608  # our own names
    session().execute(text(query), {"id": number, "vector": vector})


def _build_tsvector(title: list[str], words: list[str]) -> str:
    """Return a tsvector as PostgreSQL writes it: its own parser would split words its own way."""
    named = (f"'{unit}':{at}A" for at, unit in enumerate(title, 1))
    begin = len(title) + 2
    said = (f"'{unit}':{min(at, MAX_TSVECTOR_POSITION)}" for at, unit in enumerate(words, begin))
    parts, size = list(named), 0
    for part in said:
        size += len(part.encode()) + 1
        if size > MAX_TSVECTOR_BYTES:
            break
        parts.append(part)
    return " ".join(parts)
