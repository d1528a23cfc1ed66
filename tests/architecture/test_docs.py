"""The documentation names each setting, and only files, commands and settings that exist."""

import re
from pathlib import Path

import pytest

from commentsite.app import create_app
from commentsite.config import ENVIRONMENT_PREFIX, SETTING_NAMES
from tests.support.factories import SECRET

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_setting_is_explained_and_no_other():
    told = set(
        re.findall(
            rf"`{ENVIRONMENT_PREFIX}([A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text()
        )
    )
    assert told == set(SETTING_NAMES)


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_files_and_make_targets_named_in_the_docs_exist(path):
    text = path.read_text()
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (path.parent / target).exists(), target
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in re.findall(r"`make ([a-z]+)`", text):
        assert name in targets, name


def test_commands_named_in_the_docs_exist(tmp_path):
    app = create_app({"INSTANCE": str(tmp_path), "SECRET_KEY": SECRET})
    known = set(app.cli.commands)
    for path in DOCS:
        for name in re.findall(r"`commentsite ([a-z]+)", path.read_text()):
            assert name in known, f"{path.name}: {name}"
