"""Statements of reasons in the shape of the European Union's transparency database, and what is wrong with one.

A site as small as most of these may owe nobody such a file; nothing here says that one must
be sent. The shape itself stands in reasons_schema.py.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsite.moderation.reasons_schema import (
    CATEGORIES,
    EARLIEST,
    EEA,
    EMAIL,
    EU_LANGUAGES,
    GROUNDS,
    LISTS,
    LONGEST,
    MOST_IN_BATCH,
    NETWORK,
    ONE_OF,
    PUID,
    REQUIRED,
    UNLAWFUL,
    VALUES,
    VISIBILITY,
)
from commentsite.site.rulebook import Clause


@dataclass(frozen=True)
class Restriction:
    """A refusal or removal, without anything about the people in it."""

    decision_id: int
    verdict: str  # refuse or restrict
    reason: str
    clause: Clause | None  # as it read when it was decided
    was_reported: bool
    found_by_rule: bool
    by_person: bool
    language: str
    sent_at: datetime
    decided_at: datetime


def statement(decision: Restriction, *, law: str = "", why: str = "") -> dict[str, Any]:
    """Return one statement; `law` and `why` are what an unlawful comment needs besides.

    Nothing anybody wrote is in it: facts are said from codes, since a moderator's words to an
    author may name people.
    """
    clause = decision.clause
    category, keywords = CATEGORIES.get(decision.reason, ("OTHER_VIOLATION_TC", ()))
    rule = f"Rule {clause.number}, {clause.title}" if clause else ""
    made: dict[str, Any] = _visibility(decision)
    if decision.reason == UNLAWFUL:
        made |= {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": law,
            "illegal_content_explanation": why,
        }
    else:
        made |= {
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "incompatible_content_ground": f"{rule} (rules, version {clause.version})"
            if clause
            else "",
            "incompatible_content_explanation": clause.text if clause else "",
            "incompatible_content_illegal": "No",
        }
    made |= {
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": f"STATEMENT_CATEGORY_{category}",
        "territorial_scope": sorted(EEA),
        "content_date": f"{decision.sent_at:%Y-%m-%d}",
        "application_date": f"{decision.decided_at:%Y-%m-%d}",
        "decision_facts": _facts(decision, rule),
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION"
        if decision.was_reported
        else "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if decision.found_by_rule else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"
        if decision.by_person
        else "AUTOMATED_DECISION_FULLY",
        "puid": f"decision-{decision.decision_id}",
    }
    if keywords:
        made["category_specification"] = list(keywords)
    language = decision.language.partition("-")[0].upper()
    if language in EU_LANGUAGES:  # the database knows no others, and nothing is guessed
        made["content_language"] = language
    return made


def batches(statements: Sequence[dict[str, Any]]) -> list[dict[str, list[dict[str, Any]]]]:
    """Return them as files, each with as many as the database takes at once."""
    return [
        {"statements": list(statements[start : start + MOST_IN_BATCH])}
        for start in range(0, len(statements), MOST_IN_BATCH)
    ]


def problems(document: Any) -> list[str]:
    """Return in sentences what is wrong with a file of statements; empty when nothing is."""
    statements = document.get("statements") if isinstance(document, Mapping) else None
    if not isinstance(statements, list):
        return ['A file of statements is {"statements": […]}; this one is not.']
    found = []
    if not statements:
        found.append("There is no statement in this file.")
    if len(statements) > MOST_IN_BATCH:
        found.append(
            f"{len(statements)} statements are too many for one file; the most is {MOST_IN_BATCH}."
        )
    for number, item in enumerate(statements, start=1):
        if isinstance(item, Mapping):
            found += [f"Statement {number}: {sentence}" for sentence in statement_problems(item)]
        else:
            found.append(f"Statement {number} is no object.")
    return found + [f"puid {puid!r} stands more than once." for puid in _repeated(statements)]


def statement_problems(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one statement."""
    yield from (f"{name} is missing." for name in REQUIRED if not item.get(name))
    if not any(item.get(name) for name in ONE_OF):
        yield f"one of {', '.join(ONE_OF)} is needed."
    yield from _wrong_values(item)
    yield from _wrong_texts(item)
    yield from _wrong_dates(item)


def _visibility(decision: Restriction) -> dict[str, Any]:
    if decision.verdict == "restrict":
        return {"decision_visibility": [f"{VISIBILITY}CONTENT_REMOVED"]}
    return {
        "decision_visibility": [f"{VISIBILITY}OTHER"],
        "decision_visibility_other": "The comment was read before publication and not published.",
    }


def _facts(decision: Restriction, rule: str) -> str:
    done = "removed after publication" if decision.verdict == "restrict" else "not published"
    who = "a person" if decision.by_person else "a rule of the software"
    told = " A reader had pointed it out." if decision.was_reported else ""
    found = " A rule of the software had marked it for attention." if decision.found_by_rule else ""
    return f"A comment on a published letter was {done}. {who.capitalize()} decided.{told}{found} It rests on: {rule}."


def _repeated(statements: Iterable[Any]) -> list[str]:
    named = Counter(
        str(item["puid"])
        for item in statements
        if isinstance(item, Mapping) and item.get("puid") is not None
    )
    return [puid for puid, n in named.items() if n > 1]


def _wrong_values(item: Mapping[str, Any]) -> Iterator[str]:
    for name, allowed in VALUES.items():
        value = item.get(name)
        if value and not (isinstance(value, str) and value in allowed):
            yield f"{name} cannot be {value!r}."
    for name, allowed in LISTS.items():
        values = item.get(name) or []
        if not isinstance(values, list):
            yield f"{name} is a list."
            continue
        for value in values:
            if not (isinstance(value, str) and value in allowed):
                yield f"{name} cannot hold {value!r}."
        if f"{VISIBILITY}OTHER" in values and not item.get("decision_visibility_other"):
            yield "decision_visibility_other has to say what OTHER is."


def _wrong_texts(item: Mapping[str, Any]) -> Iterator[str]:
    kind = GROUNDS.get(str(item.get("decision_ground")), "")
    for name in ("legal_ground" if kind == "illegal_content" else "ground", "explanation"):
        if kind and not str(item.get(f"{kind}_{name}") or "").strip():
            yield f"{kind}_{name} is missing; a decision on this ground needs it."
    for name, most in LONGEST.items():
        text = item.get(name)
        if text is not None and not isinstance(text, str):
            yield f"{name} is a text."
        elif text and len(text) > most:
            yield f"{name} has {len(text)} characters; the most is {most}."
    puid = item.get("puid")
    if isinstance(puid, str) and puid and not PUID.match(puid):
        yield "puid may hold letters a to z, digits, - and _ only."
    for name, text in item.items():
        if isinstance(text, str) and EMAIL.search(text):
            yield f"{name} holds an email address; nothing about a person may be in it."
        if isinstance(text, str) and NETWORK.search(text):
            yield f"{name} holds a network address; nothing about a person may be in it."


def _wrong_dates(item: Mapping[str, Any]) -> Iterator[str]:
    for name, earliest in EARLIEST.items():
        text = item.get(name)
        if not text:
            continue
        try:
            day = datetime.strptime(str(text), "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            yield f"{name} is a day, written as 2026-03-01."
            continue
        if day < earliest:
            yield f"{name} cannot be before {earliest}."
