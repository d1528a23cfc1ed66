"""Why something was decided: what the author and the desk both read, made from the votes that carried it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.policy import UNKNOWN_GROUPS
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause

_REJECTING_VERDICT = {CommentState.REFUSED: "refuse", CommentState.RESTRICTED: "restrict"}


@dataclass(frozen=True)
class DecisionStatement:
    """A statement of reasons, without the names of those who decided."""

    verdict: str
    cited_rules: tuple[Clause, ...]  # that they named, as each read then
    facts: tuple[
        str, ...
    ]  # in their words; where nobody wrote any, `found_by` says how it was found
    detected_by: str  # report, rule, reading
    notes: tuple[str, ...]
    voter_count: int
    is_across_groups: bool
    is_automated: bool
    is_on_appeal: bool
    decided_at: datetime

    @property
    def combined_note(self) -> str:
        """Return what moderators wrote to the author, as one text."""
        return "\n\n".join(self.notes)


def load_current_statement(
    comment: Comment, decisions: Sequence[Decision] | None = None
) -> DecisionStatement | None:
    """Return why a comment stands where it stands, None where nobody has decided.

    Who has read what was carried out about it says so, and spares the question.
    """
    if decisions is None:
        decisions = decision_queries.list_applied_decisions(comment.id)
    last = _find_governing_decision(comment, decisions)
    return build_statement(decision_queries.list_agreeing_votes(last)) if last is not None else None


def build_statement(votes: Sequence[Decision]) -> DecisionStatement:
    """Return what was said by those who carried a decision together, the last of whom settled it."""
    settled = votes[-1]
    named = [(vote.rules_version, vote.rule) for vote in votes]
    cited = find_clauses(named)
    groups = {vote.moderator_group for vote in votes} - UNKNOWN_GROUPS
    return DecisionStatement(
        verdict=settled.verdict,
        cited_rules=tuple(dict.fromkeys(cited[name] for name in named if name in cited)),
        facts=_unique_texts(vote.facts for vote in votes),
        detected_by=settled.details.get("found_by", "reading"),
        notes=_unique_texts(vote.note for vote in votes),
        voter_count=len(votes),
        is_across_groups=len(groups) > 1,
        is_automated=all(vote.moderator_id is None for vote in votes),
        is_on_appeal="appeal" in settled.details,
        decided_at=settled.decided_at,
    )


def _find_governing_decision(comment: Comment, decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision by which a comment stands as it does, where a later one was about something else."""
    hiding = {row["decision"] for row in comment.redactions}
    verdict = _REJECTING_VERDICT.get(CommentState(comment.state), "")
    about = [d for d in decisions if d.verdict == verdict or (not verdict and d.id in hiding)]
    return next(reversed(about or decisions), None)


def _unique_texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
