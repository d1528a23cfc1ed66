"""Fill a database with a million comments, a tenth of them pending.

One INSERT … SELECT inside the database takes a minute. Inserting row by row would take ten.
"""

from sqlalchemy import Integer, insert, select, text

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import SANITIZER_VERSION
from commentsite.db.session import session, transaction
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter, LetterVersion
from commentsite.search.index import index_comment

COMMENTS, WAITING, LETTERS = 1_000_000, 100_000, 200
KNOWN_EMAIL = "n12345@example.org"
_GROUPS = ("CIV", "GOV", "BUS", "TEC", "ACA")
_WORDS = "what people say about routes, names and numbers, and who keeps the minutes of it. "


def fill_database(
    encryption: Encryption,
    comments: int = COMMENTS,
    waiting: int = WAITING,
    *,
    has_statistics: bool = True,
) -> None:
    """Fill an empty database and update the statistics of the query planner."""
    now = clock.now()
    with transaction():
        session().execute(
            insert(Letter),
            [
                {"slug": f"l-{n}", "title": f"Letter {n}", "state": "published", "language": "en" if n % 3 else "fr", "created_at": now, "published_at": now}
                for n in range(LETTERS)
            ],
        )  # fmt: skip
        first = session().scalars(select(Letter.id).where(Letter.slug == "l-0")).one()
        values = {"first": first, "letters": LETTERS, "n": comments, "old": comments - waiting}
        session().execute(text(_build_insert()), values | {"words": _WORDS * 2})
        known_comment = (
            session()
            .scalars(
                select(Comment).order_by(Comment.id).offset(min(12_345, comments // 2)).limit(1)
            )
            .one()
        )
        known_comment.email_hash = encryption.keyed_hash("email", KNOWN_EMAIL)
        index_comment(
            known_comment.id, known_comment.body
        )  # an empty index would be rebuilt at the start
        session().execute(text(_build_desk_index()))
        if _is_postgresql():
            session().execute(
                text("SELECT setval('comment_id_seq', (SELECT max(id) FROM comment))")
            )
    # The database would do this work by itself in the next minutes, and disturb the measurement.
    if has_statistics:
        for statement in ("VACUUM ANALYZE", "CHECKPOINT") if _is_postgresql() else ("ANALYZE",):
            session().execute(text(statement))
        session().commit()


def add_versions() -> None:
    """Give each letter a published version with one paragraph."""
    now = clock.now()
    with transaction():
        letters = session().scalars(select(Letter.id)).all()
        session().execute(
            insert(LetterVersion),
            [
                {"letter_id": number, "number": 1, "title": "Letter", "source_text": "A paragraph.", "created_at": now, "published_at": now}
                for number in letters
            ],
        )  # fmt: skip


def _is_postgresql() -> bool:
    return session().get_bind().dialect.name == "postgresql"


def _build_insert() -> str:
    is_postgresql = _is_postgresql()
    wide = "lpad(CAST({} AS text), 64, '0')" if is_postgresql else "printf('%064d', {})"
    moment = (
        "TIMESTAMPTZ '2026-01-01' + n * INTERVAL '20 seconds'"
        if is_postgresql
        else "strftime('%Y-%m-%d %H:%M:%f000', 1767225600 + n * 20, 'unixepoch')"
    )
    empty, group = (
        ("''::bytea" if is_postgresql else "x''"),
        " ".join(f"WHEN {n} THEN '{code}'" for n, code in enumerate(_GROUPS)),
    )
    is_reply = "n / :letters % 10 = 9"
    expressions = {"id": "n + 1",
        "letter_id": ":first + n % :letters", "letter_version": "1", "version": "1",
        # Every tenth comment replies to the previous comment on its letter.
        "parent_id": f"CASE WHEN {is_reply} THEN n - :letters + 1 END",
        "root_id": f"CASE WHEN {is_reply} THEN n - :letters + 1 END",
        "state": "CASE WHEN n >= :old THEN 'pending' WHEN n % 20 = 1 THEN 'refused' WHEN n % 20 = 2 THEN 'spam' ELSE 'published' END",
        "published_at": f"CASE WHEN n < :old AND n % 20 NOT IN (1, 2) THEN {moment} END",
        "submitted_at": moment, "changed_at": moment,
        "held_by": "CASE n % 9 WHEN 0 THEN 'links' ELSE 'first_reading' END",
        "name": "'Name ' || n", "email_hash": wide.format("n * 2654435761 % 999999937"),
        "stakeholder_group": f"CASE n * 7919 / 13 % 5 {group} END",
        "body": "'Comment ' || n || ' says ' || :words", "body_hash": wide.format("n * 48271"),
        "receipt_hash": wide.format("n"), "receipt_sealed": empty, "sanitizer_version": str(SANITIZER_VERSION),
    }  # fmt: skip
    for column in Comment.__table__.columns:
        if not column.nullable and not column.primary_key and column.name not in expressions:
            expressions[column.name] = _format_default(column)
    numbers = "WITH RECURSIVE counted(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < :n)"
    names, values = ", ".join(expressions), ", ".join(expressions.values())
    start = f"INSERT INTO comment ({names})"
    return f"{start} {numbers} SELECT {values} FROM counted"


def _build_desk_index() -> str:
    """Index the comments for the desk. Their texts have no words that need folding."""
    author, body = (
        "' name ' || id - 1 || ' '",
        "' comment ' || id - 1 || ' says names and numbers '",
    )
    state = "'state' || replace(state, '_', '')"
    facets = (state, "'letter' || letter_id", "'group' || lower(stakeholder_group)")
    if not _is_postgresql():
        tokens = " || ' ' || ".join(facets)
        return f"INSERT INTO search_desk (rowid, facets, author, body) SELECT id, {tokens}, {author}, {body} FROM comment"  # constants
    lexemes = ", ".join(f"'§' || {facet}" for facet in facets)
    words = f"array_to_tsvector(ARRAY[{lexemes}, 'name', 'comment', 'says', 'names', 'and', 'numbers', CAST(id - 1 AS text)])"
    return f"INSERT INTO search_desk (rowid, author, body, words) SELECT id, {author}, {body}, {words} FROM comment"  # constants


def _format_default(column) -> str:
    """Return the default of a column as an SQL literal."""
    default = (
        column.default.arg if column.default is not None and column.default.is_scalar else None
    )
    if default is None:
        default = 1 if isinstance(column.type, Integer) else ""
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, int):
        return str(default)
    return "'[]'" if column.type.__class__.__name__ == "JSON" else f"'{default}'"
