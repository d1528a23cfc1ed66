"""Translations whose values keep their own direction.

A sentence in Arabic may hold a name, a title or an address in Latin letters, and two of them with a comma between would
change places. The values that are filled into such a sentence are therefore set apart with the isolates of Unicode,
which also works where no markup can stand: in titles of pages, labels and plain emails.
"""

import re
from functools import cached_property
from typing import Any

from flask_babel import Babel, Domain, get_locale

from commentsite.text.direction import is_right_to_left

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_PLACEHOLDER = re.compile("(?<!\u2068)%\\(\\w+\\)s")


class IsolatingDomain(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The catalogues, with isolates around the placeholders of languages that run from right to left."""

    def get_translations(self) -> Any:
        locale = get_locale()
        is_new = (str(locale), self.domain[0]) not in self.cache
        translations = super().get_translations()
        if is_new and locale and is_right_to_left(locale.language):
            catalog = translations._catalog  # noqa: SLF001  # gettext has no other way to its sentences
            catalog.update({key: isolate_values(text) for key, text in catalog.items()})
        return translations


class IsolatingBabel(Babel):  # type: ignore[misc]  # Flask-Babel has no types
    """Flask-Babel with these catalogues."""

    @cached_property
    def domain_instance(self) -> Domain:
        return IsolatingDomain(domain=self.domain)


def isolate_values(sentence: str) -> str:
    """Set the values of a sentence apart from the direction of the words around them."""
    return _PLACEHOLDER.sub(rf"{FIRST_STRONG_ISOLATE}\g<0>{POP_ISOLATE}", sentence)
