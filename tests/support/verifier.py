"""The program with which readers verify a downloaded audit log, loaded as a module."""

import importlib.util
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from unittest import mock

FILE = Path(__file__).parents[2] / "static" / "verify.py"


def load_verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFIER = load_verifier()


def verify_file(path: Path, content: bytes, *arguments) -> str | None:
    """Write a log to a file and return the program's complaint, or None when everything holds.

    The program leaves its files open, since it ends at once; here they are closed.
    """
    path.write_bytes(content)
    with ExitStack() as files, mock.patch.object(VERIFIER, "open", create=True) as opened:
        opened.side_effect = lambda *args, **options: files.enter_context(
            Path(args[0]).open(*args[1:], **options)
        )
        try:
            VERIFIER.main([str(path), *map(str, arguments)])
        except SystemExit as end:
            return None if end.code is None else str(end.code)
    return None
