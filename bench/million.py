"""A million comments, a tenth of them waiting, made inside the database: a minute and not ten."""

from sqlalchemy import Integer, insert, select, text

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.search.index import index_comment

COMMENTS, WAITING, LETTERS = 1_000_000, 100_000, 200
KNOWN = "n12345@example.org"
_GROUPS = ("CIV", "GOV", "BUS", "TEC", "ACA")
_WORDS = "what people say about routes, names and numbers, and who keeps the minutes of it. "


def fill(vault: Encryption, comments: int = COMMENTS, waiting: int = WAITING) -> None:
    """Fill an empty database and let it count what it holds."""
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
        session().execute(text(_statement()), values | {"words": _WORDS * 2})
        known = (
            session().scalars(select(Comment).order_by(Comment.id).offset(12_345).limit(1)).one()
        )
        known.email_hash = vault.keyed_hash("email", KNOWN)
        index_comment(known.id, known.body)  # so that nobody takes the index for one to be filled
        if _is_postgresql():
            session().execute(
                text("SELECT setval('comment_id_seq', (SELECT max(id) FROM comment))")
            )
    # A site is not measured in the minute in which it was filled: what the database does then by itself is done first.
    for statement in ("VACUUM ANALYZE", "CHECKPOINT") if _is_postgresql() else ("ANALYZE",):
        session().execute(text(statement))
    session().commit()


def _is_postgresql() -> bool:
    return session().get_bind().dialect.name == "postgresql"


def _statement() -> str:
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
    answers = "n / :letters % 10 = 9"
    given = {"id": "n + 1",
        "letter_id": ":first + n % :letters", "letter_version": "1", "version": "1",
        # Every tenth answers the comment on its letter before it.
        "parent_id": f"CASE WHEN {answers} THEN n - :letters + 1 END",
        "root_id": f"CASE WHEN {answers} THEN n - :letters + 1 END",
        "state": "CASE WHEN n >= :old THEN 'pending' WHEN n % 20 = 1 THEN 'refused' WHEN n % 20 = 2 THEN 'spam' ELSE 'published' END",
        "published_at": f"CASE WHEN n < :old AND n % 20 NOT IN (1, 2) THEN {moment} END",
        "submitted_at": moment, "changed_at": moment,
        "held_by": "CASE n % 9 WHEN 0 THEN 'links' ELSE 'first_reading' END",
        "name": "'Name ' || n", "email_hash": wide.format("n * 2654435761 % 999999937"),
        "stakeholder_group": f"CASE n * 7919 / 13 % 5 {group} END",
        "body": "'Comment ' || n || ' says ' || :words", "body_hash": wide.format("n * 48271"),
        "receipt_hash": wide.format("n"), "receipt_sealed": empty, "sanitizer_version": "1",
    }  # fmt: skip
    for column in Comment.__table__.columns:
        if not column.nullable and not column.primary_key and column.name not in given:
            given[column.name] = _usual(column)
    numbers = "WITH RECURSIVE counted(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < :n)"
    names, said = ", ".join(given), ", ".join(given.values())
    start = f"INSERT INTO comment ({names})"
    return f"{start} {numbers} SELECT {said} FROM counted"


def _usual(column) -> str:
    """Return what stands in a column that this measurement has nothing to say about."""
    usual = column.default.arg if column.default is not None and column.default.is_scalar else None
    if usual is None:
        usual = 1 if isinstance(column.type, Integer) else ""
    if isinstance(usual, bool):
        return "true" if usual else "false"
    if isinstance(usual, int):
        return str(usual)
    return "'[]'" if column.type.__class__.__name__ == "JSON" else f"'{usual}'"
