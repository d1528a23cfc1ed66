"""Conflicts of interest that keep a moderator from deciding."""

import pytest

from commentsite.errors import NotAllowed
from commentsite.moderation.conflicts.policy import (
    Relationships,
    StaffIdentity,
    check_no_conflict_of_interest,
    find_conflict_of_interest,
)


def me(**changes):
    given = {"staff_id": 7, "email_hash": "mine", "name": "Mona Lind", "organisation": "Open Nets"}
    return StaffIdentity(**(given | changes))


@pytest.mark.parametrize(
    ("ties", "why"),
    [
        (Relationships(), ""),
        (Relationships(author_email_hash="mine"), "wrote_comment"),
        (Relationships(author_email_hash="another"), ""),
        (Relationships(letter_author_email_hashes=frozenset({"mine"})), "wrote_letter"),
        (Relationships(letter_author_names=frozenset({"monaiind"})), "wrote_letter"),
        (
            Relationships(answered_email_hash="mine", thread_email_hashes=frozenset({"mine"})),
            "subject",
        ),
        (Relationships(text="Ask MÓNA LIND, she knows."), "subject"),
        (Relationships(text="Mona asked Peter Lind."), ""),
        (Relationships(text="Ramona Lindqvist said so."), ""),
        (Relationships(thread_email_hashes=frozenset({"mine"})), "replied"),
        (Relationships(organisations=frozenset({"opennets"})), "same_organisation"),
        (Relationships(organisations=frozenset({"othernets"})), ""),
        (Relationships(declared_staff_ids=frozenset({7})), "interest"),
        (Relationships(declared_staff_ids=frozenset({8})), ""),
    ],
)
def test_a_moderator_with_a_conflict_of_interest_does_not_decide(ties, why):
    assert find_conflict_of_interest(me(), ties) == why
    if why:
        with pytest.raises(NotAllowed):
            check_no_conflict_of_interest(me(), ties)
    else:
        check_no_conflict_of_interest(me(), ties)


@pytest.mark.parametrize("nothing", ["", " ", "–", "()"])
def test_no_organisation_is_the_same_as_no_other(nothing):
    assert not find_conflict_of_interest(
        me(organisation=nothing), Relationships(organisations=frozenset({""}))
    )


def test_a_single_word_is_nobodys_full_name():
    assert not find_conflict_of_interest(me(name="Open"), Relationships(text="An open letter."))
