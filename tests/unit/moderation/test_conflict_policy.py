"""Conflicts of interest that keep a moderator from deciding."""

import pytest

from commentsite.errors import NotAllowed
from commentsite.moderation.conflicts.policy import (
    Relationships,
    StaffIdentity,
    check_no_conflict_of_interest,
    find_conflict_of_interest,
)


def moderator(**changes):
    fields = {"staff_id": 7, "email_hash": "mine", "name": "Mona Lind", "organisation": "Open Nets"}
    return StaffIdentity(**(fields | changes))


@pytest.mark.parametrize(
    ("relationships", "conflict"),
    [
        (Relationships(), None),
        (Relationships(author_email_hash="mine"), "wrote_comment"),
        (Relationships(author_email_hash="another"), None),
        (Relationships(letter_author_email_hashes=frozenset({"mine"})), "wrote_letter"),
        (Relationships(letter_author_names=frozenset({"monaiind"})), "wrote_letter"),
        (
            Relationships(answered_email_hash="mine", thread_email_hashes=frozenset({"mine"})),
            "subject",
        ),
        (Relationships(text="Ask MÓNA LIND, she knows."), "subject"),
        (Relationships(text="Mona asked Peter Lind."), None),
        (Relationships(text="Ramona Lindqvist said so."), None),
        (Relationships(thread_email_hashes=frozenset({"mine"})), "replied"),
        (Relationships(organisations=frozenset({"opennets"})), "same_organisation"),
        (Relationships(organisations=frozenset({"othernets"})), None),
        (Relationships(declared_staff_ids=frozenset({7})), "interest"),
        (Relationships(declared_staff_ids=frozenset({8})), None),
    ],
)
def test_a_moderator_with_a_conflict_of_interest_does_not_decide(relationships, conflict):
    assert find_conflict_of_interest(moderator(), relationships) == conflict
    if conflict:
        with pytest.raises(NotAllowed):
            check_no_conflict_of_interest(moderator(), relationships)
    else:
        check_no_conflict_of_interest(moderator(), relationships)


@pytest.mark.parametrize("empty", ["", " ", "–", "()"])
def test_two_missing_organisations_are_not_the_same_organisation(empty):
    assert not find_conflict_of_interest(
        moderator(organisation=empty), Relationships(organisations=frozenset({""}))
    )


def test_a_single_word_is_not_a_full_name():
    assert not find_conflict_of_interest(
        moderator(name="Open"), Relationships(text="An open letter.")
    )
