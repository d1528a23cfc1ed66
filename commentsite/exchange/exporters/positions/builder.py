"""Turn records of positions, with their published versions, into the records of an export.

Nothing is written about a person that they have not agreed to, or that was erased with their comment: the worker takes
it out of the tables only some time later.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

import msgspec

from commentsite.comments.states import QuoteConsent
from commentsite.exchange.exporters.positions import queries
from commentsite.exchange.exporters.positions.queries import WholeRecord
from commentsite.exchange.exporters.queries import forget_rows
from commentsite.exchange.own_format import records
from commentsite.summaries.compilation.removals import (
    list_redacted_texts,
    mask_contributors,
    mask_report,
)
from commentsite.summaries.holders.policy import is_named
from commentsite.summaries.models import (
    Alternative,
    Inquiry,
    Position,
    PositionHolder,
    Question,
    SummaryVersion,
)
from commentsite.summaries.report.serialisation import (
    convert_report,
    iterate_lines,
    pack_contributors,
    read_contributors,
    read_report,
)


def iter_records() -> Iterator[records.RecordOfPositions]:
    """Yield the records of positions in the order of their ids."""
    for summary_id in queries.list_summary_ids():
        yield _build_record(queries.load_record(summary_id))
        forget_rows()


def iter_versions() -> Iterator[records.RecordVersion]:
    """Yield the published versions in the order of the records, the first version of each first."""
    for summary_id in queries.list_summary_ids():
        first_hashes = queries.load_first_hashes(summary_id)
        erased = queries.map_erased_comments(summary_id)
        for version in queries.iter_versions(summary_id):
            yield _build_version(version, erased, first_hashes.get(version.number))
            forget_rows()


def _build_record(whole: WholeRecord) -> records.RecordOfPositions:
    row = whole.summary
    return records.RecordOfPositions(
        id=row.id,
        letter=row.letter_id,
        created_at=row.created_at,
        changed_at=row.changed_at,
        further_letters=list(whole.further_letters),
        language=row.language,
        outcome=row.outcome,
        outcome_note=row.outcome_note,
        overview=row.overview,
        comments_summary=row.comments_summary,
        analysis=row.analysis,
        omissions=row.omissions,
        limits=row.limits,
        revision=row.revision,
        text_revisions=dict(row.text_revisions),
        order_rule=row.order_rule,
        lot=row.lot,
        published_version=row.published_version,
        changed_by=row.changed_by,
        questions=[_build_question(question, whole) for question in row.questions],
        uses=[
            records.Use(
                comment=use.comment_id,
                use=use.use,
                decided_by=use.decided_by,
                decided_at=use.decided_at,
                reason="" if use.comment_id in whole.erased else use.reason,
            )
            for use in whole.uses
        ],
        alternatives=[_build_alternative(one, whole.erased) for one in whole.alternatives],
        inquiries=[_build_inquiry(one) for one in whole.inquiries],
    )


def _build_question(row: Question, whole: WholeRecord) -> records.Question:
    return records.Question(
        text=row.text,
        pids=list(row.pids),
        revision=row.revision,
        positions=[_build_position(position, whole) for position in row.positions],
    )


def _build_position(row: Position, whole: WholeRecord) -> records.Position:
    return records.Position(
        id=row.id,
        title=row.title,
        created_at=row.created_at,
        changed_at=row.changed_at,
        body=row.body,
        revision=row.revision,
        changed_by=row.changed_by,
        holders=[_build_holder(holder, whole) for holder in row.holders],
        comments=[
            records.Evidence(
                comment=item.comment_id,
                comment_version=item.comment_version,
                added_at=item.added_at,
                quotation="" if item.comment_id in whole.erased else item.quotation,
            )
            for item in row.comments
        ],
    )


def _build_holder(row: PositionHolder, whole: WholeRecord) -> records.Holder:
    quote_as = whole.consents.get(row.comment_id) if row.comment_id else None
    is_erased = row.comment_id in whole.erased
    is_disclosed = not is_erased and quote_as != QuoteConsent.COUNT
    return records.Holder(
        kind=row.kind,
        group=row.stakeholder_group,
        name=row.name if is_named(row, quote_as) and not is_erased else "",
        comment=row.comment_id,
        asked_at=row.asked_at,
        sign_off=row.sign_off,
        sign_off_note=row.sign_off_note if is_disclosed else "",
        signed_hash=row.signed_hash,
        signed_at=row.signed_at,
        is_name_agreed=row.is_name_agreed and not is_erased,
    )


def _build_alternative(row: Alternative, erased: Container[int]) -> records.Alternative:
    # The proposer of a wording with a comment is the author of the comment.
    return records.Alternative(
        letter=row.letter_id,
        pid=row.pid,
        label=row.label,
        created_at=row.created_at,
        text=row.text,
        status=row.status,
        revision=row.revision,
        proposer_group="" if row.comment_id in erased else row.proposer_group,
        proposer_name="" if row.comment_id else row.proposer_name,
        comment=None if row.comment_id in erased else row.comment_id,
    )


def _build_inquiry(row: Inquiry) -> records.Inquiry:
    return records.Inquiry(
        version_number=row.version_number,
        state=row.state,
        group=row.stakeholder_group,
        body=row.body,
        asked_at=row.asked_at,
        name=row.name,
        organisation=row.organisation,
        published_at=row.published_at,
        closed_at=row.closed_at,
        answer=row.answer,
        result=row.result,  # type: ignore[arg-type]  # an InquiryResult or ""
        answered_by=row.answered_by,
        changed_in_version=row.changed_in_version,
    )


def _build_version(
    row: SummaryVersion, erased: Mapping[int, datetime], first_sha256: str | None
) -> records.RecordVersion:
    content, contributors, salt = row.content, row.contributors, row.salt
    checked_at = row.erased_at or row.published_at
    is_erased = any(moment > checked_at for moment in erased.values())
    report = read_report(content)
    shown = mask_report(
        report, erased.keys() if is_erased else frozenset(), list_redacted_texts(report)
    )
    if is_erased:
        masked = mask_contributors(read_contributors(contributors), erased.keys())
        contributors = pack_contributors(masked)
    if is_erased or shown != report:
        content, salt = convert_report(shown), ""
    return records.RecordVersion(
        record=row.summary_id,
        number=row.number,
        published_at=row.published_at,
        inquiries_until=row.inquiries_until,
        published_by=row.published_by,
        sha256=row.sha256,
        salt=salt,
        content=content,
        contributors=[msgspec.json.decode(line) for line in iterate_lines(contributors)],
        outcome=row.outcome,
        language=row.language,
        change_note=row.change_note,
        first_sha256=first_sha256,
        erased_at=row.erased_at,
    )
