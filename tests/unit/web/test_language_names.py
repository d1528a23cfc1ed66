"""Names of languages in forms and lists."""

import pytest
from babel import Locale

from commentsite.text.languages import INTERFACE_LANGUAGES
from commentsite.web.rendering.language_names import OFFERED_LANGUAGES, get_own_name


@pytest.mark.parametrize("code", OFFERED_LANGUAGES)
def test_an_offered_language_has_its_own_name_of_cldr(code):
    assert get_own_name(code) == Locale.parse(code).get_display_name()


def test_every_interface_language_is_offered():
    assert set(INTERFACE_LANGUAGES) <= OFFERED_LANGUAGES.keys()


@pytest.mark.parametrize(
    ("code", "name"), [("pt-BR", "português (Brasil)"), ("tlh", "tlh"), ("", "")]
)
def test_other_codes_have_the_name_of_babel_or_stay(code, name):
    assert get_own_name(code) == name
