"""Conventions of the code that no linter checks."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from commentsite.db import schema_version
from commentsite.paths import find_resource_folder
from tests.support.source_code import parse_module

ROOT = Path(__file__).parents[2]
CODE = sorted(p for p in (ROOT / "commentsite").rglob("*.py") if "versions" not in p.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))


def calls(path):
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value)


def test_import_contracts_hold():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_only_the_transaction_commits():
    assert {p.name for p in CODE if any(name == "commit" for name, _ in calls(p))} == {"session.py"}


def test_only_the_clock_reads_the_time():
    for path in CODE:
        if path.name != "clock.py":
            assert not [
                c for c in calls(path) if c in {("now", "datetime"), ("utcnow", "datetime")}
            ], path


def test_only_tokens_makes_randomness():
    for path in CODE:
        if path.name != "tokens.py":
            assert not re.search(
                r"^(import|from) (random|secrets)\b", path.read_text(), re.MULTILINE
            ), path


def test_only_the_sanitizers_clean_html():
    for path in CODE:
        if path.name not in {"sanitizer.py", "paragraphs.py"}:
            assert not re.search(
                r"^(import|from) (bleach|nh3)\b", path.read_text(), re.MULTILINE
            ), path


def imports_select(path):
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] == "sqlalchemy"
        and any(name.name == "select" for name in node.names)
        for node in ast.walk(parse_module(path))
    )


def test_only_modules_named_queries_select():
    """SELECT statements are written in a module `queries`, or in a package of that name."""
    found = {
        str(path.relative_to(ROOT))
        for path in CODE
        if "queries" not in path.relative_to(ROOT).with_suffix("").parts and imports_select(path)
    }
    assert found == set()


def test_trusted_html_stands_in_one_macro():
    found = {
        str(p.relative_to(ROOT)) for p in TEMPLATES if "|safe" in p.read_text().replace(" ", "")
    }
    assert found == {"templates/components/trusted_html.html"}


def test_templates_hold_no_inline_script_or_style():
    for path in TEMPLATES:
        # Mail programs leave style sheets out, so the elements of an email carry their styles.
        style = r"<style" if path.parent.name == "mail" else r"\sstyle=|<style"
        assert not re.search(
            r"<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\">{{ \w+\|(?:tojson|escape_in_script) }}<)|\son[a-z]+=|"
            + style,
            path.read_text(),
        ), path


@pytest.mark.parametrize("name", ["run", "dev", "build"])
def test_lock_files_name_no_host_and_no_path(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|file:|/(root|home|work|tmp)/", text)


def test_no_module_has_a_name_without_meaning():
    names = {p.stem for p in CODE}
    assert not names & {"util", "utils", "helpers", "common", "misc", "manager"}


def test_lock_files_pin_what_is_asked_for_with_its_extras():
    """An installer that meets `coverage[toml]` unpinned takes the newest release, which has no recorded hash."""
    needed = {"flask-security[mfa]", "psycopg[binary]"}
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert needed <= set(re.findall(r"^([a-z0-9-]+\[[a-z]+\])==", text, re.MULTILINE))


def test_the_revisions_are_those_alembic_knows():
    scripts = ScriptDirectory(str(find_resource_folder("migrations")))
    assert scripts.get_heads() == [schema_version.list_known_revisions()[-1]]
    in_order = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(in_order)) == schema_version.list_known_revisions()


def test_serving_does_not_import_rarely_used_libraries(tmp_path):
    seldom = ("alembic", "mako", "redis", "weasyprint", "lxml", "disposable_email_domains")
    program = (
        "import sys; from commentsite.app import create_app; create_app({'INSTANCE': sys.argv[1]});"
        f"print([m for m in {seldom!r} if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert said.stdout.strip() == "[]"
