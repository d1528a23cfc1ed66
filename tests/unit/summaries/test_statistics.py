"""Formulas of the consensus map, compared with worked examples and with each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.quality.agreement import wilson_interval
from commentsite.summaries.consensus.statistics import (
    bridging_score,
    effective_sample_size,
    group_informed_consensus,
    measure_diversity,
    representation_ratios,
    share_difference,
)


def about(*values):
    return pytest.approx(values, abs=5e-5)


@pytest.mark.parametrize(
    ("groups", "product", "mean", "lowest"),
    [
        ([(8, 10), (7, 10), (9, 10)], 0.416667, 0.7469, 0.6667),
        # 29 of 40 people support, 72.5 %, and yet one group opposes nine to one.
        ([(20, 20), (1, 10), (8, 10)], 0.119318, 0.4923, 0.1667),
        # Silence counts more than division, so groups without enough people are left out.
        ([(0, 0), (0, 0), (0, 0)], 0.125, 0.5, 0.5),
    ],
)
def test_one_group_that_opposes_pulls_the_consensus_down(groups, product, mean, lowest):
    assert group_informed_consensus(groups) == about(product, mean, lowest)
    assert group_informed_consensus([]) is None


@pytest.mark.parametrize(
    ("support", "people", "low", "high"),
    [
        (0, 1, 0, 0.7935), (1, 1, 0.2065, 1), (3, 3, 0.4385, 1), (4, 4, 0.5101, 1),
        (4, 5, 0.3755, 0.9638), (5, 5, 0.5655, 1), (8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1),
        (50, 100, 0.4038, 0.5962), (29, 41, 0.5552, 0.8239),
    ],
)  # fmt: skip
def test_the_interval_of_a_share(support, people, low, high):
    assert wilson_interval(support, people) == about(low, high)
    assert wilson_interval(people - support, people) == about(1 - high, 1 - low)


@pytest.mark.parametrize(
    ("people", "fewest"), [(4, 4), (5, 5), (8, 7), (10, 9), (12, 10), (15, 12), (20, 15), (30, 21)]
)
def test_the_fewest_supporters_with_which_a_group_supports(people, fewest):
    assert wilson_interval(fewest, people)[0] > 0.5 >= wilson_interval(fewest - 1, people)[0]


@pytest.mark.parametrize(
    ("first", "second", "expected", "is_certain"),
    [
        ((56, 70), (48, 80), (0.2, 0.0524, 0.3339), True),
        ((8, 10), (2, 10), (0.6, 0.1618, 0.8027), True),
        ((3, 4), (1, 4), (0.5, -0.1355, 0.7891), False),
    ],
)
def test_the_difference_between_two_groups(first, second, expected, is_certain):
    difference = share_difference(first, second)
    assert difference == about(*expected)
    assert difference.is_certain is is_certain
    value, low, high = expected
    assert share_difference(second, first) == about(-value, -high, -low)
    assert share_difference(first, (0, 0)) is None


def test_representation_against_equal_seats():
    counts = {"GOV": 2, "BUS": 8, "CIV": 30, "TEC": 9, "IGO": 1}
    ratios = representation_ratios(counts, dict.fromkeys(counts, 5))
    assert ratios == pytest.approx({"GOV": 0.2, "BUS": 0.8, "CIV": 3.0, "TEC": 0.9, "IGO": 0.1})
    assert representation_ratios({}, {"GOV": 5}) == {}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10] * 6, (6, 6, 1)),
        ([46, 2, 1, 1, 0, 0], (1.1781, 1.4361, 0.2020)),
        ([20, 10, 10, 0, 0, 0], (2.6667, 2.8284, 0.5803)),
    ],
)
def test_the_effective_number_of_groups(counts, expected):
    assert measure_diversity(counts) == about(*expected)
    assert measure_diversity([0, 0]) is None


def test_the_effective_number_of_people_with_unequal_weights():
    assert effective_sample_size([1] * 10 + [5] * 2) == pytest.approx(6.6667, abs=5e-5)
    assert effective_sample_size([]) == 0


def test_a_bridge_has_two_ends_and_is_as_high_as_the_lower():
    assert bridging_score([(4, 4), (10, 10)]) == pytest.approx(0.5101, abs=5e-5)
    assert bridging_score([(40, 40)]) is None
    # Of texts that one camp, the other camp, both or none support, that of both bridges most.
    camps = ([(4, 4), (0, 4)], [(0, 4), (4, 4)], [(4, 4), (4, 4)], [(0, 4), (0, 4)])
    scores = [bridging_score(camp) for camp in camps]
    assert scores.index(max(scores)) == 2
    assert scores[0] == scores[1] < 0.25


counts = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair))),
    min_size=2,
    max_size=6,
)


@given(counts)
def test_consensus_lies_between_its_lowest_group_and_certainty_and_bridges_below_any_share(groups):
    consensus = group_informed_consensus(groups)
    assert 0 < consensus.lowest <= consensus.mean + 1e-12
    assert consensus.product <= consensus.mean < 1
    score = bridging_score(groups)
    shares = [support / people for support, people in groups if people]
    assert score is None if len(shares) < 2 else score <= min(shares) + 1e-12
