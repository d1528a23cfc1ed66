"""View model of the section “How sure are these figures?” below a consensus map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, format_percent

from commentsite.summaries.consensus.policy import (
    GROUPS_NOT_EXPECTED,
    MIN_PEOPLE_FOR_SHARE,
    POSITIONS_WITH_ENOUGH_PEOPLE,
)
from commentsite.summaries.consensus.statistics import (
    bridging_score,
    effective_sample_size,
    group_informed_consensus,
    measure_diversity,
    representation_ratios,
    share_difference,
)
from commentsite.summaries.report.content import Cell, MapRow, Totals
from commentsite.web.rendering.filters import get_group_label
from commentsite.web.rendering.i18n import gettext as _


@dataclass(frozen=True)
class RowCertainty:
    """Statements on the figures of one paragraph."""

    label: str  # empty for the letter as a whole
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class GroupShare:
    """The people of one group beside an equal share for each group."""

    label: str
    people: int
    comparison: str


@dataclass(frozen=True)
class CertaintyView:
    rows: tuple[RowCertainty, ...]
    spread: tuple[str, ...]  # sentences on how the people are spread over the groups
    shares: tuple[GroupShare, ...]


def build_certainty_view(
    rows: Sequence[MapRow], totals: Totals, groups: Sequence[str]
) -> CertaintyView:
    """Build the section. `groups` are the codes that the site offers."""
    described = (RowCertainty(row.label, _describe_row(row)) for row in rows)
    expected = [code for code in groups if code not in GROUPS_NOT_EXPECTED]
    return CertaintyView(
        rows=tuple(row for row in described if row.sentences),
        spread=_describe_spread(expected, totals.people_by_group),
        shares=_compare_shares(expected, totals.people_by_group),
    )


def _sides(cell: Cell) -> tuple[int, int]:
    support = cell.support + cell.support_with_changes
    return support, support + cell.oppose


def _describe_row(row: MapRow) -> tuple[str, ...]:
    enough = [cell for cell in row.cells if cell.position in POSITIONS_WITH_ENOUGH_PEOPLE]
    sentences = [
        _(
            "Of the people from “%(group)s” who commented, %(share)s are for it. The interval runs from %(low)s to"
            " %(high)s.",
            group=get_group_label(cell.stakeholder_group),
            share=format_percent(support / sides),
            low=format_percent(cell.interval[0]),
            high=format_percent(cell.interval[1]),
        )
        for cell in enough
        for support, sides in [_sides(cell)]
        if cell.interval and sides >= MIN_PEOPLE_FOR_SHARE
    ]
    if len(enough) < 2:
        return tuple(sentences)
    ordered = sorted(enough, key=lambda cell: _sides(cell)[0] / _sides(cell)[1])
    sentences.append(_describe_difference(ordered[-1], ordered[0]))
    consensus = group_informed_consensus(
        [(_sides(cell)[0], _sides(cell)[1] + cell.neutral) for cell in enough]
    )
    bridge = bridging_score([_sides(cell) for cell in enough])
    if consensus is not None and bridge is not None:
        sentences.append(
            _(
                "Group-informed consensus from 0 to 1: %(mean)s as the mean of the groups, %(lowest)s for the"
                " group that supports it least. Bridging score: %(bridge)s.",
                mean=_format(consensus.mean), lowest=_format(consensus.lowest), bridge=_format(bridge),
            )
        )  # fmt: skip
    return tuple(sentences)


def _describe_difference(most: Cell, least: Cell) -> str:
    names = {
        "most": get_group_label(most.stakeholder_group),
        "least": get_group_label(least.stakeholder_group),
    }
    difference = share_difference(_sides(most), _sides(least))
    if difference is None or not difference.is_certain:
        return _("“%(most)s” and “%(least)s”: not enough to tell whether they differ.", **names)
    if min(_sides(most)[1], _sides(least)[1]) < MIN_PEOPLE_FOR_SHARE:
        return _("“%(most)s” supports it more than “%(least)s”, with little doubt.", **names)
    return _(
        "“%(most)s” supports it more than “%(least)s”: by %(points)s, at least by %(low)s.",
        points=format_percent(difference.value), low=format_percent(difference.low), **names,
    )  # fmt: skip


def _describe_spread(expected: Sequence[str], people: Mapping[str, int]) -> tuple[str, ...]:
    counts = [people.get(code, 0) for code in expected]
    total, diversity = sum(counts), measure_diversity(counts)
    if total < MIN_PEOPLE_FOR_SHARE or diversity is None:
        return ()
    heard = [count for count in counts if count]
    weights = [1 / count for count in heard for _person in range(count)]
    return (
        _(
            "%(n)d people belong to one of the %(groups)d groups that this site offers. They are spread as unevenly as"
            " over %(hill)s groups of the same size (%(simpson)s if large groups count more). Evenness, from 0 to 1:"
            " %(evenness)s.",
            n=total, groups=len(expected), hill=_format(diversity.hill, 1),
            simpson=_format(diversity.inverse_simpson, 1), evenness=_format(diversity.evenness),
        ),
        _(
            "No figure here is weighted. If each group that was heard counted the same, the %(n)d people would say as"
            " much as %(effective)s people.",
            n=total, effective=_format(effective_sample_size(weights), 0),
        ),
    )  # fmt: skip


def _compare_shares(expected: Sequence[str], people: Mapping[str, int]) -> tuple[GroupShare, ...]:
    if sum(people.get(code, 0) for code in expected) < MIN_PEOPLE_FOR_SHARE:
        return ()
    ratios = representation_ratios(people, dict.fromkeys(expected, 1))
    return tuple(
        GroupShare(
            get_group_label(code),
            people.get(code, 0),
            _("%(ratio)s times an equal share", ratio=_format(ratios[code], 1))
            if people.get(code)
            else _("not heard"),
        )
        for code in expected
    )


def _format(value: float, digits: int = 2) -> str:
    return str(format_decimal(value, f"0.{'0' * digits}" if digits else "0"))
