"""The headers of a mail: those of a message, and those that mail programs write into a text."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from commentsite.letters.importing.markdown.tree import Collector
from commentsite.letters.remarks import RemarkKind

MAX_HEADER_LINES = 200
MAX_INNER_HEADER_LINES = 40  # of a forwarded or an earlier mail
MAX_LABEL_WORDS = 4
MIN_CERTAIN_HEADERS = 2  # fewer lines with a colon can be the words of a letter
# Lines at the start of a text in which a line with a label and a mail address is left out.
NEAR_TOP = 8
# Header fields in the languages of common mail programs.
_FIELDS = {
    "from": "from|von|de|fra|från|van|da|de la|od|от|від|от кого|lähettäjä|差出人|送信者|发件人|寄件者|"
    "寄件人|보낸 사람|보낸사람|من|مرسل|المرسل|מאת|kimden|gönderen|feladó|από|expeditor|saatja|no|nuo|"
    "šalje|pošiljatelj|odosielateľ|odesílatel|från|remitente|remetente|mittente|expéditeur|absender|"
    "afzender|avsender|afsender|frá|nadawca|отправитель|відправник|प्रेषक|จาก|dari|từ|فرستنده",
    "to": "to|an|à|a|para|per a|till|til|aan|do|komu|pro|кому|до|на|alıcı|kime|宛先|收件人|받는 사람|"
    "받는사람|إلى|אל|címzett|către|catre|προς|vastaanottaja|saaja|kam|kam|za|prima|primatelj|"
    "destinatario|destinatário|destinataire|empfänger|mottaker|modtager|mottagare|odbiorca|"
    "получатель|príjemca|प्रति|ถึง|kepada|đến|به",
    "cc": "cc|bcc|cci|cco|kopie|kopia|kopija|kopio|kópia|kopi|copie|copia|cópia|másolatot kap|másolat|"
    "копия|копія|dw|udw|bilgi|抄送|副本|密件抄送|참조|숨은 참조|עותק|نسخة|κοιν|κοινοποίηση|"
    "สำเนา",
    "date": "date|sent|datum|gesendet|gesendet am|envoyé|envoyé le|enviado|enviado el|enviado em|enviada|"
    "enviada em|enviat|fecha|data|skickat|sendt|sendt den|verzonden|inviato|дата|отправлено|"
    "надіслано|изпратено|wysłano|data wysłania|odesláno|odoslané|dátum|elküldve|küldve|trimis|"
    "dată|poslano|poslato|lähetetty|päivämäärä|saadetud|kuupäev|nosūtīts|išsiųsta|gönderilme|"
    "gönderildi|gönderilme tarihi|tarih|日時|送信日時|日付|日期|发送时间|发送日期|寄件日期|傳送時間|"
    "時間|时间|보낸 날짜|보낸날짜|날짜|التاريخ|تاريخ|تم الإرسال|נשלח|תאריך|στάλθηκε|ημερομηνία|"
    "dikirim|tanggal|ngày|วันที่|तारीख",
    "subject": "subject|betreff|objet|objecte|asunto|assunto|oggetto|ämne|emne|efni|onderwerp|тема|"
    "относно|предмет|temat|předmět|predmet|zadeva|tárgy|subiect|aihe|teema|temats|tema|konu|"
    "件名|主题|主題|主旨|제목|الموضوع|موضوع|נושא|θέμα|subjek|perihal|chủ đề|เรื่อง|विषय",
    "other": "reply-to|message-id|mime-version|content-type|content-transfer-encoding|received|"
    "return-path|in-reply-to|references|x-mailer|user-agent|importance|priority|sender|"
    "content-language|thread-topic|thread-index|delivered-to|dkim-signature|list-id|organization|"
    "attachments|anlagen|pièces-jointes|wichtigkeit",
}
FIELD_BY_NAME = {name: field for field, names in _FIELDS.items() for name in names.split("|")}
_HEADER_LINE = re.compile(
    r"[*_]{0,2}([^\W\d_][^\n:：<>@\"*_/]{0,30}?)[*_]{0,2}[ \u00a0]?[:：](?!//)[*_]{0,2}\s*(.*)"
)
_TECHNICAL_LINE = re.compile(r"((?:[A-Za-z]+-)+[A-Za-z]+):\s*(.*)")
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
    r"début du message réexpédié\s*:)",
    re.IGNORECASE,
)
# The same in any language. Headers have to follow.
_LIKELY_MARK = re.compile(r"[-–—_=]{2,}[^-\n]{3,60}[-–—_=]{2,}|[-_=]{20,}")
ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")
_TELEPHONE = re.compile(
    r"(?:^|\b(?:tel|phone|mobile?|fax|telefon|tél|cell|тел)\w*\.?:?\s*)\(?\+?\d[\d\s()./-]{6,}$"
    r"|\+\d[\d\s()./-]{7,}",
    re.IGNORECASE,
)
_YEAR_OR_TIME = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d{2}\b|[年月日]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
_DAYS = ("%A, %B %d, %Y", "%B %d, %Y", "%d %B %Y", "%d. %B %Y", "%d.%m.%Y", "%Y-%m-%d", "%d %b %Y")


@dataclass(frozen=True)
class Header:
    """A line with a label and a value. `field` is '' if the label is none that is known."""

    label: str
    value: str

    @property
    def field(self) -> str:
        return FIELD_BY_NAME.get(self.label.lower(), "other" if "-" in self.label else "")

    @property
    def has_address(self) -> bool:
        return bool(ADDRESS.search(self.value))


def read_header_line(line: str) -> Header | None:
    """Return the header that a line can be, in any language, or None."""
    line = line.strip().replace("\u00a0", " ").strip("\u200e\u200f\u2068\u2069")
    match = _TECHNICAL_LINE.match(line) or _HEADER_LINE.match(line)
    if not match or len(match[1].split()) > MAX_LABEL_WORDS:
        return None
    return Header(" ".join(match[1].split()), match[2].strip())


def is_mail(text: str) -> bool:
    """Return whether a text begins with the headers of a mail."""
    lines = text.lstrip("\ufeff\n\r ").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines[:MAX_HEADER_LINES]
    return find_headers_at_top(lines)[1] > 0


def find_headers_at_top(lines: list[str], *, can_name_mailbox: bool = True) -> tuple[int, int]:
    """Return the indexes of the first header at the start of a text, and of the line after the last.

    A mark of forwarding can stand before the headers, and the name of a mailbox in a printed mail.
    Both indexes are 0 if the text does not begin with the headers of a mail.
    """
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for position, index in enumerate(filled[:3]):
        before = [lines[i].strip() for i in filled[:position]]
        is_marked = all(map(is_mark, before))
        if is_marked or (can_name_mailbox and len(before) == 1 and _is_mailbox(before[0])):
            count = count_headers(lines[index:], is_certain=not is_marked)
            if count and (is_marked or _has_subject_or_address(lines[index : index + count])):
                return index, index + count
    return 0, 0


def _has_subject_or_address(lines: list[str]) -> bool:
    headers = _read_lines(lines)[0]
    return any(header.field == "subject" or header.has_address for header in headers)


def is_mark(line: str) -> bool:
    """Return whether a line can be the mark before a forwarded mail, in any language."""
    line = line.strip()
    return bool(FORWARD_MARK.fullmatch(line) or _LIKELY_MARK.fullmatch(line))


def _is_mailbox(line: str) -> bool:
    has_letters = any(letter.isalpha() for letter in line)
    is_header = not line.endswith((":", "：")) and read_header_line(line) is not None
    return len(line) <= 60 and has_letters and not is_header


def count_headers(lines: list[str], *, is_certain: bool = False) -> int:
    """Return how many lines at the start are headers of a mail, 0 if they are not those of a mail.

    Headers in a language that is not known are told by their form: lines with a label, one of which
    has a mail address. `is_certain` asks for more, as in the middle of a text, where such lines can
    also be the words of the letter.
    """
    headers, count = _read_lines(lines)
    fields = {header.field for header in headers} - {"other", ""}
    is_known = ("from" in fields and len(fields) > 1) or {"subject"} < fields
    has_address = any(header.has_address for header in headers)
    ends = count >= len(lines) or not lines[count].strip()
    if is_certain:
        known = sum(header.field not in {"other", ""} for header in headers)
        has_time = any(_YEAR_OR_TIME.search(header.value) for header in headers)
        is_known = is_known and known > MIN_CERTAIN_HEADERS
        is_alike = len(headers) > MIN_CERTAIN_HEADERS and has_address and has_time
        is_alike = is_alike and any(line.strip() for line in lines[count:])
        return count if ("from" in fields and is_known) or is_alike else 0
    is_known = is_known and (ends or has_address or len(headers) > MIN_CERTAIN_HEADERS)
    return count if is_known or (len(headers) > 1 and has_address) else 0


def _read_lines(lines: list[str]) -> tuple[list[Header], int]:
    """Return the headers at the start of some lines, and how many lines they have."""
    headers: list[Header] = []
    for index, line in enumerate(lines[:MAX_HEADER_LINES]):
        if not line.strip():
            return headers, index
        header = None if line[0] in " \t" and headers else read_header_line(line)
        if header and (header.field or not _is_body(header)):
            headers.append(header)
        elif headers and _continues(headers[-1], line):
            last = headers[-1]
            headers[-1] = replace(last, value=f"{last.value} {line.strip()}".strip())
        else:
            return headers, index
    return headers, min(len(lines), MAX_HEADER_LINES)


def _is_body(header: Header) -> bool:
    return len(header.value) > 200 and not header.has_address


def _continues(header: Header, line: str) -> bool:
    """Return whether a line without a label goes on with the header before it."""
    return (
        line[0] in " \t"
        or not header.value
        or header.value.endswith((",", ";"))
        or (header.field in {"to", "cc"} and bool(ADDRESS.search(line)))
    )


def split_headers(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the headers at the start of a text as (field, value), and the rest of the text.

    Without headers, the list is empty and the rest is the whole text. Lines before the headers, such
    as a mark of forwarding, belong to them.
    """
    lines = text.lstrip("\ufeff\n\r ").replace("\r\n", "\n").split("\n")
    start, end = find_headers_at_top(lines[:MAX_HEADER_LINES])
    if not end:
        return [], text
    before = [("", line.strip()) for line in lines[:start] if line.strip() and not is_mark(line)]
    headers = [(item.field or item.label, item.value) for item in _read_lines(lines[start:end])[0]]
    rest = lines[end + 1 :] if end < len(lines) and not lines[end].strip() else lines[end:]
    return [*before, *headers], "\n".join(rest)


def take_address_lines(text: str, collector: Collector) -> str:
    """Leave out the lines near the start of a text that have a label and a mail address."""
    lines = text.split("\n")
    seen = 0
    for index, line in enumerate(lines):
        seen += bool(line.strip())
        if seen > NEAR_TOP:
            break
        if is_address_line(line):
            collector.add_remark(RemarkKind.MAIL_HEADERS, line)
            lines[index] = ""
    return "\n".join(lines)


def is_address_line(line: str) -> bool:
    header = read_header_line(line)
    return header is not None and header.has_address and len(line.strip()) <= 200


def is_contact(line: str) -> bool:
    """Return whether a line has a mail address or a telephone number."""
    return bool(ADDRESS.search(line) or _TELEPHONE.search(line.strip()))


def read_header_lines(lines: list[str], collector: Collector) -> tuple[str, date | None]:
    """Name the header lines in a remark, and return subject and date."""
    headers = [(item.field or item.label, item.value) for item in _read_lines(lines)[0]]
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
                label = f"{field[:1].upper()}{field[1:]}: " if field else ""
                collector.add_remark(RemarkKind.MAIL_HEADERS, f"{label}{words}")


def decode_words(value: str) -> str:
    """Return a header with its encoded words (RFC 2047) decoded. Broken ones stay as they are."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, UnicodeError, ValueError):
        return _ENCODED_WORD.sub(lambda match: _decode_word(match[0]), value)


def _decode_word(word: str) -> str:
    try:
        ((content, charset),) = decode_header(word)
        return content.decode(charset or "ascii") if isinstance(content, bytes) else content
    except (MessageError, LookupError, UnicodeError, ValueError):
        return word


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
