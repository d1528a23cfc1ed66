"""The outcome of every combination of a few votes."""

from itertools import product

import pytest

from commentsite.comments.states import Awaiting
from commentsite.moderation.decisions.policy import (
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


def votes(*choices):
    """Return a vote of another moderator for each argument: a verdict, or a verdict and a group."""
    pairs = [choice if isinstance(choice, tuple) else (choice, "CIV") for choice in choices]
    return [Vote(verdict, number, group) for number, (verdict, group) in enumerate(pairs, 1)]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_in_solo_mode_one_moderator_decides_everything(verdict):
    assert resolve_votes(votes(verdict), ModerationMode.SOLO) == verdict


@pytest.mark.parametrize("mode", [ModerationMode.PAIR, ModerationMode.CROSS_GROUP])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_refusals_removals_and_redactions_wait_for_a_second_vote(verdict, mode):
    waits = verdict in {Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT}
    assert resolve_votes(votes(verdict), mode) == (None if waits else verdict)


@pytest.mark.parametrize(
    ("verdicts", "mode", "applied"),
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
def test_the_verdict_that_a_sequence_of_votes_applies(verdicts, mode, applied):
    assert resolve_votes(votes(*verdicts), ModerationMode(mode)) == applied


@pytest.mark.parametrize("mode", list(ModerationMode))
def test_no_sequence_of_four_votes_refuses_with_fewer_than_the_mode_needs(mode):
    for number in range(1, 5):
        for verdicts in product(product((P, F, RET), GROUPS), repeat=number):
            cast = votes(*verdicts)
            if any(resolve_votes(cast[:n], mode) for n in range(1, number)):
                continue  # an earlier vote decided
            applied = resolve_votes(cast, mode)
            assert applied in {None, cast[-1].verdict}
            refusers = [vote for vote in cast if vote.verdict is F]
            groups = {vote.group for vote in refusers} - UNKNOWN_GROUPS
            if applied is F:
                assert len(refusers) >= (1 if mode is ModerationMode.SOLO else 2)
                assert mode is not ModerationMode.CROSS_GROUP or len(groups) >= 2
            if cast[-1].verdict is not F:
                assert (applied is None) == (mode is not ModerationMode.SOLO and number == 2)


def test_the_next_vote_that_a_comment_waits_for():
    people = [(1, "CIV"), (2, "CIV"), (3, "GOV")]
    assert determine_awaiting([], ModerationMode.CROSS_GROUP, people) is None
    assert determine_awaiting([], ModerationMode.SOLO, []) == Awaiting.ELIGIBLE_MODERATOR
    assert determine_awaiting(votes(F), ModerationMode.CROSS_GROUP, people) == Awaiting.SECOND_VOTE
    assert (
        determine_awaiting(votes(F), ModerationMode.CROSS_GROUP, people[:2])
        == Awaiting.ELIGIBLE_MODERATOR
    )
    assert determine_awaiting(votes(F), ModerationMode.PAIR, people[:2]) == Awaiting.SECOND_VOTE
    assert (
        determine_awaiting(votes(F), ModerationMode.PAIR, people[:1]) == Awaiting.ELIGIBLE_MODERATOR
    )
    assert determine_awaiting(votes(F, P), ModerationMode.PAIR, people) == Awaiting.THIRD_VOTE
    assert (
        determine_awaiting(votes(F, P), ModerationMode.PAIR, people[:2])
        == Awaiting.ELIGIBLE_MODERATOR
    )
    assert (
        determine_awaiting(votes((F, "UND")), ModerationMode.CROSS_GROUP, people)
        == Awaiting.ELIGIBLE_MODERATOR
    )
