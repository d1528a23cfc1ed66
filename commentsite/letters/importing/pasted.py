"""Read formatted text from the clipboard."""

from pathlib import Path

from commentsite.errors import Invalid
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.pictures import store_pictures
from commentsite.letters.importing.web_page.limits import MAX_LENGTH
from commentsite.letters.importing.web_page.reader import read_pasted_html
from commentsite.letters.media.services import StoredPicture
from commentsite.letters.remarks import ImportRemark
from commentsite.text.plain_text import clean_multiline


def read_clipboard(
    html: str, folder: Path
) -> tuple[str, list[ImportRemark], tuple[StoredPicture, ...]]:
    """Return Markdown, remarks about all that is not in it, and the pictures that it refers to.

    The files of the pictures are written to the folder. Only those come along that are part of the
    text on the clipboard: an address of a picture elsewhere is not fetched. Raises Invalid on a text
    that is too large or nested too deeply. Call it outside a transaction.
    """
    if len(html) > MAX_LENGTH:
        msg = "This text is too long to paste at once. Choose it as a file."
        raise Invalid(msg, field="html")
    try:
        document = run_bounded(read_pasted_html, html)
    except UnreadableFile:
        msg = "This text cannot be pasted with its formatting. Paste it without."
        raise Invalid(msg, field="html") from None
    draft = LetterDraft(
        title="",
        source_text="\n\n".join(document.blocks),
        pictures=document.pictures,
        remarks=document.remarks,
    )
    draft, pictures = store_pictures(draft, folder)
    return clean_multiline(draft.source_text).strip(), list(draft.remarks), pictures
