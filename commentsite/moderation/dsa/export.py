"""Build statements of reasons for the European Union's transparency database, and validate them.

The format is that of version 2 of the database's interface (see dsa.schema). A statement is built
from codes and from the text of the moderation rules only. It never contains a moderator's own
text, which may name people. `find_document_problems` is independent of the builder: it validates
any file of statements, and an export with a problem is not handed out.

The database accepts a hundred statements at a time, so an export consists of parts, one file
each. Whether a site must submit statements is a legal question that this module does not answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsite.moderation.decisions.policy import Verdict
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
    """A refusal or removal, without any personal data."""

    decision_id: int
    verdict: str  # Verdict.REFUSE or Verdict.RESTRICT
    rule: str
    cited_rule: Clause | None  # in its wording at the time; None if the version is gone
    was_reported: bool
    detected_automatically: bool
    decided_by_person: bool
    language: str
    sent_at: datetime
    decided_at: datetime


def build_dsa_statement(
    restriction: Restriction, *, legal_ground: str = "", explanation: str = ""
) -> dict[str, Any]:
    """Build one statement.

    `legal_ground` (the law) and `explanation` are required for unlawful comments and ignored for
    all others. The steward types them at the export.
    """
    clause = restriction.cited_rule
    category, keywords = CATEGORY_BY_RULE.get(restriction.rule, ("OTHER_VIOLATION_TC", ()))
    rule = f"Rule {clause.number}, {clause.title}" if clause else ""
    statement: dict[str, Any] = _visibility_fields(restriction)
    if restriction.rule == UNLAWFUL_RULE:
        statement |= {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": legal_ground,
            "illegal_content_explanation": explanation,
        }
    else:
        statement |= {
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "incompatible_content_ground": f"{rule} (rules, version {clause.version})"
            if clause
            else "",
            "incompatible_content_explanation": clause.text if clause else "",
            "incompatible_content_illegal": "No",
        }
    statement |= {
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
        statement["category_specification"] = list(keywords)
    language = restriction.language.partition("-")[0].upper()
    if language in EU_LANGUAGES:  # the database accepts no other languages
        statement["content_language"] = language
    return statement


def find_document_problems(document: Any) -> list[str]:
    """Return the problems of a file of statements, as sentences. `document` is any parsed JSON."""
    statements = document.get("statements") if isinstance(document, Mapping) else None
    if not isinstance(statements, list):
        return ['This file is not an object of the form {"statements": […]}.']
    problems = []
    if not statements:
        problems.append("This file has no statements.")
    if len(statements) > MAX_STATEMENTS_PER_FILE:
        problems.append(
            f"This file has {len(statements)} statements. The maximum is {MAX_STATEMENTS_PER_FILE}."
        )
    for number, item in enumerate(statements, start=1):
        if isinstance(item, Mapping):
            problems += [
                f"Statement {number}: {problem}" for problem in find_statement_problems(item)
            ]
        else:
            problems.append(f"Statement {number} is not an object.")
    return problems + [
        f"The puid {puid!r} occurs more than once." for puid in _duplicate_puids(statements)
    ]


def find_statement_problems(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the problems of one statement, as sentences."""
    yield from (f"{name} is missing." for name in REQUIRED_FIELDS if not item.get(name))
    if not any(item.get(name) for name in REQUIRED_ONE_OF):
        yield f"one of {', '.join(REQUIRED_ONE_OF)} is required."
    yield from _find_value_problems(item)
    yield from _find_text_problems(item)
    yield from _find_date_problems(item)


def _visibility_fields(restriction: Restriction) -> dict[str, Any]:
    if restriction.verdict == Verdict.RESTRICT:
        return {"decision_visibility": [f"{VISIBILITY_PREFIX}CONTENT_REMOVED"]}
    return {
        "decision_visibility": [f"{VISIBILITY_PREFIX}OTHER"],
        "decision_visibility_other": "The comment was reviewed before publication and was not published.",
    }


def _describe_facts(restriction: Restriction, rule: str) -> str:
    """Return the facts as a text of whole sentences, chosen by the codes of the decision."""
    sentences = [
        "A comment on a published letter was removed after publication."
        if restriction.verdict == Verdict.RESTRICT
        else "A comment on a published letter was not published.",
        "A person took the decision."
        if restriction.decided_by_person
        else "The software took the decision.",
    ]
    if restriction.was_reported:
        sentences.append("A reader had reported the comment.")
    if restriction.detected_automatically:
        sentences.append("An automatic check of the software had flagged the comment.")
    if rule:
        sentences.append(f"The decision cites this rule: {rule}.")
    return " ".join(sentences)


def _duplicate_puids(statements: Iterable[Any]) -> list[str]:
    counts = Counter(
        str(item["puid"])
        for item in statements
        if isinstance(item, Mapping) and item.get("puid") is not None
    )
    return [puid for puid, count in counts.items() if count > 1]


def _find_value_problems(item: Mapping[str, Any]) -> Iterator[str]:
    for name, allowed in ALLOWED_VALUES.items():
        value = item.get(name)
        if value and not (isinstance(value, str) and value in allowed):
            yield f"{name} cannot be {value!r}."
    for name, allowed in ALLOWED_LIST_VALUES.items():
        values = item.get(name) or []
        if not isinstance(values, list):
            yield f"{name} must be a list."
            continue
        for value in values:
            if not (isinstance(value, str) and value in allowed):
                yield f"{name} cannot contain {value!r}."
        if f"{VISIBILITY_PREFIX}OTHER" in values and not item.get("decision_visibility_other"):
            yield "decision_visibility_other must explain OTHER."


def _find_text_problems(item: Mapping[str, Any]) -> Iterator[str]:
    prefix = GROUND_PREFIXES.get(str(item.get("decision_ground")), "")
    for name in ("legal_ground" if prefix == "illegal_content" else "ground", "explanation"):
        if prefix and not str(item.get(f"{prefix}_{name}") or "").strip():
            yield f"{prefix}_{name} is missing. The decision_ground requires it."
    for name, max_length in MAX_LENGTHS.items():
        text = item.get(name)
        if text is not None and not isinstance(text, str):
            yield f"{name} must be a string."
        elif text and len(text) > max_length:
            yield f"{name} has {len(text)} characters. The maximum is {max_length}."
    puid = item.get("puid")
    if isinstance(puid, str) and puid and not PUID_PATTERN.match(puid):
        yield "puid may contain only letters a to z, digits, - and _."
    for name, text in item.items():
        if isinstance(text, str) and EMAIL_PATTERN.search(text):
            yield f"{name} contains an email address. A statement must not contain personal data."
        if isinstance(text, str) and NETWORK_ADDRESS_PATTERN.search(text):
            yield f"{name} contains a network address. A statement must not contain personal data."


def _find_date_problems(item: Mapping[str, Any]) -> Iterator[str]:
    for name, earliest in EARLIEST_DATES.items():
        text = item.get(name)
        if not text:
            continue
        try:
            day = datetime.strptime(str(text), "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            yield f"{name} must be a date such as 2026-03-01."
            continue
        if day < earliest:
            yield f"{name} cannot be before {earliest}."
