"""Leave out of a published version what its authors or moderators have taken back since.

Readers do not get the words and the name of a comment that is no longer published, nor redacted
words. Some time later the stored version loses erased and redacted words too (see
publication.withholding).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType
from typing import TypeVar

from commentsite.summaries.compilation import queries
from commentsite.summaries.positions.policy import is_quotation_of_comment
from commentsite.summaries.report.authors import UNDISCLOSED
from commentsite.summaries.report.content import (
    CampaignFacts,
    Contributor,
    Holder,
    ObjectionText,
    OmissionText,
    PositionText,
    QuestionText,
    Quotation,
    Report,
)
from commentsite.summaries.report.serialisation import read_contributors
from commentsite.summaries.states import HolderKind

Words = TypeVar("Words", ObjectionText, OmissionText)
Entry = TypeVar("Entry", Quotation, ObjectionText, OmissionText)


def list_removed_ids(report: Report, packed: bytes) -> frozenset[int]:
    """Return the comments of a version that are no longer published. `packed` are its contributors."""
    letter_ids = [letter.id for letter in report.letters]
    removed = frozenset(queries.list_removed_ids(letter_ids, report.built_at))
    if not removed:
        return removed
    named = {contributor.comment_id for contributor in read_contributors(packed)}
    return removed & (named | set(_iterate_ids(report)))


def list_redacted_texts(report: Report) -> dict[int, tuple[str, str]]:
    """Return what readers see today of comments of which a moderator has redacted parts, by id.

    Each is the text and the HTML of a comment.
    """
    return queries.list_redacted_texts([letter.id for letter in report.letters])


def hash_redactions(redacted: Mapping[int, tuple[str, str]]) -> str:
    """Return a hash that changes with the redacted comments and their texts. Empty without any."""
    if not redacted:
        return ""
    texts = [[comment_id, body] for comment_id, (body, _html) in sorted(redacted.items())]
    return sha256(json.dumps(texts).encode()).hexdigest()


def _iterate_ids(report: Report) -> Iterator[int | None]:
    for question in report.questions:
        for position in question.positions:
            yield from (holder.comment_id for holder in position.holders)
            yield from (quotation.comment_id for quotation in position.quotations)
    yield from (one.comment_id for one in report.alternatives)
    yield from (one.comment_id for one in report.objections)
    yield from (one.comment_id for one in report.omissions)
    yield from (campaign.first_comment_id for campaign in report.campaigns)


def mask_report(
    report: Report,
    removed: AbstractSet[int],
    redacted: Mapping[int, tuple[str, str]] = MappingProxyType({}),
) -> Report:
    """Return the report without words and authors of these comments. Its counts stay.

    Of the `redacted` ones (see `list_redacted_texts`), only the redacted words are left out.
    """
    if redacted:
        report = _redact_report(report, redacted)
    if not removed:
        return report
    return replace(
        report,
        questions=tuple(_mask_question(question, removed) for question in report.questions),
        alternatives=tuple(
            replace(one, proposer=UNDISCLOSED) if one.comment_id in removed else one
            for one in report.alternatives
        ),
        objections=tuple(
            replace(one, author_reaction="") if one.comment_id in removed else one
            for one in _mask_entries(report.objections, removed)
        ),
        omissions=_mask_entries(report.omissions, removed),
        campaigns=tuple(_mask_campaign(campaign, removed) for campaign in report.campaigns),
    )


def mask_contributors(
    contributors: Iterator[Contributor], removed: AbstractSet[int]
) -> Iterator[Contributor]:
    """Yield the contributors without the authors of these comments."""
    for contributor in contributors:
        if contributor.comment_id in removed:
            yield replace(
                contributor, author=UNDISCLOSED, affiliation="", kind="", stance="", use_reason=""
            )
        else:
            yield contributor


def _redact_report(report: Report, redacted: Mapping[int, tuple[str, str]]) -> Report:
    return replace(
        report,
        questions=tuple(_redact_question(question, redacted) for question in report.questions),
        objections=tuple(_redact_entry(entry, redacted) for entry in report.objections),
        omissions=tuple(_redact_entry(entry, redacted) for entry in report.omissions),
        campaigns=tuple(
            replace(campaign, text=_find_text(campaign.first_comment_id, campaign.text, redacted))
            for campaign in report.campaigns
        ),
    )


def _redact_question(
    question: QuestionText, redacted: Mapping[int, tuple[str, str]]
) -> QuestionText:
    return replace(
        question,
        positions=tuple(
            replace(
                position,
                quotations=tuple(
                    quotation
                    if quotation.comment_id not in redacted
                    or is_quotation_of_comment(quotation.text, *redacted[quotation.comment_id])
                    else replace(quotation, text="")
                    for quotation in position.quotations
                ),
            )
            for position in question.positions
        ),
    )


def _redact_entry(entry: Words, redacted: Mapping[int, tuple[str, str]]) -> Words:
    return replace(entry, text=_find_text(entry.comment_id, entry.text, redacted))


def _find_text(comment_id: int | None, text: str, redacted: Mapping[int, tuple[str, str]]) -> str:
    """Return the text that a version has of a comment, the redacted one if parts are redacted."""
    if not text or comment_id is None or comment_id not in redacted:
        return text
    return redacted[comment_id][0]


def _mask_question(question: QuestionText, removed: AbstractSet[int]) -> QuestionText:
    return replace(
        question,
        positions=tuple(_mask_position(position, removed) for position in question.positions),
    )


def _mask_position(position: PositionText, removed: AbstractSet[int]) -> PositionText:
    return replace(
        position,
        holders=tuple(
            _mask_holder(holder) if holder.comment_id in removed else holder
            for holder in position.holders
        ),
        quotations=_mask_entries(position.quotations, removed),
    )


def _mask_holder(holder: Holder) -> Holder:
    group = holder.stakeholder_group if holder.kind == HolderKind.GROUP else ""
    return replace(holder, name="", stakeholder_group=group, sign_off_note="")


def _mask_entries(entries: Collection[Entry], removed: AbstractSet[int]) -> tuple[Entry, ...]:
    return tuple(
        replace(entry, author=UNDISCLOSED, text="") if entry.comment_id in removed else entry
        for entry in entries
    )


def _mask_campaign(campaign: CampaignFacts, removed: AbstractSet[int]) -> CampaignFacts:
    return replace(campaign, text="") if campaign.first_comment_id in removed else campaign
