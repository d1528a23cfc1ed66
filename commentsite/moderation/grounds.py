"""Why something was decided: what the author and the desk both read, made from the votes that carried it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commentsite.comments.models import Comment
from commentsite.moderation import queries
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import UNKNOWN_GROUPS
from commentsite.site.queries import clauses_named
from commentsite.site.rulebook import Clause


@dataclass(frozen=True)
class Grounds:
    """A statement of reasons, without the names of those who decided."""

    verdict: str
    clauses: tuple[Clause, ...]  # that they named, as each read then
    facts: tuple[
        str, ...
    ]  # in their words; where nobody wrote any, `found_by` says how it was found
    found_by: str  # report, rule, reading
    notes: tuple[str, ...]
    people: int
    is_across_groups: bool
    is_automated: bool
    decided_at: datetime

    @property
    def note(self) -> str:
        """Return what moderators wrote to the author, as one text."""
        return "\n\n".join(self.notes)


def grounds_of(comment: Comment) -> Grounds | None:
    """Return why a comment stands where it stands, None where nobody has decided."""
    last = queries.latest_decision(comment.id)
    return made_of(queries.votes_with(last)) if last is not None else None


def made_of(votes: Sequence[Decision]) -> Grounds:
    """Return what was said by those who carried a decision together, the last of whom settled it."""
    settled = votes[-1]
    named = [(vote.rules_version, vote.reason) for vote in votes]
    cited = clauses_named(named)
    groups = {vote.moderator_group for vote in votes} - UNKNOWN_GROUPS
    return Grounds(
        verdict=settled.verdict,
        clauses=tuple(dict.fromkeys(cited[name] for name in named if name in cited)),
        facts=_each(vote.facts for vote in votes),
        found_by=settled.details.get("found_by", "reading"),
        notes=_each(vote.note for vote in votes),
        people=len(votes),
        is_across_groups=len(groups) > 1,
        is_automated=all(vote.moderator_id is None for vote in votes),
        decided_at=settled.decided_at,
    )


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
