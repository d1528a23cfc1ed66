"""Compare two versions of the moderation rules word by word, for readers and for stewards who edit them."""

from collections.abc import Iterable
from dataclasses import dataclass

from commentsite.site.rulebook import Clause, Rulebook, diff_clauses
from commentsite.text.diff import DiffSegment, diff_words


@dataclass(frozen=True)
class ClauseDiff:
    """A rule that has changed. `changes` are keys of RULE_CHANGE_LABELS."""

    changes: tuple[str, ...]
    number: int
    number_before: int | None
    title: list[DiffSegment]
    text: list[DiffSegment]


def diff_rulebooks(before: Rulebook, after: Iterable[Clause]) -> list[ClauseDiff]:
    """Return the rules that changed, ordered by number. The unchanged words of each are included."""
    return [
        ClauseDiff(
            changes=difference.changes,
            number=difference.after.number,
            number_before=difference.before.number if difference.before else None,
            title=diff_words(
                _capitalise(difference.before.title) if difference.before else "",
                _capitalise(difference.after.title),
            ),
            text=diff_words(
                difference.before.text if difference.before else "", difference.after.text
            ),
        )
        for difference in diff_clauses(before, after)
    ]


def _capitalise(title: str) -> str:
    """Return a title as the rules print it. Within sentences it has the letters of the steward."""
    return title[:1].upper() + title[1:]
