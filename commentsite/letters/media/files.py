"""The files of pictures: `<folder>/<sha256>.<extension>`, readable by the site alone.

A file is named by its content, so it never changes, and two letters can share it.
"""

import os
import re
from hashlib import sha256
from pathlib import Path

MIME_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
FILE_NAME = re.compile(r"([0-9a-f]{64})\.(png|jpg|webp)")


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Store a picture. The file is complete whenever it exists."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = _locate(folder, name)
    if file.exists():
        os.utime(file)  # a file that waits to be deleted is used again
        return
    part = file.with_name(f"{name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def read_file(folder: Path, name: str) -> bytes | None:
    """Return the content of a picture, or None if its file is missing."""
    try:
        return _locate(folder, name).read_bytes()
    except FileNotFoundError:
        return None


def has_sound_file(folder: Path, name: str) -> bool:
    """Return whether the file is there and still has the content that its name states."""
    content = read_file(folder, name)
    return content is not None and sha256(content).hexdigest() == name.partition(".")[0]


def list_files(folder: Path) -> list[Path]:
    """List the files of pictures in the folder."""
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if FILE_NAME.fullmatch(file.name))


def _locate(folder: Path, name: str) -> Path:
    """Return the path of a picture. Raises ValueError on a name that could leave the folder."""
    if not FILE_NAME.fullmatch(name):
        msg = "not the name of a picture"
        raise ValueError(msg)
    return folder / name
