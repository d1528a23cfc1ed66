"""Templates are formatted, short-lined and in use."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

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
        for node in ast.walk(ast.parse(path.read_text()))
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


@pytest.mark.parametrize("template", TEMPLATES)
def test_lines_are_short(template):
    lines = (FOLDER / template).read_text().splitlines()
    assert not [n for n, line in enumerate(lines, 1) if len(line) > MAX_LINE]


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


@pytest.mark.parametrize(
    "template",
    [name for name in TEMPLATES if not name.startswith("security/") and name.count(".") < 2],
)
def test_every_template_is_used(template, strings, included):
    assert template in strings | included


@pytest.mark.parametrize(
    "template",
    [name for name in TEMPLATES if name.startswith("mail/") and name.count(".") == 2],
)
def test_every_mail_is_of_a_kind_that_is_sent(template, strings):
    kind = template.removeprefix("mail/").removesuffix(".txt")
    family, _, event = kind.partition(".")
    # An appeal's message is named after its outcome: f"appeal.{outcome}".
    assert kind in strings or {f"{family}.", event} <= strings
