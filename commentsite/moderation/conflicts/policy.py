"""Who must not decide about a comment, by rule: whoever has a part in it."""

from dataclasses import dataclass
from enum import StrEnum

from commentsite.errors import NotAllowed
from commentsite.text.confusables import folded_words, skeleton


class ConflictKind(StrEnum):
    """What ties somebody of the staff to a comment."""

    WROTE_COMMENT = "wrote_comment"
    WROTE_LETTER = "wrote_letter"
    SUBJECT = "subject"
    REPLIED = "replied"
    SAME_ORGANISATION = "same_organisation"
    DECLARED = "interest"


CONFLICT_MESSAGES = {
    ConflictKind.WROTE_COMMENT: "You wrote this comment. Somebody else decides about it.",
    ConflictKind.WROTE_LETTER: "You are an author of this letter. Somebody else decides.",
    ConflictKind.SUBJECT: "This comment answers you or names you. Somebody else decides.",
    ConflictKind.REPLIED: "You replied in this thread. Somebody else decides.",
    ConflictKind.SAME_ORGANISATION: "Your organisation is that of its author or of an author of the letter. Somebody else decides.",
    ConflictKind.DECLARED: "You declared an interest. Somebody else decides.",
}


@dataclass(frozen=True)
class StaffIdentity:
    """Somebody of the staff, as far as it matters here."""

    staff_id: int | None
    email_hash: str
    name: str
    organisation: str


@dataclass(frozen=True)
class Relationships:
    """Who and what has a part in a comment: addresses as keyed hashes, names and organisations as they look."""

    author_email_hash: str | None = None
    letter_author_email_hashes: frozenset[str] = frozenset()
    letter_author_names: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    answered_email_hash: str | None = None
    thread_email_hashes: frozenset[str] = frozenset()
    text: str = ""
    declared_staff_ids: frozenset[int] = frozenset()


def find_conflict_of_interest(identity: StaffIdentity, relationships: Relationships) -> str:
    """Return the first tie that keeps somebody from deciding, or "" where there is none.

    Names and organisations are compared by how they look to a hurried eye; one that looks like
    nothing is nobody's.
    """
    found = {
        ConflictKind.WROTE_COMMENT: identity.email_hash == relationships.author_email_hash,
        ConflictKind.WROTE_LETTER: identity.email_hash in relationships.letter_author_email_hashes
        or _looks_like_any(identity.name, relationships.letter_author_names),
        ConflictKind.SUBJECT: identity.email_hash == relationships.answered_email_hash
        or _names_person(identity.name, relationships.text),
        ConflictKind.REPLIED: identity.email_hash in relationships.thread_email_hashes,
        ConflictKind.SAME_ORGANISATION: _looks_like_any(
            identity.organisation, relationships.organisations
        ),
        ConflictKind.DECLARED: identity.staff_id in relationships.declared_staff_ids,
    }
    return next((tie.value for tie, holds in found.items() if holds), "")


def check_no_conflict_of_interest(identity: StaffIdentity, relationships: Relationships) -> None:
    """Raise NotAllowed, with the reason as a sentence, when a person has a conflict of interest."""
    why = find_conflict_of_interest(identity, relationships)
    if why:
        raise NotAllowed(CONFLICT_MESSAGES[ConflictKind(why)])


def _looks_like_any(text: str, known: frozenset[str]) -> bool:
    looks = skeleton(text)
    return bool(looks) and looks in known


def _names_person(name: str, words: str) -> bool:
    """Say whether a text names somebody in full; a single word is nobody's full name."""
    wanted = folded_words(name)
    return len(wanted) > 1 and f" {' '.join(wanted)} " in f" {' '.join(folded_words(words))} "
