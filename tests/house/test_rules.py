"""The rules of the house, as tests about the code itself."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from commentsite import shape
from commentsite.config import resources

ROOT = Path(__file__).parents[2]
CODE = sorted(p for p in (ROOT / "commentsite").rglob("*.py") if "versions" not in p.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))


def calls(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value)


def test_the_floors_hold():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_only_the_transaction_commits():
    assert {p.name for p in CODE if any(name == "commit" for name, _ in calls(p))} == {"db.py"}


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
        if path.name not in {"sanitizer.py", "paragraphs.py", "convert.py"}:
            assert not re.search(
                r"^(import|from) (bleach|nh3)\b", path.read_text(), re.MULTILINE
            ), path


def test_queries_stand_in_queries():
    allowed = {
        "queries.py",
        "queue.py",
        "backup.py",
        "restoring.py",
        "history.py",
        "known.py",
        "speakers.py",
        "surroundings.py",
        "results.py",
        "alike.py",
        "reported.py",
        "sanctioned.py",
        "walks.py",
        "shown.py",
        "transparency.py",
        "books.py",
        "reviewed.py",
        "statements.py",
        "ties.py",
        "appealed.py",
        "chosen.py",
        "blind.py",
        "claimed.py",
        "arrived.py",
        "recent.py",
        "news.py",
        "locking.py",
        "noted.py",
        "appeal_cases.py",
        "delivery.py",
    }
    for path in CODE:
        if path.name not in allowed and "web" not in path.parts:
            assert not re.search(
                r"^from sqlalchemy import .*\bselect\b", path.read_text(), re.MULTILINE
            ), path


def test_trusted_html_stands_in_one_macro():
    found = {
        str(p.relative_to(ROOT)) for p in TEMPLATES if "|safe" in p.read_text().replace(" ", "")
    }
    assert found == {"templates/components/safe.html"}


def test_templates_hold_no_inline_script_or_style():
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(
            r"<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\">{{ \w+\|tojson }}<)|\sstyle=|\son[a-z]+=|<style",
            text,
        ), path


@pytest.mark.parametrize("name", ["run", "dev", "build"])
def test_lock_files_name_no_host_and_no_path(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|file:|/(root|home|work|tmp)/", text)


def test_no_module_is_called_after_nothing():
    names = {p.stem for p in CODE}
    assert not names & {"util", "utils", "helpers", "common", "misc", "manager", "base"}


def test_modules_and_public_functions_say_what_they_are_for():
    for path in CODE:
        tree = ast.parse(path.read_text())
        if tree.body:
            assert ast.get_docstring(tree), path
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path}: {node.name}"


def test_lock_files_pin_what_is_asked_for_with_its_extras():
    """An installer that meets `coverage[toml]` unpinned takes the newest release, whose hash nobody wrote down."""
    needed = {"flask-security[mfa]", "psycopg[binary]"}
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert needed <= set(re.findall(r"^([a-z0-9-]+\[[a-z]+\])==", text, re.MULTILINE))


def test_the_revisions_are_those_alembic_knows():
    scripts = ScriptDirectory(str(resources("migrations")))
    assert scripts.get_heads() == [shape.revisions()[-1]]
    in_order = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(in_order)) == shape.revisions()


def test_what_is_seldom_used_is_not_loaded_to_serve(tmp_path):
    seldom = ("alembic", "mako", "redis", "weasyprint", "mammoth", "disposable_email_domains")
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
