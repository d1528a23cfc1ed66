"""When votes settle what becomes of a comment, and who must not cast one: every case of a few people."""

from itertools import product

import pytest

from commentsite.moderation.policy import (
    CONFLICT,
    SECOND,
    THIRD,
    UNKNOWN_GROUPS,
    Verdict,
    Vote,
    outcome,
    waits_for,
)
from commentsite.site.modes import Mode

P, F, RET, SPAM = Verdict.PUBLISH, Verdict.REFUSE, Verdict.RETURN, Verdict.SPAM
GROUPS = ("CIV", "GOV", "UND")
ALL = (P, F, RET, SPAM)


def votes(*said):
    """Votes of as many people: a verdict, or a verdict and a group."""
    pairs = [one if isinstance(one, tuple) else (one, "CIV") for one in said]
    return [Vote(verdict, number, group) for number, (verdict, group) in enumerate(pairs, 1)]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_alone_one_decides_everything(verdict):
    assert outcome(votes(verdict), Mode.SOLO) == verdict


@pytest.mark.parametrize("mode", [Mode.PAIR, Mode.CROSS_GROUP])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_what_silences_waits_for_a_second(verdict, mode):
    waits = verdict in {Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT}
    assert outcome(votes(verdict), mode) == (None if waits else verdict)


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
    assert outcome(votes(*said), Mode(mode)) == carried_out


@pytest.mark.parametrize("mode", list(Mode))
def test_no_sequence_of_four_votes_refuses_with_fewer_than_the_mode_needs(mode):
    for number in range(1, 5):
        for said in product(product((P, F, RET), GROUPS), repeat=number):
            cast = votes(*said)
            if any(outcome(cast[:n], mode) for n in range(1, number)):
                continue  # it was decided before
            done = outcome(cast, mode)
            assert done in {None, cast[-1].verdict}
            refusers = [vote for vote in cast if vote.verdict is F]
            groups = {vote.group for vote in refusers} - UNKNOWN_GROUPS
            if done is F:
                assert len(refusers) >= (1 if mode is Mode.SOLO else 2)
                assert mode is not Mode.CROSS_GROUP or len(groups) >= 2
            if cast[-1].verdict is not F:
                assert (done is None) == (mode is not Mode.SOLO and number == 2)


def test_the_next_vote_that_a_comment_waits_for():
    people = [(1, "CIV"), (2, "CIV"), (3, "GOV")]
    assert waits_for([], Mode.CROSS_GROUP, people) == ""
    assert waits_for([], Mode.SOLO, []) == CONFLICT
    assert waits_for(votes(F), Mode.CROSS_GROUP, people) == SECOND
    assert waits_for(votes(F), Mode.CROSS_GROUP, people[:2]) == CONFLICT
    assert waits_for(votes(F), Mode.PAIR, people[:2]) == SECOND
    assert waits_for(votes(F), Mode.PAIR, people[:1]) == CONFLICT
    assert waits_for(votes(F, P), Mode.PAIR, people) == THIRD
    assert waits_for(votes(F, P), Mode.PAIR, people[:2]) == CONFLICT
    assert waits_for(votes((F, "UND")), Mode.CROSS_GROUP, people) == CONFLICT
