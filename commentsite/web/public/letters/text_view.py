"""The text of a letter with links to the comments on each paragraph, as a cached fragment."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import BlockRow
from commentsite.web.caching.fragments import Fragment, cached_fragment, load_macro


def render_letter_text(
    letter: Letter, blocks: Sequence[BlockRow], counts: Mapping[str, int], *, is_open: bool
) -> Markup:
    """Return the text with the comment count and the comment link beside each paragraph.

    `counts` is by paragraph id. The text of a withdrawn letter is empty.
    """
    if letter.state == LetterState.WITHDRAWN:
        return Markup()
    key = (
        "letter text",
        letter.slug,
        letter.language,
        is_open,
        frozenset(counts.items()),
        tuple(blocks),
    )
    macro = load_macro("components/letter_text.html", "letter_text")
    return cached_fragment(key, lambda: Fragment(macro(letter, blocks, counts, is_open))).html
