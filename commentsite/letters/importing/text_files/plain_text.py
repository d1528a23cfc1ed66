"""Read a plain text: its first line is the title. Saved mails and web pages are told from it."""

from commentsite.letters.importing.decoding import decode_text
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.mail_headers import is_mail, take_address_lines
from commentsite.letters.importing.markdown.tree import Collector, Paragraph, Span
from commentsite.letters.importing.markdown.writer import build_document
from commentsite.letters.importing.quoted_mail import take_quoted_mails
from commentsite.letters.importing.signatures import HTML_START
from commentsite.letters.importing.text_files.clear_signed import take_signature
from commentsite.letters.importing.text_files.lines import split_paragraphs
from commentsite.letters.importing.text_files.mail import read_mail_text
from commentsite.letters.importing.web_page.reader import read_html_file
from commentsite.letters.remarks import RemarkKind


def read_plain_text(content: bytes) -> ParsedDocument:
    """Read a .txt file, in whatever encoding. Raises UnreadableFile on bytes that are no text."""
    text, guessed_encoding = decode_text(content)
    if HTML_START.match(text[:2_000].encode()):
        return read_html_file(content)
    collector = Collector()
    if guessed_encoding:
        collector.add_remark(RemarkKind.ENCODING, guessed_encoding)
    if is_mail(text):
        return read_mail_text(text, collector)
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff\n\r ")
    text = take_signature(text, collector).lstrip()
    lines, quoted = take_quoted_mails(take_address_lines(text, collector).split("\n"))
    if quoted:
        collector.add_remark(RemarkKind.QUOTED_MAIL, "\n".join(quoted))
    text = "\n".join(lines)
    title, _, rest = text.lstrip().partition("\n")
    if not title.strip():
        raise UnreadableFile(FileProblem.EMPTY)
    if "\f" in rest:  # running heads are told by the pages, of which the title is a line
        paragraphs = split_paragraphs(f"{title}\n\n{rest}", collector)
        title, paragraphs = paragraphs[0].text, paragraphs[1:]
    else:
        paragraphs = split_paragraphs(rest, collector)
    heading = Paragraph([Span(" ".join(title.split()))], is_title=True)
    return build_document([heading, *paragraphs], collector)
