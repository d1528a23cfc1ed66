"""Whether one group is let through like the others: a reason to look, said in numbers."""

from dataclasses import dataclass

from commentsite.moderation.quality.agreement import MIN_CASES, fisher_exact

MIN_RATIO = 0.8  # of the others' share; with p under .05, worth a look


@dataclass(frozen=True)
class Disparity:
    """How often one group is let through beside all others: a reason to look, no proof of bias."""

    group: str
    passed: int
    of: int
    others_passed: int
    of_others: int

    @property
    def has_enough_cases(self) -> bool:
        """Say whether there are enough on both sides for a share to mean something."""
        return min(self.of, self.of_others) >= MIN_CASES

    @property
    def ratio(self) -> float | None:
        """Return the group's share of the others' share."""
        if not self.of or not self.others_passed:
            return None
        return (self.passed / self.of) / (self.others_passed / self.of_others)

    @property
    def p_value(self) -> float:
        """Return the two-sided p of Fisher's exact test."""
        return fisher_exact(self.passed, self.of, self.others_passed, self.of_others)

    @property
    def needs_review(self) -> bool:
        """Say whether somebody should read these decisions again."""
        ratio = self.ratio
        return (
            self.has_enough_cases
            and ratio is not None
            and ratio < MIN_RATIO
            and self.p_value < 0.05
        )
