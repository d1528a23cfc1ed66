"""Build the report of a record of positions from the database.

The same rows and the same cut-off give the same report. Late comments stand in the list of
contributors and in `Totals.late`, and nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from commentsite.comments.states import CommentState
from commentsite.letters.models import Letter
from commentsite.summaries.compilation import queries
from commentsite.summaries.compilation.contributors import ContributorSource
from commentsite.summaries.compilation.queries import CommentFacts
from commentsite.summaries.consensus.builder import build_map_and_totals
from commentsite.summaries.consensus.policy import list_missing_groups
from commentsite.summaries.holders.policy import hash_position_text
from commentsite.summaries.models import (
    Alternative,
    Objection,
    Position,
    PositionComment,
    PositionHolder,
    Question,
    Summary,
)
from commentsite.summaries.positions.policy import (
    OrderFacts,
    count_words,
    is_quotation_of_comment,
    length_ratio,
    order_positions,
)
from commentsite.summaries.report.authors import (
    UNDISCLOSED,
    can_quote,
    describe_author,
    describe_holder,
)
from commentsite.summaries.report.content import (
    AlternativeText,
    Author,
    CampaignFacts,
    Holder,
    LetterFacts,
    ObjectionText,
    OmissionText,
    PositionText,
    QuestionText,
    Quotation,
    Report,
)
from commentsite.summaries.states import CommentUse, SignOff

NOT_USED_YET = ""  # the key of Report.uses for comments without a use


class SiteGroups(NamedTuple):
    """The codes of the site's stakeholder groups, in its order."""

    all: Sequence[str]
    offered: Sequence[str]  # by the comment form today: only these are missed


@dataclass(frozen=True)
class BuiltReport:
    """A report, and the source of its contributors."""

    report: Report
    contributors: ContributorSource
    lost_quotations: tuple[str, ...] = ()  # titles of positions with words that a comment lost


@dataclass(frozen=True)
class _Sources:
    """Values that several parts of a report need."""

    slugs: Mapping[int, str]
    labels: Mapping[str, str]
    comments: Mapping[int, CommentFacts]  # that positions, objections and alternatives refer to
    pseudonymous_people: Mapping[str, int]
    cut_off: datetime

    def describe(self, comment: CommentFacts) -> Author:
        return describe_author(comment, self.pseudonymous_people)

    def find_quotable(self, comment_id: int | None) -> CommentFacts | None:
        comment = self.comments.get(comment_id) if comment_id is not None else None
        return comment if comment and can_quote(comment) else None


def build_report(
    summary_id: int,
    *,
    groups: SiteGroups,
    cut_off: datetime,
    version: int = 0,
    change_note: str = "",
) -> BuiltReport:
    """Build the report of a record as its texts stand now.

    Comments that were published after `cut_off` are left out. `version` is 0 for a draft.
    """
    summary = queries.load_summary(summary_id)
    letters = queries.list_letters(summary)
    letter_ids = [letter.id for letter in letters]
    objections = queries.list_objections(letter_ids, cut_off)
    alternatives = queries.list_alternatives(summary.id)
    sources = _Sources(
        slugs={letter.id: letter.slug for letter in letters},
        labels=queries.map_paragraph_labels(letter_ids),
        comments=queries.load_comments(_list_comment_ids(summary, objections, alternatives)),
        pseudonymous_people=queries.count_pseudonymous_people(letter_ids, cut_off),
        cut_off=cut_off,
    )
    rows, totals = build_map_and_totals(letter_ids, groups.all, cut_off)
    not_heard, too_few = list_missing_groups(groups.offered, totals.people_by_group)
    uses = queries.map_uses(summary.id)
    report = Report(
        version=version,
        built_at=cut_off,
        change_note=change_note,
        language=summary.language,
        letters=tuple(_describe_letter(letter) for letter in letters),
        groups=tuple(groups.all),
        outcome=summary.outcome,
        outcome_note=summary.outcome_note,
        overview=summary.overview,
        comments_summary=summary.comments_summary,
        analysis=summary.analysis,
        omissions_note=summary.omissions,
        limits=summary.limits,
        order_rule=summary.order_rule,
        lot=summary.lot,
        totals=totals,
        questions=tuple(_build_question(summary, q, sources) for q in summary.questions),
        consensus_map=rows,
        groups_not_heard=not_heard,
        groups_too_few=too_few,
        alternatives=tuple(_build_alternative(row, sources) for row in alternatives),
        objections=tuple(_build_objection(row, sources) for row in objections),
        omissions=_list_omissions(letter_ids, sources),
        campaigns=_list_campaigns(letter_ids, sources),
        uses=_count_uses(uses, letter_ids, cut_off),
    )
    return BuiltReport(
        report,
        ContributorSource(sources.slugs, cut_off, sources.pseudonymous_people, uses),
        _list_lost_quotations(summary, sources),
    )


def _list_comment_ids(
    summary: Summary, objections: Iterable[Objection], alternatives: Iterable[Alternative]
) -> set[int]:
    positions = [position for question in summary.questions for position in question.positions]
    ids = {link.comment_id for position in positions for link in position.comments}
    holders = [holder for position in positions for holder in position.holders]
    ids |= {holder.comment_id for holder in holders if holder.comment_id is not None}
    ids |= {objection.comment_id for objection in objections}
    return ids | {row.comment_id for row in alternatives if row.comment_id is not None}


def _describe_letter(letter: Letter) -> LetterFacts:
    return LetterFacts(
        id=letter.id,
        slug=letter.slug,
        title=letter.title,
        language=letter.language,
        authors=tuple(
            Author(author.name, author.stakeholder_group, author.organisation, author.capacity)
            for author in letter.authors
        ),
        version_number=letter.version_number,
        published_at=letter.published_at,
        comments_close_at=letter.comments_close_at,
    )


# --- Positions ---


def _build_question(summary: Summary, question: Question, sources: _Sources) -> QuestionText:
    positions = {position.id: position for position in question.positions}
    order = order_positions(
        summary.order_rule,
        summary.lot,
        [
            OrderFacts(position.id, position.title, _find_first_statement(position, sources))
            for position in positions.values()
        ],
    )
    return QuestionText(
        text=question.text,
        pids=tuple(question.pids),
        positions=tuple(_build_position(positions[id_], sources) for id_ in order),
        length_ratio=length_ratio([position.body for position in positions.values()]),
    )


def _find_first_statement(position: Position, sources: _Sources) -> datetime | None:
    moments = [
        comment.published_at
        for link in position.comments
        if (comment := sources.find_quotable(link.comment_id))
    ]
    return min(moments, default=None)


def _build_position(position: Position, sources: _Sources) -> PositionText:
    published = [
        comment
        for link in position.comments
        if (comment := sources.comments.get(link.comment_id))
        and comment.state == CommentState.PUBLISHED
        and comment.published_at <= sources.cut_off
    ]
    text_hash = hash_position_text(position.title, position.body)
    return PositionText(
        id=position.id,
        title=position.title,
        body=position.body,
        words=count_words(position.body),
        holders=tuple(
            _build_holder(holder, text_hash, sources)
            for holder in sorted(position.holders, key=lambda holder: holder.id)
        ),
        quotations=tuple(
            quotation
            for link in sorted(position.comments, key=lambda link: link.comment_id)
            if (quotation := _build_quotation(link, sources))
        ),
        comments=len(published),
        people=len({comment.person for comment in published}),
    )


def _build_quotation(link: PositionComment, sources: _Sources) -> Quotation | None:
    comment = sources.find_quotable(link.comment_id)
    if comment is None or comment.published_at > sources.cut_off:
        return None
    has_words = bool(link.quotation) and is_quotation_of_comment(
        link.quotation, comment.body, comment.body_html
    )
    return Quotation(
        comment_id=comment.id,
        comment_version=link.comment_version,
        letter_slug=sources.slugs[comment.letter_id],
        author=sources.describe(comment),
        # Words that a moderator has redacted since are not printed again.
        text=link.quotation if has_words else "",
        language=comment.language,
    )


def _list_lost_quotations(summary: Summary, sources: _Sources) -> tuple[str, ...]:
    return tuple(
        position.title
        for question in summary.questions
        for position in question.positions
        for link in position.comments
        if link.quotation and not _has_quotation(link, sources)
    )


def _has_quotation(link: PositionComment, sources: _Sources) -> bool:
    quotation = _build_quotation(link, sources)
    return quotation is not None and bool(quotation.text)


def _build_holder(holder: PositionHolder, text_hash: str, sources: _Sources) -> Holder:
    comment = sources.comments.get(holder.comment_id or 0)
    author = describe_holder(holder, comment, sources.pseudonymous_people)
    is_disclosed = comment is None or can_quote(comment)
    return Holder(
        kind=holder.kind,
        stakeholder_group=author.stakeholder_group,
        name=author.name,
        sign_off=holder.sign_off,
        sign_off_note=holder.sign_off_note if is_disclosed else "",
        is_asked=holder.asked_at is not None,
        is_outdated=holder.sign_off != SignOff.NONE and holder.signed_hash != text_hash,
        comment_id=holder.comment_id if is_disclosed else None,
    )


# --- Alternatives, objections and omissions ---


def _build_alternative(row: Alternative, sources: _Sources) -> AlternativeText:
    proposer, comment = Author(row.proposer_name, row.proposer_group), None
    if row.comment_id is not None:
        comment = sources.find_quotable(row.comment_id)
        proposer = sources.describe(comment) if comment else UNDISCLOSED
    return AlternativeText(
        letter_id=row.letter_id,
        pid=row.pid,
        paragraph_label=sources.labels.get(row.pid, ""),
        label=row.label,
        text=row.text,
        proposer=proposer,
        status=row.status,
        comment_id=comment.id if comment else None,
    )


def _build_objection(row: Objection, sources: _Sources) -> ObjectionText:
    comment = sources.find_quotable(row.comment_id)
    return ObjectionText(
        comment_id=comment.id if comment else None,
        letter_slug=sources.slugs[row.letter_id],
        author=sources.describe(comment) if comment else UNDISCLOSED,
        pids=tuple(row.pids),
        text=comment.body if comment else "",
        status=row.status,
        response=row.response,
        author_satisfied=row.author_satisfied,
        author_reaction=row.author_reaction if comment else "",
        is_late=sources.comments[row.comment_id].is_late,
        language=comment.language if comment else "",
    )


def _list_omissions(letter_ids: Sequence[int], sources: _Sources) -> tuple[OmissionText, ...]:
    """List the comments on omissions. Those that may only be counted come last, without a text."""
    found = queries.list_omissions(letter_ids, sources.cut_off)
    quoted = [
        OmissionText(
            comment_id=comment.id,
            letter_slug=sources.slugs[comment.letter_id],
            author=sources.describe(comment),
            text=comment.body,
            language=comment.language,
        )
        for comment in found
        if can_quote(comment)
    ]
    counted = [
        OmissionText(None, sources.slugs[comment.letter_id], UNDISCLOSED, "")
        for comment in found
        if not can_quote(comment)
    ]
    return (*quoted, *counted)


# --- Campaigns and uses ---


def _list_campaigns(letter_ids: Sequence[int], sources: _Sources) -> tuple[CampaignFacts, ...]:
    """List nearly identical comments of at least two people, the largest campaign first."""
    people: dict[int, dict[str, str]] = {}  # the group of each person by campaign
    for comment in queries.list_campaign_comments(letter_ids, sources.cut_off):
        person = comment.email_hash or f"comment {comment.comment_id}"
        people.setdefault(comment.campaign_id, {}).setdefault(person, comment.stakeholder_group)
    campaigns = {id_: groups for id_, groups in people.items() if len(groups) > 1}
    texts = queries.list_campaign_texts(campaigns, sources.cut_off)
    ids = queries.map_campaigns([comment.id for comment in texts])
    first = {ids[comment.id]: comment for comment in texts}
    facts = [
        _describe_campaign(first.get(id_), groups.values(), sources)
        for id_, groups in sorted(campaigns.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return tuple(facts)


def _describe_campaign(
    comment: CommentFacts | None, groups: Iterable[str], sources: _Sources
) -> CampaignFacts:
    by_group: dict[str, int] = {}
    for group in groups:
        by_group[group] = by_group.get(group, 0) + 1
    return CampaignFacts(
        first_comment_id=comment.id if comment else None,
        letter_slug=sources.slugs[comment.letter_id] if comment else "",
        text=comment.body if comment else "",
        people=sum(by_group.values()),
        people_by_group=dict(sorted(by_group.items())),
        language=comment.language if comment else "",
    )


def _count_uses(
    uses: Mapping[int, tuple[CommentUse, str]], letter_ids: Sequence[int], cut_off: datetime
) -> dict[str, int]:
    """Count the published comments that are not late by their use."""
    published = queries.list_counted_ids(letter_ids, cut_off)
    counts = dict.fromkeys([*CommentUse, NOT_USED_YET], 0)
    for comment_id in published:
        use = uses[comment_id][0] if comment_id in uses else NOT_USED_YET
        counts[use] += 1
    return {str(use): count for use, count in counts.items()}
