"""What changed from one version of the rules to the next, word by word, for whoever reads or edits them."""

from collections.abc import Iterable
from dataclasses import dataclass

from commentsite.site.rulebook import Clause, Rulebook, diff_clauses
from commentsite.text.diff import DiffSegment, diff_words


@dataclass(frozen=True)
class Change:
    """One clause that is not as it was: what became of it, and its words with those that came and went."""

    what: tuple[str, ...]
    number: int
    number_before: int | None
    title: list[DiffSegment]
    text: list[DiffSegment]


def changes(before: Rulebook, after: Iterable[Clause]) -> list[Change]:
    """Return what changed, in order of the numbers; words that did not are there too, to be read with the others."""
    return [
        Change(
            one.changes,
            one.after.number,
            one.before.number if one.before else None,
            diff_words(one.before.title if one.before else "", one.after.title),
            diff_words(one.before.text if one.before else "", one.after.text),
        )
        for one in diff_clauses(before, after)
    ]
