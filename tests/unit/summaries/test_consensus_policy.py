"""Positions of groups and states of paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.summaries.consensus.policy import (
    derive_group_position,
    derive_paragraph_state,
    list_groups_not_heard,
    list_groups_too_few,
    list_missing_groups,
)
from commentsite.summaries.states import GroupPosition, ParagraphState


def state(*, has_open_objection=False, **sides):
    positions = {group: derive_group_position(*pair) for group, pair in sides.items()}
    return derive_paragraph_state(
        positions, has_stances=bool(sides), has_open_objection=has_open_objection
    ).value


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ({"GOV": (0, 5), "BUS": (6, 0), "CIV": (9, 3)}, "divergence"),
        ({"GOV": (1, 0), "BUS": (2, 0), "CIV": (1, 1)}, "too_few"),
        ({"CIV": (40, 0), "GOV": (1, 0)}, "single_group"),
        ({"GOV": (5, 0), "BUS": (4, 0), "CIV": (6, 0)}, "convergence"),
        ({"GOV": (0, 5), "BUS": (0, 4)}, "convergence"),
        ({"GOV": (5, 0), "CIV": (5, 5)}, "unresolved"),
        ({"GOV": (5, 0), "BUS": (5, 1), "CIV": (20, 2), "TEC": (4, 0)}, "unresolved"),
        ({}, "not_discussed"),
        # People who name no group are no second group, but their opposition counts.
        ({"CIV": (40, 0), "UND": (9, 0)}, "single_group"),
        ({"CIV": (40, 0), "GOV": (9, 0), "UND": (0, 9)}, "divergence"),
        ({"UND": (40, 0)}, "too_few"),
    ],
)
def test_the_state_of_a_paragraph(sides, expected):
    assert state(**sides) == expected


def test_an_open_objection_keeps_an_agreement_open():
    sides = {"GOV": (5, 0), "BUS": (4, 0), "CIV": (6, 0)}
    assert state(has_open_objection=True, **sides) == "convergence_open_objection"
    assert state(has_open_objection=True, CIV=(40, 0)) == "single_group"


def test_three_quarters_of_twelve_people_are_no_position_of_their_group():
    assert derive_group_position(9, 3) is GroupPosition.UNCERTAIN
    assert derive_group_position(3, 0) is GroupPosition.TOO_FEW
    assert derive_group_position(4, 0) is GroupPosition.SUPPORTS
    assert derive_group_position(0, 4) is GroupPosition.OPPOSES
    assert derive_group_position(0, 0) is GroupPosition.TOO_FEW
    assert derive_group_position(0, 0, is_heard=False) is GroupPosition.NOT_HEARD


def test_groups_that_were_not_heard_are_named():
    positions = {
        "GOV": GroupPosition.NOT_HEARD, "CIV": GroupPosition.SUPPORTS, "TEC": GroupPosition.TOO_FEW,
        "IND": GroupPosition.NOT_HEARD, "UND": GroupPosition.TOO_FEW,
    }  # fmt: skip
    assert list_groups_not_heard(positions) == ("GOV",)
    assert list_groups_too_few(positions) == ("TEC",)
    people = {"CIV": 4, "TEC": 3, "UND": 1}
    assert list_missing_groups(("GOV", "CIV", "TEC", "IND", "UND"), people) == (("GOV",), ("TEC",))


@given(
    st.dictionaries(
        st.sampled_from(["GOV", "BUS", "CIV", "TEC", "UND"]),
        st.tuples(st.integers(0, 40), st.integers(0, 40)),
    ),
    st.booleans(),
)
def test_agreement_needs_two_groups_that_agree_and_no_group_that_does_not(sides, is_open):
    positions = {group: derive_group_position(*pair) for group, pair in sides.items()}
    found = derive_paragraph_state(positions, has_stances=True, has_open_objection=is_open)
    held = [p for group, p in positions.items() if p != "too_few"]
    named = [p for group, p in positions.items() if p != "too_few" and group != "UND"]
    agrees = len(named) >= 2 and len(set(held)) == 1 and "uncertain" not in held
    assert agrees == (
        found in {ParagraphState.CONVERGENCE, ParagraphState.CONVERGENCE_OPEN_OBJECTION}
    )
    assert (found is ParagraphState.TOO_FEW) == (not named)
