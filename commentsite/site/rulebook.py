"""The rules of the site as one version of them reads: numbered clauses, which a refusal names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True)
class Clause:
    """A numbered rule, as it reads in one version; its code stays the same in every version."""

    code: str
    number: int
    title: str
    text: str
    version: int = 1
    since: int = 1  # the version it came in with
    is_retired: bool = False  # its number stays taken, and no decision can rest on it


@dataclass(frozen=True)
class Rulebook:
    """One version of the rules; it never changes once it is published."""

    version: int
    summary: str  # what is different from the version before
    published_at: datetime
    clauses: MappingProxyType[str, Clause]  # by code, in order of their numbers
    retired: MappingProxyType[str, Clause]

    def clause(self, code: str) -> Clause | None:
        """Return a clause by its code, retired or not; None where this version has none."""
        return self.clauses.get(code) or self.retired.get(code)


def bound(
    version: int, summary: str, published_at: datetime, clauses: Iterable[Clause]
) -> Rulebook:
    """Return a rulebook of these clauses."""
    ordered = sorted(clauses, key=lambda clause: clause.number)
    return Rulebook(
        version,
        summary,
        published_at,
        MappingProxyType({c.code: c for c in ordered if not c.is_retired}),
        MappingProxyType({c.code: c for c in ordered if c.is_retired}),
    )


#: With what a new site begins. Disagreement is no rule, here or later.
FIRST = (
    Clause("R1", 1, "advertising", "No advertising and no unsolicited mass messages."),
    Clause(
        "R2",
        2,
        "personal attack",
        "Answer what was said. Do not attack or harass the one who said it.",
    ),
    Clause(
        "R3",
        3,
        "hate or incitement",
        "Nothing that denies others their dignity, or calls for violence or discrimination.",
    ),
    Clause(
        "R4",
        4,
        "private data",
        "No private data of others: addresses, telephone numbers, health, family.",
    ),
    Clause(
        "R5",
        5,
        "off the subject",
        "Speak to the letter, to what it leaves out, or to a comment on it.",
    ),
    Clause(
        "R6",
        6,
        "false identity",
        "Do not pretend to be somebody else, or to speak for an organisation that has not asked you to.",
    ),
    Clause(
        "R7",
        7,
        "the same again",
        "Say it once. The same text from the same person is published once.",
    ),
    Clause(
        "R8",
        8,
        "unlawful",
        "Nothing that the law forbids to publish; the decision then names the law.",
    ),
    Clause(
        "R9",
        9,
        "unreadable",
        "Write so that others can read it: any language is welcome, noise is not.",
    ),
)
