"""The naming rule of records of positions, and the conditions of their publication."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.summaries.models import PositionHolder
from commentsite.summaries.publication.policy import list_obstacles
from commentsite.summaries.report.authors import (
    UNDISCLOSED,
    can_quote,
    describe_author,
    describe_holder,
)
from commentsite.summaries.report.content import (
    Author,
    Holder,
    ObjectionText,
    PositionText,
    QuestionText,
    Report,
    Totals,
)
from commentsite.summaries.states import HolderKind, ObjectionStatus, OrderRule, Outcome, SignOff


@dataclass(frozen=True)
class Sender:
    state: CommentState = CommentState.PUBLISHED
    quote_as: QuoteConsent = QuoteConsent.NAME
    name: str = "Ada"
    is_pseudonym: bool = False
    stakeholder_group: str = "CIV"
    organisation: str = "Open Net"
    capacity: str = "on_behalf_of"


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        (Sender(), Author("Ada", "CIV", "Open Net", "on_behalf_of")),
        (Sender(quote_as=QuoteConsent.GROUP), Author("", "CIV")),
        (Sender(quote_as=QuoteConsent.COUNT), UNDISCLOSED),
        (Sender(state=CommentState.RESTRICTED), UNDISCLOSED),
        (Sender(state=CommentState.WITHDRAWN, quote_as=QuoteConsent.GROUP), UNDISCLOSED),
        # Two pseudonymous people of civil society commented, and three of the governments.
        (Sender(is_pseudonym=True), Author("Ada", "")),
        (Sender(is_pseudonym=True, stakeholder_group="GOV"), Author("Ada", "GOV")),
        (Sender(is_pseudonym=True, quote_as=QuoteConsent.GROUP), UNDISCLOSED),
    ],
)
def test_an_author_is_named_as_far_as_they_agreed(sender, author):
    assert describe_author(sender, {"CIV": 2, "GOV": 3}) == author
    assert can_quote(sender) == (author != UNDISCLOSED or sender.is_pseudonym)


@pytest.mark.parametrize(
    ("kind", "sender", "author"),
    [
        ("person", None, Author("", "CIV")),
        ("organisation", None, Author("Held", "CIV")),
        ("person", Sender(), Author("Held", "CIV")),
        ("person", Sender(is_pseudonym=True), Author("Held", "")),
        ("person", Sender(quote_as=QuoteConsent.GROUP), Author("", "CIV")),
        ("organisation", Sender(), Author("Held", "CIV")),
        # Its author chose otherwise after the editor had taken the name of the organisation.
        ("organisation", Sender(quote_as=QuoteConsent.GROUP), Author("", "CIV")),
        ("organisation", Sender(quote_as=QuoteConsent.COUNT), UNDISCLOSED),
        ("person", Sender(quote_as=QuoteConsent.COUNT), UNDISCLOSED),
        ("organisation", Sender(state=CommentState.WITHDRAWN), UNDISCLOSED),
        ("group", Sender(state=CommentState.WITHDRAWN), Author("", "CIV")),
    ],
)
def test_a_holder_taken_from_a_comment_is_named_as_its_author_is(kind, sender, author):
    name = "" if kind == "group" else "Held"
    holder = PositionHolder(kind=HolderKind(kind), stakeholder_group="CIV", name=name)
    holder.is_name_agreed = False
    assert describe_holder(holder, sender, {"CIV": 2}) == author


HOLDER = Holder(HolderKind.GROUP, "CIV", "", SignOff.NONE, "", is_asked=False, is_outdated=False)
OBJECTION = ObjectionText(1, "a", UNDISCLOSED, (), "No.", ObjectionStatus.OPEN, "", None, "")


def make_position(words=10, **changes):
    position = PositionText(1, "Yes", "A text.", words, (HOLDER,), (), 0, 0)
    return replace(position, **changes)


def make_question(*positions, ratio=1.0):
    return QuestionText("Which?", (), positions, ratio)


def make_report(**changes):
    totals = Totals({}, 0, 0, 0, 0, 0, 0, 0, {}, {})
    report = Report(
        version=0,
        built_at=datetime(2026, 1, 1, tzinfo=UTC),
        change_note="",
        language="en",
        letters=(),
        groups=(),
        outcome=Outcome.NO_REPORT,
        outcome_note="",
        overview="It was discussed.",
        comments_summary="",
        analysis="",
        omissions_note="",
        limits="Few people wrote.",
        order_rule=OrderRule.TITLE,
        lot="",
        totals=totals,
        questions=(make_question(make_position(), make_position()),),
        consensus_map=(),
        groups_not_heard=(),
        groups_too_few=(),
    )
    return replace(report, **changes)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"questions": ()}, []),
        ({"overview": " "}, ["overview"]),
        ({"limits": ""}, ["limits"]),
        ({"outcome": Outcome.NOT_ASSESSED}, ["outcome"]),
        ({"outcome": Outcome.NOT_ASSESSED, "outcome_note": "Too early."}, []),
        ({"outcome": Outcome.DIVERGENT_POSITIONS, "questions": ()}, ["questions"]),
        ({"outcome": Outcome.AGREED, "objections": (OBJECTION,)}, ["objections"]),
        ({"outcome": Outcome.NO_AGREED_TEXT, "objections": (OBJECTION,)}, []),
        ({"outcome": Outcome.AGREED, "objections": (replace(OBJECTION, is_late=True),)}, []),
        ({"questions": (make_question(make_position(holders=())),)}, ["positions"]),
        ({"questions": (make_question(make_position(title="")),)}, ["positions"]),
        (
            {"questions": (make_question(make_position(600), make_position(200), ratio=1 / 3),)},
            ["equal_space"],
        ),
        (
            {"questions": (make_question(make_position(412), make_position(398), ratio=0.966),)},
            [],
        ),
    ],
)
def test_each_unmet_condition_of_publication_is_a_sentence(changes, fields):
    obstacles = list_obstacles(make_report(**changes))
    assert [obstacle.field for obstacle in obstacles] == fields
    for obstacle in obstacles:
        assert (obstacle.message % obstacle.details).endswith(".")
