"""View model of the consensus map: the signs, words and sentences of its cells and rows.

A state is never shown by its colour alone, and percentages are shown from MIN_PEOPLE_FOR_SHARE people on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import format_percent

from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.summaries.consensus.policy import (
    MIN_PEOPLE,
    MIN_PEOPLE_FOR_SHARE,
    POSITIONS_WITH_ENOUGH_PEOPLE,
)
from commentsite.summaries.report.content import Cell, MapRow
from commentsite.summaries.states import GroupPosition, ParagraphState
from commentsite.web.rendering.filters import get_group_label, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import GROUP_POSITION_LABELS, PARAGRAPH_STATE_LABELS

POSITION_SIGNS = {
    GroupPosition.SUPPORTS: "+",
    GroupPosition.OPPOSES: "−",
    GroupPosition.UNCERTAIN: "±",
    GroupPosition.TOO_FEW: f"<{MIN_PEOPLE}",
    GroupPosition.NOT_HEARD: "0",
}
STATE_SIGNS = {
    ParagraphState.CONVERGENCE: "=",
    ParagraphState.CONVERGENCE_OPEN_OBJECTION: "=",
    ParagraphState.DIVERGENCE: "×",
    ParagraphState.UNRESOLVED: "±",
    ParagraphState.SINGLE_GROUP: "1",
    ParagraphState.TOO_FEW: f"<{MIN_PEOPLE}",
    ParagraphState.NOT_DISCUSSED: "0",
}
#: Classes of the stylesheet. The others have none.
STATE_LOOKS = {
    ParagraphState.CONVERGENCE: "good",
    ParagraphState.CONVERGENCE_OPEN_OBJECTION: "wait",
    ParagraphState.DIVERGENCE: "stop",
}
POSITION_LOOKS = {
    GroupPosition.SUPPORTS: "good",
    GroupPosition.OPPOSES: "stop",
    GroupPosition.UNCERTAIN: "wait",
}
#: The order in which the page lists how many paragraphs have each state.
STATE_ORDER = (
    ParagraphState.CONVERGENCE,
    ParagraphState.CONVERGENCE_OPEN_OBJECTION,
    ParagraphState.DIVERGENCE,
    ParagraphState.UNRESOLVED,
    ParagraphState.SINGLE_GROUP,
    ParagraphState.TOO_FEW,
)


@dataclass(frozen=True)
class MapLetter:
    """The letter of a row."""

    slug: str
    title: str
    language: str


@dataclass(frozen=True)
class CellView:
    """How one group stands to one paragraph. `look` is a CSS class."""

    group: str  # label
    position: str  # code
    sign: str
    word: str
    look: str
    counts: str  # "9 for, 3 against", or how many people commented
    share: str  # "75% for", from MIN_PEOPLE_FOR_SHARE people on
    details: tuple[str, ...]
    sentence: str  # for the address of the comments, and where there is room
    url: str  # of the comments behind it, empty if there are none


@dataclass(frozen=True)
class RowView:
    """One paragraph, or a letter as a whole. `look` is a CSS class."""

    anchor: str
    label: str  # of the paragraph, empty for the letter as a whole
    letter: MapLetter
    excerpt: str
    url: str
    state: str  # code
    sign: str
    word: str
    look: str
    sentence: str
    cells: tuple[CellView, ...]
    not_heard: str  # a sentence, or ""
    objections: str
    objections_url: str
    outdated: str


@dataclass(frozen=True)
class ParagraphLink:
    label: str
    url: str


@dataclass(frozen=True)
class StateCount:
    """How many paragraphs have a state."""

    sign: str
    word: str
    look: str
    count: int
    rows: tuple[ParagraphLink, ...]


@dataclass(frozen=True)
class KeyEntry:
    """A sign of the map and its meaning."""

    sign: str
    word: str
    look: str
    meaning: str


@dataclass(frozen=True)
class MapView:
    """The map. Groups without a comment have no column, and are named below."""

    groups: tuple[str, ...]  # labels of the columns
    rows: tuple[RowView, ...]
    states: tuple[StateCount, ...]
    key: tuple[KeyEntry, ...]
    not_discussed: tuple[ParagraphLink, ...]  # paragraphs without a row
    groups_not_heard: tuple[str, ...]  # labels
    groups_too_few: tuple[str, ...]
    has_letter_titles: bool  # rows of several letters


def build_map_view(
    rows: Sequence[MapRow],
    letters: Mapping[int, MapLetter],
    *,
    groups_not_heard: Sequence[str] = (),
    groups_too_few: Sequence[str] = (),
) -> MapView:
    """Build the view of a map.

    `groups_not_heard` and `groups_too_few` are codes of groups in the consultation as a whole (see
    consensus.policy.list_missing_groups).
    """
    columns = [
        cell.stakeholder_group
        for n, cell in enumerate(rows[0].cells if rows else ())
        if any(row.cells[n].position != GroupPosition.NOT_HEARD for row in rows)
    ]
    shown = [
        row
        for row in rows
        if row.state != ParagraphState.NOT_DISCUSSED or row.open_objections or row.outdated_stances
    ]
    is_shown = {id(row) for row in shown}
    views = tuple(_build_row(row, letters[row.letter_id], columns) for row in shown)
    return MapView(
        groups=tuple(_get_column_label(code) for code in columns),
        rows=views,
        states=_count_states(views),
        key=_build_key(),
        not_discussed=tuple(
            ParagraphLink(row.label, _paragraph_url(row, letters[row.letter_id]))
            for row in rows
            if row.pid and id(row) not in is_shown
        ),
        groups_not_heard=tuple(get_group_label(code) for code in groups_not_heard),
        groups_too_few=tuple(get_group_label(code) for code in groups_too_few),
        has_letter_titles=len({row.letter_id for row in rows}) > 1,
    )


def _count_states(rows: Sequence[RowView]) -> tuple[StateCount, ...]:
    counts = []
    for state in STATE_ORDER:
        found = [row for row in rows if row.state == state and row.label]
        if found:
            counts.append(
                StateCount(
                    STATE_SIGNS[state],
                    str(PARAGRAPH_STATE_LABELS[state]),
                    STATE_LOOKS.get(state, ""),
                    len(found),
                    tuple(ParagraphLink(row.label, f"#{row.anchor}") for row in found),
                )
            )
    return tuple(counts)


def _build_key() -> tuple[KeyEntry, ...]:
    meanings = {
        GroupPosition.SUPPORTS: _(
            "more than half support it, even by the careful end of the interval"
        ),
        GroupPosition.OPPOSES: _(
            "more than half oppose it, even by the careful end of the interval"
        ),
        GroupPosition.UNCERTAIN: _("split, or too close to tell"),
        GroupPosition.TOO_FEW: _("fewer than %(n)d people took a side", n=MIN_PEOPLE),
        GroupPosition.NOT_HEARD: _("no one from this group commented on the paragraph"),
    }
    return tuple(
        KeyEntry(
            POSITION_SIGNS[position],
            str(GROUP_POSITION_LABELS[position]),
            POSITION_LOOKS.get(position, ""),
            meaning,
        )
        for position, meaning in meanings.items()
    )


def _paragraph_url(row: MapRow, letter: MapLetter) -> str:
    return url_for("letters.show", slug=letter.slug, _anchor=row.pid or None)


def _get_column_label(code: str) -> str:
    return _("Group not stated") if code == UNDISCLOSED_GROUP else get_group_label(code)


def _build_row(row: MapRow, letter: MapLetter, columns: Sequence[str]) -> RowView:
    not_heard = [get_group_label(code) for code in row.groups_not_heard if code in columns]
    is_closed = row.state == ParagraphState.NOT_DISCUSSED
    return RowView(
        anchor=f"on-{row.pid or 'letter'}-{row.letter_id}",
        label=row.label,
        letter=letter,
        excerpt=row.excerpt,
        url=_paragraph_url(row, letter),
        state=row.state.value,
        sign=STATE_SIGNS[row.state],
        word=str(PARAGRAPH_STATE_LABELS[row.state]),
        look=STATE_LOOKS.get(row.state, ""),
        sentence=_describe_state(row),
        cells=tuple(
            _build_cell(cell, row, letter)
            for cell in row.cells
            if cell.stakeholder_group in columns
        ),
        not_heard=""
        if is_closed or not not_heard
        else _("Not heard on this: %(groups)s.", groups=join_list(not_heard)),
        objections=ngettext(
            "%(num)d objection is open.", "%(num)d objections are open.", row.open_objections
        )
        if row.open_objections
        else "",
        objections_url=url_for("consensus_map.show", slug=letter.slug, _anchor="objections"),
        outdated=ngettext(
            "%(num)d person took a position on an earlier wording. It is not counted.",
            "%(num)d people took a position on an earlier wording. They are not counted.",
            row.outdated_stances,
        )
        if row.outdated_stances
        else "",
    )


def _describe_state(row: MapRow) -> str:
    positions = {
        cell.position for cell in row.cells if cell.position in POSITIONS_WITH_ENOUGH_PEOPLE
    }
    if row.state == ParagraphState.DIVERGENCE:
        return _(
            "For: %(supporting)s. Against: %(opposing)s.",
            supporting=_name_groups(row, GroupPosition.SUPPORTS),
            opposing=_name_groups(row, GroupPosition.OPPOSES),
        )
    if row.state == ParagraphState.SINGLE_GROUP:
        groups = [
            get_group_label(cell.stakeholder_group)
            for cell in row.cells
            if cell.position in POSITIONS_WITH_ENOUGH_PEOPLE
            and cell.stakeholder_group != UNDISCLOSED_GROUP
        ]
        return _("Only “%(group)s” has enough people to describe.", group=groups[0])
    if row.state == ParagraphState.UNRESOLVED:
        return _(
            "Split or uncertain: %(groups)s.", groups=_name_groups(row, GroupPosition.UNCERTAIN)
        )
    if row.state in {ParagraphState.CONVERGENCE, ParagraphState.CONVERGENCE_OPEN_OBJECTION}:
        if GroupPosition.SUPPORTS in positions:
            return _("Every group with enough people supports it.")
        return _("Every group with enough people opposes it.")
    return {
        ParagraphState.TOO_FEW: _("No group has %(n)d people who took a side.", n=MIN_PEOPLE),
        ParagraphState.NOT_DISCUSSED: _("No one took a position on the current wording."),
    }[row.state]


def _name_groups(row: MapRow, position: GroupPosition) -> str:
    return join_list(
        _get_column_label(cell.stakeholder_group) for cell in row.cells if cell.position == position
    )


def _build_cell(cell: Cell, row: MapRow, letter: MapLetter) -> CellView:
    support = cell.support + cell.support_with_changes
    sides = support + cell.oppose
    people = sides + cell.neutral + cell.without_position
    label = _get_column_label(cell.stakeholder_group)
    share = ""
    if sides >= MIN_PEOPLE_FOR_SHARE:
        share = _("%(share)s for", share=format_percent(support / sides))
    return CellView(
        group=label,
        position=cell.position.value,
        sign=POSITION_SIGNS[cell.position],
        word=str(GROUP_POSITION_LABELS[cell.position]),
        look=POSITION_LOOKS.get(cell.position, ""),
        counts=_("%(support)d for, %(oppose)d against", support=support, oppose=cell.oppose)
        if sides
        else "",
        share=share,
        details=_list_details(cell, sides + cell.neutral),
        sentence=_describe_cell(cell, label, sides, people),
        url=_comments_url(cell, row, letter) if people else "",
    )


def _list_details(cell: Cell, with_position: int) -> tuple[str, ...]:
    details = []
    if cell.support_with_changes:
        details.append(
            ngettext("%(num)d with changes", "%(num)d with changes", cell.support_with_changes)
        )
    if cell.neutral:
        details.append(ngettext("%(num)d neutral", "%(num)d neutral", cell.neutral))
    if cell.without_position:
        details.append(
            ngettext(
                "%(num)d without a position", "%(num)d without a position", cell.without_position
            )
        )
    if cell.campaign_people:
        details.append(
            ngettext("%(num)d in a campaign", "%(num)d in campaigns", cell.campaign_people)
        )
    if cell.texts < with_position:
        details.append(ngettext("%(num)d different text", "%(num)d different texts", cell.texts))
    return tuple(details)


def _describe_cell(cell: Cell, label: str, sides: int, people: int) -> str:
    """Return the sentence about one group, always about those who commented."""
    if cell.position == GroupPosition.NOT_HEARD:
        return _("%(group)s: no one from this group commented on the paragraph.", group=label)
    if cell.position == GroupPosition.TOO_FEW:
        return ngettext(
            "%(group)s: %(num)d person commented, too few to describe the group. Read the comment.",
            "%(group)s: %(num)d people commented, too few of them to describe the group. Read them.",
            people,
            group=label,
        )
    if cell.position == GroupPosition.UNCERTAIN:
        return ngettext(
            "%(group)s: of those who commented, %(num)d person took a side. Split or uncertain.",
            "%(group)s: of those who commented, %(num)d people took a side. Split or uncertain.",
            sides,
            group=label,
        )
    if cell.position == GroupPosition.SUPPORTS:
        return _(
            "%(group)s: %(n)d of %(of)d who commented and took a side support it.",
            group=label, n=sides - cell.oppose, of=sides,
        )  # fmt: skip
    return _(
        "%(group)s: %(n)d of %(of)d who commented and took a side oppose it.",
        group=label, n=cell.oppose, of=sides,
    )  # fmt: skip


def _comments_url(cell: Cell, row: MapRow, letter: MapLetter) -> str:
    return url_for(
        "letters.show",
        slug=letter.slug,
        group=cell.stakeholder_group,
        paragraph=row.pid or None,
        _anchor="comments",
    )
