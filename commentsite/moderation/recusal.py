"""Who must not decide about a comment, by rule: whoever has a part in it."""

from dataclasses import dataclass
from enum import StrEnum

from commentsite.errors import NotAllowed
from commentsite.text.confusables import folded_words, skeleton


class Tie(StrEnum):
    """What ties somebody of the staff to a comment."""

    WROTE_COMMENT = "wrote_comment"
    WROTE_LETTER = "wrote_letter"
    SUBJECT = "subject"
    REPLIED = "replied"
    SAME_ORGANISATION = "same_organisation"
    INTEREST = "interest"


SENTENCES = {
    Tie.WROTE_COMMENT: "You wrote this comment. Somebody else decides about it.",
    Tie.WROTE_LETTER: "You are an author of this letter. Somebody else decides.",
    Tie.SUBJECT: "This comment answers you or names you. Somebody else decides.",
    Tie.REPLIED: "You replied in this thread. Somebody else decides.",
    Tie.SAME_ORGANISATION: "Your organisation is that of its author or of an author of the letter. Somebody else decides.",
    Tie.INTEREST: "You declared an interest. Somebody else decides.",
}


@dataclass(frozen=True)
class Person:
    """Somebody of the staff, as far as it matters here."""

    staff_id: int | None
    email_hash: str
    name: str
    organisation: str


@dataclass(frozen=True)
class Ties:
    """Who and what has a part in a comment: addresses as keyed hashes, names and organisations as they look."""

    author: str | None = None
    letter_addresses: frozenset[str] = frozenset()
    letter_names: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    answered: str | None = None
    thread: frozenset[str] = frozenset()
    words: str = ""
    interested: frozenset[int] = frozenset()


def recused_because(person: Person, ties: Ties) -> str:
    """Return the first tie that keeps somebody from deciding, or "" where there is none.

    Names and organisations are compared by how they look to a hurried eye; one that looks like
    nothing is nobody's.
    """
    found = {
        Tie.WROTE_COMMENT: person.email_hash == ties.author,
        Tie.WROTE_LETTER: person.email_hash in ties.letter_addresses
        or _looks_like_one(person.name, ties.letter_names),
        Tie.SUBJECT: person.email_hash == ties.answered or _is_named(person.name, ties.words),
        Tie.REPLIED: person.email_hash in ties.thread,
        Tie.SAME_ORGANISATION: _looks_like_one(person.organisation, ties.organisations),
        Tie.INTEREST: person.staff_id in ties.interested,
    }
    return next((tie.value for tie, holds in found.items() if holds), "")


def check_not_recused(person: Person, ties: Ties) -> None:
    """Raise NotAllowed, with the reason as a sentence, when a person has a conflict of interest."""
    why = recused_because(person, ties)
    if why:
        raise NotAllowed(SENTENCES[Tie(why)])


def _looks_like_one(text: str, known: frozenset[str]) -> bool:
    looks = skeleton(text)
    return bool(looks) and looks in known


def _is_named(name: str, words: str) -> bool:
    """Say whether a text names somebody in full; a single word is nobody's full name."""
    wanted = folded_words(name)
    return len(wanted) > 1 and f" {' '.join(wanted)} " in f" {' '.join(folded_words(words))} "
