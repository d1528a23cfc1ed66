"""Decide whether a staff member has a conflict of interest in a comment: pure rules.

There are six kinds. A moderator has a conflict of interest if they wrote the comment, are an
author of the letter, are the subject of the comment (it replies to them or names them), replied
in the same thread, belong to the organisation of the comment's author or of a letter's author, or
declared a conflict themselves. Any one of them blocks every act on the comment: a decision, a
dismissed report, a sanction on its author, a ruling on an appeal and a quality review.

Email addresses are compared as keyed hashes. Names and organisations are compared by their
skeleton (see text.confusables), so that case, accents and look-alike letters do not hide a
conflict. A name or organisation with an empty skeleton matches nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from commentsite.errors import NotAllowed
from commentsite.text.confusables import folded_words, skeleton


class ConflictKind(StrEnum):
    """The six kinds of conflict of interest, in the order in which they are checked."""

    WROTE_COMMENT = "wrote_comment"
    WROTE_LETTER = "wrote_letter"
    SUBJECT = "subject"
    REPLIED = "replied"
    SAME_ORGANISATION = "same_organisation"
    DECLARED = "interest"


CONFLICT_MESSAGES = {
    ConflictKind.WROTE_COMMENT: "You wrote this comment. Another moderator must decide.",
    ConflictKind.WROTE_LETTER: "You are an author of this letter. Another moderator must decide.",
    ConflictKind.SUBJECT: "This comment replies to you or names you. Another moderator must decide.",
    ConflictKind.REPLIED: "You replied in this thread. Another moderator must decide.",
    ConflictKind.SAME_ORGANISATION: "You belong to the same organisation as an author of the comment or letter. Another moderator must decide.",
    ConflictKind.DECLARED: "You declared a conflict of interest. Another moderator must decide.",
}


@dataclass(frozen=True)
class StaffIdentity:
    """A staff member, as the rules compare them."""

    staff_id: int | None
    email_hash: str
    name: str
    organisation: str


@dataclass(frozen=True)
class Relationships:
    """The people and organisations that are involved in a comment.

    Email addresses are keyed hashes. Names and organisations are skeletons.
    """

    author_email_hash: str | None = None
    letter_author_email_hashes: frozenset[str] = frozenset()
    letter_author_names: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    answered_email_hash: str | None = None
    thread_email_hashes: frozenset[str] = frozenset()
    text: str = ""  # the original text, including redacted parts
    declared_staff_ids: frozenset[int] = frozenset()


def find_conflict_of_interest(
    identity: StaffIdentity, relationships: Relationships
) -> ConflictKind | None:
    """Return the first kind of conflict that applies, or None."""
    applies = {
        ConflictKind.WROTE_COMMENT: identity.email_hash == relationships.author_email_hash,
        ConflictKind.WROTE_LETTER: identity.email_hash in relationships.letter_author_email_hashes
        or _has_skeleton_in(identity.name, relationships.letter_author_names),
        ConflictKind.SUBJECT: identity.email_hash == relationships.answered_email_hash
        or _contains_full_name(relationships.text, identity.name),
        ConflictKind.REPLIED: identity.email_hash in relationships.thread_email_hashes,
        ConflictKind.SAME_ORGANISATION: _has_skeleton_in(
            identity.organisation, relationships.organisations
        ),
        ConflictKind.DECLARED: identity.staff_id in relationships.declared_staff_ids,
    }
    return next((kind for kind in ConflictKind if applies[kind]), None)


def check_no_conflict_of_interest(identity: StaffIdentity, relationships: Relationships) -> None:
    """Raise NotAllowed, with the kind of conflict as a sentence, if the staff member has one."""
    conflict = find_conflict_of_interest(identity, relationships)
    if conflict:
        raise NotAllowed(CONFLICT_MESSAGES[conflict])


def _has_skeleton_in(name: str, skeletons: frozenset[str]) -> bool:
    own = skeleton(name)
    return bool(own) and own in skeletons


def _contains_full_name(text: str, name: str) -> bool:
    """Return whether the text contains all words of the name in order. A single word is not a full name."""
    words = folded_words(name)
    return len(words) > 1 and f" {' '.join(words)} " in f" {' '.join(folded_words(text))} "
