"""Read a mail: a saved message (.eml), or the text that a mail program saved or printed.

Its subject becomes the title and its date the date of the letter. Names, addresses and telephone
numbers in its headers and its signature are named in remarks only.
"""

import re
from dataclasses import replace
from datetime import date, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from quopri import decodestring

from commentsite.letters.importing.decoding import decode_text
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.text_files.lines import split_paragraphs
from commentsite.letters.importing.web_page.reader import read_html_file, unwrap_redirect
from commentsite.letters.importing.word_processors.markdown import build_document
from commentsite.letters.importing.word_processors.tree import Collector, Paragraph
from commentsite.letters.remarks import ImportRemark, RemarkKind

MAX_HEADER_LINES = 200
MAX_FORWARDS = 5
# Header fields in the languages of common mail programs.
_FIELDS = {
    "from": "from von de från fra van da от відправник od lähettäjä 差出人 发件人 寄件者 من مرسل",
    "to": "to an à a para till til aan do кому alıcı 宛先 收件人 إلى",
    "cc": "cc bcc kopie kopia копия cci 抄送 نسخة",
    "date": "date sent datum gesendet envoyé enviado fecha data skickat sendt verzonden inviato "
    "дата отправлено wysłano 日時 送信日時 日期 发送时间 التاريخ",
    "subject": "subject betreff objet asunto assunto oggetto ämne emne onderwerp тема temat "
    "件名 主题 主旨 الموضوع",
    "other": "reply-to message-id mime-version content-type content-transfer-encoding received "
    "return-path in-reply-to references x-mailer user-agent importance priority sender "
    "content-language thread-topic thread-index delivered-to dkim-signature list-id organization "
    "attachments anlagen pièces-jointes importance wichtigkeit",
}
_FIELD_BY_NAME = {name: field for field, names in _FIELDS.items() for name in names.split()}
_HEADER_LINE = re.compile(r"\*?([^\W\d_][\w-]{0,40})\*?\s?:\*?(?:[ \t\u00a0]+(.*)|$)")
_REPLY_PREFIX = re.compile(
    r"\s*(?:re|fwd?|fw|aw|wg|tr|rv|res|sv|vs|vl|odp|ynt|ilt|antw|doorst|r|i|rif|回复|答复|转发|رد)"
    r"(?:\[\d+\])?\s*[:：]\s*",
    re.IGNORECASE,
)
_FORWARD_MARK = re.compile(
    r"(?:-{2,}\s*(?:forwarded message|original message|weitergeleitete nachricht|"
    r"ursprüngliche nachricht|message transféré|message d'origine|mensaje reenviado|"
    r"mensaje original|mensagem encaminhada|mensagem original|messaggio inoltrato|"
    r"messaggio originale|пересылаемое сообщение|исходное сообщение)\s*-{2,}"
    r"|begin forwarded message:|anfang der weitergeleiteten nachricht:|"
    r"début du message réexpédié\s*:|_{20,})",
    re.IGNORECASE,
)
_SIGNATURE_MARK = re.compile(r"--(?: |=20)?")
_ATTRIBUTION_END = re.compile(
    r"(?:\d.*|\b(?:wrote|schrieb|écrit|escribió|escreveu|scritto|schreef|skrev|написал\w*)\b.*)"
    r"[:：]\s*$",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")
_TELEPHONE = re.compile(
    r"(?:^|\b(?:tel|phone|mobile?|fax|telefon|tél|cell|тел)\w*\.?:?\s*)\(?\+?\d[\d\s()./-]{6,}$"
    r"|\+\d[\d\s()./-]{7,}",
    re.IGNORECASE,
)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_QUOTED_PRINTABLE = re.compile(r"=(?:[0-9A-F]{2}|\n)")
_DAYS = ("%A, %B %d, %Y", "%B %d, %Y", "%d %B %Y", "%d. %B %Y", "%d.%m.%Y", "%Y-%m-%d", "%d %b %Y")


def is_mail(text: str) -> bool:
    """Return whether a text begins with the headers of a mail."""
    headers, _ = _split_headers(text)
    fields = {field for field, _ in headers} - {"other"}
    return (
        "from" in fields
        and len(fields) > 1
        or {"subject", "date"} <= fields
        or {"subject", "to"} <= fields
    )


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
    headers, body = _split_headers(text)
    raw = text[: len(text) - len(body)]
    if re.search(
        r"^content-transfer-encoding:\s*(quoted-printable|base64)|^content-type:\s*multipart",
        raw,
        re.I | re.M,
    ):
        message = message_from_bytes(text.encode(), policy=policy.default)
        return _read_message(message, collector)
    if _is_quoted_printable(body):
        body = decode_text(decodestring(body.encode()))[0]
    return _build(headers, body, collector, is_flowed=True)


def _read_message(message: EmailMessage, collector: Collector, level: int = 0) -> ParsedDocument:
    headers = [
        (_FIELD_BY_NAME.get(name.lower(), "other"), _decode_words(str(value)))
        for name, value in message.items()
    ]
    parts = [part for part in message.walk() if not part.is_multipart()]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    body = _get_text(plain) if plain is not None else ""
    inner = _find_inner_message(message)
    if inner is not None and not body.strip() and level < MAX_FORWARDS:
        _name_headers(headers, collector)
        return _read_message(inner, collector, level + 1)
    pictures = _collect_pictures(message)
    is_html = html is not None and not body.strip()
    used = [plain] if not is_html else [html, *pictures.values()]
    for part in parts:
        if not any(part is one for one in used) and part is not html and part is not plain:
            collector.add_remark(
                RemarkKind.ATTACHMENTS,
                _decode_words(part.get_filename() or part.get_content_type()),
            )
    if is_html and html is not None:
        return _build_from_html(headers, html, pictures, collector)
    is_flowed = plain is not None and plain.get_param("format", "") == "flowed"
    if is_flowed and plain is not None and str(plain.get_param("delsp", "")).lower() == "yes":
        body = re.sub(r"(?<!^--) \n(?=[^\n])", "", body, flags=re.MULTILINE)
    if is_flowed:  # a line that begins with a space or a quotation mark has a space put before it
        body = re.sub(r"^ ", "", body, flags=re.MULTILINE)
    return _build(headers, body, collector, is_flowed=is_flowed)


def _get_text(part: EmailMessage) -> str:
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
    html: EmailMessage,
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
    title, day = _read_headers(headers, collector)
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
    *,
    is_flowed: bool,
    level: int = 0,
) -> ParsedDocument:
    body = _WEB_ADDRESS.sub(lambda match: unwrap_redirect(match[0]), body.replace("\u00a0", " "))
    outer, inner = _split_forwarded(body)
    if inner and not _strip_signature(outer, None).strip() and level < MAX_FORWARDS:
        _name_headers(headers, collector)
        inner_headers, inner_body = _split_headers(inner)
        if not any(field == "subject" for field, _ in inner_headers):
            inner_headers += [item for item in headers if item[0] == "subject"]
        return _build(inner_headers, inner_body, collector, is_flowed=is_flowed, level=level + 1)
    if inner:
        collector.add_remark(RemarkKind.QUOTED_MAIL, inner)
        body = outer
    body = _strip_quoted_end(_strip_signature(body, collector), collector)
    title, day = _read_headers(headers, collector)
    blocks = _read_body(body, collector, is_flowed=is_flowed)
    document = build_document(list(blocks), collector, title=title)
    return replace(document, title=title or document.title, date_written=day)


def _read_body(body: str, collector: Collector, *, is_flowed: bool) -> list[Paragraph]:
    """Return the paragraphs of a body. Lines with a quotation mark before them become quotations."""
    paragraphs: list[Paragraph] = []
    for is_quoted, lines in _group_quoted(body.split("\n")):
        text = "\n".join(re.sub(r"^(?:>\s?)+", "", line) if is_quoted else line for line in lines)
        for paragraph in split_paragraphs(text, collector, is_flowed=is_flowed):
            paragraphs.append(replace_quote(paragraph) if is_quoted else paragraph)
    return paragraphs


def replace_quote(paragraph: Paragraph) -> Paragraph:
    paragraph.is_quote, paragraph.bullet = True, False
    return paragraph


def _group_quoted(lines: list[str]) -> list[tuple[bool, list[str]]]:
    groups: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_quoted = line.startswith(">") and not line.startswith(">From ")
        line = line.removeprefix(">") if line.startswith(">From ") else line
        if groups and groups[-1][0] == is_quoted:
            groups[-1][1].append(line)
        else:
            groups.append((is_quoted, [line]))
    return groups


# --- headers


def _split_headers(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the headers at the start of a text as (field, value), and the rest of the text.

    Without headers, the list is empty and the rest is the whole text.
    """
    lines = text.lstrip("\ufeff\n\r ").replace("\r\n", "\n").split("\n")
    headers: list[tuple[str, str]] = []
    for index, line in enumerate(lines[:MAX_HEADER_LINES]):
        if not line.strip():
            if headers:
                return headers, "\n".join(lines[index + 1 :])
            break
        match = _HEADER_LINE.match(line)
        if match and (match[1].lower() in _FIELD_BY_NAME or (headers and "-" in match[1])):
            field = _FIELD_BY_NAME.get(match[1].lower(), "other")
            headers.append((field, (match[2] or "").strip()))
        elif headers and (line[0] in " \t" or headers[-1][0] in {"to", "cc"} or match):
            field, value = headers[-1]
            headers[-1] = (field, f"{value} {line.strip()}".strip())
        else:
            break
    else:
        return headers, ""
    return [], text


def take_header_lines(lines: list[str]) -> int:
    """Return how many lines at the start are headers of a mail, 0 if they are not those of a mail."""
    count = 0
    fields = set()
    for line in lines:
        match = _HEADER_LINE.match(line.strip())
        field = _FIELD_BY_NAME.get(match[1].lower(), "") if match else ""
        if not field:
            break
        fields.add(field)
        count += 1
    return count if "from" in fields and len(fields) > 1 else 0


def read_header_lines(lines: list[str], collector: Collector) -> tuple[str, date | None]:
    """Name the header lines in a remark, and return subject and date."""
    headers = []
    for line in lines:
        if match := _HEADER_LINE.match(line.strip()):
            headers.append(
                (_FIELD_BY_NAME.get(match[1].lower(), "other"), (match[2] or "").strip())
            )
    return _read_headers(headers, collector)


def _read_headers(headers: list[tuple[str, str]], collector: Collector) -> tuple[str, date | None]:
    """Return title and date, and name the headers in a remark."""
    _name_headers(headers, collector)
    subject = next((value for field, value in headers if field == "subject"), "")
    subject = " ".join(_decode_words(subject).split())
    while (match := _REPLY_PREFIX.match(subject)) and match.end() < len(subject):
        subject = subject[match.end() :]
    sent = next((value for field, value in headers if field == "date"), "")
    return subject, _read_day(sent)


def _name_headers(headers: list[tuple[str, str]], collector: Collector) -> None:
    for field, value in headers:
        if field != "other" and value:
            words = _decode_words(value)
            if field != "subject" or _REPLY_PREFIX.match(words):
                collector.add_remark(RemarkKind.MAIL_HEADERS, f"{field.capitalize()}: {words}")


def _decode_words(value: str) -> str:
    """Return a header with its encoded words (RFC 2047) decoded."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def _read_day(text: str) -> date | None:
    """Return the day of a date as mail programs write it, or None if it is another form."""
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError):
        pass
    without_time = re.sub(r"[,\s]*(?:at |um |à )?\d{1,2}[:.h]\d{2}.*$", "", text.strip())
    for form in _DAYS:
        for candidate in (without_time, without_time.partition(" ")[2]):
            try:
                return datetime.strptime(candidate.strip(), form).date()  # noqa: DTZ007  # a day only
            except ValueError:
                continue
    return None


# --- the end of a mail


def _split_forwarded(body: str) -> tuple[str, str]:
    """Return the text before a forwarded or an earlier mail, and that mail with its headers."""
    lines = body.split("\n")
    for index, line in enumerate(lines):
        if _FORWARD_MARK.fullmatch(line.strip()):
            rest = "\n".join(lines[index + 1 :]).lstrip("\n")
            if is_mail(rest):
                return "\n".join(lines[:index]), rest
        elif _FIELD_BY_NAME.get((line.partition(":")[0]).strip().lower()) == "from":
            rest = "\n".join(lines[index:])
            if take_header_lines([item for item in lines[index : index + 6] if item.strip()]) > 2:
                return "\n".join(lines[:index]), rest
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
        if not line.startswith(">") and (_ADDRESS.search(line) or _TELEPHONE.search(line.strip())):
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
