"""Give pictures to letters, publish them with the text, and delete those that no letter has."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from commentsite import clock
from commentsite.db.session import session
from commentsite.letters.media import files
from commentsite.letters.media.queries import list_media, list_media_names
from commentsite.letters.models import Block, Letter, Media
from commentsite.letters.text.images import Image, list_references

# A file is written before the row that names it, so a young one may still get its row.
UNUSED_FILE_AGE = timedelta(days=1)
PUBLIC_PREFIX = "/media/"
_ADDRESS = re.compile(rf'src="{PUBLIC_PREFIX}([0-9a-f]{{64}})\.')


@dataclass(frozen=True)
class StoredPicture:
    """A picture whose file is written, before a letter has it."""

    sha256: str
    extension: str
    width: int
    height: int

    @property
    def file_name(self) -> str:
        return f"{self.sha256}.{self.extension}"


def add_to_letter(letter: Letter, pictures: Iterable[StoredPicture]) -> None:
    """Give pictures to a letter that is stored. One that it has already stays as it is."""
    known = {media.sha256 for media in list_media(letter.id)}
    for picture in pictures:
        if picture.sha256 not in known:
            known.add(picture.sha256)
            session().add(
                Media(
                    letter_id=letter.id,
                    sha256=picture.sha256,
                    extension=picture.extension,
                    width=picture.width,
                    height=picture.height,
                    created_at=clock.now(),
                )
            )
    session().flush()


def load_images(
    letter: Letter, source_text: str, prefix: str = PUBLIC_PREFIX
) -> Mapping[str, Image]:
    """Return the pictures that a text of the letter refers to, by hash.

    `prefix` is the address of the pictures without the file name.
    """
    hashes = list_references(source_text)
    return build_images(list_media(letter.id, hashes) if hashes else [], prefix)


def build_images(
    pictures: Iterable[Media | StoredPicture], prefix: str = PUBLIC_PREFIX
) -> Mapping[str, Image]:
    """Return pictures by hash, as the text of a letter shows them."""
    return {
        row.sha256: Image(f"{prefix}{row.sha256}.{row.extension}", row.width, row.height)
        for row in pictures
    }


def publish_pictures(letter: Letter, blocks: Iterable[Block]) -> None:
    """Let readers see the pictures that the blocks of a text show, as it is being published."""
    hashes = {match[1] for block in blocks for match in _ADDRESS.finditer(block.html)}
    for media in list_media(letter.id, hashes) if hashes else []:
        media.published_at = media.published_at or clock.now()


def delete_unused_files(folder: Path, now: datetime) -> int:
    """Delete the files that no letter has had for a day. Return their number."""
    old = [
        file
        for file in files.list_files(folder)
        if file.stat().st_mtime < (now - UNUSED_FILE_AGE).timestamp()
    ]
    used = {name for name, _slug in list_media_names()} if old else set()
    unused = [file for file in old if file.name not in used]
    for file in unused:
        file.unlink(missing_ok=True)
    return len(unused)


def find_missing_files(folder: Path) -> list[str]:
    """Return a sentence for each picture whose file is missing or has another content."""
    return [
        f"The picture {name} of the letter {slug} is missing or damaged in the folder media."
        for name, slug in list_media_names()
        if not files.has_sound_file(folder, name)
    ]
