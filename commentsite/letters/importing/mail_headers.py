"""The headers of a mail: those of a message, and those that mail programs write into a text."""

import re
from datetime import date, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from commentsite.letters.importing.word_processors.tree import Collector
from commentsite.letters.remarks import RemarkKind

MAX_HEADER_LINES = 200
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
FIELD_BY_NAME = {name: field for field, names in _FIELDS.items() for name in names.split()}
_HEADER_LINE = re.compile(r"\*?([^\W\d_][\w-]{0,40})\*?\s?:\*?[ \t\u00a0]*(.*)")
_REPLY_PREFIX = re.compile(
    r"\s*(?:re|fwd?|fw|aw|wg|tr|rv|res|sv|vs|vl|odp|ynt|ilt|antw|doorst|r|i|rif|回复|答复|转发|رد)"
    r"(?:\[\d+\])?\s*[:：]\s*",
    re.IGNORECASE,
)
FORWARD_MARK = re.compile(
    r"(?:-{2,}\s*(?:forwarded message|original message|weitergeleitete nachricht|"
    r"ursprüngliche nachricht|message transféré|message d'origine|mensaje reenviado|"
    r"mensaje original|mensagem encaminhada|mensagem original|messaggio inoltrato|"
    r"messaggio originale|пересылаемое сообщение|исходное сообщение)\s*-{2,}"
    r"|begin forwarded message:|anfang der weitergeleiteten nachricht:|"
    r"début du message réexpédié\s*:|_{20,})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")
_TELEPHONE = re.compile(
    r"(?:^|\b(?:tel|phone|mobile?|fax|telefon|tél|cell|тел)\w*\.?:?\s*)\(?\+?\d[\d\s()./-]{6,}$"
    r"|\+\d[\d\s()./-]{7,}",
    re.IGNORECASE,
)
_DAYS = ("%A, %B %d, %Y", "%B %d, %Y", "%d %B %Y", "%d. %B %Y", "%d.%m.%Y", "%Y-%m-%d", "%d %b %Y")


def is_mail(text: str) -> bool:
    """Return whether a text begins with the headers of a mail."""
    headers, _ = split_headers(text)
    fields = {field for field, _ in headers} - {"other"}
    return (
        ("from" in fields and len(fields) > 1)
        or {"subject", "date"} <= fields
        or {"subject", "to"} <= fields
    )


def split_headers(text: str) -> tuple[list[tuple[str, str]], str]:
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
        if match and (match[1].lower() in FIELD_BY_NAME or (headers and "-" in match[1])):
            field = FIELD_BY_NAME.get(match[1].lower(), "other")
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
        field = FIELD_BY_NAME.get(match[1].lower(), "") if match else ""
        if not field:
            break
        fields.add(field)
        count += 1
    return count if "from" in fields and len(fields) > 1 else 0


def is_contact(line: str) -> bool:
    """Return whether a line has a mail address or a telephone number."""
    return bool(_ADDRESS.search(line) or _TELEPHONE.search(line.strip()))


def are_header_lines(lines: list[str]) -> bool:
    """Return whether each of some lines begins with the name of a header field."""
    matches = [_HEADER_LINE.match(line) for line in lines]
    return bool(lines) and all(
        match is not None and match[1].lower() in FIELD_BY_NAME for match in matches
    )


def read_header_lines(lines: list[str], collector: Collector) -> tuple[str, date | None]:
    """Name the header lines in a remark, and return subject and date."""
    headers = [
        (FIELD_BY_NAME.get(match[1].lower(), "other"), (match[2] or "").strip())
        for line in lines
        if (match := _HEADER_LINE.match(line.strip()))
    ]
    return read_headers(headers, collector)


def read_headers(headers: list[tuple[str, str]], collector: Collector) -> tuple[str, date | None]:
    """Return title and date, and name the headers in a remark."""
    name_headers(headers, collector)
    subject = next((value for field, value in headers if field == "subject"), "")
    subject = " ".join(decode_words(subject).split())
    while (match := _REPLY_PREFIX.match(subject)) and match.end() < len(subject):
        subject = subject[match.end() :]
    sent = next((value for field, value in headers if field == "date"), "")
    return subject, _read_day(sent)


def name_headers(headers: list[tuple[str, str]], collector: Collector) -> None:
    for field, value in headers:
        if field != "other" and value:
            words = decode_words(value)
            if field != "subject" or _REPLY_PREFIX.match(words):
                collector.add_remark(RemarkKind.MAIL_HEADERS, f"{field.capitalize()}: {words}")


def decode_words(value: str) -> str:
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
