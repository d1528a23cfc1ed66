"""View model of a record of positions: what the page prints, with every decision already taken.

PDF and DOCX are made from the page, and the spreadsheet from the same report.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from babel.lists import format_list
from flask import url_for
from flask_babel import get_locale
from markupsafe import Markup

from commentsite.letters.text.paragraphs import render_document
from commentsite.summaries.compilation.contributors import is_organisation
from commentsite.summaries.consensus.policy import MIN_PEOPLE, MIN_PEOPLE_FOR_SHARE
from commentsite.summaries.positions.policy import MIN_LENGTH_RATIO
from commentsite.summaries.report.content import (
    Contributor,
    Holder,
    PositionText,
    QuestionText,
    Quotation,
    Report,
)
from commentsite.summaries.states import (
    CommentUse,
    ObjectionStatus,
    OrderRule,
    SignOff,
)
from commentsite.text.scripts import UNSPACED
from commentsite.web.public.records import words
from commentsite.web.rendering.filters import format_moment, get_group_label, join_list
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    ALTERNATIVE_STATUS_LABELS,
    COMMENT_USE_LABELS,
    ORDER_RULE_LABELS,
    OUTCOME_SENTENCES,
)
from commentsite.web.rendering.objection_view import describe_status

MAX_LISTED = 200  # contributors of a kind, omissions, campaigns and late comments on the page
MAX_COLUMNS = 4
_UNSPACED = re.compile(f"[{UNSPACED}]")  # one character counts as a word
_HEADING = re.compile(r"(</?h)([1-6])\b")


@dataclass(frozen=True)
class HolderView:
    name: str
    answer: str
    note: str
    mark: str  # "good", "stop" or "wait"; a class of the stylesheet beside the words


@dataclass(frozen=True)
class QuotationView:
    """Words of a comment, or a comment without a quotation that a position rests on."""

    text: str
    author: str
    label: str  # "comment 12, version 1"
    url: str
    is_removed: bool
    language: str  # of the comment


@dataclass(frozen=True)
class PositionView:
    id: int
    title: str
    text: Markup
    holders: tuple[HolderView, ...]
    quotations: tuple[QuotationView, ...]
    evidence: str


@dataclass(frozen=True)
class QuestionView:
    """A question with its positions in the printed order."""

    text: str
    paragraphs: str
    positions: tuple[PositionView, ...]
    columns: int
    space: str  # the sentence on the lengths, empty for a single position


@dataclass(frozen=True)
class AlternativeView:
    place: str
    label: str
    text: str
    proposer: str
    status: str


@dataclass(frozen=True)
class EntryView:
    """A comment as an entry of a list: an objection, an omission or a campaign."""

    text: str
    author: str
    url: str
    label: str
    status: str = ""
    mark: str = ""
    answer: str = ""
    reaction: str = ""
    language: str = ""  # of the text, if it is that of a comment


@dataclass(frozen=True)
class ContributorView:
    name: str
    affiliation: str
    posted_at: datetime | None
    url: str
    number: int | None
    use: str


@dataclass(frozen=True)
class ContributorLists:
    """Contributors in the order of posting, each list cut at MAX_LISTED."""

    organisations: tuple[ContributorView, ...]
    people: tuple[ContributorView, ...]
    late: tuple[ContributorView, ...]
    only_counted: str  # a sentence, or empty
    is_complete: bool


@dataclass(frozen=True)
class GroupRow:
    label: str
    people: int
    comments: int


@dataclass(frozen=True)
class RecordView:
    """The sections of a record of positions, as far as they depend on the report."""

    outcome: str
    outcome_hint: str
    outcome_note: Markup
    overview: Markup
    facts: tuple[tuple[str, int], ...]
    questions: tuple[QuestionView, ...]
    order: str
    comments_summary: Markup
    groups: tuple[GroupRow, ...]
    uses: tuple[tuple[str, int], ...]
    analysis: Markup
    alternatives: tuple[AlternativeView, ...]
    objections: tuple[EntryView, ...]
    omissions_note: Markup
    omissions: tuple[EntryView, ...]
    omissions_more: str
    campaigns: tuple[EntryView, ...]
    campaigns_more: str
    late: str
    method: tuple[str, ...]
    limits: Markup
    not_heard: str
    too_few: str
    removed: str  # a sentence on comments that were taken back since, or empty


def build_record_view(report: Report, removed: AbstractSet[int]) -> RecordView:
    """Return the view of a report that `mask_report` has masked. `removed` are the masked comments."""
    labels = {row.pid: row.label for row in report.consensus_map if row.pid}
    has_choice = any(len(question.positions) > 1 for question in report.questions)
    points_below = has_choice and report.outcome in words.WITHOUT_AGREEMENT
    return RecordView(
        outcome=str(OUTCOME_SENTENCES[report.outcome]),
        outcome_hint=_("The positions stand side by side below.") if points_below else "",
        outcome_note=render_text(report.outcome_note),
        overview=render_text(report.overview),
        facts=tuple(list_facts(report)),
        questions=tuple(_build_question(q, labels, removed) for q in report.questions),
        order=_describe_order(report),
        comments_summary=render_text(report.comments_summary),
        groups=tuple(list_groups(report)),
        uses=tuple(list_uses(report)),
        analysis=render_text(report.analysis),
        alternatives=tuple(_list_alternatives(report)),
        objections=tuple(_list_objections(report, labels, removed)),
        omissions_note=render_text(report.omissions_note),
        omissions=tuple(_list_omissions(report, removed)),
        omissions_more=_describe_further_omissions(report),
        campaigns=tuple(_list_campaigns(report, removed)),
        campaigns_more=_describe_further_campaigns(report),
        late=_describe_late(report),
        method=tuple(_list_method(report)),
        limits=render_text(report.limits),
        not_heard=words.name_groups(report.groups_not_heard),
        too_few=words.name_groups(report.groups_too_few),
        removed=_describe_removed(report, removed),
    )


def render_text(source: str) -> Markup:
    """Return the HTML of a text of the record. Its headings stand below those of the page's parts."""
    if not source.strip():
        return Markup()
    html = _HEADING.sub(lambda tag: f"{tag[1]}{min(int(tag[2]) + 2, 6)}", render_document(source))
    return Markup(html)  # noqa: S704  # sanitised


def list_facts(report: Report) -> Iterator[tuple[str, int]]:
    """Yield the totals with their names. Every format prints these."""
    totals = report.totals
    yield _("Comments"), totals.published
    yield _("Number of people"), totals.people
    yield _("Stakeholder groups heard"), len(totals.people_by_group)
    yield _("Organisations named"), totals.organisations
    yield _("Distinct texts"), totals.distinct_texts
    yield _("Campaigns"), totals.campaigns
    yield _("People in campaigns"), totals.people_in_campaigns
    yield _("Late comments, in no other number"), totals.late


# --- Positions ---


def _build_question(
    question: QuestionText, labels: dict[str, str], removed: AbstractSet[int]
) -> QuestionView:
    positions = question.positions
    space = ""
    if len(positions) > 1:
        lengths = _join([str(position.words) for position in positions])
        space = (
            _("Length: %(lengths)s characters.", lengths=lengths)
            if any(_UNSPACED.search(position.body) for position in positions)
            else _("Length: %(lengths)s words.", lengths=lengths)
        )
    return QuestionView(
        text=question.text,
        paragraphs=describe_paragraphs(question.pids, labels),
        positions=tuple(_build_position(position, removed) for position in positions),
        columns=min(len(positions), MAX_COLUMNS),
        space=space,
    )


def _build_position(position: PositionText, removed: AbstractSet[int]) -> PositionView:
    return PositionView(
        id=position.id,
        title=position.title,
        text=render_text(position.body),
        holders=tuple(_build_holder(holder) for holder in position.holders),
        quotations=tuple(
            _build_quotation(quotation, removed)
            for quotation in sorted(position.quotations, key=lambda q: not q.text)
        ),
        evidence=_describe_evidence(position) if position.comments else "",
    )


def _describe_evidence(position: PositionText) -> str:
    comments = ngettext(
        "It rests on %(num)d comment.", "It rests on %(num)d comments.", position.comments
    )
    people = ngettext(
        "%(num)d person stands behind it.", "%(num)d people stand behind it.", position.people
    )
    return f"{comments} {people}"


def _build_holder(holder: Holder) -> HolderView:
    mark = "wait"
    if not holder.is_outdated and holder.sign_off != SignOff.NONE:
        mark = "good" if holder.sign_off == SignOff.FAIR else "stop"
    return HolderView(
        name=words.name_holder(holder.kind, holder.name, holder.stakeholder_group),
        answer=words.describe_sign_off(holder),
        note=holder.sign_off_note,
        mark=mark,
    )


def _build_quotation(quotation: Quotation, removed: AbstractSet[int]) -> QuotationView:
    is_removed = quotation.comment_id in removed
    return QuotationView(
        text=quotation.text,
        author="" if is_removed else words.name_author_in_line(quotation.author),
        label=_("comment %(number)d", number=quotation.comment_id),
        url=link_comment(quotation.letter_slug, quotation.comment_id),
        is_removed=is_removed,
        language=quotation.language,
    )


def link_comment(slug: str, comment_id: int | None) -> str:
    """Return the permanent address of a comment, or "" for one that may only be counted."""
    if comment_id is None:
        return ""
    return url_for("comments.permalink", slug=slug, comment_id=comment_id)


def describe_paragraphs(pids: Iterable[str], labels: dict[str, str]) -> str:
    """Return the paragraphs that something is about in words. Empty for the letter as a whole."""
    numbers = [labels[pid] for pid in pids if labels.get(pid)]
    if not numbers:
        return ""
    return ngettext(
        "On paragraph %(numbers)s",
        "On paragraphs %(numbers)s",
        len(numbers),
        numbers=join_list(numbers),
    )


def _describe_order(report: Report) -> str:
    if report.order_rule == OrderRule.LOT:
        return _(
            "The positions on a question stand in an order drawn by lot. The lot is %(lot)s: the "
            "order is that of the SHA-256 of the lot, a colon and the number of the position.",
            lot=report.lot,
        )
    return _(
        "Order of the positions on a question: %(rule)s.",
        rule=ORDER_RULE_LABELS[report.order_rule],
    )


# --- Lists ---


def list_groups(report: Report) -> Iterator[GroupRow]:
    """Yield the people and comments of each group. Groups that the site no longer has come last."""
    totals = report.totals
    further = sorted(totals.people_by_group.keys() - set(report.groups))
    for code in (*report.groups, *further):
        people = totals.people_by_group.get(code, 0)
        comments = totals.comments_by_group.get(code, 0)
        yield GroupRow(get_group_label(code), people, comments)


def list_uses(report: Report) -> Iterator[tuple[str, int]]:
    """Yield the uses in words with their numbers of comments."""
    for use in CommentUse:
        yield str(COMMENT_USE_LABELS[use]), report.uses.get(use, 0)
    yield str(words.NO_USE), report.uses.get("", 0)


def _list_alternatives(report: Report) -> Iterator[AlternativeView]:
    for row in report.alternatives:
        yield AlternativeView(
            place=_("Paragraph %(label)s", label=row.paragraph_label or row.pid),
            label=row.label,
            text=words.show_wording(row.text, row.status),
            proposer=words.name_author_in_line(row.proposer),
            status=str(ALTERNATIVE_STATUS_LABELS[row.status]),
        )


def _list_objections(
    report: Report, labels: dict[str, str], removed: AbstractSet[int]
) -> Iterator[EntryView]:
    for objection in report.objections:
        is_open = objection.status == ObjectionStatus.OPEN
        reaction = ""
        if objection.author_satisfied is not None:
            reaction = (
                _("The author of the objection is satisfied with the answer.")
                if objection.author_satisfied
                else _("The author of the objection is not satisfied with the answer.")
            )
        yield EntryView(
            text=objection.text or _explain_missing_text(objection.comment_id, removed),
            author=words.name_author_in_line(objection.author),
            url=link_comment(objection.letter_slug, objection.comment_id),
            label=describe_paragraphs(objection.pids, labels) or _("On the letter as a whole"),
            status=describe_status(objection.status, is_late=objection.is_late),
            mark="wait" if is_open else "good",
            answer=objection.response,
            reaction=" ".join(part for part in (reaction, objection.author_reaction) if part),
            language=objection.language if objection.text else "",
        )


def _explain_missing_text(comment_id: int | None, removed: AbstractSet[int]) -> str:
    if comment_id in removed:
        return _("This comment is no longer published, so its words are not repeated here.")
    return _("Its author asked that the words are not repeated.")


def _list_omissions(report: Report, removed: AbstractSet[int]) -> Iterator[EntryView]:
    quoted = [entry for entry in report.omissions if entry.comment_id is not None]
    for entry in quoted[:MAX_LISTED]:
        yield EntryView(
            text=entry.text or _explain_missing_text(entry.comment_id, removed),
            author=words.name_author_in_line(entry.author),
            url=link_comment(entry.letter_slug, entry.comment_id),
            label=_("comment %(number)d", number=entry.comment_id),
            language=entry.language if entry.text else "",
        )


def _describe_further_omissions(report: Report) -> str:
    counted = sum(entry.comment_id is None for entry in report.omissions)
    cut = max(len(report.omissions) - counted - MAX_LISTED, 0)
    sentences = []
    if cut:
        sentences.append(
            ngettext(
                "%(num)d further comment of this kind is in the files.",
                "%(num)d further comments of this kind are in the files.",
                cut,
            )
        )
    if counted:
        sentences.append(
            ngettext(
                "%(num)d comment of this kind may only be counted.",
                "%(num)d comments of this kind may only be counted.",
                counted,
            )
        )
    return " ".join(sentences)


def _list_campaigns(report: Report, removed: AbstractSet[int]) -> Iterator[EntryView]:
    for campaign in report.campaigns[:MAX_LISTED]:
        groups = [
            _("%(group)s %(number)s", group=get_group_label(code), number=format_number(count))
            for code, count in campaign.people_by_group.items()
        ]
        yield EntryView(
            text=campaign.text or _explain_missing_text(campaign.first_comment_id, removed),
            author=join_list(groups),
            url=link_comment(campaign.letter_slug, campaign.first_comment_id),
            label=ngettext(
                "One text, sent by %(num)d person",
                "One text, sent by %(num)d people",
                campaign.people,
            ),
            language=campaign.language if campaign.text else "",
        )


def _describe_further_campaigns(report: Report) -> str:
    cut = max(len(report.campaigns) - MAX_LISTED, 0)
    if not cut:
        return ""
    return ngettext(
        "%(num)d further campaign is in the files.",
        "%(num)d further campaigns are in the files.",
        cut,
    )


def _describe_late(report: Report) -> str:
    if not report.totals.late:
        return _("No comment was late.")
    return ngettext(
        "%(num)d comment arrived after closing. It is kept apart and is in no other number of "
        "this record.",
        "%(num)d comments arrived after closing. They are kept apart and are in no other number "
        "of this record.",
        report.totals.late,
    )


# --- Method ---


def _list_method(report: Report) -> Iterator[str]:
    yield _(
        "This record counts the comments that were published until %(when)s.",
        when=format_moment(report.built_at),
    )
    yield _(
        "A person is an email address. Of each person, the last position on a paragraph counts. "
        "Nearly identical texts are a campaign: one text and its number of people."
    )
    yield _(
        "Each commenter chose to be quoted by name, by group or not at all. A comment that may "
        "only be counted is in the totals, and is neither quoted nor linked."
    )
    yield _(
        "Comments that arrived after closing are listed apart. They are in no total and no state of "
        "a paragraph, and an objection among them does not keep a text from being agreed. Replies by "
        "the staff are comments of no group, and are not counted."
    )
    yield _(
        "Stakeholder groups are as people stated them. A group is described from %(people)d people "
        "who took a side, and in per cent from %(many)d. Groups are never added up to one "
        "percentage.",
        people=MIN_PEOPLE,
        many=MIN_PEOPLE_FOR_SHARE,
    )
    yield _(
        "Commenters chose themselves. The 95% interval beside a share (Wilson) shows how little a "
        "small number says, and not what the whole group thinks."
    )
    yield _(
        "All positions on a question have the same parts. The shortest has at least %(percent)d in "
        "100 of the length of the longest.",
        percent=round(MIN_LENGTH_RATIO * 100),
    )
    yield _describe_order(report)


def _describe_removed(report: Report, removed: AbstractSet[int]) -> str:
    count = len(removed & set(_iterate_shown_ids(report)))
    if not count:
        return ""
    return ngettext(
        "%(num)d comment that this version names is no longer published. Its words and its "
        "author are left out here. The numbers are those of the version.",
        "%(num)d comments that this version names are no longer published. Their words and their "
        "authors are left out here. The numbers are those of the version.",
        count,
    )


def _iterate_shown_ids(report: Report) -> Iterator[int | None]:
    for question in report.questions:
        for position in question.positions:
            yield from (quotation.comment_id for quotation in position.quotations)
    yield from (objection.comment_id for objection in report.objections)
    yield from (omission.comment_id for omission in report.omissions)
    yield from (campaign.first_comment_id for campaign in report.campaigns)


# --- Contributors ---


def list_contributors(contributors: Iterable[Contributor]) -> ContributorLists:
    """Return the first contributors of each kind. The rest is read only as far as it is needed."""
    organisations: list[ContributorView] = []
    people: list[ContributorView] = []
    late: list[ContributorView] = []
    only_counted = cut = 0
    for contributor in contributors:
        if contributor.comment_id is None:
            only_counted += 1
            continue
        target = people
        if contributor.is_late:
            target = late
        elif is_organisation(contributor):
            target = organisations
        if len(target) < MAX_LISTED:
            target.append(_build_contributor(contributor))
        else:
            cut += 1
    return ContributorLists(
        organisations=tuple(organisations),
        people=tuple(people),
        late=tuple(late),
        only_counted=_describe_only_counted(only_counted),
        is_complete=not cut,
    )


def _describe_only_counted(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(num)d further comment may only be counted.",
        "%(num)d further comments may only be counted.",
        count,
    )


def _build_contributor(contributor: Contributor) -> ContributorView:
    use = contributor.use
    return ContributorView(
        name=words.name_author(contributor.author),
        affiliation=words.name_affiliation(contributor.author),
        posted_at=contributor.posted_at,
        url=link_comment(contributor.letter_slug, contributor.comment_id),
        number=contributor.comment_id,
        use=str(COMMENT_USE_LABELS[use]) if use else "",
    )


def _join(parts: Sequence[str]) -> str:
    """Return parts as in “412 and 398”, as the language of the page lists them."""
    return str(format_list(parts, locale=get_locale()))
