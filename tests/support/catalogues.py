"""Keep the catalogues of translations: collect the sentences of the source, update, check and compile.

Sentences stand in calls of gettext in `web/`, in templates, and as plain text in the other packages, whose errors are
translated where they are shown. `python -m tests.support.catalogues update` writes new sentences into the catalogues
and drops those that the source no longer has. `check` names each sentence that a translator still has to look at.
"""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from commentsite.retention import RETENTION_RULES
from commentsite.site.rulebook import DEFAULT_CLAUSES
from commentsite.site.services import DEFAULT_GROUPS
from commentsite.text.languages import INTERFACE_LANGUAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "commentsite" / "translations"
LANGUAGES = tuple(language for language in INTERFACE_LANGUAGES if language != "en")
METHODS = [
    ("commentsite/web/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("templates/**.xml", "jinja2"),
]
KEYWORDS = {
    "_": None,
    "_l": None,
    "_lp": ((1, "c"), 2),
    "gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
}
#: Their sentences are for the operator of the site at a terminal, or are content of a demo.
UNTRANSLATED = {"app.py", "cli", "config.py", "demo", "migrations"}
_ERRORS = {"Busy", "Conflict", "Invalid", "NotAllowed", "NotFound"}  # of commentsite.errors
#: The first plural form that stands for many numbers and therefore needs the placeholder. The forms before it stand for
#: one number each (such as 0, 1 and 2 in Arabic), which a translator may write as a word.
_FIRST_FORM_OF_SEVERAL = {"ar": 3, "es": 1, "fr": 1}
#: The date in the head of each catalogue. It is fixed, so that a file changes with its sentences only.
_DATE = datetime(2026, 11, 29, tzinfo=UTC)
_SENTENCE = re.compile(r"[A-Z“%].* .*([.?:”]|%\([a-z]+\)s)", re.DOTALL)
_PLACEHOLDER = re.compile(r"%\([a-z_A-Z0-9]+\)[a-z]|%%")


def collect() -> Catalog:
    """Return a catalogue with all sentences of the source."""
    catalog = Catalog(project="commentsite", charset="utf-8")
    found = extract_from_dir(ROOT, METHODS, {}, KEYWORDS)
    plurals: dict[tuple[str, str | None], str] = {}
    for path, line, message, _comments, context in found:
        if isinstance(message, tuple):
            plural = plurals.setdefault((message[0], context), message[1])
            if plural != message[1]:
                problem = f"{path}:{line}: “{message[0]}” has two plurals. A catalogue holds one."
                raise ValueError(problem)
        catalog.add(message, locations=[(path, line)], context=context)
    for path in sorted((ROOT / "commentsite").rglob("*.py")):
        top = path.relative_to(ROOT / "commentsite").parts[0]
        if top in UNTRANSLATED:
            continue
        # In `web` a sentence stands in a call of gettext, unless it is the message of an error.
        find = find_error_messages if top == "web" else find_sentences
        for line, sentence in find(path.read_text()):
            catalog.add(sentence, locations=[(str(path.relative_to(ROOT)), line)])
    for text in _list_default_texts():
        catalog.add(text, locations=[("commentsite/site/services.py", 1)])
    return catalog


def find_sentences(source: str) -> Iterator[tuple[int, str]]:
    """List the sentences among the string constants of a module, without docstrings and f-strings."""
    tree = ast.parse(source)
    other = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            other.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            other.update(map(id, node.values))
    for node in ast.walk(tree):
        if id(node) in other or not isinstance(node, ast.Constant):
            continue
        if isinstance(node.value, str) and _SENTENCE.fullmatch(node.value.strip()):
            yield node.lineno, node.value


def find_error_messages(source: str) -> Iterator[tuple[int, str]]:
    """List the messages of the domain errors that a module raises. They are translated where they are shown.

    A message stands in the call, in a variable, or in a dictionary of messages.
    """
    tree = ast.parse(source)
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            messages = _list_messages(node.args[0], values)
            yield from messages if node.func.id in _ERRORS else ()


def _list_messages(node: ast.expr, values: dict[str, list[ast.expr]]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    elif isinstance(node, ast.IfExp):
        yield from _list_messages(node.body, values)
        yield from _list_messages(node.orelse, values)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _list_messages(value, values)
    elif isinstance(node, ast.Subscript):
        yield from _list_messages(node.value, values)
    elif isinstance(node, ast.Name):
        for value in values.get(node.id, ()):
            yield from _list_messages(value, values)


def _list_default_texts() -> list[str]:
    """Return the texts that code translates by variables: those of a new site, and those of the privacy page."""
    clauses = [text for clause in DEFAULT_CLAUSES for text in (clause.title, clause.text)]
    rules = [text for rule in RETENTION_RULES for text in (rule.data, rule.storage, rule.period)]
    return [*DEFAULT_GROUPS.values(), *clauses, *rules]


def read_catalogue(language: str) -> Catalog:
    """Read the catalogue of a language. Raises FileNotFoundError if there is none yet."""
    with _get_path(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, template: Catalog) -> None:
    """Write the catalogue anew: with the sentences of the source, and with the translations it had."""
    path = _get_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    old = read_catalogue(language) if path.exists() else Catalog(locale=language)
    new = Catalog(
        locale=language,
        project="commentsite",
        header_comment="# The words of the interface in this language. See docs/translations.md.",
        creation_date=_DATE,
        revision_date=_DATE,
        last_translator="commentsite",
        language_team=language,
        fuzzy=False,
    )
    for message in template:
        if message.id:
            earlier = old.get(_get_key(message), message.context)
            is_same_kind = earlier and bool(earlier.pluralizable) == bool(message.pluralizable)
            string = earlier.string if earlier and is_same_kind else None
            new.add(
                message.id,
                string,
                locations=sorted({(file, None) for file, _ in message.locations}),
                context=message.context,
            )
    with path.open("wb") as file:
        write_po(file, new, width=110, sort_output=True, include_lineno=False, omit_header=False)


def find_problems(language: str, template: Catalog) -> list[str]:
    """Return the faults of a catalogue, each with its sentence. An empty list means that it is complete."""
    catalog = read_catalogue(language)
    problems = [f"unused: {key!r}" for _context, key in _keys(catalog) - _keys(template)]
    for message in template:
        if message.id:
            translated = catalog.get(_get_key(message), message.context)
            problems += [
                f"{problem}: {_get_key(message)!r}"
                for problem in _check(translated, message, catalog)
            ]
    return sorted(problems)


def compile_all() -> None:
    """Write a messages.mo beside each messages.po, as `hatch_build.py` does when the package is built."""
    for path in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        with path.open("rb") as file, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(file, locale=path.parents[1].name))


def _check(translated: Message | None, source: Message, catalog: Catalog) -> Iterator[str]:
    """Yield each fault of a translation in a few words."""
    if translated is None:
        yield "missing"
        return
    if translated.fuzzy:
        yield "fuzzy"
    forms = translated.string if translated.pluralizable else (translated.string,)
    if not all(forms) or (translated.pluralizable and len(forms) != catalog.num_plurals):
        yield "not translated"
        return
    allowed = {name for text in _as_tuple(source.id) for name in _PLACEHOLDER.findall(text)}
    for form in forms:
        if set(_PLACEHOLDER.findall(form)) - allowed:
            yield "unknown placeholder"
    needed = set(_PLACEHOLDER.findall(_as_tuple(source.id)[-1]))
    first = _FIRST_FORM_OF_SEVERAL.get(str(catalog.locale), 0) if translated.pluralizable else 0
    if any(needed - set(_PLACEHOLDER.findall(form)) for form in forms[first:]):
        yield "placeholder missing"
    if not source.pluralizable and len(_PLACEHOLDER.findall(source.id)) != len(
        _PLACEHOLDER.findall(forms[0])
    ):
        yield "placeholder repeated or missing"


def _as_tuple(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _get_key(message: Message) -> str:
    return str(_as_tuple(message.id)[0])


def _keys(catalog: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, _get_key(message)) for message in catalog if message.id}


def _get_path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def main(command: str) -> int:
    if command == "compile":
        compile_all()
        return 0
    template = collect()
    if command == "update":
        for language in LANGUAGES:
            update(language, template)
        return 0
    problems = [
        f"{language}: {problem}"
        for language in LANGUAGES
        for problem in find_problems(language, template)
    ]
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
