"""Build the statement of reasons for a decision, as the author and the desk read it.

A decision can be carried by several votes. The statement joins what the agreeing voters wrote,
and names none of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.policy import UNKNOWN_GROUPS, DetectionSource, Verdict
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause

_REJECTING_VERDICT = {
    CommentState.REFUSED: Verdict.REFUSE,
    CommentState.RESTRICTED: Verdict.RESTRICT,
}


@dataclass(frozen=True)
class DecisionStatement:
    """A statement of reasons, without the names of the moderators."""

    verdict: str
    cited_rules: tuple[Clause, ...]  # in their wording at the time
    facts: tuple[str, ...]  # may be empty; then the page explains `detected_by` instead
    detected_by: str  # a DetectionSource
    notes: tuple[str, ...]
    voter_count: int
    is_across_groups: bool
    is_automated: bool
    is_on_appeal: bool
    decided_at: datetime

    @property
    def combined_note(self) -> str:
        """The moderators' notes to the author, as one text."""
        return "\n\n".join(self.notes)


def load_current_statement(
    comment: Comment, decisions: Sequence[Decision] | None = None
) -> DecisionStatement | None:
    """Return the statement for the current state of a comment, or None if there is no decision.

    A caller that has loaded the applied decisions already passes them, to save the query.
    """
    if decisions is None:
        decisions = decision_queries.list_applied_decisions(comment.id)
    governing = _find_governing_decision(comment, decisions)
    if governing is None:
        return None
    return build_statement(decision_queries.list_agreeing_votes(governing))


def build_statement(votes: Sequence[Decision]) -> DecisionStatement:
    """Build the statement from the agreeing votes, of which the last was applied."""
    applied = votes[-1]
    rule_keys = [(vote.rules_version, vote.rule) for vote in votes]
    clauses = find_clauses(rule_keys)
    groups = {vote.moderator_group for vote in votes} - UNKNOWN_GROUPS
    return DecisionStatement(
        verdict=applied.verdict,
        cited_rules=tuple(dict.fromkeys(clauses[key] for key in rule_keys if key in clauses)),
        facts=_unique_texts(vote.facts for vote in votes),
        detected_by=applied.details.get("found_by", DetectionSource.READING),
        notes=_unique_texts(vote.note for vote in votes),
        voter_count=len(votes),
        is_across_groups=len(groups) > 1,
        is_automated=all(vote.moderator_id is None for vote in votes),
        is_on_appeal="appeal" in applied.details,
        decided_at=applied.decided_at,
    )


def _find_governing_decision(comment: Comment, decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision behind the comment's state, even if a later one was about something else.

    That is the last refusal of a refused comment, the last removal of a removed one, and else the
    last redaction in force. Where there is none of these it is the last decision.
    """
    redacting_ids = {row["decision"] for row in comment.redactions}
    rejecting = _REJECTING_VERDICT.get(CommentState(comment.state))
    governing = [
        decision
        for decision in decisions
        if (decision.verdict == rejecting if rejecting else decision.id in redacting_ids)
    ]
    return next(reversed(governing or decisions), None)


def _unique_texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
