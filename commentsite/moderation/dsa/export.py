"""Statements of reasons in the shape of the European Union's transparency database, and what is wrong with one.

A site as small as most of these may owe nobody such a file; nothing here says that one must
be sent. The shape itself stands in reasons_schema.py.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsite.moderation.dsa.schema import (
    ALLOWED_LIST_VALUES,
    ALLOWED_VALUES,
    CATEGORY_BY_RULE,
    EARLIEST_DATES,
    EEA_COUNTRIES,
    EMAIL_PATTERN,
    EU_LANGUAGES,
    GROUND_PREFIXES,
    MAX_LENGTHS,
    MAX_STATEMENTS_PER_FILE,
    NETWORK_ADDRESS_PATTERN,
    PUID_PATTERN,
    REQUIRED_FIELDS,
    REQUIRED_ONE_OF,
    UNLAWFUL_RULE,
    VISIBILITY_PREFIX,
)
from commentsite.site.rulebook import Clause


@dataclass(frozen=True)
class Restriction:
    """A refusal or removal, without anything about the people in it."""

    decision_id: int
    verdict: str  # refuse or restrict
    rule: str
    cited_rule: Clause | None  # as it read when it was decided
    was_reported: bool
    detected_automatically: bool
    decided_by_person: bool
    language: str
    sent_at: datetime
    decided_at: datetime


def build_dsa_statement(
    restriction: Restriction, *, legal_ground: str = "", explanation: str = ""
) -> dict[str, Any]:
    """Return one statement; `law` and `why` are what an unlawful comment needs besides.

    Nothing anybody wrote is in it: facts are said from codes, since a moderator's words to an
    author may name people.
    """
    clause = restriction.cited_rule
    category, keywords = CATEGORY_BY_RULE.get(restriction.rule, ("OTHER_VIOLATION_TC", ()))
    rule = f"Rule {clause.number}, {clause.title}" if clause else ""
    made: dict[str, Any] = _visibility_fields(restriction)
    if restriction.rule == UNLAWFUL_RULE:
        made |= {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": legal_ground,
            "illegal_content_explanation": explanation,
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
        "territorial_scope": sorted(EEA_COUNTRIES),
        "content_date": f"{restriction.sent_at:%Y-%m-%d}",
        "application_date": f"{restriction.decided_at:%Y-%m-%d}",
        "decision_facts": _describe_facts(restriction, rule),
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION"
        if restriction.was_reported
        else "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if restriction.detected_automatically else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"
        if restriction.decided_by_person
        else "AUTOMATED_DECISION_FULLY",
        "puid": f"decision-{restriction.decision_id}",
    }
    if keywords:
        made["category_specification"] = list(keywords)
    language = restriction.language.partition("-")[0].upper()
    if language in EU_LANGUAGES:  # the database knows no others, and nothing is guessed
        made["content_language"] = language
    return made


def split_into_files(statements: Sequence[dict[str, Any]]) -> list[dict[str, list[dict[str, Any]]]]:
    """Return them as files, each with as many as the database takes at once."""
    return [
        {"statements": list(statements[start : start + MAX_STATEMENTS_PER_FILE])}
        for start in range(0, len(statements), MAX_STATEMENTS_PER_FILE)
    ]


def find_document_problems(document: Any) -> list[str]:
    """Return in sentences what is wrong with a file of statements; empty when nothing is."""
    statements = document.get("statements") if isinstance(document, Mapping) else None
    if not isinstance(statements, list):
        return ['A file of statements is {"statements": […]}; this one is not.']
    found = []
    if not statements:
        found.append("There is no statement in this file.")
    if len(statements) > MAX_STATEMENTS_PER_FILE:
        found.append(
            f"{len(statements)} statements are too many for one file; the most is {MAX_STATEMENTS_PER_FILE}."
        )
    for number, item in enumerate(statements, start=1):
        if isinstance(item, Mapping):
            found += [
                f"Statement {number}: {sentence}" for sentence in find_statement_problems(item)
            ]
        else:
            found.append(f"Statement {number} is no object.")
    return found + [
        f"puid {puid!r} stands more than once." for puid in _duplicate_puids(statements)
    ]


def find_statement_problems(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one statement."""
    yield from (f"{name} is missing." for name in REQUIRED_FIELDS if not item.get(name))
    if not any(item.get(name) for name in REQUIRED_ONE_OF):
        yield f"one of {', '.join(REQUIRED_ONE_OF)} is needed."
    yield from _find_value_problems(item)
    yield from _find_text_problems(item)
    yield from _find_date_problems(item)


def _visibility_fields(decision: Restriction) -> dict[str, Any]:
    if decision.verdict == "restrict":
        return {"decision_visibility": [f"{VISIBILITY_PREFIX}CONTENT_REMOVED"]}
    return {
        "decision_visibility": [f"{VISIBILITY_PREFIX}OTHER"],
        "decision_visibility_other": "The comment was read before publication and not published.",
    }


def _describe_facts(decision: Restriction, rule: str) -> str:
    done = "removed after publication" if decision.verdict == "restrict" else "not published"
    who = "a person" if decision.decided_by_person else "a rule of the software"
    told = " A reader had pointed it out." if decision.was_reported else ""
    found = (
        " A rule of the software had marked it for attention."
        if decision.detected_automatically
        else ""
    )
    return f"A comment on a published letter was {done}. {who.capitalize()} decided.{told}{found} It rests on: {rule}."


def _duplicate_puids(statements: Iterable[Any]) -> list[str]:
    named = Counter(
        str(item["puid"])
        for item in statements
        if isinstance(item, Mapping) and item.get("puid") is not None
    )
    return [puid for puid, n in named.items() if n > 1]


def _find_value_problems(item: Mapping[str, Any]) -> Iterator[str]:
    for name, allowed in ALLOWED_VALUES.items():
        value = item.get(name)
        if value and not (isinstance(value, str) and value in allowed):
            yield f"{name} cannot be {value!r}."
    for name, allowed in ALLOWED_LIST_VALUES.items():
        values = item.get(name) or []
        if not isinstance(values, list):
            yield f"{name} is a list."
            continue
        for value in values:
            if not (isinstance(value, str) and value in allowed):
                yield f"{name} cannot hold {value!r}."
        if f"{VISIBILITY_PREFIX}OTHER" in values and not item.get("decision_visibility_other"):
            yield "decision_visibility_other has to say what OTHER is."


def _find_text_problems(item: Mapping[str, Any]) -> Iterator[str]:
    kind = GROUND_PREFIXES.get(str(item.get("decision_ground")), "")
    for name in ("legal_ground" if kind == "illegal_content" else "ground", "explanation"):
        if kind and not str(item.get(f"{kind}_{name}") or "").strip():
            yield f"{kind}_{name} is missing; a decision on this ground needs it."
    for name, most in MAX_LENGTHS.items():
        text = item.get(name)
        if text is not None and not isinstance(text, str):
            yield f"{name} is a text."
        elif text and len(text) > most:
            yield f"{name} has {len(text)} characters; the most is {most}."
    puid = item.get("puid")
    if isinstance(puid, str) and puid and not PUID_PATTERN.match(puid):
        yield "puid may hold letters a to z, digits, - and _ only."
    for name, text in item.items():
        if isinstance(text, str) and EMAIL_PATTERN.search(text):
            yield f"{name} holds an email address; nothing about a person may be in it."
        if isinstance(text, str) and NETWORK_ADDRESS_PATTERN.search(text):
            yield f"{name} holds a network address; nothing about a person may be in it."


def _find_date_problems(item: Mapping[str, Any]) -> Iterator[str]:
    for name, earliest in EARLIEST_DATES.items():
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
