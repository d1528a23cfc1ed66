"""Conventions of the tests themselves."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.source_code import parse_module

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "tests").rglob("*.py"))


def imported_names(path: Path):
    """Yield the dotted name of each module or object that a file imports."""
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            package = ("tests." if node.level else "") + (node.module or "")
            yield from (f"{package}.{alias.name}" for alias in node.names)


def is_of_a_test_module(name: str) -> bool:
    parts = name.split(".")
    return parts[0] == "tests" and any(
        part.startswith("test_") or part == "conftest" for part in parts
    )


def test_helpers_are_imported_from_support():
    """A helper that two test modules need stands in tests/support."""
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in MODULES
        for name in imported_names(path)
        if is_of_a_test_module(name)
    ]
    assert found == []


def test_no_test_is_named_after_a_number():
    """A number from a list that is not in the repository says nothing about a failure."""
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in MODULES
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.FunctionDef) and re.match(r"test_v\d+_", node.name)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "is_allowed"),
    [
        ("from tests.support.clients import submit", True),
        ("from tests.unit.test_charts import line", False),
        ("from tests.conftest import app", False),
        ("import tests.unit.test_charts", False),
        ("from . import test_charts", False),
        ("from .conftest import app", False),
        ("def f():\n    from tests.unit import test_charts", False),
    ],
)
def test_the_check_of_imports_finds_each_way_to_import(tmp_path, source, is_allowed):
    file = tmp_path / "module.py"
    file.write_text(source)
    found = [name for name in imported_names(file) if is_of_a_test_module(name)]
    assert (found == []) is is_allowed
