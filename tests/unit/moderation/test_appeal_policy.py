"""Time limits, paths, eligible reviewers and decisions of appeals."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product

import pytest

from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import (
    AWAITING_MODERATORS,
    OPEN_STATES,
    OUTCOMES,
    TRANSITIONS,
    AppealState,
    appeal_deadline,
    is_before_deadline,
)
from commentsite.comments.appeals.transitions import change_appeal_state
from commentsite.comments.states import CommentState
from commentsite.errors import Conflict
from commentsite.moderation.appeals.policy import (
    AppealableDecision,
    AppealReviewer,
    Ineligibility,
    VariationKind,
    find_decisions_in_force,
    find_ineligibility,
    list_allowed_variations,
)
from commentsite.moderation.decisions.policy import Verdict
from commentsite.site.quorum import ModerationMode

S = AppealState
FINAL_STATES = {S.UPHELD, S.OVERTURNED, S.VARIED, S.INADMISSIBLE, S.WITHDRAWN}


@pytest.mark.parametrize(
    ("notified", "last"),
    [
        ("2026-03-14", "2026-09-14"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-08-28", "2027-02-28"),
        ("2026-03-31", "2026-09-30"),
        ("2026-07-01", "2027-01-01"),
        ("2026-12-31", "2027-06-30"),
        ("2028-02-29", "2028-08-29"),
    ],
)
def test_six_months_end_on_the_same_day_or_the_last_of_the_month(notified, last):
    moment = datetime.fromisoformat(f"{notified}T23:59:59+00:00")
    assert appeal_deadline(moment) == date.fromisoformat(last)
    end = datetime.fromisoformat(f"{last}T23:59:59+00:00")
    assert is_before_deadline(moment, end)
    assert not is_before_deadline(moment, end + timedelta(seconds=1))


def test_days_are_counted_in_utc_in_every_time_zone():
    west = timezone(timedelta(hours=-8))
    notified = datetime(2026, 8, 31, 20, 0, tzinfo=west)  # the first of September in UTC
    assert appeal_deadline(notified) == date(2027, 3, 1)
    assert is_before_deadline(notified, datetime(2027, 3, 1, 15, 59, tzinfo=west))
    assert not is_before_deadline(notified, datetime(2027, 3, 1, 16, 1, tzinfo=west))


def test_an_appeal_follows_the_allowed_transitions_and_no_other():
    allowed = {
        (S.FILED, S.ASKED),
        (S.ASKED, S.ANSWERED),
        *product((S.FILED, S.ASKED, S.ANSWERED), FINAL_STATES),
    }
    for start, end in product(S, S):
        appeal = Appeal(state=start, version=3, awaiting="nobody")
        if (start, end) in allowed:
            change_appeal_state(appeal, end)
            assert (appeal.state, appeal.version, appeal.awaiting) == (end, 4, "")
            assert appeal.changed_at.tzinfo is UTC
        else:
            with pytest.raises(Conflict):
                change_appeal_state(appeal, end)
            assert (appeal.state, appeal.version) == (start, 3)


def test_every_state_of_an_appeal_is_open_or_final():
    assert set(S) - OPEN_STATES == FINAL_STATES
    assert FINAL_STATES - {S.WITHDRAWN} == OUTCOMES
    assert AWAITING_MODERATORS < OPEN_STATES
    assert set(TRANSITIONS) == set(S)


@pytest.mark.parametrize(
    ("reviewer", "prior", "mode", "ineligibility"),
    [
        (AppealReviewer(3, "CIV"), [(1, "CIV"), (2, "GOV")], "solo", None),
        (AppealReviewer(3, "CIV"), [(1, "CIV"), (2, "GOV")], "pair", None),
        (
            AppealReviewer(3, "CIV"),
            [(1, "CIV"), (2, "GOV")],
            "cross_group",
            Ineligibility.SAME_GROUP,
        ),
        (AppealReviewer(3, "BUS"), [(1, "CIV"), (2, "GOV")], "cross_group", None),
        (AppealReviewer(3, "UND"), [(1, "CIV")], "cross_group", Ineligibility.NO_GROUP),
        (AppealReviewer(3, ""), [(1, "CIV")], "cross_group", Ineligibility.NO_GROUP),
        (AppealReviewer(3, "CIV"), [(1, "UND")], "cross_group", None),
        (AppealReviewer(1, "BUS"), [(1, "CIV")], "solo", Ineligibility.DECIDED_BEFORE),
        (AppealReviewer(1, "BUS"), [(1, "CIV")], "cross_group", Ineligibility.DECIDED_BEFORE),
    ],
)
def test_an_appeal_reviewer_did_not_decide_and_is_of_another_group_where_required(
    reviewer, prior, mode, ineligibility
):
    deciders = [AppealReviewer(*decider) for decider in prior]
    assert find_ineligibility(reviewer, deciders, ModerationMode(mode)) == ineligibility


REFUSED, REMOVED, PUBLISHED = (
    CommentState.REFUSED,
    CommentState.RESTRICTED,
    CommentState.PUBLISHED,
)
PUB, REF, RES, RED = (
    AppealableDecision(1, "publish"),
    AppealableDecision(2, "refuse"),
    AppealableDecision(3, "restrict"),
    AppealableDecision(4, "redact"),
)


@pytest.mark.parametrize(
    ("state", "redacting_ids", "decisions", "appealable"),
    [
        (REFUSED, [], [REF], [2]),
        (REMOVED, [], [PUB, RES], [3]),
        (PUBLISHED, [4], [PUB, RED], [4]),
        (REMOVED, [4], [PUB, RED, AppealableDecision(5, "restrict")], [4, 5]),
        (PUBLISHED, [], [PUB, RES, AppealableDecision(5, "restore")], []),
        (PUBLISHED, [], [REF, AppealableDecision(5, "publish")], []),
        (REFUSED, [], [REF, AppealableDecision(5, "refuse", is_on_appeal=True)], []),
        (PUBLISHED, [5], [REF, AppealableDecision(5, "redact", is_on_appeal=True)], []),
        (CommentState.PENDING, [], [AppealableDecision(1, "return")], []),
        (CommentState.RETURNED, [], [AppealableDecision(1, "return")], []),
        (CommentState.SPAM, [], [AppealableDecision(1, "spam")], []),
        (CommentState.WITHDRAWN, [4], [PUB, RED, RES], []),
        (REFUSED, [], [], []),
    ],
)
def test_each_decision_that_keeps_text_from_readers_can_be_appealed_once(
    state, redacting_ids, decisions, appealable
):
    assert find_decisions_in_force(state, redacting_ids, decisions) == appealable


def test_no_variation_is_to_the_disadvantage_of_the_author():
    assert set(list_allowed_variations(Verdict.REFUSE, REFUSED)) == set(VariationKind)
    assert VariationKind.RETURN not in list_allowed_variations(Verdict.RESTRICT, REMOVED)
    for state in (PUBLISHED, REMOVED):
        assert set(list_allowed_variations(Verdict.REDACT, state)) == {
            VariationKind.REDACT,
            VariationKind.RULE,
        }
