"""Formulas of the consensus map. They are arithmetic only, and none of them weighs or corrects a count.

A group is a pair of numbers of people: those who support, and those who took a side or all who took
a position, as each function says. People choose themselves whether they comment. An interval
therefore shows how little a number of people says. It is no estimate for the whole group.
"""

from collections.abc import Mapping, Sequence
from math import exp, log, prod, sqrt
from typing import NamedTuple

from commentsite.moderation.quality.agreement import wilson_interval


class Difference(NamedTuple):
    """The difference of two shares, with its interval."""

    value: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Return whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


class GroupConsensus(NamedTuple):
    """The group-informed consensus of a paragraph, see `group_informed_consensus`."""

    product: float
    mean: float  # geometric mean of the groups, comparable between numbers of groups
    lowest: float  # of the group that supports least


def group_informed_consensus(groups: Sequence[tuple[int, int]]) -> GroupConsensus | None:
    """Return the consensus of groups, each given as (supporting, all with a position).

    Source: C. Small et al., "Polis: scaling deliberation by mapping high dimensional opinion
    spaces", Recerca 26 (2021) no. 2. A group counts as p = (supporting + 1) / (all + 2), and the
    product over the groups is the consensus. One group that opposes pulls it down, however large
    the others are.

    A group without people counts as 1/2, which is more than a group that opposes. Pass only groups
    with enough people. None without groups.
    """
    if not groups:
        return None
    shares = [(support + 1) / (total + 2) for support, total in groups]
    product = prod(shares)
    return GroupConsensus(product, product ** (1 / len(shares)), min(shares))


def share_difference(first: tuple[int, int], second: tuple[int, int]) -> Difference | None:
    """Return the share of one group less that of another, each given as (supporting, took a side).

    Source: R. G. Newcombe, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17 (1998) 873-890, method 10, which joins two Wilson
    intervals. None if one of the groups is empty.
    """
    one, two = wilson_interval(*first), wilson_interval(*second)
    if one is None or two is None:
        return None
    p, q = first[0] / first[1], second[0] / second[1]
    below = sqrt((p - one[0]) ** 2 + (two[1] - q) ** 2)
    above = sqrt((one[1] - p) ** 2 + (q - two[0]) ** 2)
    return Difference(p - q, p - q - below, p - q + above)


def bridging_score(groups: Sequence[tuple[int, int]]) -> float | None:
    """Return the lowest lower end of the groups' Wilson intervals, each (supporting, took a side).

    A text scores high only if every group supports it. Pass only groups with enough people. None
    for fewer than two of them, because a bridge has two ends.
    """
    intervals = [wilson_interval(*group) for group in groups]
    ends = [interval[0] for interval in intervals if interval is not None]
    return min(ends) if len(ends) >= 2 else None


def representation_ratios(
    counts: Mapping[str, int], reference: Mapping[str, float]
) -> dict[str, float]:
    """Return each group's share of the counts divided by its share of the reference, such as seats.

    1 means as many as the reference expects, 0.5 half as many. Empty without counts.
    """
    total, expected = sum(counts.get(group, 0) for group in reference), sum(reference.values())
    if not total:
        return {}
    return {
        group: counts.get(group, 0) / total / (share / expected)
        for group, share in reference.items()
        if share
    }


class Diversity(NamedTuple):
    """How evenly people are spread over groups."""

    inverse_simpson: float  # effective number of groups, in which large groups count more
    hill: float  # effective number of groups (order 1)
    evenness: float  # from 0 (all in one group) to 1 (the same number in each)


def measure_diversity(counts: Sequence[int]) -> Diversity | None:
    """Return the effective number of groups behind counts of people, one for each group expected.

    Source: M. O. Hill, "Diversity and evenness: a unifying notation and its consequences", Ecology
    54 (1973) 427-432. The number of order 2 is 1 / sum of p², with the share p of a group, and that
    of order 1 is exp of the entropy. Evenness is the entropy divided by that of equal groups. None
    without people.
    """
    total = sum(counts)
    if not total:
        return None
    shares = [count / total for count in counts if count]
    entropy = -sum(share * log(share) for share in shares)
    evenness = entropy / log(len(counts)) if len(counts) > 1 else 1.0
    # Rounding can leave -0.0 for one group.
    return Diversity(1 / sum(share**2 for share in shares), exp(entropy), max(0.0, evenness))


def effective_sample_size(weights: Sequence[float]) -> float:
    """Return the number of equally weighted people who say as much as people with these weights.

    Source: L. Kish, Survey Sampling (1965), section 11.7: (sum of weights)² / sum of weights².
    """
    total = sum(weights)
    return total**2 / sum(weight**2 for weight in weights) if total else 0.0
