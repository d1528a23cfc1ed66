"""Programs in place of Python for the child processes that read files and detect languages."""

import sys
from contextlib import contextmanager
from pathlib import Path

MARKER = "zzq-ends-the-child"
#: It ends as a crash does if its task has the marker, and else does the work of Python.
CRASHING = """#!/bin/sh
task=$(mktemp)
cat > "$task"
echo run >> "{log}"
if grep -q "{marker}" "$task"; then rm "$task"; kill -SEGV $$; fi
"{python}" "$@" < "$task"
code=$?
rm "$task"
exit $code
"""


@contextmanager
def crashing_children(folder: Path, monkeypatch, marker: str = MARKER):
    """Let child processes whose task has the marker end badly, '' for all. Yield a function that counts the processes."""
    program, log = folder / "python", folder / "runs"
    log.write_text("")
    program.write_text(CRASHING.format(log=log, marker=marker, python=sys.executable))
    program.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(program))
        yield lambda: len(log.read_text().splitlines())
