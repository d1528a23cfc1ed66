"""Read an archive of a mailing list. A thread becomes a letter with comments.

Archives write a line that begins with “From ” as “>From ”. public-inbox writes one more `>` before any number of them,
which can be undone. Other archives do so only for a line without any, which cannot.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import open_file
from commentsite.exchange.importers.records import (
    LeftOut,
    PageStatus,
    ReadOptions,
    Record,
    SourceComment,
    SourcePage,
    SourceStatus,
    TextFormat,
)

MAX_MESSAGE = 20_000_000  # bytes
_SEPARATOR = re.compile(rb"From (?:\S+@\S+|\S+ at \S+|MAILER-DAEMON|-)\s+.*\b\d{4}\s*$")
_HEADER = re.compile(rb"[!-9;-~]+:")
_ENVELOPE_DATE = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}")
_MBOXRD = b"From mboxrd@z "
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_HIDDEN_ADDRESS = re.compile(r"\b(\S+) at (\S+\.\S+)")
_UNCLEAR = "A line begins with “>From”, which the archive also writes for “From”."


@dataclass(slots=True)
class _Threads:
    """The messages of the archive, and what each of them answers."""

    parents: dict[str, list[str]] = field(default_factory=dict)  # the nearest first

    def find_root(self, message_id: str) -> str:
        seen = {message_id}
        while (parent := self.find_parent(message_id)) and parent not in seen:
            seen.add(parent)
            message_id = parent
        return message_id

    def find_parent(self, message_id: str) -> str | None:
        """Return the nearest answered message that the archive has."""
        return next((one for one in self.parents[message_id] if one in self.parents), None)


def read_mbox(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the first message of each thread as a page, and the others as comments. The file is read twice."""
    threads = _Threads()
    for message in _iter_messages(path):
        if message_id := _find_id(message):
            threads.parents.setdefault(message_id, _list_answered(message))
    if not threads.parents:
        msg = "The file is not an archive of mails: it has no message with an id."
        raise Invalid(msg)
    if options.first_message and options.first_message not in threads.parents:
        msg = "The archive has no message %(id)s."
        raise Invalid(msg, id=options.first_message[:100])
    seen: set[str] = set()
    for number, message in enumerate(_iter_messages(path), 1):
        message_id = _find_id(message)
        if not message_id:
            yield LeftOut(f"message {number}", "It has no Message-ID.")
        elif message_id in seen:
            yield LeftOut(message_id, "The archive has this message twice.")
        else:
            seen.add(message_id)
            yield from _read_message(message, message_id, threads, options)


def _read_message(
    message: EmailMessage, message_id: str, threads: _Threads, options: ReadOptions
) -> Iterator[Record]:
    root = threads.find_root(message_id)
    first = options.first_message or root
    if threads.find_root(first) != root:
        return
    moment = _find_time(message)
    if moment is None:
        yield LeftOut(message_id, "It has no date with a time zone.")
        return
    name, address = _find_author(message)
    text, text_format, remarks = _find_text(message)
    if message_id == first:
        yield SourcePage(
            source_id=message_id,
            title=str(message["Subject"] or "").strip() or message_id,
            status=PageStatus.HIDDEN,
            text=text,
            text_format=text_format,
            author=name,
            written_at=moment,
            language=options.language,
        )
        return
    answered = threads.parents[message_id]
    parent = answered[0] if answered else None
    yield SourceComment(
        source_id=message_id,
        page_id=first,
        parent_id=None if parent == first else parent,
        status=SourceStatus.VISIBLE,
        name=name,
        email=address,
        text=text,
        text_format=text_format,
        submitted_at=moment,
        remarks=remarks,
    )


def _iter_messages(path: Path) -> Iterator[EmailMessage]:
    """Yield the messages. A line that begins with “From ” separates two only with an address, a year and headers."""
    with open_file(path) as file:
        lines: list[bytes] = []
        size, separator, waiting = 0, b"", None
        is_after_blank = True
        for line in file:
            if waiting is not None:
                if _HEADER.match(line):
                    if lines:
                        yield _parse(lines, separator)
                    lines, size, separator = [], 0, waiting
                else:
                    lines.append(waiting)
                waiting = None
            if is_after_blank and _SEPARATOR.match(line):
                waiting = line
                is_after_blank = False
                continue
            is_after_blank = not line.strip()
            size += len(line)
            if size > MAX_MESSAGE:
                msg = "A message is larger than 20 MB. The file may not be an archive of mails."
                raise Invalid(msg)
            lines.append(line)
        if lines:
            yield _parse(lines, separator)


def _parse(lines: list[bytes], separator: bytes) -> EmailMessage:
    if lines[-1].strip() == b"":
        lines = lines[:-1]  # the empty line before the next separator
    content = b"".join(lines)
    if separator.startswith(_MBOXRD):
        content = _QUOTED.sub(rb"\1", content)
    message: EmailMessage = message_from_bytes(content, policy=policy.default)
    # The envelope of a message has the date of its delivery in UTC (RFC 4155).
    delivered = _ENVELOPE_DATE.search(separator.decode("ascii", "replace"))
    if delivered and not message["Date"]:
        message["Date"] = format_datetime(
            datetime.strptime(delivered[0], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        )
    return message


def _find_id(message: EmailMessage) -> str:
    found = _MESSAGE_ID.search(str(message["Message-ID"] or ""))
    return found[0] if found else ""


def _list_answered(message: EmailMessage) -> list[str]:
    """Return the ids of the answered messages, the nearest first."""
    direct = _MESSAGE_ID.findall(str(message["In-Reply-To"] or ""))
    references = _MESSAGE_ID.findall(str(message["References"] or ""))
    return list(dict.fromkeys([*direct[:1], *reversed(references)]))


def _find_time(message: EmailMessage) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _find_author(message: EmailMessage) -> tuple[str, str]:
    """Return name and address. Some archives write “name at example.org”, and the name in brackets."""
    raw = next((value for name, value in message.raw_items() if name.lower() == "from"), "")
    decoded = str(make_header(decode_header(str(raw))))
    value = _HIDDEN_ADDRESS.sub(r"\1@\2", " ".join(decoded.split()))
    if bracketed := re.fullmatch(r"(\S+@\S+) \((.+)\)", value.strip()):
        return bracketed[2], bracketed[1]
    if full := re.fullmatch(r"\"?(.*?)\"? *<([^<>]*)>", value.strip()):
        name = full[1] or full[2]
        return name, "" if _is_sent_by_list(message, name, full[2]) else full[2]
    return value.strip(), value.strip() if "@" in value else ""


def _is_sent_by_list(message: EmailMessage, name: str, address: str) -> bool:
    """Return whether a list put its own address in place of the author’s, and “via” and its name behind theirs."""
    recipients = f"{message['To']} {message['List-Post']}".lower()
    return " via " in name and address.lower() in recipients


def _find_text(message: EmailMessage) -> tuple[str, TextFormat, tuple[str, ...]]:
    part = message.get_body(("plain", "html"))
    if part is None:
        return "", TextFormat.PLAIN, ("It has no text.",)
    try:
        text = part.get_content()
    except (LookupError, UnicodeError):
        content = part.get_payload(decode=True)
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    remarks = []
    if others := [
        one.get_filename() or one.get_content_type() for one in message.iter_attachments()
    ]:
        remarks.append(f"Left out: {', '.join(others)}.")
    if part.get_content_subtype() == "html":
        return text, TextFormat.HTML, tuple(remarks)
    if re.search(r"^>From ", text, re.MULTILINE):
        remarks.append(_UNCLEAR)
    return text, TextFormat.PLAIN, tuple(remarks)
