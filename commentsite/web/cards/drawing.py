"""Draw cards in a process of their own, one at a time, and keep them in the instance folder.

A card is drawn when it is first asked for, and again when the words on it change. One thread of one process on a
machine waits for it. Every other request gets None at once and answers with a picture without words.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import commentsite
from commentsite import clock

MAX_SECONDS = 8  # for one card; it usually takes one
MAX_FOLDER_BYTES = 64 * 1024 * 1024
FAILURE_TTL = 600  # seconds until a card that failed is tried again
_PASSED_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME")  # fmt: skip
_waiting = threading.BoundedSemaphore(1)
logger = logging.getLogger("commentsite")


class CardFolder:
    """The cards of a site. A name is `<subject>-<hash>`, and the hash stands for the words on the card."""

    def __init__(self, instance: Path) -> None:
        """Use the folder `cards` of the instance. It is made when the first card is drawn."""
        self.path = instance / "cards"

    def find(self, name: str) -> Path | None:
        """Return the file of a card that is drawn, or None."""
        path = self.path / f"{name}.png"
        return path if path.exists() else None

    def draw(self, name: str, build: Callable[[], str], static: Path) -> Path | None:
        """Draw a card from the HTML that `build` returns, unless another one is being drawn.

        Return None if it cannot be drawn now.
        """
        if not _waiting.acquire(blocking=False):
            return None
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            with self._lock() as is_free:
                if is_free and not self.find(name) and not self._has_failed(name):
                    self._delete_earlier(name)
                    self._make_room()
                    self._run(name, build(), static)
        finally:
            _waiting.release()
        return self.find(name)

    def delete_subjects(self, is_public: Callable[[str], bool]) -> int:
        """Delete the cards of subjects that are not public any more. Return their number."""
        outdated = [path for path in self._list_files() if not is_public(_subject_of(path.name))]
        for path in outdated:
            path.unlink(missing_ok=True)
        return len(outdated)

    def list_subjects(self) -> set[str]:
        return {_subject_of(path.name) for path in self._list_files()}

    @contextmanager
    def _lock(self) -> Iterator[bool]:
        """Yield whether no other process of this machine draws a card."""
        with (self.path / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _run(self, name: str, html: str, static: Path) -> None:
        job = {"html": html, "static": str(static), "target": str(self.path / f"{name}.png")}
        # Neither the settings nor the secrets of the site are passed on.
        environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        environment["PYTHONPATH"] = str(Path(commentsite.__file__).parents[1])
        try:
            subprocess.run(  # our own program
                [sys.executable, "-P", "-m", "commentsite.web.cards.renderer"],
                input=json.dumps(job),
                text=True,
                capture_output=True,
                check=True,
                timeout=MAX_SECONDS,
                env=environment,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
            attempt, now = self.path / f"{name}.attempt", clock.now().timestamp()
            attempt.touch()
            os.utime(attempt, (now, now))
            (self.path / f"{name}.part").unlink(missing_ok=True)
            said = problem.stderr if isinstance(problem.stderr, str) else ""
            logger.error("The card %s could not be drawn: %s", name, said.strip()[-500:] or problem)  # noqa: TRY400  # the trace of the child says it

    def _has_failed(self, name: str) -> bool:
        try:
            attempted_at = (self.path / f"{name}.attempt").stat().st_mtime
        except FileNotFoundError:
            return False
        return clock.now().timestamp() - attempted_at < FAILURE_TTL

    def _delete_earlier(self, name: str) -> None:
        for path in self._list_files():
            if _subject_of(path.name) == _subject_of(name):
                path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        """Delete the oldest cards until the folder is within its bound."""
        files = sorted(
            ((path.stat(), path) for path in self._list_files()), key=lambda f: f[0].st_mtime
        )
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in files:
            if total <= MAX_FOLDER_BYTES:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size

    def _list_files(self) -> list[Path]:
        if not self.path.is_dir():
            return []
        return [path for path in self.path.iterdir() if path.suffix in {".png", ".part", ".attempt"}]  # fmt: skip


def _subject_of(name: str) -> str:
    return name.partition("-")[0]
