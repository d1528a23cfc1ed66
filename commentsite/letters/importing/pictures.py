"""Store the pictures of an uploaded file, and those that an editor adds."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from commentsite.errors import Invalid
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.images import MAX_INPUT_BYTES, ImageProblem, encode_image
from commentsite.letters.media.files import write_file
from commentsite.letters.media.services import StoredPicture
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.text.images import format_reference

MAX_PICTURES = 50  # of one file
_PROBLEMS = {
    ImageProblem.TOO_LARGE: "The picture has more than 2 MB. Choose a smaller one.",
    ImageProblem.TOO_MANY_PIXELS: "The picture has more than 20 million pixels. Choose a smaller one.",
    ImageProblem.NOT_A_PICTURE: (
        "This file is not a picture that can be read here. Choose a PNG, JPEG, WebP or GIF file."
    ),
}


def store_picture(content: bytes, folder: Path) -> StoredPicture:
    """Encode a picture and write its file. Raises Invalid. Call it outside a transaction."""
    result = _encode_and_write(content, folder)
    if isinstance(result, ImageProblem):
        raise Invalid(_PROBLEMS[result], field="picture")
    return result


def store_pictures(
    draft: LetterDraft, folder: Path
) -> tuple[LetterDraft, tuple[StoredPicture, ...]]:
    """Write the files of a draft's pictures. Call it outside a transaction.

    Return the draft with a reference in place of each marker, and the stored pictures. A picture
    without a description has a reference too, so that an editor can add one. A picture that
    cannot be used is left out. Remarks count both.
    """
    if not draft.pictures:
        return draft, ()
    text, stored, omitted, undescribed = draft.source_text, [], [], set()
    for number, picture in enumerate(draft.pictures):
        result = _encode_and_write(picture.content, folder) if number < MAX_PICTURES else None
        if not isinstance(result, StoredPicture):
            text = text.replace(picture.marker, "", 1)
            omitted.append(picture.description)
            continue
        reference = format_reference(result.sha256, picture.description)
        text = _put_reference(text, picture.marker, reference)
        stored.append(result)
        if not picture.description.strip():
            undescribed.add(result.sha256)
    remarks = _count_omitted(draft, omitted)
    if undescribed:
        remarks = (*remarks, ImportRemark(RemarkKind.UNDESCRIBED_PICTURES, len(undescribed)))
    return replace(draft, source_text=text, pictures=(), remarks=remarks), tuple(stored)


def leave_out_pictures(draft: LetterDraft) -> LetterDraft:
    """Return the draft without its pictures, with a remark that counts them."""
    text = draft.source_text
    for picture in draft.pictures:
        text = text.replace(picture.marker, "", 1)
    remarks = _count_omitted(draft, [picture.description for picture in draft.pictures])
    return replace(draft, source_text=text, pictures=(), remarks=remarks)


def _encode_and_write(content: bytes, folder: Path) -> StoredPicture | ImageProblem:
    if len(content) > MAX_INPUT_BYTES:
        return ImageProblem.TOO_LARGE
    try:
        result = dict(run_bounded(encode_image, content))
    except UnreadableFile:  # it took more than the limits of the child
        return ImageProblem.NOT_A_PICTURE
    if "problem" in result:
        return ImageProblem(result["problem"])
    encoded = result["content"]
    picture = StoredPicture(
        sha256(encoded).hexdigest(), result["extension"], result["width"], result["height"]
    )
    write_file(folder, picture.file_name, encoded)
    return picture


def _put_reference(text: str, marker: str, reference: str) -> str:
    if marker in text:
        return text.replace(marker, reference, 1)
    return f"{text.rstrip()}\n\n{reference}\n"


def _count_omitted(draft: LetterDraft, omitted: list[str]) -> tuple[ImportRemark, ...]:
    """Return the draft's remarks, and count the pictures in `omitted`, given by their descriptions.

    The reader has counted those that it could not take along.
    """
    others = [remark for remark in draft.remarks if remark.kind != RemarkKind.PICTURES]
    earlier = [remark for remark in draft.remarks if remark.kind == RemarkKind.PICTURES]
    count = sum(remark.count for remark in earlier) + len(omitted)
    if not count:
        return tuple(others)
    words = [remark.words for remark in earlier] + omitted
    text = "\n".join(word for word in words if word)
    return (*others, ImportRemark(RemarkKind.PICTURES, count, text))
