"""The rules of the site as one version of them reads: numbered clauses, which a refusal names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from commentsite.errors import Invalid

#: The code that no rule can have: what somebody thinks is never a ground for refusing it.
DISAGREEMENT_CODE = "R0"
MAX_CLAUSES = 40
MAX_TITLE_LENGTH, MAX_TEXT_LENGTH, MAX_CLAUSE_NUMBER = 80, 1_000, 99
_EMAIL_ADDRESS = re.compile(r"\S@\S")
_MENTIONS_DISAGREEMENT = re.compile(r"\bdisagree", re.IGNORECASE)


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

    def has_same_content(self, other: "Clause | None") -> bool:
        """Say whether another version says the same under this code."""
        return other is not None and self.content == other.content

    @property
    def content(self) -> tuple[str, str, bool]:
        """Return all of it that somebody who is told of it goes by."""
        return self.title, self.text, self.is_retired


@dataclass(frozen=True)
class ClauseInput:
    """A clause as somebody typed it; one that is to come has no code yet."""

    code: str
    number: int
    title: str
    text: str
    is_retired: bool = False


@dataclass(frozen=True)
class ClauseDifference:
    """What became of one clause from one version to another."""

    changes: tuple[str, ...]  # new, retired, restored, reworded, renumbered
    before: Clause | None
    after: Clause


@dataclass(frozen=True)
class Rulebook:
    """One version of the rules; it never changes once it is published."""

    version: int
    summary: str  # what is different from the version before
    published_at: datetime
    active_clauses: MappingProxyType[str, Clause]  # by code, in order of their numbers
    retired_clauses: MappingProxyType[str, Clause]

    def find_clause(self, code: str) -> Clause | None:
        """Return a clause by its code, retired or not; None where this version has none."""
        return self.active_clauses.get(code) or self.retired_clauses.get(code)

    @property
    def all_clauses(self) -> tuple[Clause, ...]:
        """Return every clause, in order of their numbers, the retired after the others."""
        return (*self.active_clauses.values(), *self.retired_clauses.values())


def build_rulebook(
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


def apply_edits(current: Rulebook, edits: Sequence[ClauseInput]) -> tuple[Clause, ...]:
    """Return the clauses of the version that follows one, as somebody typed them.

    A clause is reworded, renumbered or retired, never taken out, so that its number and code
    never mean something else. Raises Invalid, on the field of the row that cannot be taken.
    """
    known = {clause.code: clause for clause in current.all_clauses}
    made: list[Clause] = []
    highest = max(int(code[1:]) for code in known)
    for row, one in enumerate(edits):
        _check_clause(row, one, known.keys() | {""})
        code = one.code or f"R{(highest := highest + 1)}"
        since = known[code].since if code in known else current.version + 1
        made.append(
            Clause(
                code, one.number, one.title, one.text, current.version + 1, since, one.is_retired
            )
        )
    _check_all_clauses(made, known.keys())
    return tuple(made)


def diff_clauses(before: Rulebook, after: Iterable[Clause]) -> list[ClauseDifference]:
    """Return what became of each clause that is not as it was, in order of the numbers."""
    found = (
        ClauseDifference(
            _describe_changes(before.find_clause(clause.code), clause),
            before.find_clause(clause.code),
            clause,
        )
        for clause in sorted(after, key=lambda clause: clause.number)
    )
    return [one for one in found if one.changes]


def _describe_changes(old: Clause | None, new: Clause) -> tuple[str, ...]:
    if old is None:
        return ("new",)
    told = {
        "retired": new.is_retired and not old.is_retired,
        "restored": old.is_retired and not new.is_retired,
        "reworded": (old.title, old.text) != (new.title, new.text),
        "renumbered": old.number != new.number,
    }
    return tuple(what for what, is_so in told.items() if is_so)


def _check_clause(row: int, one: ClauseInput, codes: Iterable[str]) -> None:
    if one.code == DISAGREEMENT_CODE or _MENTIONS_DISAGREEMENT.search(one.title):
        msg = "Disagreement is never a rule. Say what must not be done, whatever somebody thinks."
        raise Invalid(msg, field=f"title-{row}")
    if one.code not in codes:
        msg = "There is no rule with the code %(code)s."
        raise Invalid(msg, field=f"title-{row}", code=one.code[:10])
    if not 1 <= one.number <= MAX_CLAUSE_NUMBER:
        msg = "Choose a number from 1 to %(most)d."
        raise Invalid(msg, field=f"number-{row}", most=MAX_CLAUSE_NUMBER)
    for name, text, most in (
        ("title", one.title, MAX_TITLE_LENGTH),
        ("text", one.text, MAX_TEXT_LENGTH),
    ):
        if not 2 <= len(text.strip()) <= most:
            msg = "Write from 2 to %(most)d characters."
            raise Invalid(msg, field=f"{name}-{row}", most=most)
        if _EMAIL_ADDRESS.search(text):
            msg = "Leave addresses out: rules are quoted in files that hold nothing of anybody."
            raise Invalid(msg, field=f"{name}-{row}")


def _check_all_clauses(made: list[Clause], known: Iterable[str]) -> None:
    codes = [clause.code for clause in made]
    if set(known) - set(codes) or len(set(codes)) < len(codes):
        msg = "Each rule there was stays, once. Retire one rather than take it out."
        raise Invalid(msg)
    taken: set[int] = set()
    for row, clause in enumerate(made):
        if clause.number in taken:
            msg = "Two rules have the number %(n)d. Each has its own, retired ones too."
            raise Invalid(msg, field=f"number-{row}", n=clause.number)
        taken.add(clause.number)
    if len(made) > MAX_CLAUSES:
        msg = "At most %(most)d rules, so that people can read them."
        raise Invalid(msg, most=MAX_CLAUSES)
    if all(clause.is_retired for clause in made):
        msg = "One rule at least has to be in force."
        raise Invalid(msg)


#: With what a new site begins. Disagreement is no rule, here or later.
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
