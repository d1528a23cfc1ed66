"""Compute the agreement of two raters, and Fisher's exact test: arithmetic only.

The docstring of each function names the source of its formula.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, sqrt

ConfusionMatrix = Sequence[Sequence[int]]
Z_95 = 1.959964  # 97.5th percentile of the standard normal distribution
#: Customary limits for alpha (Krippendorff 2019, chapter 12): below .667 no conclusions, from .8
#: on reliable.
TENTATIVE_ALPHA, RELIABLE_ALPHA = 0.667, 0.8
MIN_CASES = 10  # no share is reported for fewer cases
_ROUNDING_TOLERANCE = 1 + 1e-7  # probabilities that differ by rounding alone count as equal
_NEGLIGIBLE_WEIGHT = 1e-18  # tables this much less likely than the likeliest add nothing to a float


class Conclusion(StrEnum):
    """The conclusion that alpha permits."""

    TOO_FEW_CASES = "few"  # or only one verdict was ever given
    NONE = "none"
    TENTATIVE = "tentative"
    RELIABLE = "reliable"


@dataclass(frozen=True)
class Agreement:
    """The agreement of two readings of the same cases. A coefficient that is undefined is None."""

    n: int  # cases
    agreed: int
    kappa: float | None
    alpha: float | None
    confidence_interval: tuple[float, float] | None  # of the observed agreement, Wilson 95 %

    @property
    def observed_agreement(self) -> float | None:
        """The share of cases with the same verdict in both readings."""
        return self.agreed / self.n if self.n else None

    @property
    def conclusion(self) -> Conclusion:
        """The conclusion that the number of cases and alpha permit."""
        if self.n < MIN_CASES or self.alpha is None:
            return Conclusion.TOO_FEW_CASES
        if self.alpha < TENTATIVE_ALPHA:
            return Conclusion.NONE
        return Conclusion.TENTATIVE if self.alpha < RELIABLE_ALPHA else Conclusion.RELIABLE


@dataclass(frozen=True)
class MonthlyAgreement:
    """The result of the quality reviews of one month. The month "" stands for all months."""

    month: str  # as 2026-03
    sample_size: int
    agreement: Agreement


def measure_agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Compare pairs of verdicts, each a first reading and a second."""
    counts = Counter(pairs)
    verdicts = sorted({verdict for pair in counts for verdict in pair})
    matrix = [[counts[first, second] for second in verdicts] for first in verdicts]
    n, agreed = sum(counts.values()), sum(matrix[i][i] for i in range(len(verdicts)))
    return Agreement(
        n,
        agreed,
        kappa=cohen_kappa(matrix),
        alpha=krippendorff_alpha(counts.elements()),
        confidence_interval=wilson_interval(agreed, n),
    )


def observed_agreement(matrix: ConfusionMatrix) -> float | None:
    """Return the share of cases on the diagonal, or None for an empty matrix."""
    n = sum(map(sum, matrix))
    return sum(matrix[i][i] for i in range(len(matrix))) / n if n else None


def cohen_kappa(matrix: ConfusionMatrix) -> float | None:
    """Return Cohen's kappa of two raters, in [-1, 1].

    Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and
    Psychological Measurement 20 (1960) 37-46. kappa = (p_o - p_e) / (1 - p_e), with the observed
    agreement p_o and the agreement p_e expected by chance from the margins.

    Rows are the first rater's categories, columns the second's. None where both used one and the
    same category only. Where one category prevails, kappa is low although nearly all cases agree
    (A. R. Feinstein and D. V. Cicchetti, Journal of Clinical Epidemiology 43 (1990) 543-549). The
    report therefore never shows kappa without the observed agreement.
    """
    n, observed = sum(map(sum, matrix)), observed_agreement(matrix)
    if observed is None:
        return None
    rows, columns = [sum(row) for row in matrix], [sum(column) for column in zip(*matrix)]  # noqa: B905  # a square
    expected = sum(row * column for row, column in zip(rows, columns, strict=True)) / n**2
    return (observed - expected) / (1 - expected) if expected < 1 else None


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Return Krippendorff's alpha for nominal data, at most 1.

    Source: K. Krippendorff, Content Analysis, 4th edition (2019), chapter 12. alpha = 1 - D_o /
    D_e, with the observed and the expected disagreement.

    A unit holds the values that any number of raters gave to one case. Units with a single value
    are left out, since they say nothing about agreement. None where only one value occurs.
    """
    totals: Counter[str] = Counter()
    disagreement = 0.0
    for unit in units:
        size = len(unit)
        if size < 2:
            continue
        values = Counter(unit)
        totals.update(values)
        disagreement += sum(count * (size - count) for count in values.values()) / (size - 1)
    n = totals.total()
    expected = sum(count * (n - count) for count in totals.values())
    return 1 - (n - 1) * disagreement / expected if expected else None


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float] | None:
    """Return the score interval of a share, or None without trials.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927) 209-212. Unlike the textbook
    interval it stays within [0, 1] and is usable for few cases.
    """
    if not trials:
        return None
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def fisher_exact(passed: int, group_size: int, others_passed: int, others_size: int) -> float:
    """Return the two-sided p of Fisher's exact test for a table of two by two.

    Source: R. A. Fisher, "The logic of inductive inference", Journal of the Royal Statistical
    Society 98 (1935) 39-82. The null hypothesis is that the group passes as often as the others.
    p is the sum of the hypergeometric probabilities of all tables with the same margins that are
    no likelier than the given one.

    Factorials of large counts overflow, so all probabilities are relative to that of the likeliest
    table. The walk goes outward from that table in both directions, multiplies by the ratio of
    neighbouring probabilities, and stops where the rest is negligible. A million comments take
    some thousand steps.
    """
    total_passed, total = passed + others_passed, group_size + others_size
    lowest, highest = max(0, total_passed - others_size), min(group_size, total_passed)
    # The mode of the hypergeometric distribution.
    mode = (total_passed + 1) * (group_size + 1) // (total + 2)
    likeliest = min(max(mode, lowest), highest)

    def ratio(k: int) -> float:
        """Return the probability of k + 1 relative to that of k."""
        return (
            (group_size - k) * (total_passed - k) / ((k + 1) * (others_size - total_passed + k + 1))
        )

    given = exp(
        _log_table_probability(passed, group_size, total_passed, total)
        - _log_table_probability(likeliest, group_size, total_passed, total)
    )
    limit = given * _ROUNDING_TOLERANCE
    total_weight = unlikely_weight = 0.0
    for step in (1, -1):
        k, weight = (likeliest, 1.0) if step == 1 else (likeliest - 1, 0.0)
        if step == -1 and k >= lowest:
            weight = 1 / ratio(k)
        while lowest <= k <= highest and weight > _NEGLIGIBLE_WEIGHT:
            total_weight += weight
            unlikely_weight += weight if weight <= limit else 0.0
            if step == 1:
                weight *= ratio(k) if k < highest else 0.0
            elif k > lowest:
                weight /= ratio(k - 1)
            k += step
    return min(1.0, unlikely_weight / total_weight)


def _log_table_probability(k: int, group_size: int, total_passed: int, total: int) -> float:
    """Return the logarithm of the hypergeometric probability of k, up to a constant."""

    def log_choose(n: int, r: int) -> float:
        return lgamma(n + 1) - lgamma(r + 1) - lgamma(n - r + 1)

    return log_choose(group_size, k) + log_choose(total - group_size, total_passed - k)
