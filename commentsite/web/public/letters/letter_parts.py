"""The parts of a letter's page that show the letter itself, as a cached fragment under its values."""

from operator import attrgetter
from typing import NamedTuple

from markupsafe import Markup

from commentsite.letters.models import Letter, LetterAuthor
from commentsite.web.caching.fragments import cached_fragment, load_macro
from commentsite.web.public.letters.letter_view import LetterData, LetterView, build_letter_view
from commentsite.web.rendering.jsonld import build_letter_jsonld, dump_jsonld

COMPONENT = "components/letter_parts.html"
# Topics are a list, which no key can hold. The page version also counts changes to what the letter does not show.
_get_letter_values = attrgetter(*set(Letter.__mapper__.c.keys()) - {"page_version", "topics"})
_get_author_values = attrgetter(*LetterAuthor.__mapper__.c.keys())


class LetterParts(NamedTuple):
    """The letter itself without its text. `jsonld` is its structured data without comments."""

    view: LetterView
    metadata: Markup  # for the head of the document
    head: Markup
    about: Markup
    nearby: Markup
    jsonld: str


def render_letter_parts(  # noqa: PLR0913  # what the parts show
    letter: Letter, data: LetterData, *, heading: str, map_url: str, is_open: bool, has_pdf: bool
) -> LetterParts:
    """Return the parts of the page. `heading` is that of the comments, `map_url` the address of the consensus map."""

    def render() -> LetterParts:
        view = build_letter_view(letter, data, has_pdf=has_pdf)
        return LetterParts(
            view=view,
            metadata=load_macro(COMPONENT, "letter_metadata")(letter, view),
            head=load_macro(COMPONENT, "letter_head")(letter, view, heading, map_url, is_open),
            about=load_macro(COMPONENT, "letter_about")(letter, view),
            nearby=load_macro(COMPONENT, "nearby_letters")(view),
            jsonld="" if view.is_withdrawn else dump_jsonld(build_letter_jsonld(letter, data)),
        )

    key = (
        "letter parts",
        _get_letter_values(letter),
        tuple(letter.topics),
        tuple(map(_get_author_values, letter.authors)),
        # The text, the versions and the citations of a published version never change.
        (data.permission, data.related, data.record),
        (heading, map_url, is_open, has_pdf),
    )
    return cached_fragment(key, render)
