"""The program with which readers verify a downloaded audit log, loaded as a module."""

import importlib.util
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).parents[2] / "static" / "verify.py"


def load_verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFIER = load_verifier()


def verify_file(path: Path, content: bytes, *arguments) -> str | None:
    """Write a log to a file and return the program's complaint, or None when everything holds."""
    path.write_bytes(content)
    try:
        VERIFIER.main([str(path), *map(str, arguments)])
    except SystemExit as end:
        return None if end.code is None else str(end.code)
    return None
