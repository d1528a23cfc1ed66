"""The conditions under which a record of positions is published."""

from collections.abc import Iterable, Iterator

from commentsite.errors import Invalid, SiteError
from commentsite.summaries.positions.policy import MIN_LENGTH_RATIO, has_equal_space
from commentsite.summaries.report.content import QuestionText, Report
from commentsite.summaries.states import AGREEMENTS, ObjectionStatus, Outcome


def list_obstacles(report: Report, *, lost_quotations: Iterable[str] = ()) -> list[SiteError]:
    """Return an error for each condition that a draft does not meet. Empty: it can be published.

    The field of each error names the condition: "questions", "positions", "equal_space",
    "quotations", "objections", or the text that is missing. `lost_quotations` are the titles of
    positions with a quotation that the comment no longer has.
    """
    obstacles: list[SiteError] = [*_check_texts(report)]
    for question in report.questions:
        obstacles += _check_question(question)
    obstacles += [
        Invalid(
            "The position “%(title)s” quotes words that the comment no longer has. "
            "Quote it again, or remove the quotation.",
            field="quotations",
            title=title,
        )
        for title in lost_quotations
    ]
    return [*obstacles, *_check_outcome(report)]


def _check_texts(report: Report) -> Iterator[SiteError]:
    if not report.overview.strip():
        msg = "Write the overview, with the next steps."
        yield Invalid(msg, field="overview")
    if not report.limits.strip():
        msg = "Write what limits this record, such as who was asked and for how long."
        yield Invalid(msg, field="limits")


def _check_question(question: QuestionText) -> Iterator[SiteError]:
    for position in question.positions:
        if not position.title.strip() or not position.body.strip():
            yield Invalid(
                "Each position on “%(question)s” needs a title and a text.",
                field="positions",
                question=question.text,
            )
        if not position.holders:
            yield Invalid(
                "Name at least one holder of the position “%(title)s”.",
                field="positions",
                title=position.title,
            )
    if not has_equal_space(question.length_ratio):
        yield Invalid(
            "The positions on “%(question)s” are not of equal length: the shortest has "
            "%(shortest)d words, the longest %(longest)d. It needs at least %(percent)d in 100.",
            field="equal_space",
            question=question.text,
            shortest=min(position.words for position in question.positions),
            longest=max(position.words for position in question.positions),
            percent=round(MIN_LENGTH_RATIO * 100),
        )


def _check_outcome(report: Report) -> Iterator[SiteError]:
    outcome = report.outcome
    if outcome == Outcome.NOT_ASSESSED and not report.outcome_note.strip():
        msg = "Choose the outcome, or write why it is not assessed."
        yield Invalid(msg, field="outcome")
    has_two_positions = any(len(question.positions) > 1 for question in report.questions)
    if outcome == Outcome.DIVERGENT_POSITIONS and not has_two_positions:
        msg = "The outcome says that positions diverge. Write at least two positions on a question."
        yield Invalid(msg, field="questions")
    open_count = sum(
        objection.status == ObjectionStatus.OPEN and not objection.is_late
        for objection in report.objections
    )
    if outcome in AGREEMENTS and open_count:
        yield Invalid(
            "The outcome states agreement, and objections are open: %(count)d. "
            "Answer them, or choose another outcome.",
            field="objections",
            count=open_count,
        )
