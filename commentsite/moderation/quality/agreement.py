"""How far people who judge the same things agree, and whether groups are let through alike: arithmetic only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt

ConfusionMatrix = Sequence[Sequence[int]]
Z_95 = 1.959964
TENTATIVE_ALPHA, RELIABLE_ALPHA = 0.667, 0.8  # Krippendorff's customary limits for alpha
MIN_CASES = 10  # pairs; under it a share says nothing
_ROUNDING_TOLERANCE = 1 + 1e-7  # equal probabilities that differ by rounding are equal


@dataclass(frozen=True)
class Agreement:
    """What two readings of the same cases have in common; a coefficient that is undefined is None."""

    n: int
    agreed: int
    kappa: float | None
    alpha: float | None
    confidence_interval: tuple[float, float] | None  # of the observed agreement, Wilson 95 %

    @property
    def observed_agreement(self) -> float | None:
        """Return the share of cases that both judged alike."""
        return self.agreed / self.n if self.n else None

    @property
    def conclusion(self) -> str:
        """Return "few", "none", "tentative" or "reliable": what may be concluded under the customary limits."""
        if self.n < MIN_CASES or self.alpha is None:
            return "few"
        if self.alpha < TENTATIVE_ALPHA:
            return "none"
        return "tentative" if self.alpha < RELIABLE_ALPHA else "reliable"


def measure_agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Return how far the first and the second of each pair agree."""
    counted = Counter(pairs)
    names = sorted({name for pair in counted for name in pair})
    matrix = [[counted[first, second] for second in names] for first in names]
    n, same = sum(counted.values()), sum(matrix[i][i] for i in range(len(names)))
    alpha = krippendorff_alpha(counted.elements())
    return Agreement(n, same, cohen_kappa(matrix), alpha, wilson_interval(same, n))


def observed_agreement(matrix: ConfusionMatrix) -> float | None:
    """Return the share on the diagonal: cases that both judged alike."""
    n = sum(map(sum, matrix))
    return sum(matrix[i][i] for i in range(len(matrix))) / n if n else None


def cohen_kappa(matrix: ConfusionMatrix) -> float | None:
    """Return kappa of two raters (J. Cohen 1960, Educational and Psychological Measurement 20).

    Rows are what the first said, columns the second. Undefined where both used one category
    only. Where one category prevails it is low although nearly all is alike (Feinstein and
    Cicchetti 1990), so it is never shown without the observed agreement.
    """
    n, alike = sum(map(sum, matrix)), observed_agreement(matrix)
    if alike is None:
        return None
    rows, columns = [sum(row) for row in matrix], [sum(column) for column in zip(*matrix)]  # noqa: B905  # a square
    return _chance_corrected(alike, sum(r * c for r, c in zip(rows, columns, strict=True)) / n**2)


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Return alpha for names as values (K. Krippendorff, Content Analysis, 4th ed. 2019, chapter 12).

    A unit holds what was said about one case by however many; one with a single value says
    nothing about agreement and is left out. Undefined where only one value was ever used.
    """
    totals: Counter[str] = Counter()
    apart = 0.0
    for unit in units:
        m = len(unit)
        if m < 2:
            continue
        values = Counter(unit)
        totals.update(values)
        apart += sum(c * (m - c) for c in values.values()) / (m - 1)
    n = totals.total()
    expected = sum(c * (n - c) for c in totals.values())
    return 1 - (n - 1) * apart / expected if expected else None


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float] | None:
    """Return the interval of a share (E. B. Wilson 1927, JASA 22); None where nothing was counted."""
    if not trials:
        return None
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def fisher_exact(passed: int, group_size: int, others_passed: int, others_size: int) -> float:
    """Return the two-sided p of Fisher's exact test (R. A. Fisher 1935, JRSS 98) that both are let through alike.

    The sum of the probabilities of all tables no likelier than this one. Walks outward from
    the likeliest table and stops where nothing is left to add, so that a million costs
    thousands of steps.
    """
    good, total = passed + others_passed, group_size + others_size
    low, high = max(0, good - others_size), min(group_size, good)
    start = min(max((good + 1) * (group_size + 1) // (total + 2), low), high)

    def odds(k: int) -> float:
        """Return how much likelier k + 1 is than k."""
        return (group_size - k) * (good - k) / ((k + 1) * (others_size - good + k + 1))

    limit = exp(
        _log_table_probability(passed, group_size, good, total)
        - _log_table_probability(start, group_size, good, total)
    )
    everything = unlikely = 0.0
    for steps in (1, -1):
        k, weight = (start, 1.0) if steps == 1 else (start - 1, 0.0)
        if steps == -1 and k >= low:
            weight = 1 / odds(k)
        while low <= k <= high and weight > 1e-18:
            everything += weight
            unlikely += weight if weight <= limit * _ROUNDING_TOLERANCE else 0.0
            if steps == 1:
                weight *= odds(k) if k < high else 0.0
            elif k > low:
                weight /= odds(k - 1)
            k += steps
    return min(1.0, unlikely / everything)


def _log_table_probability(k: int, of: int, good: int, total: int) -> float:
    def choose(n: int, r: int) -> float:
        return lgamma(n + 1) - lgamma(r + 1) - lgamma(n - r + 1)

    return choose(of, k) + choose(total - of, good - k)


def _chance_corrected(alike: float, by_chance: float) -> float | None:
    return (alike - by_chance) / (1 - by_chance) if by_chance < 1 else None


@dataclass(frozen=True)
class MonthlyAgreement:
    """What came of one month's blind second readings; "" is all of them."""

    month: str
    sample_size: int
    agreement: Agreement
