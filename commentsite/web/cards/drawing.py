"""Draw cards in a process of their own, one at a time, and keep them in the instance folder.

A card is drawn when it is first asked for, and again when the words on it change. One thread of a process waits a
moment for it. Every other request gets None at once and answers with a picture without words. The drawing process
inherits the lock, so a drawing that takes longer goes on without a request, and the lock is free when it ends.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import commentsite
from commentsite import clock

MAX_WAIT = 4.0  # seconds for which a request waits; a card usually takes one
MAX_FOLDER_BYTES = 64 * 1024 * 1024
FAILURE_TTL = 600  # seconds until a card that failed is tried again
RENDERER = "commentsite.web.cards.renderer"
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

    def draw(self, name: str, html: str, static: Path) -> Path | None:
        """Draw a card from its HTML, unless another one is being drawn.

        Return None if it cannot be drawn now.
        """
        if not _waiting.acquire(blocking=False):
            return None
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            with (self.path / "lock").open("a") as lock:
                if not _try_lock(lock) or self.find(name) or self._has_failed(name):
                    return self.find(name)
                self._delete_earlier(name)
                self._make_room()
                process = self._start(lock)
            job = {"html": html, "static": str(static), "target": str(self.path / f"{name}.png")}
            thread = threading.Thread(target=self._watch, args=(process, job, name), daemon=True)
            thread.start()
            thread.join(MAX_WAIT)
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

    def _start(self, lock: IO[str]) -> "subprocess.Popen[str]":
        # Neither the settings nor the secrets of the site are passed on.
        environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        environment["PYTHONPATH"] = str(Path(commentsite.__file__).parents[1])
        return subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", "-m", RENDERER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            pass_fds=[lock.fileno()],
        )

    def _watch(self, process: "subprocess.Popen[str]", job: dict[str, str], name: str) -> None:
        """Send the job and wait for the process, so that it leaves no zombie. Log its failure."""
        _, problem = process.communicate(json.dumps(job))
        if process.returncode:
            attempt, now = self.path / f"{name}.attempt", clock.now().timestamp()
            attempt.touch()
            os.utime(attempt, (now, now))
            (self.path / f"{name}.part").unlink(missing_ok=True)
            logger.error(
                "The card %s could not be drawn (exit %d): %s",
                name,
                process.returncode,
                problem.strip()[-500:] or "it took too much time",
            )

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


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _subject_of(name: str) -> str:
    return name.partition("-")[0]
