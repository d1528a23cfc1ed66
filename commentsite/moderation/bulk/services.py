"""Decide on many comments at once.

A bulk decision has three steps. `create_batch` stores the selected comments, each at the version
that the moderator saw. `start_batch` fixes the verdict and its fields. The web layer then decides
each comment of each chunk with `decisions.services.decide`, in a transaction of its own, and
stores the outcome with `record_result`. One comment that cannot be decided stops no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.bulk import queries as bulk_queries
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.undo import UNDO_WINDOW
from commentsite.moderation.models import Batch, Decision

MAX_BATCH_SIZE = 1_000
CHUNK_SIZE = 100  # comments per request, to keep each request short
UNDO_PER_ITEM = timedelta(seconds=0.2)  # extends the undo window, since a batch takes time to run


@dataclass(frozen=True)
class ItemResult:
    """The outcome for one comment: a decision, or an error as a sentence."""

    comment_id: int
    decision_id: int | None
    error: str = ""


def create_batch(items: Sequence[tuple[int, int]], *, matching_count: int, by: Actor) -> Batch:
    """Store a selection of comments, as pairs of id and version. Raises Invalid when it is empty.

    A form can name comments on letters that the actor does not look after. They stay in the selection as numbers
    alone: `load_batch_comments` leaves them out, and each decision on them is refused.
    """
    by.require(Permission.MODERATE)
    if not items:
        msg = "Select at least one comment."
        raise Invalid(msg, field="comment")
    unique_items = dict(items[:MAX_BATCH_SIZE])
    batch = Batch(
        key=tokens.new_token(),
        staff_id=by.user_id,
        created_at=clock.now(),
        items=[[comment_id, version] for comment_id, version in unique_items.items()],
        matching_count=max(matching_count, len(unique_items)),
        verdict="",
        decision_fields={},
        results=[],
        undo_until=None,
    )
    session().add(batch)
    session().flush()
    return batch


def start_batch(key: str, verdict: Verdict, decision_fields: dict[str, str], *, by: Actor) -> Batch:
    """Fix the verdict and the fields of the decisions. Repeating the call changes nothing.

    Raises Conflict when the batch was started with another verdict.
    """
    batch = bulk_queries.load_batch_for_update(key, by.user_id)
    if batch.verdict not in {"", verdict}:
        msg = "You have already started another decision on this selection. This page shows its results."
        raise Conflict(msg)
    if not batch.verdict:
        batch.verdict, batch.decision_fields = verdict.value, decision_fields
        batch.undo_until = clock.now() + UNDO_WINDOW + UNDO_PER_ITEM * len(batch.items)
    return batch


def record_result(key: str, result: ItemResult, *, by: Actor) -> None:
    """Append the outcome for one comment to the results of the batch.

    The first outcome stays. A form that was sent twice would otherwise add a refusal of what it decided itself.
    """
    batch = bulk_queries.load_batch_for_update(key, by.user_id)
    if result.comment_id in {comment_id for comment_id, _decision_id, _error in batch.results}:
        return
    batch.results = [*batch.results, [result.comment_id, result.decision_id, result.error]]


def next_chunk(batch: Batch) -> list[tuple[int, int]]:
    """Return the next comments without a result, as pairs of id and version, at most CHUNK_SIZE."""
    done = {comment_id for comment_id, _decision_id, _error in batch.results}
    remaining = [(number, version) for number, version in batch.items if number not in done]
    return remaining[:CHUNK_SIZE]


def purge_batches(before: datetime) -> int:
    """Delete the batches created before a moment and return their number."""
    batches = bulk_queries.list_batches_before(before)
    for batch in batches:
        session().delete(batch)
    return len(batches)


def list_undoable_decision_ids(
    batch: Batch, by: Actor, can_undo: Callable[[Decision, Actor, datetime], bool]
) -> list[int]:
    """Return the decisions of a batch that the actor can still undo, the latest first."""
    decision_ids = [decision_id for _, decision_id, _ in batch.results if decision_id]
    now = clock.now()
    decisions = bulk_queries.list_decisions_by_id(decision_ids)
    return [decision.id for decision in decisions if can_undo(decision, by, now)]
