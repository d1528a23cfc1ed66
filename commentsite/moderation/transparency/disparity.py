"""Compare how often the comments of one stakeholder group are published with all other groups."""

from dataclasses import dataclass

from commentsite.moderation.quality.agreement import MIN_CASES, fisher_exact

#: A group needs review if its share is below this part of the others' share, and the difference
#: is unlikely by chance. The first is the "four-fifths rule" of the US Uniform Guidelines on
#: Employee Selection Procedures (29 CFR 1607.4 D).
MIN_RATIO = 0.8
MAX_P_VALUE = 0.05


@dataclass(frozen=True)
class Disparity:
    """Published comments of one group beside all other groups.

    A disparity is a reason to read the decisions again, and no proof of bias: groups write about
    different letters, and some groups differ by chance alone. The field names are keys of
    the JSON of the report.
    """

    group: str
    passed: int  # published
    of: int  # published, refused or removed
    others_passed: int
    of_others: int

    @property
    def has_enough_cases(self) -> bool:
        """Return whether both sides have enough comments for a share to mean anything."""
        return min(self.of, self.of_others) >= MIN_CASES

    @property
    def ratio(self) -> float | None:
        """The share of the group divided by the share of the others."""
        if not self.of or not self.others_passed:
            return None
        return (self.passed / self.of) / (self.others_passed / self.of_others)

    @property
    def p_value(self) -> float:
        """The two-sided p of Fisher's exact test."""
        return fisher_exact(self.passed, self.of, self.others_passed, self.of_others)

    @property
    def needs_review(self) -> bool:
        """Return whether stewards should read the decisions about this group again."""
        ratio = self.ratio
        return (
            self.has_enough_cases
            and ratio is not None
            and ratio < MIN_RATIO
            and self.p_value < MAX_P_VALUE
        )
