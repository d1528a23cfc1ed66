"""Agreement coefficients and Fisher's exact test, compared with published examples and with counting."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.quality.agreement import (
    cohen_kappa,
    fisher_exact,
    krippendorff_alpha,
    measure_agreement,
    observed_agreement,
    wilson_interval,
)


def test_cohens_kappa_and_the_paradox_of_prevalence():
    assert observed_agreement([[20, 5], [10, 15]]) == pytest.approx(0.7)
    assert cohen_kappa([[20, 5], [10, 15]]) == pytest.approx(0.4)
    # Nine of ten alike, and worse than chance: why it never stands alone.
    assert observed_agreement([[90, 5], [5, 0]]) == pytest.approx(0.9)
    assert cohen_kappa([[90, 5], [5, 0]]) == pytest.approx(-0.0526, abs=5e-5)
    assert cohen_kappa([[7, 0], [0, 0]]) is None
    assert cohen_kappa([]) is None


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=1, max_size=30))
def test_alpha_of_two_raters_is_scotts_pi_with_its_correction_for_few_values(pairs):
    n = 2 * len(pairs)
    shares = [sum(pair.count(v) for pair in pairs) / n for v in "ABC"]
    by_chance = sum(share**2 for share in shares)
    apart = sum(first != second for first, second in pairs) / len(pairs)
    if max(shares) == 1:
        assert krippendorff_alpha(pairs) is None
    else:
        expected = 1 - apart / (1 - by_chance) * (n - 1) / n
        assert krippendorff_alpha(pairs) == pytest.approx(expected)


def test_krippendorffs_alpha():
    assert krippendorff_alpha(["AA", "AAR", "RR", "AR", "A", "RRR"]) == pytest.approx(
        0.3714, abs=5e-5
    )
    assert krippendorff_alpha(zip("0100000010", "1110010000", strict=True)) == pytest.approx(
        0.0952, abs=5e-5
    )
    assert krippendorff_alpha(["AA", "A"]) is None


def test_wilsons_interval():
    for k, n, low, high in ((4, 4, 0.5101, 1), (8, 10, 0.4902, 0.9433), (29, 41, 0.5552, 0.8239)):
        assert wilson_interval(k, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(0, 0) is None


def test_the_conclusion_from_a_number_of_second_reviews():
    alike = [("publish", "publish"), ("refuse", "refuse")]
    assert measure_agreement([]).conclusion == "few"
    assert measure_agreement(alike * 4).conclusion == "few"
    assert measure_agreement(alike * 5).conclusion == "reliable"
    assert measure_agreement(alike * 10 + [("publish", "refuse")] * 3).conclusion == "tentative"
    assert measure_agreement(alike * 5 + [("publish", "refuse")] * 5).conclusion == "none"
    assert (
        measure_agreement([("publish", "publish")] * 30).conclusion == "few"
    )  # nothing to tell apart


def test_fishers_exact_test():
    assert fisher_exact(12, 20, 27, 30) == pytest.approx(0.01726, abs=5e-6)
    assert fisher_exact(18, 20, 27, 30) == pytest.approx(1)
    assert fisher_exact(0, 0, 5, 9) == pytest.approx(1)
    assert fisher_exact(400_000, 500_000, 300_000, 500_000) < 1e-12


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_fishers_test_is_the_sum_over_all_tables_no_likelier(a, b, c, d):
    of, good, total = a + b, a + c, a + b + c + d

    def table(k):
        return comb(of, k) * comb(total - of, good - k)

    ways = [table(k) for k in range(max(0, good - (c + d)), min(of, good) + 1)]
    exact = Fraction(sum(w for w in ways if w <= table(a)), sum(ways))
    assert fisher_exact(a, a + b, c, c + d) == pytest.approx(float(exact), rel=1e-6)
