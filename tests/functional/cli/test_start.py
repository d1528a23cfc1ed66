"""The start of the program: an import leaves the process as it was, and only an entry point tunes it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.factories import SECRET

ROOT = Path(__file__).parents[3]


def run_python(*command, tmp_path):
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ
        | {"COMMENTSITE_INSTANCE": str(tmp_path / "instance"), "COMMENTSITE_SECRET_KEY": SECRET},
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("imported", "is_frozen"),
    [
        ("commentsite", False),
        ("commentsite.app", False),
        ("commentsite.__main__", True),
        ("wsgi", True),
    ],
)
def test_only_an_entry_point_freezes_what_was_imported_and_none_leaves_garbage(
    imported, is_frozen, tmp_path
):
    program = f"import gc, {imported}; print(gc.isenabled(), gc.get_freeze_count() > 0)"
    assert run_python("-c", program, tmp_path=tmp_path) == f"True {is_frozen}"


def test_the_program_explains_its_commands(tmp_path):
    assert "Publish letters" in run_python("-m", "commentsite", "--help", tmp_path=tmp_path)


def test_a_package_can_be_imported_without_the_application(tmp_path):
    program = "import sys, commentsite.text.scripts; print('flask' in sys.modules)"
    assert run_python("-c", program, tmp_path=tmp_path) == "False"
