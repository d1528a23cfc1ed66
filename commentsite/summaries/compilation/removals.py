"""Leave out of a published version what its authors or moderators have taken back since.

The version itself stays as it was frozen. Readers do not get the words and the name of a comment
that is no longer published.
"""

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from commentsite.summaries.compilation import queries
from commentsite.summaries.report.authors import UNDISCLOSED
from commentsite.summaries.report.content import (
    CampaignFacts,
    Contributor,
    ObjectionText,
    OmissionText,
    PositionText,
    QuestionText,
    Quotation,
    Report,
)

Entry = TypeVar("Entry", Quotation, ObjectionText, OmissionText)


def list_removed_ids(report: Report) -> frozenset[int]:
    """Return the comments of a version that are no longer published."""
    letter_ids = [letter.id for letter in report.letters]
    return frozenset(queries.list_removed_ids(letter_ids, report.built_at))


def mask_report(report: Report, removed: AbstractSet[int]) -> Report:
    """Return the report without words and authors of these comments. Its counts stay."""
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


def _mask_question(question: QuestionText, removed: AbstractSet[int]) -> QuestionText:
    return replace(
        question,
        positions=tuple(_mask_position(position, removed) for position in question.positions),
    )


def _mask_position(position: PositionText, removed: AbstractSet[int]) -> PositionText:
    return replace(
        position,
        holders=tuple(
            replace(holder, name="", sign_off_note="") if holder.comment_id in removed else holder
            for holder in position.holders
        ),
        quotations=_mask_entries(position.quotations, removed),
    )


def _mask_entries(entries: Collection[Entry], removed: AbstractSet[int]) -> tuple[Entry, ...]:
    return tuple(
        replace(entry, author=UNDISCLOSED, text="") if entry.comment_id in removed else entry
        for entry in entries
    )


def _mask_campaign(campaign: CampaignFacts, removed: AbstractSet[int]) -> CampaignFacts:
    return replace(campaign, text="") if campaign.first_comment_id in removed else campaign
