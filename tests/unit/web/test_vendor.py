"""The files of other projects that the site serves are the ones recorded, with their licences."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "static" / "vendor"
ENTRIES = json.loads((FOLDER / "VENDOR.json").read_text())
MAX_EDITOR_BYTES = 150_000


def hash_of(name):
    return sha256((FOLDER / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_vendored_file_and_its_licence_are_unchanged(entry):
    assert hash_of(entry["file"]) == entry["sha256"]
    assert hash_of(entry["license_file"]) == entry["license_sha256"]
    assert entry["license"]
    assert entry["version"]


def test_no_file_is_vendored_without_an_entry():
    known = {entry[key] for entry in ENTRIES for key in ("file", "license_file")}
    served = {
        str(file.relative_to(FOLDER))
        for file in FOLDER.rglob("*")
        if file.suffix in {".js", ".woff2"}
    }
    assert served <= known


def test_the_vendored_script_is_small_and_fits_the_content_security_policy():
    for script in FOLDER.glob("*.js"):
        text = script.read_text()
        assert len(text) < MAX_EDITOR_BYTES
        for forbidden in (
            "eval(",
            "new Function",
            "innerHTML",
            "<style",
            ".cssText",
            "adoptedStyleSheets",
        ):
            assert forbidden not in text, forbidden
