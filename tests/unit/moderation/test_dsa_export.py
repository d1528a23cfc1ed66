"""Statements of reasons: their fields for each rule, and the problems that are found in one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsite.moderation.dsa.export import (
    Restriction,
    build_dsa_statement,
    find_document_problems,
)
from commentsite.site.rulebook import DEFAULT_CLAUSES
from commentsite.text.csv_cells import escape_csv_cell

RULES = {clause.code: clause for clause in DEFAULT_CLAUSES}
SENT, DECIDED = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)


def restriction(**changes):
    fields = {
        "decision_id": 12, "verdict": "refuse", "rule": "R5", "was_reported": False,
        "detected_automatically": False, "decided_by_person": True, "language": "fr-CA",
        "sent_at": SENT, "decided_at": DECIDED,
    }  # fmt: skip
    fields |= changes
    return Restriction(cited_rule=RULES.get(fields["rule"]), **fields)


def problems_of(**changes):
    return find_document_problems({"statements": [build_dsa_statement(restriction()) | changes]})


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("verdict", ["refuse", "restrict"])
def test_every_rule_makes_a_valid_statement(rule, verdict):
    statement = build_dsa_statement(
        restriction(rule=rule, verdict=verdict),
        legal_ground="Criminal code, art. 1",
        explanation="It says so.",
    )
    assert find_document_problems({"statements": [statement]}) == []
    assert statement["content_date"] == "2026-03-01"
    assert statement["application_date"] == "2026-03-02"
    is_unlawful = rule == "R8"
    assert ("illegal_content_legal_ground" in statement) is is_unlawful
    assert ("incompatible_content_ground" in statement) is not is_unlawful


def test_an_off_subject_comment_breaks_the_sites_terms_and_no_law():
    statement = build_dsa_statement(restriction())
    assert statement["category"] == "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    assert statement["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert statement["incompatible_content_ground"].startswith("Rule 5, off the subject")
    assert statement["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert build_dsa_statement(restriction(verdict="restrict"))["decision_visibility"] == [
        "DECISION_VISIBILITY_CONTENT_REMOVED"
    ]


@pytest.mark.parametrize(
    ("language", "code"), [("fr-CA", "FR"), ("pt", "PT"), ("ar", None), ("zh-Hans", None), ("", None)]
)  # fmt: skip
def test_only_languages_of_the_european_union_are_named(language, code):
    assert build_dsa_statement(restriction(language=language)).get("content_language") == code


def test_an_unlawful_comment_needs_the_law():
    statement = build_dsa_statement(restriction(rule="R8"))
    problems = find_document_problems({"statements": [statement]})
    assert [
        sentence for sentence in problems if "illegal_content_legal_ground is missing" in sentence
    ]
    assert [
        sentence for sentence in problems if "illegal_content_explanation is missing" in sentence
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"puid": "decision 12"}, "puid may contain only"),
        ({"puid": "decision-12\n"}, "puid may contain only"),
        ({"puid": "x" * 501}, "puid has 501 characters. The maximum is 500."),
        ({"puid": None}, "puid is missing."),
        ({"puid": 12}, "puid must be a string."),
        ({"decision_facts": "x" * 5001}, "decision_facts has 5001 characters"),
        ({"decision_facts": "Ada <ada@example.org> wrote it."}, "contains an email address"),
        ({"decision_facts": "Sent from 192.0.2.7."}, "contains a network address"),
        ({"decision_facts": "Sent from 2001:db8:0:0:1:2:3:4."}, "contains a network address"),
        ({"content_language": "AR"}, "content_language cannot be 'AR'."),
        ({"category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"}, "category cannot be"),
        ({"decision_visibility": []}, "one of decision_visibility, decision_monetary"),
        (
            {"decision_visibility": ["DECISION_VISIBILITY_GONE"]},
            "decision_visibility cannot contain",
        ),
        ({"decision_visibility_other": ""}, "decision_visibility_other must explain OTHER."),
        ({"territorial_scope": ["XX"]}, "territorial_scope cannot contain 'XX'."),
        ({"territorial_scope": "DE"}, "territorial_scope must be a list."),
        ({"application_date": "2019-12-31"}, "application_date cannot be before 2020-01-01."),
        ({"application_date": "1.3.2026"}, "application_date must be a date"),
        ({"incompatible_content_ground": " "}, "incompatible_content_ground is missing"),
        ({"automated_detection": True}, "automated_detection cannot be True."),
        ({"category": ["STATEMENT_CATEGORY_VIOLENCE"]}, "category cannot be"),
    ],
)
def test_each_problem_of_a_statement_is_reported(changes, sentence):
    problems = problems_of(**changes)
    assert [problem for problem in problems if sentence in problem], problems


def test_a_file_has_at_most_a_hundred_statements_each_with_its_own_puid():
    many = [build_dsa_statement(restriction(decision_id=n)) for n in range(1, 102)]
    assert find_document_problems({"statements": many[:100]}) == []
    assert find_document_problems({"statements": many[:101]}) == [
        "This file has 101 statements. The maximum is 100."
    ]
    assert find_document_problems({"statements": many[:2] + many[:1]}) == [
        "The puid 'decision-1' occurs more than once."
    ]


@pytest.mark.parametrize("document", [None, [], {}, {"statements": {}}, {"statements": []}, "x"])
def test_a_file_without_statements_is_reported(document):
    assert find_document_problems(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(build_dsa_statement(restriction()))), JSON)
def test_any_value_of_a_field_is_validated_without_an_exception(name, value):
    assert isinstance(problems_of(**{name: value}), list)


def test_a_statement_of_reasons_that_is_not_an_object_is_reported():
    assert find_document_problems({"statements": [1, {}]})[0] == "Statement 1 is not an object."


def test_texts_that_look_like_formulas_are_exported_as_text():
    for start in "=+-@\t\r":
        assert escape_csv_cell(f"{start}1") == f"'{start}1"
    assert escape_csv_cell("fr") == "fr"
    assert escape_csv_cell(-1) == -1
