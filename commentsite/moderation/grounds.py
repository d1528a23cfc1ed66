"""Why something was decided: what the author and the desk both read, made from the votes that carried it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.moderation import queries
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import UNKNOWN_GROUPS
from commentsite.site.queries import clauses_named
from commentsite.site.rulebook import Clause

_CLOSING = {CommentState.REFUSED: "refuse", CommentState.RESTRICTED: "restrict"}


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
    is_on_appeal: bool
    decided_at: datetime

    @property
    def note(self) -> str:
        """Return what moderators wrote to the author, as one text."""
        return "\n\n".join(self.notes)


def grounds_of(comment: Comment, carried_out: Sequence[Decision] | None = None) -> Grounds | None:
    """Return why a comment stands where it stands, None where nobody has decided.

    Who has read what was carried out about it says so, and spares the question.
    """
    if carried_out is None:
        carried_out = queries.decisions_of(comment.id)
    last = _standing(comment, carried_out)
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
        is_on_appeal="appeal" in settled.details,
        decided_at=settled.decided_at,
    )


def _standing(comment: Comment, decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision by which a comment stands as it does, where a later one was about something else."""
    hiding = {row["decision"] for row in comment.redactions}
    verdict = _CLOSING.get(CommentState(comment.state), "")
    about = [d for d in decisions if d.verdict == verdict or (not verdict and d.id in hiding)]
    return next(reversed(about or decisions), None)


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
