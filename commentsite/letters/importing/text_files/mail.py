"""Read a mail: a saved message (.eml), or the text that a mail program saved or printed.

Its subject becomes the title and its date the date of the letter. Names, addresses and telephone
numbers in its headers and its signature are named in remarks only.
"""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import Message
from itertools import groupby

from commentsite.letters.importing.decoding import decode_text
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.mail_headers import (
    FIELD_BY_NAME,
    FORWARD_MARK,
    MAX_INNER_HEADER_LINES,
    count_headers,
    decode_words,
    is_contact,
    is_mail,
    is_mark,
    name_headers,
    read_headers,
    split_headers,
    take_address_lines,
)
from commentsite.letters.importing.markdown.tree import Collector, Paragraph
from commentsite.letters.importing.markdown.writer import build_document
from commentsite.letters.importing.quoted_mail import (
    find_attribution,
    is_informal_attribution,
    take_quoted_mails,
)
from commentsite.letters.importing.text_files.clear_signed import take_signature
from commentsite.letters.importing.text_files.lines import Flow, split_paragraphs
from commentsite.letters.importing.text_files.message_parts import (
    Bodies,
    Body,
    get_text,
    list_bodies,
    read_value,
)
from commentsite.letters.importing.text_files.quoted_printable import decode_quoted_printable
from commentsite.letters.importing.web_page.elements import unwrap_redirect
from commentsite.letters.importing.web_page.reader import read_html_file
from commentsite.letters.remarks import RemarkKind

MAX_FORWARDS = 5
_SIGNATURE_MARK = re.compile(r"--(?: |=20)?")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
_STATED_FORM = re.compile(
    r"^content-transfer-encoding:\s*(?:quoted-printable|base64)|"
    r"^content-type:\s*(?:multipart/|text/html)",
    re.IGNORECASE | re.MULTILINE,
)


def read_eml_file(content: bytes) -> ParsedDocument:
    """Read a message in the format of internet mail (RFC 5322). Raises UnreadableFile."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = decode_text(content)[0].encode()
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if content.startswith(b"From "):  # the line that a mailbox file puts before each message
        content = content.partition(b"\n")[2]
    # The newer policies parse each header, and fail on headers that mail programs show.
    message = message_from_bytes(content, policy=policy.compat32)
    if not message.keys():
        raise UnreadableFile(FileProblem.DAMAGED)
    return _read_message(message, Collector())


def read_mail_text(text: str, collector: Collector) -> ParsedDocument:
    """Read a mail that was saved as text. Its headers may be in the words of a mail program."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    headers, body = split_headers(text)
    if _STATED_FORM.search(text[: len(text) - len(body)]):
        message = message_from_bytes(text.encode(), policy=policy.compat32)
        return _read_message(message, collector, is_decoded=True)
    body = decode_quoted_printable(body, collector)
    return _build(headers, body, collector, Flow.SPACE_STAYS)


def _read_message(
    message: Message, collector: Collector, level: int = 0, *, is_decoded: bool = False
) -> ParsedDocument:
    """Read a message. `is_decoded` tells that its bytes are UTF-8, whatever charset it states."""
    headers = [
        (FIELD_BY_NAME.get(name.lower(), "other"), decode_words(read_value(value)))
        for name, value in message.raw_items()
    ]
    bodies = list_bodies(message, is_decoded=is_decoded)
    if not bodies.has_words() and bodies.messages and level < MAX_FORWARDS:
        name_headers(headers, collector)
        _name_attachments(bodies.attachments, collector)
        for other in bodies.messages[1:]:
            collector.add_remark(RemarkKind.ATTACHMENTS, _describe(other))
        return _read_message(bodies.messages[0], collector, level + 1, is_decoded=is_decoded)
    if problem := _find_unreadable_form(bodies):
        raise UnreadableFile(problem)
    for other in bodies.messages:
        collector.add_remark(RemarkKind.ATTACHMENTS, _describe(other))
    texts, unused = bodies.choose()
    for words in unused:
        collector.add_remark(RemarkKind.ATTACHMENTS, words)
    is_html = any(body.is_html for body in texts)
    pictures = bodies.pictures if is_html else {}
    shown = {id(part) for part in pictures.values()}
    _name_attachments([part for part in bodies.attachments if id(part) not in shown], collector)
    if is_html:
        return _build_from_html(headers, texts, pictures, collector)
    flows = {body.flow for body in texts}
    flow = flows.pop() if len(flows) == 1 else Flow.NONE
    text = "\n\n".join(body.text.strip("\n") for body in texts)
    if flow:  # a line that begins with a space or a quotation mark has a space put before it
        text = re.sub(r"^ ", "", text, flags=re.MULTILINE)
    return _build(headers, text, collector, flow)


def _find_unreadable_form(bodies: Bodies) -> FileProblem | None:
    """Return why a message shows no text here: S/MIME (RFC 8551) or OpenPGP (RFC 3156) hides it."""
    texts = [body.text for forms in bodies.texts for body in forms]
    if any(text.lstrip().startswith(_PGP_MESSAGE) for text in texts):
        return FileProblem.ENCRYPTED_MAIL
    if bodies.has_words():
        return None
    for part in bodies.attachments:
        kind = part.get_content_type().replace("/x-", "/")
        if kind == "application/pgp-encrypted":
            return FileProblem.ENCRYPTED_MAIL
        if kind == "application/pkcs7-mime":
            is_signed = str(part.get_param("smime-type", "")).lower() == "signed-data"
            return FileProblem.WRAPPED_MAIL if is_signed else FileProblem.ENCRYPTED_MAIL
    return None


def _name_attachments(parts: list[Message], collector: Collector) -> None:
    for part in parts:
        words = decode_words(read_value(part.get_filename() or part.get_content_type()))
        if part.get_content_maintype() == "text":
            words = f"{words} {get_text(part)}"
        collector.add_remark(RemarkKind.ATTACHMENTS, words)


def _describe(message: Message) -> str:
    """Return the subject and the words of a message that is attached."""
    texts = [get_text(part) for part in message.walk() if part.get_content_type() == "text/plain"]
    return " ".join(["message/rfc822", decode_words(read_value(message["Subject"] or "")), *texts])


def _build_from_html(
    headers: list[tuple[str, str]],
    bodies: list[Body],
    pictures: dict[str, Message],
    collector: Collector,
) -> ParsedDocument:
    html = "\n".join(body.text if body.is_html else body.to_html() for body in bodies)
    for name, part in pictures.items():
        encoded = "".join(str(part.get_payload()).split())
        if str(part["Content-Transfer-Encoding"] or "").strip().lower() == "base64":
            source = f"data:{part.get_content_type()};base64,{encoded}"
            html = html.replace(f"cid:{name}", source)
    document = read_html_file(html.encode(errors="replace"), "utf-8", is_body=True)
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
    body = take_signature(body, collector)
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
    body = take_address_lines(body, collector)
    body = _strip_quoted_end(body, collector)
    body = _strip_signature(body, collector)
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
    has_words = False
    for index, line in enumerate(lines):
        start = index
        following = lines[index + 1 : index + 1 + MAX_INNER_HEADER_LINES]
        if FORWARD_MARK.fullmatch(line.strip()) or is_mark(line):
            start = index + 1
            is_found = bool(FORWARD_MARK.fullmatch(line.strip()) or is_mail("\n".join(following)))
        elif not has_words and line.strip():
            is_found = count_headers([line, *following]) > 0
        else:
            is_found = bool(line.strip()) and bool(
                count_headers([line, *following], is_certain=True)
            )
        if is_found:
            return "\n".join(lines[:index]), "\n".join(lines[start:]).lstrip("\n")
        has_words = has_words or bool(line.strip())
    return body, ""


def _strip_quoted_end(body: str, collector: Collector) -> str:
    """Leave out the mails that are quoted, with the lines that introduce them.

    Without an address or a time in these lines, it is an earlier mail only at the end. The words of
    the signature can follow it.
    """
    lines, taken = take_quoted_mails(body.split("\n"))
    marks = [index for index, line in enumerate(lines) if _SIGNATURE_MARK.fullmatch(line)]
    for end in (len(lines), *marks[-1:]):
        start = end
        while start and (lines[start - 1].startswith(">") or not lines[start - 1].strip()):
            start -= 1
        if start and any(line.startswith(">") for line in lines[start:end]):
            start = find_attribution(lines, start, is_informal_attribution)
            taken += lines[start:end]
            lines[start:end] = [""]
    if taken:
        collector.add_remark(RemarkKind.QUOTED_MAIL, "\n".join(taken))
    return "\n".join(lines)


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
