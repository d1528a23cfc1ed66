"""File systems that a test can fill, and databases that another process holds."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def mount_small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system of this size. Only root can do that; other users skip the test."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_disk(folder: Path) -> Path:
    """Fill the file system of a folder to the last byte, and return the file that does it."""
    file = folder / "filling"
    with suppress(OSError), file.open("wb", buffering=0) as filling:
        while filling.write(b"\0" * 4096):
            pass
    return file


@contextmanager
def hold_write_lock(database: Path) -> Iterator[None]:
    """Hold the write lock of a SQLite database, as another process would."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.rollback()
        holder.close()
