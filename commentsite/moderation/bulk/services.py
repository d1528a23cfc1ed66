"""Decide about many comments: chosen and counted first, then each by itself, with what came of it."""

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
CHUNK_SIZE = 100  # in one request, so that none takes long
UNDO_PER_ITEM = timedelta(seconds=0.2)  # for which undoing many waits longer, each


@dataclass(frozen=True)
class ItemResult:
    """What came of one of them: a decision, or a sentence that says why there is none."""

    comment_id: int
    decision_id: int | None
    error: str = ""


def create_batch(items: Sequence[tuple[int, int]], *, matching_count: int, by: Actor) -> Batch:
    """Keep which comments somebody chose, each at the version they saw. Raises Invalid when there is none."""
    by.require(Permission.MODERATE)
    if not items:
        msg = "Choose at least one comment."
        raise Invalid(msg, field="comment")
    once = dict(items[:MAX_BATCH_SIZE])
    batch = Batch(
        key=tokens.new_token(),
        staff_id=by.user_id,
        made_at=clock.now(),
        items=[[number, version] for number, version in once.items()],
        matching_count=max(matching_count, len(once)),
        verdict="",
        decision_fields={},
        results=[],
        undo_until=None,
    )
    session().add(batch)
    session().flush()
    return batch


def start_batch(key: str, verdict: Verdict, decision_fields: dict[str, str], *, by: Actor) -> Batch:
    """Say what is to become of them all, and why: once. Raises Conflict when another verdict is under way."""
    batch = bulk_queries.load_batch_for_update(key, by.user_id)
    if batch.verdict not in {"", verdict}:
        msg = "These are being decided otherwise already. What came of it is shown here."
        raise Conflict(msg)
    if not batch.verdict:
        batch.verdict, batch.decision_fields = verdict.value, decision_fields
        batch.undo_until = clock.now() + UNDO_WINDOW + UNDO_PER_ITEM * len(batch.items)
    return batch


def record_result(key: str, result: ItemResult, *, by: Actor) -> None:
    """Write down what came of one of them; what was written down before stays."""
    batch = bulk_queries.load_batch_for_update(key, by.user_id)
    batch.results = [*batch.results, [result.comment_id, result.decision_id, result.error]]


def next_chunk(batch: Batch) -> list[tuple[int, int]]:
    """Return those that nothing has come of yet, a hundred at most."""
    done = {number for number, _decision, _sentence in batch.results}
    left = [(number, version) for number, version in batch.items if number not in done]
    return left[:CHUNK_SIZE]


def purge_batches(before: datetime) -> int:
    """Delete what was chosen before a moment; return how much."""
    old = bulk_queries.list_batches_before(before)
    for batch in old:
        session().delete(batch)
    return len(old)


def list_undoable_decision_ids(
    batch: Batch, by: Actor, can_undo: Callable[[Decision, Actor, datetime], bool]
) -> list[int]:
    """Return the decisions of a batch that can still be taken back, the latest first."""
    numbers = [decision for _number, decision, _sentence in batch.results if decision]
    now = clock.now()
    return [d.id for d in bulk_queries.list_decisions_by_id(numbers) if can_undo(d, by, now)]
