"""The language of the interface: the words around the letters and comments.

The address of a public page decides, so that shared caches hold each language. `/fr/rules` is the page `/rules` in
French, and an address without a language is in the language of the site. The pages on which staff sign in have such
addresses too. Staff choose the language of the desk in their profile. Neither a cookie nor the `Accept-Language` header
nor the place of a reader has an influence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Blueprint, Flask, current_app, g, has_request_context, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.sansio.app import App
from flask_babel import force_locale
from flask_security import current_user
from werkzeug.routing import BaseConverter, Rule
from werkzeug.wrappers import Response

from commentsite.text.direction import get_direction
from commentsite.text.languages import INTERFACE_LANGUAGES, find_interface_language
from commentsite.web.context import current_site, runtime
from commentsite.web.http.paths import is_account_page, is_staff_page, strip_language

#: The name of the language in the rules of addresses and among the arguments of `url_for`. None asks for the
#: address without a language, which is the one to keep and to cite.
ARGUMENT = "interface_language"
#: The key in the WSGI environ of the arguments of the query string that a cached page depends on.
PAGE_ARGUMENTS = "commentsite.page_arguments"
#: Babel's locales where they differ from the code: British spelling, as in the source.
_LOCALES = {"en": "en_GB", "zh": "zh_Hans"}


class Alternate(NamedTuple):
    """The present page with its interface in another language."""

    language: str
    url: str
    is_current: bool
    is_default: bool  # the language of addresses that name none


@dataclass
class _Choice:
    """The language that the address names, the one of the page, one that is used for a while, and the other pages."""

    requested: str | None = None
    selected: str | None = None
    forced: str | None = None
    alternates: list[Alternate] | None = None


class LanguageConverter(BaseConverter):
    """A URL converter for the code of an interface language."""

    regex = "|".join(INTERFACE_LANGUAGES)


class _LanguageSetupState(BlueprintSetupState):
    """Adds each rule of a blueprint a second time, below its language."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        super().add_url_rule(rule, endpoint, view_func, **options)
        prefix = self.url_prefix
        self.url_prefix = f"/<language:{ARGUMENT}>{prefix or ''}"
        super().add_url_rule(rule, endpoint, view_func, **options)
        self.url_prefix = prefix


class LanguageBlueprint(Blueprint):
    """A blueprint whose addresses also exist with a language in front, under the same endpoints."""

    def make_setup_state(
        self,
        app: App,
        options: Any,
        first_registration: bool = False,  # noqa: FBT001, FBT002  # Flask's signature
    ) -> BlueprintSetupState:
        return _LanguageSetupState(self, app, options, first_registration)


def add_language_rules(app: Flask, blueprint: str) -> None:
    """Add each rule of a blueprint of a library a second time, below its language, under the same endpoint."""
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint.startswith(f"{blueprint}."):
            app.add_url_rule(
                f"/<language:{ARGUMENT}>{rule.rule}",
                rule.endpoint,
                methods=(rule.methods or set()) - {"HEAD", "OPTIONS"},  # Flask adds both
                provide_automatic_options=True,
            )


def init_app(app: Flask) -> None:
    app.url_map.converters["language"] = LanguageConverter
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_add_language)
    app.before_request(_redirect_to_shorter_address)


def select_locale() -> str:
    """Return the name of Babel's locale for the present page, or for a text that is no part of a page."""
    return get_locale_name(current_language())


def get_locale_name(language: str) -> str:
    return _LOCALES.get(language, language)


def current_language() -> str:
    """Return the language of the interface, one of INTERFACE_LANGUAGES."""
    choice = _get_choice()
    if choice.forced:
        return choice.forced
    if choice.selected is None:
        choice.selected = _select_language()
    return choice.selected


def get_requested_language() -> str:
    """Return the language that the address names, '' for none."""
    return _get_choice().requested or ""


def use_language_without_database() -> None:
    """Take the language from the address for the rest of the request. Otherwise take that of the site.

    It is the one of the site when this process last read the settings. An error page needs this while the database
    does not answer for the settings and the account.
    """
    choice, site = _get_choice(), runtime().cached_site
    choice.selected = (
        choice.requested or find_interface_language(site.language if site else "") or "en"
    )


def current_direction() -> str:
    """Return the direction of the interface, for the HTML attribute `dir`."""
    return get_direction(current_language())


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Use a language within a block, such as that of the recipient of an email.

    A language without translations counts as that of the site.
    """
    chosen = find_interface_language(language) or get_site_language()
    choice = _get_choice()
    translations, forced = g.pop("translations", None), choice.forced
    choice.forced = chosen
    try:
        with force_locale(get_locale_name(chosen)):
            yield
    finally:
        g.pop("translations", None)
        choice.forced = forced
        if translations is not None:
            g.translations = translations


def get_site_language() -> str:
    """Return the language of pages whose address names none."""
    return find_interface_language(current_site().language) or "en"


def get_language_prefix(language: str) -> str:
    """Return what stands before the path of a public page in a language, such as "/fr"."""
    chosen = find_interface_language(language)
    return f"/{chosen}" if chosen and chosen != get_site_language() else ""


def list_alternates() -> list[Alternate]:
    """List the present page in each language, its own included. The list is built once for a page.

    An address without a page leads to the front page. The list is empty for staff who are signed in, whose profile
    names the language, and in the answer to a form, which no link can repeat. After an error in a form of an account
    the links open the form anew.
    """
    choice = _get_choice()
    if choice.alternates is None:
        choice.alternates = _build_alternates()
    return choice.alternates


def _build_alternates() -> list[Alternate]:
    rule, values = request.url_rule, _read_arguments() | (request.view_args or {})
    if request.method not in {"GET", "HEAD"} and not _is_account_form(rule):
        return []
    endpoint, values = (rule.endpoint, values) if rule else ("home.index", {})
    if not _has_languages(endpoint) or _load_signed_in_user():
        return []
    own, default = current_language(), get_site_language()
    address = url_for(endpoint, **values | {ARGUMENT: None})
    return [
        Alternate(
            language,
            address if language == default else f"/{language}{address}",
            is_current=language == own,
            is_default=language == default,
        )
        for language in INTERFACE_LANGUAGES
    ]


def _is_account_form(rule: Rule | None) -> bool:
    return rule is not None and "GET" in (rule.methods or ()) and is_account_page(request.path)


def _get_choice() -> _Choice:
    choice: _Choice | None = g.get("language_choice")
    if choice is None:
        choice = g.setdefault("language_choice", _Choice())
    return choice


def _read_arguments() -> dict[str, Any]:
    """Return the arguments of the query string that decide about the content of the page.

    A cached page must not repeat another one: all readers get it.
    """
    arguments: dict[str, Any] | None = request.environ.get(PAGE_ARGUMENTS)
    if arguments is not None:
        return {name: value for name, value in arguments.items() if value}
    given = request.args.to_dict(flat=False)
    return {name: given[name] for name in given if not name.startswith("_") and name != "endpoint"}


def _select_language() -> str:
    if not has_request_context():
        return get_site_language()
    if requested := _get_choice().requested:
        return requested
    user = _load_signed_in_user()
    return (find_interface_language(user.language) if user else None) or get_site_language()


def _load_signed_in_user() -> Any:
    """Return the user who is signed in, or None. No public page has one."""
    # The proxy would look up the user again for each attribute that is read.
    user = current_user._get_current_object() if is_staff_page(request.path) else None  # noqa: SLF001
    return user if user and user.is_authenticated else None


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        _get_choice().requested = values.pop(ARGUMENT, None)
    elif strip_language(request.path) != request.path:  # no page has this address
        _get_choice().requested = request.path.split("/")[1]


def _add_language(endpoint: str, values: dict[str, Any]) -> None:
    language = _get_choice().requested
    if language and ARGUMENT not in values and _has_languages(endpoint):
        values[ARGUMENT] = language


def _has_languages(endpoint: str) -> bool:
    return current_app.url_map.is_endpoint_expecting(endpoint, ARGUMENT)


def _redirect_to_shorter_address() -> Response | None:
    """Redirect the language of the site to the address without a language, so that each page has one address."""
    language, rule = _get_choice().requested, request.url_rule
    if not language or not rule or request.method not in {"GET", "HEAD"}:
        return None
    if language != get_site_language():
        return None
    # Built from its parts: the rest of a path may begin with the name of another site, as in "/en//example.org".
    address = url_for(rule.endpoint, **(request.view_args or {}) | {ARGUMENT: None})
    query = request.query_string.decode()
    return redirect(address + (f"?{query}" if query else ""), 301)
