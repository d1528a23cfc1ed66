"""Read a mail: a saved message (.eml), or the text that a mail program saved or printed.

Its subject becomes the title and its date the date of the letter. Names, addresses and telephone
numbers in its headers and its signature are named in remarks only.
"""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from itertools import groupby
from quopri import decodestring

from commentsite.letters.importing.decoding import decode_text
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.mail_headers import (
    FIELD_BY_NAME,
    FORWARD_MARK,
    decode_words,
    is_contact,
    is_mail,
    name_headers,
    read_headers,
    split_headers,
    take_header_lines,
)
from commentsite.letters.importing.text_files.lines import Flow, split_paragraphs
from commentsite.letters.importing.web_page.elements import unwrap_redirect
from commentsite.letters.importing.web_page.reader import read_html_file
from commentsite.letters.importing.word_processors.markdown import build_document
from commentsite.letters.importing.word_processors.tree import Collector, Paragraph
from commentsite.letters.remarks import RemarkKind

MAX_FORWARDS = 5
MIN_CERTAIN_HEADERS = 2  # fewer lines with a colon can be the words of a letter
MAX_HEADER_LINES = 40  # of a mail within a mail
_SIGNATURE_MARK = re.compile(r"--(?: |=20)?")
_ATTRIBUTION_END = re.compile(
    r"(?:\d.*|\b(?:wrote|schrieb|écrit|escribió|escreveu|scritto|schreef|skrev|написал\w*)\b.*)"
    r"[:：]\s*$",
    re.DOTALL | re.IGNORECASE,
)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_QUOTED_PRINTABLE = re.compile(r"=(?:[0-9A-F]{2}|\n)")


def read_eml_file(content: bytes) -> ParsedDocument:
    """Read a message in the format of internet mail (RFC 5322). Raises UnreadableFile."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = decode_text(content)[0].encode()
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if content.startswith(b"From "):  # the line that a mailbox file puts before each message
        content = content.partition(b"\n")[2]
    message = message_from_bytes(content, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise UnreadableFile(FileProblem.DAMAGED)
    return _read_message(message, Collector())


def read_mail_text(text: str, collector: Collector) -> ParsedDocument:
    """Read a mail that was saved as text. Its headers may be in the words of a mail program."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    headers, body = split_headers(text)
    raw = text[: len(text) - len(body)]
    if re.search(
        r"^content-transfer-encoding:\s*(quoted-printable|base64)|^content-type:\s*multipart",
        raw,
        re.IGNORECASE | re.MULTILINE,
    ):
        message = message_from_bytes(text.encode(), policy=policy.default)
        return _read_message(message, collector)
    if _is_quoted_printable(body):
        body = decode_text(decodestring(body.encode()))[0]
    return _build(headers, body, collector, Flow.SPACE_STAYS)


def _read_message(message: EmailMessage, collector: Collector, level: int = 0) -> ParsedDocument:
    headers = [
        (FIELD_BY_NAME.get(name.lower(), "other"), decode_words(str(value)))
        for name, value in message.items()
    ]
    parts = [part for part in message.walk() if not part.is_multipart()]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    body = _get_text(plain) if plain is not None else ""
    inner = _find_inner_message(message)
    if inner is not None and not body.strip() and level < MAX_FORWARDS:
        name_headers(headers, collector)
        return _read_message(inner, collector, level + 1)
    pictures = _collect_pictures(message)
    is_html = html is not None and not body.strip()
    used = [plain] if not is_html else [html, *pictures.values()]
    for part in parts:
        if not any(part is one for one in used) and part is not html and part is not plain:
            collector.add_remark(
                RemarkKind.ATTACHMENTS, decode_words(part.get_filename() or part.get_content_type())
            )
    if is_html and html is not None:
        return _build_from_html(headers, html, pictures, collector)
    flow = _read_flow(plain)
    if flow:  # a line that begins with a space or a quotation mark has a space put before it
        body = re.sub(r"^ ", "", body, flags=re.MULTILINE)
    return _build(headers, body, collector, flow)


def _read_flow(part: MIMEPart | None) -> Flow:
    if part is None or str(part.get_param("format", "")).lower() != "flowed":
        return Flow.NONE
    deletes_space = str(part.get_param("delsp", "")).lower() == "yes"
    return Flow.SPACE_GOES if deletes_space else Flow.SPACE_STAYS


def _get_text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    return decode_text(content, part.get_content_charset() or "")[0].replace("\r\n", "\n")


def _find_inner_message(message: EmailMessage) -> EmailMessage | None:
    for part in message.walk():
        if part is not message and part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            if isinstance(inner, EmailMessage):
                return inner
    return None


def _collect_pictures(message: EmailMessage) -> dict[str, EmailMessage]:
    """Return the pictures that an HTML part can show, by content id."""
    return {
        str(part["Content-ID"]).strip("<> "): part
        for part in message.walk()
        if part["Content-ID"]
        and part.get_content_maintype() == "image"
        and isinstance(part, EmailMessage)
    }


def _build_from_html(
    headers: list[tuple[str, str]],
    html: MIMEPart,
    pictures: dict[str, EmailMessage],
    collector: Collector,
) -> ParsedDocument:
    payload = html.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    for name, part in pictures.items():
        encoded = "".join(str(part.get_payload()).split())
        if str(part["Content-Transfer-Encoding"] or "").lower() == "base64":
            source = f"data:{part.get_content_type()};base64,{encoded}".encode()
            content = content.replace(f"cid:{name}".encode(), source)
    document = read_html_file(content, html.get_content_charset() or "")
    title, day = read_headers(headers, collector)
    blocks = document.blocks
    if document.title and document.title != title:
        blocks = (f"## {document.title}", *blocks)
    return replace(
        document,
        blocks=blocks,
        title=title,
        date_written=day,
        remarks=(*collector.remarks(), *document.remarks),
    )


def _build(
    headers: list[tuple[str, str]],
    body: str,
    collector: Collector,
    flow: Flow,
    *,
    level: int = 0,
) -> ParsedDocument:
    body = _WEB_ADDRESS.sub(lambda match: unwrap_redirect(match[0]), body.replace("\u00a0", " "))
    outer, inner = _split_forwarded(body)
    if inner and not _strip_signature(outer, None).strip() and level < MAX_FORWARDS:
        name_headers(headers, collector)
        inner_headers, inner_body = split_headers(inner)
        if not any(field == "subject" for field, _ in inner_headers):
            inner_headers += [item for item in headers if item[0] == "subject"]
        return _build(inner_headers, inner_body, collector, flow, level=level + 1)
    if inner:
        collector.add_remark(RemarkKind.QUOTED_MAIL, inner)
        body = outer
    body = _strip_quoted_end(_strip_signature(body, collector), collector)
    title, day = read_headers(headers, collector)
    blocks = _read_body(body, collector, flow)
    document = build_document(list(blocks), collector, title=title)
    return replace(document, title=title or document.title, date_written=day)


def _read_body(body: str, collector: Collector, flow: Flow) -> list[Paragraph]:
    """Return the paragraphs of a body. Lines with a quotation mark before them become quotations."""
    paragraphs: list[Paragraph] = []
    for is_quoted, group in groupby(body.split("\n"), key=_is_quoted):
        lines = [re.sub(r"^(?:>\s?)+", "", line) if is_quoted else line for line in group]
        lines = [line.removeprefix(">") if line.startswith(">From ") else line for line in lines]
        text = "\n".join(lines)
        found = split_paragraphs(text, collector, flow=flow)
        for paragraph in found if is_quoted else ():
            paragraph.is_quote, paragraph.bullet = True, False
        paragraphs += found
    return paragraphs


def _is_quoted(line: str) -> bool:
    # Mailbox files put the mark before a line that begins with “From ”, which no sender typed.
    return line.startswith(">") and not line.startswith(">From ")


# --- the end of a mail


def _split_forwarded(body: str) -> tuple[str, str]:
    """Return the text before a forwarded or an earlier mail, and that mail with its headers."""
    lines = body.split("\n")
    for index, line in enumerate(lines):
        is_marked = bool(FORWARD_MARK.fullmatch(line.strip()))
        start = index + is_marked
        if is_marked:
            following = "\n".join(lines[start : start + MAX_HEADER_LINES]).lstrip("\n")
            is_found = is_mail(following)
        else:
            is_from = FIELD_BY_NAME.get(line.partition(":")[0].strip().lower()) == "from"
            headers = [item for item in lines[index : index + 6] if item.strip()] if is_from else []
            is_found = take_header_lines(headers) > MIN_CERTAIN_HEADERS
        if is_found:
            return "\n".join(lines[:index]), "\n".join(lines[start:]).lstrip("\n")
    return body, ""


def _strip_quoted_end(body: str, collector: Collector) -> str:
    """Cut off an earlier mail that is quoted at the end, with the line that introduces it."""
    lines = body.rstrip().split("\n")
    start = len(lines)
    while start and (lines[start - 1].startswith(">") or not lines[start - 1].strip()):
        start -= 1
    if not any(line.startswith(">") for line in lines[start:]) or not start:
        return body
    first = start
    while first > 0 and lines[first - 1].strip() and start - first < 3:
        first -= 1
    if _ATTRIBUTION_END.search("\n".join(lines[first:start])):
        start = first
    collector.add_remark(RemarkKind.QUOTED_MAIL, "\n".join(lines[start:]))
    return "\n".join(lines[:start])


def _strip_signature(body: str, collector: Collector | None) -> str:
    """Take the lines with addresses and telephone numbers out of the signature.

    Its other lines, such as the name of the sender, end the letter.
    """
    lines = body.split("\n")
    marks = [
        index for index, line in enumerate(lines) if _SIGNATURE_MARK.fullmatch(line.rstrip("\n"))
    ]
    if not marks:
        return body
    kept = []
    for line in lines[marks[-1] + 1 :]:
        if not line.startswith(">") and is_contact(line):
            if collector:
                collector.add_remark(RemarkKind.MAIL_HEADERS, line)
        else:
            kept.append(line)
    if collector is None:
        kept = []
    return "\n".join([*lines[: marks[-1]], "", *kept])


def _is_quoted_printable(body: str) -> bool:
    """Return whether every sign of equality in a text is one of quoted-printable."""
    found = len(_QUOTED_PRINTABLE.findall(body))
    return found > 0 and found == body.count("=") and body.isascii()
