"""Templates are formatted, short-lined and in use."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from commentsite.comments.appeals.states import OUTCOMES
from tests.support.source_code import parse_module

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*"))
MAX_LINE = 120


@pytest.fixture(scope="module")
def strings():
    """Every string of the code, pieces of f-strings included."""
    return {
        node.value
        for path in (ROOT / "commentsite").rglob("*.py")
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.fixture(scope="module")
def included():
    """Every template that another one extends, includes or imports from."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    trees = [environment.parse((FOLDER / template).read_text()) for template in TEMPLATES]
    found = {name for tree in trees for name in meta.find_referenced_templates(tree)}
    # A template may extend one of two.
    choices = [node.template for tree in trees for node in tree.find_all(nodes.Extends)]
    found |= {const.value for choice in choices for const in choice.find_all(nodes.Const)}
    return found - {None}


def test_lines_are_short():
    found = [
        f"{template}:{number}"
        for template in TEMPLATES
        for number, line in enumerate((FOLDER / template).read_text().splitlines(), 1)
        if len(line) > MAX_LINE
    ]
    assert found == []


def test_templates_are_formatted():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "djlint"), "templates", "--check", "--quiet"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_template_exists_that_another_one_names(included):
    assert included <= {*TEMPLATES}


def test_every_template_is_used(strings, included):
    named = {name for name in TEMPLATES if not name.startswith("security/") and name.count(".") < 2}
    assert named - strings - included == set()


def test_every_mail_is_of_a_kind_that_is_sent(strings):
    kinds = {
        name.removeprefix("mail/").removesuffix(".txt")
        for name in TEMPLATES
        if name.startswith("mail/") and name.count(".") == 2
    }
    # An appeal's message is named after its outcome: f"appeal.{outcome}".
    computed = {f"appeal.{outcome}" for outcome in OUTCOMES}
    assert kinds - strings - computed == set()
