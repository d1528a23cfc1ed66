"""The moderation rules of the site, in versions.

A refusal names a rule, so its author must always be able to read the rule as it stood then. The
rules are therefore published in versions that never change: each version stores every clause in
full, and a decision stores a version with a code. The code (“R5”) identifies a rule across
versions. The number is what readers see, and may change. A rule is never deleted, only retired:
its code and number then stay taken, and no new decision can name it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from commentsite.errors import Invalid

# No rule can have this code: disagreement is never a ground for a refusal.
DISAGREEMENT_CODE = "R0"
MAX_CLAUSES = 40
MAX_TITLE_LENGTH, MAX_TEXT_LENGTH, MAX_CLAUSE_NUMBER = 80, 1_000, 99
_EMAIL_ADDRESS = re.compile(r"\S@\S")
_MENTIONS_DISAGREEMENT = re.compile(r"\bdisagree", re.IGNORECASE)


class ClauseChange(StrEnum):
    """The changes to one clause that the audit log distinguishes."""

    NEW = "new"
    RETIRED = "retired"
    RESTORED = "restored"
    REWORDED = "reworded"
    RENUMBERED = "renumbered"


@dataclass(frozen=True)
class Clause:
    """A rule as it reads in one version. The fields are the columns of models.RuleClause."""

    code: str
    number: int
    title: str
    text: str
    version: int = 1
    since: int = 1  # the first version with this rule
    is_retired: bool = False

    def has_same_content(self, other: "Clause | None") -> bool:
        return other is not None and self.content == other.content

    @property
    def content(self) -> tuple[str, str, bool]:
        """Everything but the number, whose change leaves the rule the same."""
        return self.title, self.text, self.is_retired


@dataclass(frozen=True)
class ClauseInput:
    """A clause as a steward typed it. A new one has an empty code."""

    code: str
    number: int
    title: str
    text: str
    is_retired: bool = False


@dataclass(frozen=True)
class ClauseDifference:
    changes: tuple[ClauseChange, ...]
    before: Clause | None  # None for a new clause
    after: Clause


@dataclass(frozen=True)
class Rulebook:
    """One version of the rules."""

    version: int
    summary: str  # of the changes from the previous version
    published_at: datetime
    active_clauses: MappingProxyType[str, Clause]  # by code, sorted by number
    retired_clauses: MappingProxyType[str, Clause]

    def find_clause(self, code: str) -> Clause | None:
        """Find an active or retired clause by its code."""
        return self.active_clauses.get(code) or self.retired_clauses.get(code)

    @property
    def all_clauses(self) -> tuple[Clause, ...]:
        """All clauses sorted by number, active ones first."""
        return (*self.active_clauses.values(), *self.retired_clauses.values())


def build_rulebook(
    version: int, summary: str, published_at: datetime, clauses: Iterable[Clause]
) -> Rulebook:
    ordered = sorted(clauses, key=lambda clause: clause.number)
    return Rulebook(
        version,
        summary,
        published_at,
        MappingProxyType({c.code: c for c in ordered if not c.is_retired}),
        MappingProxyType({c.code: c for c in ordered if c.is_retired}),
    )


def apply_edits(current: Rulebook, edits: Sequence[ClauseInput]) -> tuple[Clause, ...]:
    """Return the clauses of the version after `current`, from all rows that a steward sent.

    `edits` must contain every existing clause once. Raises Invalid, with the field of the row
    that has an error.
    """
    known = {clause.code: clause for clause in current.all_clauses}
    clauses: list[Clause] = []
    highest_code = max(int(code[1:]) for code in known)
    for row, edit in enumerate(edits):
        _check_clause(row, edit, known.keys() | {""})
        code = edit.code or f"R{(highest_code := highest_code + 1)}"
        clauses.append(
            Clause(
                code,
                edit.number,
                edit.title,
                edit.text,
                version=current.version + 1,
                since=known[code].since if code in known else current.version + 1,
                is_retired=edit.is_retired,
            )
        )
    _check_all_clauses(clauses, known.keys())
    return tuple(clauses)


def diff_clauses(before: Rulebook, after: Iterable[Clause]) -> list[ClauseDifference]:
    """Return the clauses that differ from `before`, sorted by number."""
    differences = (
        ClauseDifference(
            _list_changes(before.find_clause(clause.code), clause),
            before.find_clause(clause.code),
            clause,
        )
        for clause in sorted(after, key=lambda clause: clause.number)
    )
    return [difference for difference in differences if difference.changes]


def _list_changes(old: Clause | None, new: Clause) -> tuple[ClauseChange, ...]:
    if old is None:
        return (ClauseChange.NEW,)
    is_changed = {
        ClauseChange.RETIRED: new.is_retired and not old.is_retired,
        ClauseChange.RESTORED: old.is_retired and not new.is_retired,
        ClauseChange.REWORDED: (old.title, old.text) != (new.title, new.text),
        ClauseChange.RENUMBERED: old.number != new.number,
    }
    return tuple(change for change in ClauseChange if is_changed.get(change))


def _check_clause(row: int, edit: ClauseInput, codes: Iterable[str]) -> None:
    if edit.code == DISAGREEMENT_CODE or _MENTIONS_DISAGREEMENT.search(edit.title):
        msg = "Disagreement is never a rule. Name the conduct that is not allowed, whatever its author’s opinion."
        raise Invalid(msg, field=f"title-{row}")
    if edit.code not in codes:
        msg = "There is no rule with the code %(code)s. Reload the page."
        raise Invalid(msg, field=f"title-{row}", code=edit.code[:10])
    if not 1 <= edit.number <= MAX_CLAUSE_NUMBER:
        msg = "Choose a number from 1 to %(limit)d."
        raise Invalid(msg, field=f"number-{row}", limit=MAX_CLAUSE_NUMBER)
    for name, text, limit in (
        ("title", edit.title, MAX_TITLE_LENGTH),
        ("text", edit.text, MAX_TEXT_LENGTH),
    ):
        if not 2 <= len(text.strip()) <= limit:
            msg = "Write from 2 to %(limit)d characters."
            raise Invalid(msg, field=f"{name}-{row}", limit=limit)
        if _EMAIL_ADDRESS.search(text):
            # Rules are quoted in exports that must not contain personal data.
            msg = "Remove the email address. Rules are quoted in published files."
            raise Invalid(msg, field=f"{name}-{row}")


def _check_all_clauses(clauses: list[Clause], known_codes: Iterable[str]) -> None:
    codes = [clause.code for clause in clauses]
    if set(known_codes) - set(codes) or len(set(codes)) < len(codes):
        msg = "A rule cannot be deleted. Retire it instead."
        raise Invalid(msg)
    numbers: set[int] = set()
    for row, clause in enumerate(clauses):
        if clause.number in numbers:
            msg = (
                "Two rules have the number %(n)d. Give each rule its own number, retired rules too."
            )
            raise Invalid(msg, field=f"number-{row}", n=clause.number)
        numbers.add(clause.number)
    if len(clauses) > MAX_CLAUSES:
        msg = "Write at most %(limit)d rules, so that people can read them all."
        raise Invalid(msg, limit=MAX_CLAUSES)
    if all(clause.is_retired for clause in clauses):
        msg = "Leave at least one rule in force."
        raise Invalid(msg)


# Version 1 of the rules on a new site.
DEFAULT_CLAUSES = (
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
