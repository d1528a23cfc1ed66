"""The record of positions as a spreadsheet: a sheet for each of its lists."""

from collections.abc import Iterable, Iterator

from commentsite.summaries.report.content import Contributor, Report
from commentsite.summaries.report.formats.spreadsheet import (
    Cell,
    DocumentFacts,
    Sheet,
    write_spreadsheet,
)
from commentsite.web.context import current_site
from commentsite.web.public.records import words
from commentsite.web.public.records.view import (
    describe_paragraphs,
    link_comment,
    list_facts,
    list_groups,
    list_uses,
)
from commentsite.web.rendering.filters import absolute_url, get_group_label, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    ALTERNATIVE_STATUS_LABELS,
    CAPACITY_LABELS,
    COMMENT_KIND_LABELS,
    COMMENT_STATE_LABELS,
    COMMENT_USE_LABELS,
    GROUP_POSITION_LABELS,
    OUTCOME_SENTENCES,
    PARAGRAPH_STATE_LABELS,
    QUOTE_CONSENT_LABELS,
    STANCE_LABELS,
)
from commentsite.web.rendering.objection_view import describe_status

Rows = Iterator[tuple[Cell, ...]]


def write_record_spreadsheet(report: Report, contributors: Iterable[Contributor]) -> bytes:
    """Return the ODS file of a version."""
    facts = DocumentFacts(
        title=_("Record of positions on “%(title)s”", title=report.letters[0].title),
        creator=current_site().title,
        language=report.language,
        created_at=report.built_at,
    )
    return write_spreadsheet(_list_sheets(report, contributors), facts)


def _list_sheets(report: Report, contributors: Iterable[Contributor]) -> Iterator[Sheet]:
    labels = {row.pid: row.label for row in report.consensus_map if row.pid}
    yield Sheet(_("Totals"), (_("What is counted"), _("Count")), _list_totals(report))
    yield Sheet(_("Texts"), (_("Part"), _("Text")), _list_texts(report))
    yield Sheet(
        _("Positions"),
        (
            _("Question"),
            _("Position"),
            _("Text"),
            _("Number of words"),
            _("Comments"),
            _("Number of people"),
        ),
        _list_positions(report),
    )
    yield Sheet(
        _("Holders"), (_("Position"), _("Holder"), _("Answer"), _("Note")), _list_holders(report)
    )
    yield Sheet(
        _("Quotations"),
        (_("Position"), _("Quotation"), _("Author"), _("Comment"), _("Version"), _("Address")),
        _list_quotations(report),
    )
    yield Sheet(_("Map"), _name_map_columns(), _list_map(report))
    groups = ((row.label, row.people, row.comments) for row in list_groups(report))
    yield Sheet(_("Groups"), (_("Group"), _("Number of people"), _("Comments")), groups)
    yield Sheet(_("Contributors"), _name_contributor_columns(), _list_contributors(contributors))
    yield Sheet(
        _("Alternatives"),
        (_("Paragraph"), _("Label"), _("Text"), _("Proposer"), _("Status")),
        _list_alternatives(report),
    )
    yield Sheet(
        _("Objections"),
        (_("Place"), _("Objection"), _("Author"), _("Status"), _("Answer"), _("Address")),
        _list_objections(report, labels),
    )
    yield Sheet(_("Omissions"), (_("Omission"), _("Author"), _("Address")), _list_omissions(report))
    yield Sheet(
        _("Campaigns"),
        (_("Text"), _("Number of people"), _("Groups"), _("Address")),
        _list_campaigns(report),
    )


def _list_totals(report: Report) -> Rows:
    yield from list_facts(report)
    for state, count in report.totals.by_state.items():
        label = COMMENT_STATE_LABELS.get(state, state)
        yield _("Comments in the state: %(state)s", state=label), count
    for use, count in list_uses(report):
        yield _("Comments with the use: %(use)s", use=use), count


def _list_texts(report: Report) -> Rows:
    yield _("Outcome"), str(OUTCOME_SENTENCES[report.outcome])
    yield _("About the outcome"), report.outcome_note
    yield _("Overview and next steps"), report.overview
    yield _("Summary of comments"), report.comments_summary
    yield _("Analysis"), report.analysis
    yield _("What the letter leaves out"), report.omissions_note
    yield _("Limits"), report.limits
    yield _("Groups not heard"), words.name_groups(report.groups_not_heard)
    yield _("Groups with too few people"), words.name_groups(report.groups_too_few)
    yield _("Version"), report.version
    yield _("Change"), report.change_note


def _list_positions(report: Report) -> Rows:
    for question in report.questions:
        for position in question.positions:
            yield (
                question.text,
                position.title,
                position.body,
                position.words,
                position.comments,
                position.people,
            )


def _list_holders(report: Report) -> Rows:
    for question in report.questions:
        for position in question.positions:
            for holder in position.holders:
                yield (
                    position.title,
                    words.name_holder(holder.kind, holder.name, holder.stakeholder_group),
                    words.describe_sign_off(holder),
                    holder.sign_off_note,
                )


def _list_quotations(report: Report) -> Rows:
    for question in report.questions:
        for position in question.positions:
            for quotation in position.quotations:
                yield (
                    position.title,
                    quotation.text,
                    words.name_author_in_line(quotation.author),
                    quotation.comment_id,
                    quotation.comment_version,
                    _address(quotation.letter_slug, quotation.comment_id),
                )


def _name_map_columns() -> tuple[str, ...]:
    return (
        _("Letter"),
        _("Paragraph"),
        _("State"),
        _("Group"),
        _("Position"),
        _("Support"),
        _("Support with changes"),
        _("Oppose"),
        _("Neutral"),
        _("Without a position"),
        _("Distinct texts"),
        _("People in campaigns"),
        _("Interval from"),
        _("Interval to"),
        _("Open objections"),
        _("Outdated positions"),
    )


def _list_map(report: Report) -> Rows:
    slugs = {letter.id: letter.slug for letter in report.letters}
    for row in report.consensus_map:
        for cell in row.cells:
            yield (
                slugs[row.letter_id],
                row.label or _("The letter as a whole"),
                str(PARAGRAPH_STATE_LABELS[row.state]),
                get_group_label(cell.stakeholder_group),
                str(GROUP_POSITION_LABELS[cell.position]),
                cell.support,
                cell.support_with_changes,
                cell.oppose,
                cell.neutral,
                cell.without_position,
                cell.texts,
                cell.campaign_people,
                cell.interval[0] if cell.interval else None,
                cell.interval[1] if cell.interval else None,
                row.open_objections,
                row.outdated_stances,
            )


def _name_contributor_columns() -> tuple[str, ...]:
    return (
        _("Comment"),
        _("Letter"),
        _("Time"),
        _("Name"),
        _("Group"),
        _("Organisation"),
        _("Capacity"),
        _("Affiliation"),
        _("May be quoted"),
        _("Kind"),
        _("Position"),
        _("Late"),
        _("Use"),
        _("Reason"),
        _("Address"),
    )


def _list_contributors(contributors: Iterable[Contributor]) -> Rows:
    for row in contributors:
        author = row.author
        yield (
            row.comment_id,
            row.letter_slug,
            row.posted_at.isoformat() if row.posted_at else "",
            author.name,
            get_group_label(author.stakeholder_group) if author.stakeholder_group else "",
            author.organisation,
            str(CAPACITY_LABELS.get(author.capacity, "")),
            str(words.AFFILIATION_CHECK_LABELS[row.affiliation]) if author.organisation else "",
            str(QUOTE_CONSENT_LABELS[row.consent]),
            str(COMMENT_KIND_LABELS.get(row.kind, "")),
            str(STANCE_LABELS.get(row.stance, "")),
            _("yes") if row.is_late else _("no"),
            str(COMMENT_USE_LABELS[row.use]) if row.use else "",
            row.use_reason,
            _address(row.letter_slug, row.comment_id),
        )


def _list_alternatives(report: Report) -> Rows:
    for row in report.alternatives:
        yield (
            row.paragraph_label,
            row.label,
            words.show_wording(row.text, row.status),
            words.name_author_in_line(row.proposer),
            str(ALTERNATIVE_STATUS_LABELS[row.status]),
        )


def _list_objections(report: Report, labels: dict[str, str]) -> Rows:
    for row in report.objections:
        yield (
            describe_paragraphs(row.pids, labels) or _("On the letter as a whole"),
            row.text,
            words.name_author_in_line(row.author),
            describe_status(row.status, is_late=row.is_late),
            row.response,
            _address(row.letter_slug, row.comment_id),
        )


def _list_omissions(report: Report) -> Rows:
    for row in report.omissions:
        yield (
            row.text,
            words.name_author_in_line(row.author),
            _address(row.letter_slug, row.comment_id),
        )


def _list_campaigns(report: Report) -> Rows:
    for row in report.campaigns:
        groups = [
            _("%(group)s %(number)s", group=get_group_label(code), number=str(count))
            for code, count in row.people_by_group.items()
        ]
        yield (
            row.text,
            row.people,
            join_list(groups),
            _address(row.letter_slug, row.first_comment_id),
        )


def _address(slug: str, comment_id: int | None) -> str:
    path = link_comment(slug, comment_id)
    return absolute_url(path) if path else ""
