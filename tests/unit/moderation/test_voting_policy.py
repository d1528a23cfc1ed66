"""The outcome of every combination of a few votes."""

from itertools import product

import pytest

from commentsite.moderation.decisions.policy import (
    NO_ELIGIBLE_MODERATOR,
    SECOND_VOTE,
    THIRD_VOTE,
    UNKNOWN_GROUPS,
    Verdict,
    Vote,
    determine_awaiting,
    resolve_votes,
)
from commentsite.site.quorum import ModerationMode

P, F, RET, SPAM = Verdict.PUBLISH, Verdict.REFUSE, Verdict.RETURN, Verdict.SPAM
GROUPS = ("CIV", "GOV", "UND")
ALL = (P, F, RET, SPAM)


def votes(*said):
    """Return a vote of another moderator for each argument: a verdict, or a verdict and a group."""
    pairs = [one if isinstance(one, tuple) else (one, "CIV") for one in said]
    return [Vote(verdict, number, group) for number, (verdict, group) in enumerate(pairs, 1)]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_alone_one_decides_everything(verdict):
    assert resolve_votes(votes(verdict), ModerationMode.SOLO) == verdict


@pytest.mark.parametrize("mode", [ModerationMode.PAIR, ModerationMode.CROSS_GROUP])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_what_silences_waits_for_a_second(verdict, mode):
    waits = verdict in {Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT}
    assert resolve_votes(votes(verdict), mode) == (None if waits else verdict)


@pytest.mark.parametrize(
    ("said", "mode", "carried_out"),
    [
        ([F, F], "pair", F),
        ([F, P], "pair", None),
        ([F, RET], "pair", None),
        ([F, SPAM], "pair", None),
        ([F, P, P], "pair", P),
        ([F, P, F], "pair", F),
        ([F, P, RET], "pair", RET),
        ([F, P, SPAM], "pair", SPAM),
        ([(F, "CIV"), (F, "GOV")], "cross_group", F),
        ([(F, "CIV"), (F, "CIV")], "cross_group", None),
        ([(F, "UND"), (F, "UND")], "cross_group", None),
        ([(F, "CIV"), (F, "UND")], "cross_group", None),
        ([(F, "CIV"), (F, "CIV"), (F, "GOV")], "cross_group", F),
        ([(F, "CIV"), (F, "CIV"), (P, "GOV")], "cross_group", P),
        ([(F, "CIV"), (P, "GOV"), (F, "CIV")], "cross_group", None),
        ([(F, "CIV"), (P, "GOV"), (F, "CIV"), (F, "BUS")], "cross_group", F),
        ([(F, "CIV"), (P, "GOV"), (F, "CIV"), (P, "CIV")], "cross_group", P),
        ([(F, "CIV"), (F, "CIV"), (P, "CIV")], "solo", P),
    ],
)
def test_the_cases_that_people_ask_about(said, mode, carried_out):
    assert resolve_votes(votes(*said), ModerationMode(mode)) == carried_out


@pytest.mark.parametrize("mode", list(ModerationMode))
def test_no_sequence_of_four_votes_refuses_with_fewer_than_the_mode_needs(mode):
    for number in range(1, 5):
        for said in product(product((P, F, RET), GROUPS), repeat=number):
            cast = votes(*said)
            if any(resolve_votes(cast[:n], mode) for n in range(1, number)):
                continue  # it was decided before
            done = resolve_votes(cast, mode)
            assert done in {None, cast[-1].verdict}
            refusers = [vote for vote in cast if vote.verdict is F]
            groups = {vote.group for vote in refusers} - UNKNOWN_GROUPS
            if done is F:
                assert len(refusers) >= (1 if mode is ModerationMode.SOLO else 2)
                assert mode is not ModerationMode.CROSS_GROUP or len(groups) >= 2
            if cast[-1].verdict is not F:
                assert (done is None) == (mode is not ModerationMode.SOLO and number == 2)


def test_the_next_vote_that_a_comment_waits_for():
    people = [(1, "CIV"), (2, "CIV"), (3, "GOV")]
    assert determine_awaiting([], ModerationMode.CROSS_GROUP, people) == ""
    assert determine_awaiting([], ModerationMode.SOLO, []) == NO_ELIGIBLE_MODERATOR
    assert determine_awaiting(votes(F), ModerationMode.CROSS_GROUP, people) == SECOND_VOTE
    assert (
        determine_awaiting(votes(F), ModerationMode.CROSS_GROUP, people[:2])
        == NO_ELIGIBLE_MODERATOR
    )
    assert determine_awaiting(votes(F), ModerationMode.PAIR, people[:2]) == SECOND_VOTE
    assert determine_awaiting(votes(F), ModerationMode.PAIR, people[:1]) == NO_ELIGIBLE_MODERATOR
    assert determine_awaiting(votes(F, P), ModerationMode.PAIR, people) == THIRD_VOTE
    assert determine_awaiting(votes(F, P), ModerationMode.PAIR, people[:2]) == NO_ELIGIBLE_MODERATOR
    assert (
        determine_awaiting(votes((F, "UND")), ModerationMode.CROSS_GROUP, people)
        == NO_ELIGIBLE_MODERATOR
    )
