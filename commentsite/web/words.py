"""The words of the interface in templates: looked up once a request, not once for each of hundreds of sentences."""

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_translations
from flask_babel.speaklater import LazyString


def init_app(app: Flask) -> None:
    """Let templates ask here; what a sentence is in another language stays with the catalogues."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        lambda said: _catalogue().ugettext(said),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, said: _catalogue().upgettext(context, said),
        npgettext=lambda context, one, many, n: _catalogue().unpgettext(context, one, many, n),
    )


def said(sentence: str, **variables: object) -> str:
    """Return a sentence in the language of the request, for filters that are used in every row of a table."""
    words: str = _catalogue().ugettext(sentence)
    return words % variables if variables else words


def later(sentence: str) -> LazyString:
    """Return a sentence that is looked up when it is shown, for tables of words."""
    return LazyString(said, sentence)


def _catalogue() -> NullTranslations:
    found: NullTranslations = g.get("catalogue") or g.setdefault("catalogue", get_translations())
    return found
