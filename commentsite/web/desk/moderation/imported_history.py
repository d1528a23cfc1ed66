"""Describe where an imported comment comes from, and what other people decided about it there."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from commentsite.exchange.own_format.records import HistoryEvent
from commentsite.exchange.queries import Origin
from commentsite.web.desk.moderation.audit_labels import ACTION_LABELS, DECISION_LABELS
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    APPEAL_STATE_LABELS,
    IMPORT_SYSTEM_LABELS,
    IMPORTED_REPORT_LABELS,
)


@dataclass(frozen=True)
class ImportedEntry:
    """One step of the history. Actor and action read as a sentence. `facts` are short lines, and `texts` what people typed."""

    at: datetime
    actor: str
    action: str
    facts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportedHistory:
    """The origin of a comment. `source_id` is its id in the other system."""

    system: str
    source_id: str
    imported_at: datetime
    entries: list[ImportedEntry]


def describe_origin(origin: Origin, *, is_author_hidden: bool) -> ImportedHistory:
    """Describe the origin of a comment. Ids and free texts may name its author, so they are left out where it is hidden."""
    events = [msgspec.convert(event, HistoryEvent) for event in origin.history]
    return ImportedHistory(
        system=str(IMPORT_SYSTEM_LABELS[origin.system]),
        source_id="" if is_author_hidden else origin.source_id,
        imported_at=origin.imported_at,
        entries=[_describe(event, is_author_hidden=is_author_hidden) for event in events],
    )


def _describe(event: HistoryEvent, *, is_author_hidden: bool) -> ImportedEntry:
    typed = () if is_author_hidden else (event.facts, event.text, event.question, event.answer)
    described = {
        "decision": _describe_decision,
        "appeal": _describe_appeal,
        "report": _describe_report,
        "note": _describe_note,
    }[event.event](event)
    return replace(described, texts=tuple(text for text in typed if text))


def _describe_decision(event: HistoryEvent) -> ImportedEntry:
    action = DECISION_LABELS.get(event.verdict, ACTION_LABELS["comment.decided"])
    if not event.settled:
        action = ACTION_LABELS["comment.vote"]
    facts = _describe_rule(event)
    if event.ended_at:
        facts += (_("The decision was undone later"),)
    return ImportedEntry(event.at, event.by or _("The software"), str(action), facts)


def _describe_rule(event: HistoryEvent) -> tuple[str, ...]:
    if not event.rule:
        return ()
    values = {"code": event.rule, "version": event.rules_version}
    return (_("Rule %(code)s there, in version %(version)d of the rules", **values),)


def _describe_appeal(event: HistoryEvent) -> ImportedEntry:
    outcome = str(APPEAL_STATE_LABELS.get(event.state, ""))
    facts: tuple[str, ...] = (outcome,) if outcome else ()
    if event.by:
        facts += (_("Decided by %(name)s", name=event.by),)
    return ImportedEntry(event.at, _("Its author"), str(ACTION_LABELS["appeal.filed"]), facts)


def _describe_report(event: HistoryEvent) -> ImportedEntry:
    outcome = str(IMPORTED_REPORT_LABELS.get(event.state, ""))
    action = str(ACTION_LABELS["comment.reported"])
    facts = (*_describe_rule(event), *((outcome,) if outcome else ()))
    return ImportedEntry(event.at, _("A reader"), action, facts)


def _describe_note(event: HistoryEvent) -> ImportedEntry:
    action = str(ACTION_LABELS["comment.noted"])
    return ImportedEntry(event.at, event.by or _("Staff"), action)
