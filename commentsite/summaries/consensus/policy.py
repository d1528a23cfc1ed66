"""Rules of the consensus map: the position of a group, and the state of a paragraph.

Groups are never pooled: 72 % of all people can hide a group that opposes. A group has a position
only where its own interval leaves out one half, and it is described only from MIN_PEOPLE on, the
smallest number for which that is possible.
"""

from collections.abc import Iterable, Mapping

from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.moderation.quality.agreement import wilson_interval
from commentsite.summaries.states import GroupPosition, ParagraphState

#: People of a group who took a side, from which it can have a position. Of four people who all
#: support, the interval begins at .51.
MIN_PEOPLE = 4
#: People of a group who took a side, from which a percentage is shown. Below, counts are.
MIN_PEOPLE_FOR_SHARE = 10
#: Undisclosed, and individuals. Neither stands for a group, so neither is missed.
GROUPS_NOT_EXPECTED = frozenset({UNDISCLOSED_GROUP, "IND"})
POSITIONS_WITH_ENOUGH_PEOPLE = frozenset(
    {GroupPosition.SUPPORTS, GroupPosition.OPPOSES, GroupPosition.UNCERTAIN}
)


def derive_group_position(support: int, oppose: int, *, is_heard: bool = True) -> GroupPosition:
    """Return the position of a group. `support` includes those who support with changes.

    `is_heard` says whether people of the group commented, with or without taking a side.
    """
    sides = support + oppose
    if not sides and not is_heard:
        return GroupPosition.NOT_HEARD
    interval = wilson_interval(support, sides)
    if interval is None or sides < MIN_PEOPLE:
        return GroupPosition.TOO_FEW
    low, high = interval
    if low > 0.5:
        return GroupPosition.SUPPORTS
    return GroupPosition.OPPOSES if high < 0.5 else GroupPosition.UNCERTAIN


def derive_paragraph_state(
    positions: Mapping[str, GroupPosition], *, has_stances: bool, has_open_objection: bool = False
) -> ParagraphState:
    """Return the state of a paragraph from the positions of the groups by their codes.

    People who do not name their group can break an agreement of groups, but they make none.
    """
    if not has_stances:
        return ParagraphState.NOT_DISCUSSED
    enough = {code: p for code, p in positions.items() if p in POSITIONS_WITH_ENOUGH_PEOPLE}
    named = enough.keys() - {UNDISCLOSED_GROUP}
    if not named:
        return ParagraphState.TOO_FEW
    held = set(enough.values())
    if {GroupPosition.SUPPORTS, GroupPosition.OPPOSES} <= held:
        return ParagraphState.DIVERGENCE
    if len(named) == 1:
        return ParagraphState.SINGLE_GROUP
    if GroupPosition.UNCERTAIN in held:
        return ParagraphState.UNRESOLVED
    return (
        ParagraphState.CONVERGENCE_OPEN_OBJECTION
        if has_open_objection
        else ParagraphState.CONVERGENCE
    )


def list_groups_not_heard(positions: Mapping[str, GroupPosition]) -> tuple[str, ...]:
    """Return the groups of which no one commented, in their order."""
    return tuple(
        code
        for code, position in positions.items()
        if position is GroupPosition.NOT_HEARD and code not in GROUPS_NOT_EXPECTED
    )


def list_groups_too_few(positions: Mapping[str, GroupPosition]) -> tuple[str, ...]:
    """Return the groups of which too few people took a side to describe the group, in their order."""
    return tuple(
        code
        for code, position in positions.items()
        if position is GroupPosition.TOO_FEW and code != UNDISCLOSED_GROUP
    )


def list_missing_groups(
    groups: Iterable[str], people_by_group: Mapping[str, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the groups of which no one commented at all, and those with fewer than MIN_PEOPLE people."""
    positions = {
        code: derive_group_position(
            people_by_group.get(code, 0), 0, is_heard=people_by_group.get(code, 0) > 0
        )
        for code in groups
    }
    return list_groups_not_heard(positions), list_groups_too_few(positions)
