"""The letters that a form at the desk offers: those chosen, and those that a search in the form finds."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import request

from commentsite.errors import Invalid
from commentsite.letters.queries import (
    LetterChoice,
    find_letter_choices,
    list_letter_choices,
)
from commentsite.web.http.parameters import parse_id

MAX_OFFERED = 20  # letters that a form offers besides the chosen ones
MAX_QUERY_LENGTH = 200


@dataclass(frozen=True)
class LetterChoices:
    """The letters of a form. `q` holds the words of a search."""

    chosen: list[LetterChoice]
    offered: list[LetterChoice]
    q: str
    has_more: bool  # letters than the form offers, so that a search is needed


def read_letter_query() -> str:
    """Return the words by which a letter is looked for, from the form or from the address."""
    return str(request.values.get("letter_q", ""))[:MAX_QUERY_LENGTH].strip()


def is_letter_search() -> bool:
    """Return whether the button that finds letters sent the form.

    A browser also presses it when a person presses Enter in another field, so there must be words.
    """
    return "find" in request.form and bool(read_letter_query())


def build_letter_choices(
    chosen_ids: Collection[int] = (), *, scope: frozenset[int] | None = None
) -> LetterChoices:
    """Offer the newest letters in scope (None: all), or those that match the words of the search."""
    q = read_letter_query()
    found = find_letter_choices(scope, q=q, limit=MAX_OFFERED + len(chosen_ids) + 1)
    offered = [letter for letter in found if letter.id not in chosen_ids]
    return LetterChoices(
        chosen=list_letter_choices(chosen_ids),
        offered=offered[:MAX_OFFERED],
        q=q,
        has_more=bool(q) or len(offered) > MAX_OFFERED,
    )


def read_chosen_letters() -> frozenset[int]:
    """Return the ids of the chosen letters. Raises Invalid when a letter does not exist."""
    chosen = {parse_id(text) for text in request.form.getlist("letters")}
    existing = {letter.id for letter in list_letter_choices({n for n in chosen if n is not None})}
    if chosen != existing:
        msg = "One of the letters you chose does not exist any more. Choose the letters again."
        raise Invalid(msg, field="letters")
    return frozenset(existing)


def list_ticked_letters() -> list[int]:
    """Return the ids that the form sent, existing or not, to show the form again."""
    return [number for text in request.form.getlist("letters") if (number := parse_id(text))]
