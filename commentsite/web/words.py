"""The words of the interface in templates: looked up once a request, not once for each of hundreds of sentences."""

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_translations
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape


def init_app(app: Flask) -> None:
    """Let templates ask here; what a sentence is in another language stays with the catalogues."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        lambda said: _catalogue().ugettext(said),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, said: _catalogue().upgettext(context, said),
        npgettext=lambda context, one, many, n: _catalogue().unpgettext(context, one, many, n),
    )
    # The same as the extension's own, in one call where it makes three; a page asks a thousand times.
    app.jinja_env.globals.update(_=_one_form, ngettext=_of_two_forms)


@pass_eval_context
def _one_form(context: EvalContext, sentence: str, /, **variables: object) -> str:
    return _filled(context, _catalogue().ugettext(sentence), variables)


@pass_eval_context
def _of_two_forms(context: EvalContext, one: str, many: str, n: int, /, **variables: object) -> str:
    return _filled(context, _catalogue().ungettext(one, many, n), {"num": n, **variables})


def _filled(context: EvalContext, words: str, variables: dict[str, object]) -> str:
    # Markup escapes too, but wraps each value in two objects before it does.
    if not context.autoescape:
        return words % variables if "%" in words else words
    if "%" in words:
        words %= {
            name: v if isinstance(v, int | float) else escape(v) for name, v in variables.items()
        }
    return Markup(words)  # noqa: S704  # sentences of ours; what was filled in is escaped


def said(sentence: str, **variables: object) -> str:
    """Return a sentence in the language of the request, for filters that are used in every row of a table."""
    words: str = _catalogue().ugettext(sentence)
    return words % variables if variables else words


def said_many(one: str, many: str, n: int) -> str:
    """Return the form of a sentence that fits a number, %(num)d in it, for the same filters."""
    words: str = _catalogue().ungettext(one, many, n)
    return words % {"num": n}


def later(sentence: str) -> LazyString:
    """Return a sentence that is looked up when it is shown, for tables of words."""
    return LazyString(said, sentence)


def _catalogue() -> NullTranslations:
    found: NullTranslations = g.get("catalogue") or g.setdefault("catalogue", get_translations())
    return found
