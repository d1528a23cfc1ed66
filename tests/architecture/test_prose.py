"""The mechanical part of the rule for prose: how a sentence in a docstring or in the docs may begin."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.source_code import parse_module

ROOT = Path(__file__).parents[2]
CODE = sorted(
    path
    for folder in ("commentsite", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
)
DOCS = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
# A sentence begins at the start of a text, after the end of another, or in a cell of a table.
OPENING = re.compile(
    r"(?:^|(?<=[.!?…:])\s+|\|\s*)[\"'“‘(*_]*"
    r"((?:What|Who|Whoever|Whose|Of whom|By whose)\b[^.!?|]*[.!?]?)"
)
MARKER = re.compile(r"^\s*(?:>|[-*+]|\d+\.)\s+")


def openings(text: str) -> list[str]:
    """Return each sentence of a text that begins with a relative pronoun."""
    return [found[:60] for found in OPENING.findall(" ".join(text.split()))]


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text


def paragraphs(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each paragraph, list item, table row and heading, but no code.

    A heading that is a question is left out.
    """
    start, lines, is_code = 0, [], False
    for number, line in enumerate([*markdown.splitlines(), ""], 1):
        fence = line.lstrip().startswith("```")
        is_heading, is_item = line.startswith("#"), MARKER.match(line) is not None
        if fence or is_code or is_heading or is_item or not line.strip() or line.startswith("|"):
            if lines:
                yield start, "\n".join(lines)
            lines = []
        is_code ^= fence
        if fence or is_code:
            continue
        if is_heading:
            title = line.lstrip("# ")
            if not title.endswith("?"):
                yield number, title
        elif line.strip():
            start = start if lines else number
            lines.append(MARKER.sub("", line))


def test_no_docstring_begins_a_sentence_with_a_relative_pronoun():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {said}"
        for path in CODE
        for line, text in docstrings(path)
        for said in openings(text)
    ]
    assert found == []


def test_each_docstring_about_a_truth_value_has_the_same_form():
    other = re.compile(r"(Whether|Say whether|Tell whether|Check whether)\b")
    product = [path for path in CODE if "tests" not in path.parts]
    found = [
        (path, line) for path in product for line, text in docstrings(path) if other.match(text)
    ]
    assert found == [], "write “Return whether …”"


def test_no_document_begins_a_sentence_with_a_relative_pronoun():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {said}"
        for path in DOCS
        for line, text in paragraphs(path.read_text())
        for said in openings(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        ("What is held waits.", [1]),
        ("It waits. Who sent it\nhears of it.", [1]),
        ("# What is this?\n\nA site.", []),
        ("# What this is\n\nA site.", [1]),
        ("- Readers.\n- **Whoever** reads.", [2]),
        ("```\nWhat is code\n```\n\nIt is what it is.", []),
        ("| a | b |\n|---|---|\n| x | Who decides |", [3]),
    ],
)
def test_the_check_finds_sentences_and_leaves_code_and_questions(markdown, lines):
    assert [line for line, text in paragraphs(markdown) if openings(text)] == lines
