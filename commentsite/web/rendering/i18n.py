"""Make gettext available in templates, with one lookup of the translations per request.

Flask-Babel finds the translations anew for each sentence: it asks for the application, the request and
the locale every time. A page has up to 150 sentences, so that this would be a tenth of the rendering.
"""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


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


def gettext(message: str, **values: object) -> str:
    """Translate a sentence. `values` fill its named placeholders."""
    translated = str(_translations().ugettext(message))
    return translated % values if values else translated


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Translate a sentence about a number. The placeholder `num` is filled with it."""
    translated = str(_translations().ungettext(singular, plural, num))
    return translated % {"num": num, **values}


def _gettext_unfilled(message: str) -> str:
    return str(_translations().ugettext(message))


def _ngettext_unfilled(singular: str, plural: str, num: int) -> str:
    return str(_translations().ungettext(singular, plural, num))


def _translations() -> Any:
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations
