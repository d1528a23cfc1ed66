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
    # Nine of ten cases agree, and kappa is below zero. The report never shows kappa alone.
    assert observed_agreement([[90, 5], [5, 0]]) == pytest.approx(0.9)
    assert cohen_kappa([[90, 5], [5, 0]]) == pytest.approx(-0.0526, abs=5e-5)
    assert cohen_kappa([[7, 0], [0, 0]]) is None
    assert cohen_kappa([]) is None


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=1, max_size=30))
def test_alpha_of_two_raters_is_scotts_pi_with_its_correction_for_few_values(pairs):
    n = 2 * len(pairs)
    shares = [sum(pair.count(v) for pair in pairs) / n for v in "ABC"]
    expected_by_chance = sum(share**2 for share in shares)
    disagreement = sum(first != second for first, second in pairs) / len(pairs)
    if max(shares) == 1:
        assert krippendorff_alpha(pairs) is None
    else:
        expected = 1 - disagreement / (1 - expected_by_chance) * (n - 1) / n
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


def test_the_conclusion_depends_on_the_number_of_cases_and_on_alpha():
    agreeing = [("publish", "publish"), ("refuse", "refuse")]
    assert measure_agreement([]).conclusion == "few"
    assert measure_agreement(agreeing * 4).conclusion == "few"
    assert measure_agreement(agreeing * 5).conclusion == "reliable"
    assert measure_agreement(agreeing * 10 + [("publish", "refuse")] * 3).conclusion == "tentative"
    assert measure_agreement(agreeing * 5 + [("publish", "refuse")] * 5).conclusion == "none"
    # One verdict throughout: alpha is undefined.
    assert measure_agreement([("publish", "publish")] * 30).conclusion == "few"


def test_fishers_exact_test():
    assert fisher_exact(12, 20, 27, 30) == pytest.approx(0.01726, abs=5e-6)
    assert fisher_exact(18, 20, 27, 30) == pytest.approx(1)
    assert fisher_exact(0, 0, 5, 9) == pytest.approx(1)
    assert fisher_exact(400_000, 500_000, 300_000, 500_000) < 1e-12


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_fishers_p_is_the_sum_over_all_tables_no_likelier_than_the_given_one(a, b, c, d):
    group_size, passed, total = a + b, a + c, a + b + c + d

    def weight(k):
        return comb(group_size, k) * comb(total - group_size, passed - k)

    lowest, highest = max(0, passed - (c + d)), min(group_size, passed)
    weights = [weight(k) for k in range(lowest, highest + 1)]
    exact = Fraction(sum(w for w in weights if w <= weight(a)), sum(weights))
    assert fisher_exact(a, a + b, c, c + d) == pytest.approx(float(exact), rel=1e-6)
