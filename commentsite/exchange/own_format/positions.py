"""Store the records of positions of an export, with their published versions.

The numbers of letters, comments and positions in a frozen version are those of the other site. Here they become those of
this site. Unless they are the same, the version has another hash, which the audit log keeps together with the first one. Holders and senders of
inquiries get no emails, and their links of the other site end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.exchange import queries as exchange_queries
from commentsite.exchange.models import ImportedLetter
from commentsite.exchange.own_format import records
from commentsite.exchange.services import Source
from commentsite.letters.language_tags import parse_language
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.models import (
    Alternative,
    CommentUseRecord,
    Inquiry,
    Position,
    PositionComment,
    PositionHolder,
    Question,
    Summary,
    SummaryLetter,
    SummaryVersion,
)
from commentsite.summaries.report.content import Contributor, Report
from commentsite.summaries.report.serialisation import (
    convert_report,
    hash_document,
    pack_contributors,
)
from commentsite.summaries.search.services import index_record
from commentsite.summaries.states import HolderKind
from commentsite.text.plain_text import (
    clean_line,
    clean_multiline,
    clean_single_line,
    clean_text,
)

_COMMENT_KEYS = frozenset({"comment_id", "comment_ids", "first_comment_id"})
_TEXTS = ("outcome_note", "overview", "comments_summary", "analysis", "omissions", "limits")


@dataclass(frozen=True)
class StoredRecord:
    """The outcome of a record. `is_new` is false for one that an earlier run has imported."""

    letter_id: int
    is_new: bool
    remarks: tuple[str, ...] = ()


class VersionFile:
    """The versions of all records, of which those of one record are read at a time."""

    def __init__(self, versions: Iterable[records.RecordVersion]) -> None:
        self._versions = iter(versions)
        self._next = next(self._versions, None)

    def iter_record(self, number: int) -> Iterator[records.RecordVersion]:
        """Yield the versions of the next record, unless it has none."""
        while self._next is not None and self._next.record == number:
            version, self._next = self._next, None
            yield version
            self._next = next(self._versions, None)

    def leave_record(self, number: int) -> None:
        """Skip the versions of a record that were not read."""
        if self._next is None:
            self._next = next(self._versions, None)
        for _ in self.iter_record(number):
            pass

    def check_end(self) -> None:
        """Raise Invalid if versions are left, which belong to no record or stand in another order."""
        if self._next is not None:
            msg = "The file record-versions.jsonl does not have the order of records.jsonl."
            raise Invalid(msg)


@dataclass
class RecordImporter:
    """Stores the records of one export. `letters` maps the letters of the file to those here."""

    source: Source
    run_id: int
    by: Actor
    letters: Mapping[int, int]
    _comments: dict[int, int] = field(default_factory=dict)  # ids here by ids in the file
    _positions: dict[int, int] = field(default_factory=dict)
    _version_number: int = 0  # of the last version that was stored

    def store(
        self, record: records.RecordOfPositions, versions: Iterable[records.RecordVersion]
    ) -> StoredRecord:
        """Store a record, unless an earlier run has.

        Raises Conflict if something that it names is not here, and Invalid on a version that is no report.
        """
        key = self.source.build_key("record of positions", str(record.id))
        if letter_id := exchange_queries.find_imported_letter(key):
            return StoredRecord(letter_id, is_new=False)
        letter_id = self._map_letter(record.letter)
        if summary_queries.find_summary(letter_id) is not None:
            msg = "Its letter has a record of positions here already."
            raise Conflict(msg)
        acquire_advisory_lock(f"record:{letter_id}")
        self._version_number = 0
        self._comments = self._find_comments(_list_comments(record))
        summary = self._build_summary(record, letter_id)
        session().add(summary)
        session().flush()
        self._add_parts(record, summary)
        self._positions = {
            old.id: new.id
            for question, row in zip(record.questions, summary.questions, strict=True)
            for old, new in zip(question.positions, row.positions, strict=True)
        }
        session().add(
            ImportedLetter(
                source_key=key, source_id=str(record.id), run_id=self.run_id, letter_id=letter_id
            )
        )
        for number in summary_queries.list_letter_ids(summary):
            bump_page_version(session().get_one(Letter, number))
        session().flush()  # every transaction locks the rows of letters before the audit log
        about = f"letter:{letter_id}"
        record_event(self.by.label, "summary.created", about)
        remarks = tuple(self._store_version(one, summary, about) for one in versions)
        if (record.published_version or 0) != len(remarks):
            raise _build_gap(record.id)
        return StoredRecord(letter_id, is_new=True, remarks=remarks)

    def _build_summary(self, record: records.RecordOfPositions, letter_id: int) -> Summary:
        return Summary(
            letter_id=letter_id,
            revision=record.revision,
            language=parse_language(record.language),
            outcome=record.outcome,
            **{name: clean_multiline(getattr(record, name)) for name in _TEXTS},
            text_revisions=dict(record.text_revisions),
            order_rule=record.order_rule,
            lot=clean_line(record.lot),
            published_version=record.published_version,
            created_at=record.created_at,
            changed_at=record.changed_at,
            changed_by=clean_line(record.changed_by),
            questions=[
                Question(
                    position=place,
                    revision=question.revision,
                    text=clean_single_line(question.text),
                    pids=question.pids,
                    positions=[self._build_position(one) for one in question.positions],
                )
                for place, question in enumerate(record.questions)
            ],
        )

    def _build_position(self, record: records.Position) -> Position:
        return Position(
            revision=record.revision,
            title=clean_single_line(record.title),
            body=clean_multiline(record.body),
            created_at=record.created_at,
            changed_at=record.changed_at,
            changed_by=clean_line(record.changed_by),
            holders=[self._build_holder(holder) for holder in record.holders],
            comments=[
                PositionComment(
                    comment_id=self._map_comment(one.comment),
                    comment_version=one.comment_version,
                    quotation=clean_multiline(one.quotation),
                    added_at=one.added_at,
                )
                for one in {item.comment: item for item in record.comments}.values()
            ],
        )

    def _build_holder(self, record: records.Holder) -> PositionHolder:
        comment_id = self._map_comment(record.comment) if record.comment else None
        name = clean_line(record.name)
        if comment_id and not name and record.kind is not HolderKind.GROUP:
            comment = session().get_one(Comment, comment_id)
            name = comment.name if record.kind is HolderKind.PERSON else comment.organisation
        return PositionHolder(
            kind=record.kind,
            stakeholder_group=record.group,
            name=name,
            comment_id=comment_id,
            asked_at=record.asked_at,
            sign_off=record.sign_off,
            sign_off_note=clean_text(record.sign_off_note),
            signed_hash=record.signed_hash,
            signed_at=record.signed_at,
            is_name_agreed=record.is_name_agreed,
        )

    def _add_parts(self, record: records.RecordOfPositions, summary: Summary) -> None:
        further = dict.fromkeys(self._map_letter(number) for number in record.further_letters)
        session().add_all(
            SummaryLetter(summary_id=summary.id, letter_id=letter_id, position=place)
            for place, letter_id in enumerate(further)
            if letter_id != summary.letter_id
        )
        now = clock.now()
        session().add_all(
            CommentUseRecord(
                summary_id=summary.id,
                comment_id=self._map_comment(one.comment),
                use=one.use,
                reason=clean_text(one.reason),
                decided_by=clean_line(one.decided_by),
                decided_at=one.decided_at,
                notified_at=now,  # by the other site: this one sends no email about it
            )
            for one in {item.comment: item for item in record.uses}.values()
        )
        session().add_all(self._build_alternative(one, summary.id) for one in record.alternatives)
        session().add_all(_build_inquiry(one, summary.id) for one in record.inquiries)
        session().flush()

    def _build_alternative(self, record: records.Alternative, summary_id: int) -> Alternative:
        comment_id = self._map_comment(record.comment) if record.comment else None
        name = clean_line(record.proposer_name)
        if comment_id:
            name = session().get_one(Comment, comment_id).name
        return Alternative(
            summary_id=summary_id,
            letter_id=self._map_letter(record.letter),
            pid=record.pid,
            label=clean_line(record.label),
            revision=record.revision,
            text=clean_multiline(record.text),
            proposer_group=record.proposer_group,
            proposer_name=name,
            comment_id=comment_id,
            status=record.status,
            created_at=record.created_at,
        )

    def _store_version(self, record: records.RecordVersion, summary: Summary, about: str) -> str:
        """Store a version with the numbers of this site, and return a remark on its hash."""
        if record.number != self._version_number + 1:
            raise _build_gap(record.record)
        content, contributors = _read_content(record)
        numbers = {*_list_comment_numbers(content), *_list_comment_numbers(contributors)}
        self._comments.update(self._find_comments(numbers - self._comments.keys()))
        slugs = {
            one["slug"]: session().get_one(Letter, self._map_letter(one["id"])).slug
            for one in content["letters"]
        }
        content = self._map_values(content, slugs)
        for one in content["letters"]:
            one["id"], one["slug"] = self._map_letter(one["id"]), slugs[one["slug"]]
        for question in content["questions"]:
            for one in question["positions"]:
                # A position that was deleted since has no number here. None is ever negative.
                one["id"] = self._positions.get(one["id"], -abs(one["id"]))
        packed = pack_contributors(
            msgspec.convert(self._map_values(one, slugs), Contributor) for one in contributors
        )
        version = SummaryVersion(
            summary_id=summary.id,
            number=record.number,
            outcome=record.outcome,
            language=parse_language(record.language),
            content=content,
            contributors=packed,
            sha256=hash_document(content, packed, record.salt),
            salt=record.salt,
            change_note=clean_single_line(record.change_note),
            published_by=clean_line(record.published_by),
            published_at=record.published_at,
            inquiries_until=record.inquiries_until,
            erased_at=record.erased_at,
        )
        session().add(version)
        session().flush()
        index_record(summary.id, content)  # of the last version, once all are stored
        session().expunge(version)
        first_sha256 = record.first_sha256 or record.sha256
        record_event(
            self.by.label,
            "summary.imported",
            about,
            version=record.number,
            outcome=record.outcome,
            sha256=version.sha256,
            first_sha256=first_sha256,
        )
        self._version_number = record.number
        if version.sha256 == first_sha256:
            return f"Version {record.number} has the hash with which it was published."
        return (
            f"Version {record.number} has the numbers of comments of this site, so its hash is "
            f"{version.sha256}. It was published with the hash {first_sha256}."
        )

    def _map_values(self, value: Any, slugs: Mapping[str, str]) -> Any:
        """Return JSON values with the comments and letters of this site."""
        if isinstance(value, list):
            return [self._map_values(one, slugs) for one in value]
        if not isinstance(value, dict):
            return value
        return {key: self._map_member(key, one, slugs) for key, one in value.items()}

    def _map_member(self, key: str, value: Any, slugs: Mapping[str, str]) -> Any:
        if value is None:
            return None
        if key == "comment_ids":
            return [self._map_comment(number) for number in value]
        if key in _COMMENT_KEYS:
            return self._map_comment(value)
        if key == "letter_id":
            return self._map_letter(value)
        if key == "letter_slug":
            return slugs.get(value, value)
        return self._map_values(value, slugs)

    def _find_comments(self, numbers: Iterable[int]) -> dict[int, int]:
        keys = {self.source.build_key("comment", str(number)): number for number in numbers}
        found = exchange_queries.load_imported_comments([*keys])
        return {keys[key]: place[0] for key, place in found.items()}

    def _map_comment(self, number: int) -> int:
        if number not in self._comments:
            msg = "It names the comment %(number)d, which is not here."
            raise Conflict(msg, number=number)
        return self._comments[number]

    def _map_letter(self, number: int) -> int:
        if number not in self.letters:
            msg = "It is about the letter %(number)d, which could not be imported."
            raise Conflict(msg, number=number)
        return self.letters[number]


def _build_inquiry(record: records.Inquiry, summary_id: int) -> Inquiry:
    return Inquiry(
        summary_id=summary_id,
        version_number=record.version_number,
        state=record.state,
        name=clean_line(record.name),
        stakeholder_group=record.group,
        organisation=clean_line(record.organisation),
        body=clean_text(record.body),
        asked_at=record.asked_at,
        published_at=record.published_at,
        closed_at=record.closed_at,
        answer=clean_text(record.answer),
        result=record.result,
        answered_by=clean_line(record.answered_by),
        changed_in_version=record.changed_in_version,
    )


def _list_comments(record: records.RecordOfPositions) -> set[int]:
    """Return the comments that the record names outside its versions."""
    positions = [one for question in record.questions for one in question.positions]
    named = [
        *(holder.comment for position in positions for holder in position.holders),
        *(item.comment for position in positions for item in position.comments),
        *(use.comment for use in record.uses),
        *(alternative.comment for alternative in record.alternatives),
    ]
    return {number for number in named if number is not None}


def _build_gap(number: int) -> Invalid:
    msg = "The versions of the record of positions %(record)d are not numbered 1, 2, 3 and so on."
    return Invalid(msg, record=number)


def _read_content(record: records.RecordVersion) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return report and contributors as JSON values of which each has its type."""
    try:
        report = msgspec.convert(record.content, Report)
        contributors = msgspec.convert(record.contributors, list[Contributor])
    except msgspec.ValidationError as error:
        msg = "Version %(version)d of the record of positions %(record)d is wrong: %(reason)s."
        raise Invalid(msg, version=record.number, record=record.record, reason=str(error)) from None
    return convert_report(report), msgspec.to_builtins(contributors)


def _list_comment_numbers(value: Any) -> Iterator[int]:
    """Yield the numbers of comments in JSON values."""
    if isinstance(value, list):
        for one in value:
            yield from _list_comment_numbers(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in _COMMENT_KEYS:
                yield from _list_comment_numbers(one)
            elif one is not None:
                yield from one if isinstance(one, list) else (one,)
