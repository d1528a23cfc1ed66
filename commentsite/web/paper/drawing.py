"""Draw PDFs in processes of their own, a few at a time, and keep them in the instance folder.

All processes of a machine share the folder. A drawing holds one of `MAX_DRAWINGS` slots, each a file with an
exclusive lock. The rendering process inherits the lock, so the slot becomes free when that process ends for any
reason, also when it is killed or when the site restarts meanwhile. The slot file names the PDF that is being drawn:
a second request for it joins the drawing. A request that finds no free slot is told to come back.

Nothing here waits for a drawing, except `wait_for`, which one thread of a process may use at a time.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

import commentsite
from commentsite import clock

MAX_DRAWINGS = 2  # at the same time on one machine
MAX_FOLDER_BYTES = 256 * 1024 * 1024
MAX_WAIT = 3.0  # seconds for which a request may wait for a short letter
FAILURE_TTL = 600  # seconds until a drawing that failed is tried again
MAX_AGE = 24 * 3600  # seconds; the name of a PDF holds the day, so an older one is not found again
SUFFIXES = {".pdf", ".part", ".attempt"}  # drawn, being written, and begun
_POLL_INTERVAL = 0.05
_PASSED_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME")  # fmt: skip
_waiting = threading.BoundedSemaphore(1)
logger = logging.getLogger("commentsite")


class Progress(StrEnum):
    """The state of a requested PDF."""

    READY = "ready"
    DRAWING = "drawing"
    BUSY = "busy"  # other PDFs take all slots
    FAILED = "failed"


@dataclass(frozen=True)
class PageToDraw:
    """The input of the rendering process: the HTML of a page, its address, and sentences about the PDF."""

    page: str
    address: str
    static: str
    media: str  # the folder with the pictures of letters
    notes: list[str]


class PdfFolder:
    """The PDFs of a site. `name` is a file name without suffix that stands for one content."""

    def __init__(self, instance: Path) -> None:
        """Use the folder `pdf` of the instance. It is made when the first PDF is drawn."""
        self.path = instance / "pdf"

    def find(self, name: str) -> Path | None:
        """Return the file of a PDF that is drawn, or None."""
        path = self.path / f"{name}.pdf"
        return path if path.exists() else None

    def request(self, name: str, build: Callable[[], PageToDraw]) -> Progress:
        """Start to draw a PDF, unless it is drawn or being drawn. `build` runs only if there is a slot."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        with ExitStack() as open_files:
            with self._lock_queue():
                progress, slot = self._find_slot(name, open_files)
                if slot is None:
                    return progress
                slot.truncate(0)
                slot.write(name)
                slot.flush()
            self._make_room()
            job = build()
            self._mark_attempt(name)
            self._start(name, job, slot)
        return Progress.DRAWING

    def wait_for(self, name: str) -> Path | None:
        """Return the PDF as soon as it is drawn, or None after a moment.

        Only one thread of a process waits. For the others the answer is None at once, so that requests for PDFs
        never hold all threads.
        """
        if not _waiting.acquire(blocking=False):
            return self.find(name)
        try:
            end = time.monotonic() + MAX_WAIT
            while time.monotonic() < end:
                if path := self.find(name):
                    return path
                if not self._is_being_drawn(name):
                    return self.find(name)
                time.sleep(_POLL_INTERVAL)
            return self.find(name)
        finally:
            _waiting.release()

    def delete_outdated(self, is_current: Callable[[str], bool]) -> int:
        """Delete PDFs by their names and those of another day. Return the number of files deleted."""
        oldest, count = clock.now().timestamp() - MAX_AGE, 0
        for path in list(self._iter_files()):
            if path.suffix in SUFFIXES and (
                not is_current(path.stem) or path.stat().st_mtime < oldest
            ):
                path.unlink(missing_ok=True)
                count += 1
        return count

    def list_names(self) -> set[str]:
        """List the PDFs that are drawn, being drawn or failed."""
        return {path.stem for path in self._iter_files() if path.suffix in SUFFIXES}

    def _find_slot(self, name: str, open_files: ExitStack) -> tuple[Progress, IO[str] | None]:
        """Return a locked slot file, or the reason why none is needed or free. Call under the queue's lock."""
        if self.find(name):
            return Progress.READY, None
        found = None
        for number in range(1, MAX_DRAWINGS + 1):
            slot = open_files.enter_context((self.path / f"slot-{number}").open("a+"))
            if _try_lock(slot):
                if found:
                    fcntl.flock(slot, fcntl.LOCK_UN)  # another request may take it
                found = found or slot
            else:
                slot.seek(0)
                if slot.read() == name:
                    return Progress.DRAWING, None
        if self._has_failed(name):
            return Progress.FAILED, None
        return (Progress.DRAWING, found) if found else (Progress.BUSY, None)

    def _is_being_drawn(self, name: str) -> bool:
        with ExitStack() as open_files, self._lock_queue():
            progress, slot = self._find_slot(name, open_files)
            return progress == Progress.DRAWING and slot is None

    @contextmanager
    def _lock_queue(self) -> Iterator[None]:
        """Hold the lock under which slots are given out. It is held for less than a millisecond."""
        with (self.path / "queue").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _start(self, name: str, job: PageToDraw, slot: IO[str]) -> None:
        sent = {
            "page": job.page,
            "address": job.address,
            "static": job.static,
            "media": job.media,
            "notes": job.notes,
            "target": str(self.path / f"{name}.pdf"),
        }
        # Neither the settings nor the secrets of the site are passed on.
        environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        environment["PYTHONPATH"] = str(Path(commentsite.__file__).parents[1])
        with tempfile.TemporaryFile("w+", encoding="utf-8") as page:
            json.dump(sent, page)
            page.seek(0)
            process = subprocess.Popen(  # our own program
                [sys.executable, "-P", "-m", "commentsite.web.paper.renderer"],
                stdin=page,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                pass_fds=[slot.fileno()],
            )
        threading.Thread(target=self._watch, args=(process, name), daemon=True).start()

    def _watch(self, process: "subprocess.Popen[str]", name: str) -> None:
        """Wait for the rendering process, so that it leaves no zombie, and log its failure."""
        _, problem = process.communicate()
        if process.returncode == 0:
            (self.path / f"{name}.attempt").unlink(missing_ok=True)
        else:
            (self.path / f"{name}.part").unlink(missing_ok=True)
            logger.error(
                "The PDF %s could not be drawn (exit %d): %s",
                name,
                process.returncode,
                problem.strip()[-500:] or "it took too much time",
            )

    def _mark_attempt(self, name: str) -> None:
        path, now = self.path / f"{name}.attempt", clock.now().timestamp()
        path.touch()
        os.utime(path, (now, now))

    def _has_failed(self, name: str) -> bool:
        """Return whether an attempt is recent and, as the caller knows, not running any more."""
        try:
            attempted_at = (self.path / f"{name}.attempt").stat().st_mtime
        except FileNotFoundError:
            return False
        return clock.now().timestamp() - attempted_at < FAILURE_TTL

    def _make_room(self) -> None:
        """Delete old PDFs, and the oldest ones until the folder is within its bound."""
        files = [(path, path.stat()) for path in self._iter_files() if path.suffix == ".pdf"]
        files.sort(key=lambda item: item[1].st_mtime)
        total = sum(stat.st_size for _, stat in files)
        for path, stat in files:
            if total <= MAX_FOLDER_BYTES:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size

    def _iter_files(self) -> Iterator[Path]:
        return self.path.iterdir() if self.path.is_dir() else iter(())


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
