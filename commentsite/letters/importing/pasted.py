"""Read formatted text from the clipboard."""

from commentsite.errors import Invalid
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.web_page.limits import MAX_LENGTH
from commentsite.letters.importing.web_page.reader import read_pasted_html
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.text.plain_text import clean_multiline


def read_clipboard(html: str) -> tuple[str, list[ImportRemark]]:
    """Return Markdown, and remarks about all that is not in it. Pictures are left out.

    Raises Invalid on a text that is too large or nested too deeply.
    """
    if len(html) > MAX_LENGTH:
        msg = "This text is too long to paste at once. Choose it as a file."
        raise Invalid(msg, field="html")
    try:
        document = run_bounded(read_pasted_html, html)
    except UnreadableFile:
        msg = "This text cannot be pasted with its formatting. Paste it without."
        raise Invalid(msg, field="html") from None
    markdown = "\n\n".join(document.blocks)
    remarks = list(document.remarks)
    for picture in document.pictures:
        markdown = markdown.replace(picture.marker, "")
    if document.pictures:
        words = "\n".join(picture.description for picture in document.pictures)
        remarks.append(ImportRemark(RemarkKind.PICTURES, len(document.pictures), words.strip()))
    return clean_multiline(markdown).strip(), remarks
