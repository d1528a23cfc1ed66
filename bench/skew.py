"""Fill a database with very uneven letters, for bench.scale.

A twentieth of the comments is on one of 10,000 letters. They were sent in 47 months by six groups, to letters in
six languages. The most common word is in every text, and 1,795 letters cite one document. The log has two entries
for most comments.
"""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.search import list_column_defaults

COMMENTS, LETTERS, CITING_LETTERS = 1_000_000, 10_000, 1_795
PARAGRAPHS = 8  # of each letter
BIG_SHARE, WAITING_SHARE = 0.05, 0.02  # of all comments: those on one letter, and the newest
FIRST_DAY, DAYS = datetime(2023, 1, 1, tzinfo=UTC), 1_415  # 47 months
GROUPS = ("CIV", "GOV", "BUS", "TEC", "ACA", "IND")
LANGUAGES = ("en", "fr", "es", "ar", "zh", "ru")
DOCUMENT, COMMON_WORD, RARE_WORD = "A/RES/70/125", "the", "xyzb"
#: The states of decided comments by their share, and the verdict that led to each.
STATES = {"published": 894, "refused": 36, "spam": 30, "restricted": 15, "withdrawn": 25}
VERDICTS = {"published": "publish", "refused": "refuse", "spam": "spam", "restricted": "restrict"}
BATCH = 10_000  # comments that are inserted together
PAGES = {
    "transparency report": "/transparency",
    f"search for “{COMMON_WORD}”": f"/search?q={COMMON_WORD}",
    "search for a rare word": f"/search?q={RARE_WORD}",
    f"a document that {CITING_LETTERS:,} letters cite": f"/documents/{DOCUMENT}",
    "list of documents": "/documents/",
    "letter with a twentieth of the comments": "/letters/l-1",
    "link to one of these comments": "/letters/l-1/comments/{big}",
    "list of letters": "/letters/",
}
DESK_PAGES = {
    "desk": "/desk/",
    "queue of this letter": "/desk/moderation/?letter=l-1",
    f"queue, published with “{COMMON_WORD}”": f"/desk/moderation/?state=published&q={COMMON_WORD}",
    "letters at the desk": "/desk/letters/",
    "audit log": "/desk/audit/",
}

Row = dict[str, Any]


def fill_database(path: Path, comments: int) -> dict[str, int]:
    """Fill an empty SQLite database. Return the ids of the comments that the addresses of pages name."""
    chance = random.Random(7)  # the same site each time
    database = sqlite3.connect(path)
    for setting in ("synchronous = OFF", "cache_size = -400000"):
        database.execute(f"PRAGMA {setting}")
    writer = _Writer(database)
    sentences = _make_sentences(chance)
    _add_letters(writer, chance, sentences)
    big = _add_comments(writer, chance, sentences, comments)
    writer.flush()
    database.execute(
        """UPDATE letter SET published_comments = (SELECT count(*) FROM comment
        WHERE comment.letter_id = letter.id AND comment.state = 'published')"""
    )
    database.commit()
    database.close()
    return {"big": big}


class _Writer:
    """Inserts rows of several tables, many at a time. Columns without a value get the defaults of the models."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database, self._rows = database, dict[str, list[Row]]()

    def add(self, table: str, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def flush(self) -> None:
        for table, rows in self._rows.items():
            defaults = list_column_defaults(table)
            columns = defaults | rows[0]
            names = ", ".join(columns)
            places = ", ".join(f":{name}" for name in columns)
            self._database.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places})",  # built from constants
                (defaults | row for row in rows),
            )
        self._rows.clear()


def _make_sentences(chance: random.Random) -> list[str]:
    """Return sentences of words whose frequencies follow Zipf's law, each with the most common word."""
    words = [_spell(n) for n in range(20_000)]
    weights = list(accumulate(1 / (n + 2) for n in range(len(words))))
    return [
        " ".join(
            [COMMON_WORD, *chance.choices(words, cum_weights=weights, k=chance.randint(8, 16))]
        )
        for _ in range(20_000)
    ]


def _spell(number: int) -> str:
    """Return a word of four letters for a number."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))


def _add_letters(writer: _Writer, chance: random.Random, sentences: list[str]) -> None:
    for letter in range(1, LETTERS + 1):
        time = _format_time(DAYS * 0.9 * letter / LETTERS)
        texts = [". ".join(chance.choices(sentences, k=3)) for _ in range(PARAGRAPHS)]
        title = f"Letter {letter} on {chance.choice(sentences)[4:30].strip()}"
        writer.add("letter", id=letter, slug=f"l-{letter}", state="published", title=title, language="en" if letter == 1 else chance.choice(LANGUAGES), topics='["names"]', created_at=time, published_at=time)  # fmt: skip
        writer.add("letter_version", id=letter, letter_id=letter, number=1, title=title, source_text="", created_at=time, published_at=time)  # fmt: skip
        for n, text in enumerate(texts, 1):
            writer.add("letter_block", version_id=letter, position=n, kind="paragraph", pid=f"p-{letter}-{n}", number=n, label=str(n), html=f"<p>{text}</p>", text=text)  # fmt: skip
        writer.add("letter_author", letter_id=letter, position=0, name=f"Author {letter % 3000}", stakeholder_group=chance.choice(GROUPS))  # fmt: skip
        writer.add(
            "search_letter",
            rowid=letter,
            title=title.lower(),
            words=" ".join(texts).replace(".", ""),
        )
        is_citing = letter * CITING_LETTERS // LETTERS > (letter - 1) * CITING_LETTERS // LETTERS
        for symbol in [DOCUMENT] * is_citing + [f"A/RES/{chance.randrange(600)}/1"]:
            for _ in range(1 + (letter % 10 == 0)):
                place = str(chance.randint(1, 90)) if chance.random() < 0.9 else ""
                writer.add("citation", letter_id=letter, pid=f"p-{letter}-1", number=1, label="1", symbol=symbol, place=place, words=chance.choice(sentences))  # fmt: skip
        writer.add("audit_entry", **_make_entry(letter, time, "letter.published", f"letter:{letter}"))  # fmt: skip
    writer.flush()


def _add_comments(
    writer: _Writer, chance: random.Random, sentences: list[str], comments: int
) -> int:
    """Add comments with their decisions, appeals, texts and log. Return the id of one on the first letter."""
    small = list(range(2, LETTERS + 1))
    weights = list(accumulate(1 / (n + 10) ** 0.8 for n in small))
    states = list(STATES)
    shares = list(accumulate(STATES.values()))
    found, decision, entry = 0, 0, LETTERS
    for comment in range(1, comments + 1):
        day = DAYS * comment / comments
        is_big = chance.random() < BIG_SHARE
        letter = 1 if is_big else chance.choices(small, cum_weights=weights)[0]
        state = (
            "pending"
            if comment > comments * (1 - WAITING_SHARE)
            else chance.choices(states, cum_weights=shares)[0]
        )
        sent = _format_time(day)
        decided = _format_time(day + min(9_000, chance.lognormvariate(5, 1.3)) / 1_440)
        was_published = state in {"published", "restricted"}
        text = ". ".join(chance.choices(sentences, k=chance.randint(2, 5))) + f". reader {comment}"
        body_hash = sha256(text.encode()).hexdigest()
        email = f"{chance.randrange(comments // 20):064}"
        writer.add("comment", id=comment, letter_id=letter, letter_version=1, state=state, version=2, held_by="first_reading", name=f"Name {comment}", stakeholder_group=chance.choice(GROUPS), body=text, body_html=f"<p>{text}</p>", body_hash=body_hash, sanitizer_version=1, rules_version=1, submitted_at=sent, changed_at=decided, published_at=decided if was_published else None, receipt_hash=f"{comment:064}", receipt_sealed=b"", email_hash=email, email_confirmed_at=sent, language="en", language_source="detected")  # fmt: skip
        words = text.replace(".", "")
        writer.add("search_desk", rowid=comment, facets=f"state{state} letter{letter}", author=f" name {comment} ", body=f" {words} ")  # fmt: skip
        entry += 1
        writer.add(
            "audit_entry", **_make_entry(entry, sent, "comment.submitted", f"comment:{comment}")
        )
        if verdict := VERDICTS.get(state):
            decision, entry = decision + 1, entry + 1
            rule = f"R{1 + comment % 6}" if state in {"refused", "restricted"} else ""
            writer.add("decision", id=decision, comment_id=comment, comment_version=1, verdict=verdict, reason=rule, rules_version=1, moderator_id=None, moderator_name="", decided_at=decided)  # fmt: skip
            writer.add("audit_entry", **_make_entry(entry, decided, "comment.decided", f"comment:{comment}"))  # fmt: skip
            if state == "refused" and comment % 7 == 0:
                entry += 1
                ruled = _format_time(day + 8 + chance.random() * 9)
                writer.add("appeal", comment_id=comment, decision_id=decision, state=chance.choice(("upheld", "overturned", "filed")), words="", filed_at=decided, changed_at=ruled)  # fmt: skip
                writer.add("audit_entry", **_make_entry(entry, decided, "appeal.filed", f"comment:{comment}"))  # fmt: skip
        if state == "published":
            writer.add("search_comment", rowid=comment, words=words)
            found = comment if is_big else found
        if comment % BATCH == 0:
            writer.flush()
    return found


def _make_entry(seq: int, at: str, action: str, about: str) -> Row:
    return {"seq": seq, "at": at, "actor": "reader", "action": action, "object": about, "details": "{}", "prev": "", "hash": f"{seq:064}"}  # fmt: skip


def _format_time(day: float) -> str:
    return f"{FIRST_DAY + timedelta(days=day):%Y-%m-%d %H:%M:%S.%f}"
