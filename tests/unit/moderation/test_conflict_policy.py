"""Conflicts of interest that keep a moderator from deciding."""

import pytest

from commentsite.errors import NotAllowed
from commentsite.moderation.recusal import Person, Ties, check_not_recused, recused_because


def me(**changes):
    given = {"staff_id": 7, "email_hash": "mine", "name": "Mona Lind", "organisation": "Open Nets"}
    return Person(**(given | changes))


@pytest.mark.parametrize(
    ("ties", "why"),
    [
        (Ties(), ""),
        (Ties(author="mine"), "wrote_comment"),
        (Ties(author="another"), ""),
        (Ties(letter_addresses=frozenset({"mine"})), "wrote_letter"),
        (Ties(letter_names=frozenset({"monaiind"})), "wrote_letter"),
        (Ties(answered="mine", thread=frozenset({"mine"})), "subject"),
        (Ties(words="Ask MÓNA LIND, she knows."), "subject"),
        (Ties(words="Mona asked Peter Lind."), ""),
        (Ties(words="Ramona Lindqvist said so."), ""),
        (Ties(thread=frozenset({"mine"})), "replied"),
        (Ties(organisations=frozenset({"opennets"})), "same_organisation"),
        (Ties(organisations=frozenset({"othernets"})), ""),
        (Ties(interested=frozenset({7})), "interest"),
        (Ties(interested=frozenset({8})), ""),
    ],
)
def test_a_moderator_with_a_conflict_of_interest_does_not_decide(ties, why):
    assert recused_because(me(), ties) == why
    if why:
        with pytest.raises(NotAllowed):
            check_not_recused(me(), ties)
    else:
        check_not_recused(me(), ties)


@pytest.mark.parametrize("nothing", ["", " ", "–", "()"])
def test_no_organisation_is_the_same_as_no_other(nothing):
    assert not recused_because(me(organisation=nothing), Ties(organisations=frozenset({""})))


def test_a_single_word_is_nobodys_full_name():
    assert not recused_because(me(name="Open"), Ties(words="An open letter."))
