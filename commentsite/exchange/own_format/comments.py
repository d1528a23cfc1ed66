"""Store the comments of an export in batches, with their places in threads, earlier texts and histories.

A comment keeps its state and its times. Its text is rendered again here. It is no submission of this site, so the log
calls it imported, the site sends no email about it, and no check screens it. Decisions of the other site are kept as
its history and are no decisions of this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import insert

from commentsite import tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import Event, record_events
from commentsite.comments.commitment import hash_words
from commentsite.comments.hashing import hash_email, hash_text
from commentsite.comments.models import Comment, CommentRevision, CommentTarget
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.screening.checks import CheckCode, Finding, build_hold_reason
from commentsite.comments.states import CommentState, LanguageSource
from commentsite.db.base import Base
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.exchange import queries as exchange_queries
from commentsite.exchange.models import ImportedComment, ImportRun
from commentsite.exchange.own_format import queries as own_queries
from commentsite.exchange.own_format import records
from commentsite.exchange.services import ANONYMOUS, Place, Source
from commentsite.letters.language_tags import normalise_public_language
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.search.index import index_new_comments
from commentsite.search.queries import DeskFacets
from commentsite.summaries.models import Objection
from commentsite.text.email_addresses import clean_email
from commentsite.text.plain_text import clean_line, clean_text

_COMMENT = Base.metadata.tables[Comment.__tablename__]
_COLUMNS = {attr.key: attr.columns[0].name for attr in Comment.__mapper__.column_attrs}
_SAME = (
    *("letter_version", "submitted_at", "edited_at", "published_at", "is_pseudonym", "capacity"),
    *("has_organisation_domain", "delegation_verified_at", "email_confirmed_at", "kind"),
    *("stance", "quote_as", "is_late", "author_role"),
)
Row = dict[str, Any]


@dataclass(frozen=True)
class StoredComment:
    """The outcome of a comment. `comment_id` is None for one that an earlier run has imported."""

    source_id: str
    comment_id: int | None
    state: str
    remarks: tuple[str, ...] = ()


@dataclass
class CommentImporter:
    """Stores the comments of one export. `letters` maps the letters of the file to those here.

    `links` are comments whose representative or campaign stands after them in the file: comment, attribute, and the
    comment that is meant.
    """

    source: Source
    run_id: int
    by: Actor
    encryption: Encryption
    letters: Mapping[int, int]
    rules_version: int  # in force here
    has_same_rules: bool  # the rules of the file are those of this site, so their versions are too
    links: list[tuple[int, str, int]] = field(default_factory=list)

    def store(self, batch: Sequence[records.Comment]) -> list[StoredComment]:
        """Store comments. A reply comes after the comment that it answers, as in the file."""
        keys = {one.id: self._build_key(one.id) for one in batch}
        named = {number for one in batch for number in _list_references(one)}
        known_keys = exchange_queries.load_imported_comments(
            [*keys.values(), *(self._build_key(number) for number in named - keys.keys())]
        )
        places = {
            number: known_keys[key]
            for number in {*keys, *named}
            if (key := self._build_key(number)) in known_keys
        }
        new = {
            one.id: self._build_row(one)
            for one in batch
            if one.id not in places and one.letter in self.letters
        }
        remarks: dict[int, list[str]] = {one.id: [] for one in batch}
        self._set_repetitions(list(new.values()))
        self._insert({one.id: one for one in batch if one.id in new}, new, places, remarks)
        stored = [one for one in batch if one.id in new]
        self._insert_companions(stored, new)
        self._count_published(list(new.values()))
        session().get_one(ImportRun, self.run_id).stored += len(batch)
        return [
            StoredComment(str(one.id), row["id"], str(row["state"]), tuple(remarks[one.id]))
            if (row := new.get(one.id)) is not None
            else StoredComment(str(one.id), None, "", tuple(remarks[one.id]))
            for one in batch
        ]

    def connect(self) -> None:
        """Connect the comments that name one which came after them in the file."""
        numbers = {number for _, _, number in self.links}
        found = exchange_queries.load_imported_comments([self._build_key(n) for n in numbers])
        for comment_id, attribute, number in self.links:
            place = found.get(self._build_key(number))
            comment = session().get_one(Comment, comment_id)
            if place is not None and place[2] == comment.letter_id:
                setattr(comment, attribute, place[0])
        self.links = []

    def _build_key(self, number: int) -> str:
        return self.source.build_key("comment", str(number))

    def _build_row(self, one: records.Comment) -> Row:
        state = CommentState(one.state)
        is_erased = one.erased_at is not None
        body = "" if is_erased else clean_text(one.body)
        email = clean_email(one.email) if one.email and not is_erased else ""
        receipt_token = tokens.new_token()
        is_held = state is CommentState.PENDING
        values = {name: getattr(one, name) for name in _SAME}
        language = normalise_public_language(one.language)
        return values | {
            "letter_id": self.letters[one.letter],
            "state": state,
            "name": "" if is_erased else clean_line(one.name)[:80] or ANONYMOUS,
            "stakeholder_group": one.group,
            "organisation": "" if is_erased else clean_line(one.organisation),
            "language": language,
            "language_source": LanguageSource.IMPORTED if language else LanguageSource.UNKNOWN,
            "email_sealed": self.encryption.encrypt(email) if email else None,
            "email_hash": hash_email(self.encryption, email) if email else None,
            "subscription_scope": "",
            "held_by_check": CheckCode.PREMODERATION if is_held else "",
            "hold_reasons": [build_hold_reason(CheckCode.PREMODERATION, 1, Finding())]
            if is_held
            else [],
            "body": body,
            "body_html": "" if is_erased else render_comment_html(body),
            "body_hash": "" if is_erased else hash_text(body),
            "words_salt": None if is_erased else tokens.new_salt(),
            "sanitizer_version": SANITIZER_VERSION,
            "rules_version": one.rules_version if self.has_same_rules else self.rules_version,
            "changed_at": one.changed_at,
            "erased_at": one.erased_at,
            "feed_id": one.feed_id or None,
            "repetition": 0,
            "is_imported": True,
            "receipt_hash": tokens.hash_token(receipt_token),
            "receipt_sealed": self.encryption.encrypt(receipt_token),
            "parent_id": None,
            "root_id": None,
            "replied_to_id": None,
            "representative_id": None,
            "campaign_id": None,
        }

    def _set_repetitions(self, rows: Sequence[Row]) -> None:
        """Count the equal texts from one address to a letter."""
        with_address = [row for row in rows if row["email_hash"] and row["body_hash"]]
        for letter_id in {row["letter_id"] for row in with_address}:
            own = [row for row in with_address if row["letter_id"] == letter_id]
            pairs = [(row["email_hash"], row["body_hash"]) for row in own]
            counts = exchange_queries.load_repetitions(letter_id, pairs)
            for row, pair in zip(own, pairs, strict=True):
                row["repetition"] = counts.get(pair, 0)
                counts[pair] = row["repetition"] + 1

    def _insert(
        self,
        batch: Mapping[int, records.Comment],
        rows: Mapping[int, Row],
        places: dict[int, Place],
        remarks: Mapping[int, list[str]],
    ) -> None:
        """Insert rows and give each its id. One that names another of the batch is inserted after it."""
        waiting: list[records.Comment] = []
        waiting_ids: set[int] = set()
        for number, one in batch.items():
            if waiting_ids.intersection(_list_references(one)):
                self._insert_group(waiting, rows, places, remarks)
                waiting, waiting_ids = [], set()
            waiting.append(one)
            waiting_ids.add(number)
        if waiting:
            self._insert_group(waiting, rows, places, remarks)

    def _insert_group(
        self,
        group: Sequence[records.Comment],
        rows: Mapping[int, Row],
        places: dict[int, Place],
        remarks: Mapping[int, list[str]],
    ) -> None:
        for one in group:
            self._set_place(one, rows[one.id], places, remarks[one.id])
        statement = insert(_COMMENT).returning(
            _COMMENT.c.id, _COMMENT.c.receipt_hash, sort_by_parameter_order=True
        )
        values = [{_COLUMNS[name]: value for name, value in rows[one.id].items()} for one in group]
        for one, stored in zip(group, session().execute(statement, values), strict=True):
            row = rows[one.id]
            row["id"] = stored.id
            places[one.id] = (stored.id, row["root_id"] or stored.id, row["letter_id"])
        for one in group:
            self._note_links(one, rows[one.id])

    def _set_place(
        self,
        one: records.Comment,
        row: Row,
        places: Mapping[int, Place],
        remarks: list[str],
    ) -> None:
        parent = places.get(one.parent) if one.parent else None
        if parent is not None and parent[2] == row["letter_id"]:
            row["parent_id"], row["root_id"] = parent[0], parent[1]
        elif one.parent:
            remarks.append("The comment that it answers is missing, so it stands for itself.")
        answered = places.get(one.answers) if one.answers else None
        if answered is not None and answered[2] == row["letter_id"]:
            row["replied_to_id"] = answered[0]

    def _note_links(self, one: records.Comment, row: Row) -> None:
        """Note the representative and the campaign, which can be the comment itself or a later one."""
        for attribute, number in (
            ("representative_id", one.shown_by),
            ("campaign_id", one.campaign),
        ):
            if number is not None:
                self.links.append((row["id"], attribute, number))

    def _insert_companions(
        self, stored: Sequence[records.Comment], rows: Mapping[int, Row]
    ) -> None:
        """Insert targets, earlier texts, histories, entries of the search index, and the entries of the log."""
        if not stored:
            return
        own_queries.insert_rows(
            ImportedComment,
            [
                {
                    "comment_id": rows[one.id]["id"],
                    "source_key": self._build_key(one.id),
                    "source_id": str(one.id),
                    "run_id": self.run_id,
                    "history": msgspec.to_builtins(one.history),
                }
                for one in stored
            ],
        )
        own_queries.insert_rows(
            CommentTarget,
            [
                {
                    "comment_id": rows[one.id]["id"],
                    "position": position,
                    "pid": target.pid,
                    "stance": target.stance,
                }
                for one in stored
                if one.erased_at is None
                for position, target in enumerate(one.targets)
            ],
        )
        own_queries.insert_rows(
            CommentRevision,
            [
                {
                    "comment_id": rows[one.id]["id"],
                    "version": revision.version,
                    "body": clean_text(revision.body),
                    "replaced_at": revision.replaced_at,
                }
                for one in stored
                if one.erased_at is None
                for revision in {item.version: item for item in one.revisions}.values()
            ],
        )
        own_queries.insert_rows(
            Objection,
            [
                {
                    "letter_id": rows[one.id]["letter_id"],
                    "comment_id": rows[one.id]["id"],
                    "pids": one.objection.pids,
                    "status": one.objection.status,
                    "recorded_by": clean_line(one.objection.recorded_by),
                    "recorded_at": one.objection.recorded_at,
                    "response": clean_text(one.objection.response),
                    "answered_by": clean_line(one.objection.answered_by),
                    "answered_at": one.objection.answered_at,
                    "author_satisfied": one.objection.author_satisfied,
                    "author_reaction": ""
                    if one.erased_at
                    else clean_text(one.objection.author_reaction),
                }
                for one in stored
                if one.objection is not None
            ],
        )
        index_new_comments(
            (
                row["id"],
                DeskFacets(str(row["state"]), row["letter_id"], row["stakeholder_group"]),
                row["name"],
                row["body"],
                row["state"] == CommentState.PUBLISHED,
            )
            for row in (rows[one.id] for one in stored)
            if row["erased_at"] is None
        )
        record_events([event for one in stored for event in self._build_events(rows[one.id])])

    def _build_events(self, row: Row) -> list[Event]:
        subject, details = f"comment:{row['id']}", {"state": str(row["state"])}
        added: dict[str, Any] = {**details, "import": self.run_id}
        if row["words_salt"]:
            words = (row["words_salt"], row["name"], row["organisation"], row["body"])
            added["content_hash"] = hash_words(*words)
        events = [Event(self.by.label, "comment.imported", subject, added)]
        if row["erased_at"]:
            events.append(Event(self.by.label, "comment.erased", subject, dict(details)))
        return events

    def _count_published(self, rows: Sequence[Row]) -> None:
        for letter_id in sorted({row["letter_id"] for row in rows if row["published_at"]}):
            own = [row for row in rows if row["letter_id"] == letter_id]
            count = sum(row["state"] == CommentState.PUBLISHED for row in own)
            letter = session().get_one(Letter, letter_id)
            letter.published_comment_count = Letter.published_comment_count + count
            bump_page_version(letter)


def _list_references(one: records.Comment) -> list[int]:
    """Return the comments that must be stored before this one."""
    return [number for number in (one.parent, one.answers) if number is not None]
