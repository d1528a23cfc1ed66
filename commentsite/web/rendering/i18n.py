"""Make gettext available in templates, with one lookup of the translations per request.

Flask-Babel finds the translations anew for each sentence: it asks for the application, the request and
the locale every time. A page has up to 150 sentences, so that this would be a tenth of the rendering.
"""

from typing import Any

from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup


def init_app(app: Flask) -> None:
    """Add Jinja's i18n extension. `newstyle` escapes the values that are filled into a sentence."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        _gettext_unfilled,
        _ngettext_unfilled,
        newstyle=True,  # Jinja escapes and fills the values itself
    )
    # The alias of the extension would look up gettext in the context for each sentence.
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]
    fill_ngettext: Any = app.jinja_env.globals["ngettext"]

    @pass_context
    def ngettext_with_number(
        context: Context, singular: str, plural: str, num: int, **values: object
    ) -> str:
        filled: str = fill_ngettext(
            context, singular, plural, num, **{"num": format_number(num), **values}
        )
        return filled

    app.jinja_env.globals["ngettext"] = ngettext_with_number
    app.jinja_env.filters["number"] = format_number


def gettext(message: str, /, **values: object) -> str:
    """Translate a sentence. `values` fill its named placeholders, and are escaped if one of them is Markup."""
    translated = _gettext_unfilled(message)
    return _fill(translated, values) if values else translated


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """Translate a sentence about a number. The placeholder `num` is filled with it, as the language writes numbers."""
    translated = _ngettext_unfilled(singular, plural, num)
    return _fill(translated, {"num": format_number(num), **values})


def format_number(number: int) -> str:
    """Return a count as the language of the page writes it, such as "1,234" in English."""
    if -1000 < number < 1000:
        return str(number)
    return format_decimal(number, locale=get_locale() or "en_GB")


def format_fraction(value: float, decimals: int) -> str:
    """Return a number with its decimals as the language of the page writes it, such as "0,67" in French."""
    pattern = f"0.{'0' * decimals}"
    return str(format_decimal(value, format=pattern, locale=get_locale() or "en_GB"))


def _gettext_unfilled(message: str) -> str:
    return str(_translations().ugettext(message))


def _ngettext_unfilled(singular: str, plural: str, num: int) -> str:
    translated = str(_translations().ungettext(singular, plural, num))
    return translated.replace("%(num)d", "%(num)s")  # filled with a formatted number


def _fill(translated: str, values: dict[str, object]) -> str:
    if any(hasattr(value, "__html__") for value in values.values()):
        return Markup(translated) % values  # noqa: S704  # a sentence of the source or of a catalogue
    return translated % values


def _translations() -> Any:
    translations = g.get("translations")  # once: each access to `g` looks up the context
    if translations is None:
        translations = g.translations = get_translations()
    return translations
