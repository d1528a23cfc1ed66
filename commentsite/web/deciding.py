"""Carry out what the desk decided about many comments, one after the other."""

from flask import request

from commentsite.db import transaction
from commentsite.errors import SiteError
from commentsite.moderation import batches
from commentsite.moderation.batches import Result
from commentsite.moderation.models import Batch
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import decide
from commentsite.plain import small_number
from commentsite.web.errors import sentence
from commentsite.web.identity import current_actor, runtime


def decide_next(batch: Batch) -> None:
    """Carry the verdict of a batch out on its next hundred, in a transaction each."""
    for number, version in batches.next_of(batch):
        try:
            with transaction():
                decided = _decide(batch, number, version)
                batches.note(batch.key, Result(number, decided), by=current_actor())
        except SiteError as error:
            with transaction():
                batches.note(batch.key, Result(number, None, sentence(error)), by=current_actor())


def said_with() -> dict[str, str]:
    """Return what was typed with the verdict."""
    return {name: request.form.get(name, "") for name in ("reason", "note", "facts", "rules")}


def _decide(batch: Batch, number: int, version: int) -> int:
    return decide(
        number,
        version,
        Verdict(batch.verdict),
        reason=batch.said.get("reason", ""),
        note=batch.said.get("note", ""),
        facts=batch.said.get("facts", ""),
        seen_rules=small_number(batch.said.get("rules", "")),
        undo_until=batch.undo_until,
        by=current_actor(),
        vault=runtime().vault,
    ).id
