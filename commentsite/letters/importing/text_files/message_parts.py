"""The parts of a message: its texts in the order in which they are shown, pictures and files."""

import re
from collections import Counter
from dataclasses import dataclass, field
from email.message import Message
from html import escape

from commentsite.letters.importing.decoding import decode_text, find_stated_encoding
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.markdown.tree import Collector
from commentsite.letters.importing.text_files.lines import Flow, split_paragraphs
from commentsite.letters.importing.web_page.reader import read_html_file

MAX_PARTS = 200
MAX_DEPTH = 20
_WEB_ADDRESS = re.compile(r"<?https?://[^\s<>]+>?|\[cid:[^\]]*\]|\[image:[^\]]*\]")


@dataclass(frozen=True)
class Body:
    """A text of a message."""

    text: str
    is_html: bool = False
    flow: Flow = Flow.NONE

    def to_html(self) -> str:
        """Return a plain text as a piece of a page."""
        paragraphs = split_paragraphs(self.text, Collector(), flow=self.flow)
        return "".join(
            f"<p>{escape(item.text).replace(chr(10), '<br>')}</p>" for item in paragraphs
        )


@dataclass
class Bodies:
    """The texts of a message. Each is a list of the forms among which a reader chooses."""

    texts: list[list[Body]] = field(default_factory=list)
    attachments: list[Message] = field(default_factory=list)
    pictures: dict[str, Message] = field(default_factory=dict)  # by content id
    messages: list[Message] = field(default_factory=list)

    def has_words(self) -> bool:
        return any(_list_words(body) for forms in self.texts for body in forms)

    def choose(self) -> tuple[list[Body], list[str]]:
        """Return one form of each text, and the words that only other forms have.

        The plain form is chosen if it has all words of the formatted one.
        """
        chosen, unused = [], []
        for forms in self.texts:
            plain = [body for body in forms if not body.is_html]
            pages = [body for body in forms if body.is_html]
            if not plain or not pages:
                chosen += (plain or pages)[:1]
                continue
            words = _list_words(plain[0])
            page_words = _list_words(pages[-1])
            if page_words - words:
                chosen.append(pages[-1])
                if words - page_words:
                    unused.append(plain[0].text)
            else:
                chosen.append(plain[0])
        return chosen, unused


def list_bodies(message: Message, *, is_decoded: bool = False) -> Bodies:
    """Return the parts of a message. `is_decoded` tells that its bytes are UTF-8 in every part."""
    bodies = Bodies()
    for forms in _list_forms(message, bodies, is_decoded=is_decoded, depth=0):
        bodies.texts.append(forms)
    return bodies


def _list_forms(part: Message, bodies: Bodies, *, is_decoded: bool, depth: int) -> list[list[Body]]:
    """Return the texts in a part, each in all its forms, and put the other parts into `bodies`."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if kind == "message/rfc822" and isinstance(payload, list) and payload:
        bodies.messages += [item for item in payload if isinstance(item, Message)]
        return []
    if isinstance(payload, list) and depth < MAX_DEPTH:
        children = [
            _list_forms(child, bodies, is_decoded=is_decoded, depth=depth + 1)
            for child in payload[:MAX_PARTS]
            if isinstance(child, Message)
        ]
        if kind != "multipart/alternative":
            return [forms for child in children for forms in child]
        alternatives = [child for child in children if child]
        if all(len(child) == 1 for child in alternatives):
            merged = [body for child in alternatives for body in child[0]]
            return [merged] if merged else []
        return _merge_alternatives(alternatives)
    is_file = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    if kind in {"text/plain", "text/html"} and (depth == 0 or not is_file):
        text = get_text(part, is_decoded=is_decoded)
        return [[Body(text, kind == "text/html", _read_flow(part))]] if text.strip() else []
    if part["Content-ID"] and part.get_content_maintype() == "image":
        bodies.pictures[str(part["Content-ID"]).strip("<> ")] = part
    bodies.attachments.append(part)
    return []


def _merge_alternatives(alternatives: list[list[list[Body]]]) -> list[list[Body]]:
    """Return the alternative that has more words, where one has several texts."""
    return max(
        alternatives,
        key=lambda texts: sum(_list_words(forms[0]).total() for forms in texts),
    )


def get_text(part: Message, *, is_decoded: bool = False) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    transfer = str(part["Content-Transfer-Encoding"] or "").strip().lower()
    charset = _get_charset(part)
    if is_decoded and transfer not in {"quoted-printable", "base64"}:
        charset = "utf-8"
    elif part.get_content_type() == "text/html" and not charset:
        charset = find_stated_encoding(content)
    return decode_text(content, charset)[0].replace("\r\n", "\n").replace("\r", "\n")


def read_value(value: object) -> str:
    """Return a header as text. Bytes that are no ASCII are read as those of a text."""
    content = str(value).encode("utf-8", "surrogateescape")
    try:
        text = decode_text(content)[0]
    except UnreadableFile:
        text = content.decode("utf-8", "replace").replace("\0", "")
    return " ".join(text.split())


def _get_charset(part: Message) -> str:
    try:
        return part.get_content_charset() or ""
    except (LookupError, UnicodeError, ValueError):
        return ""


def _read_flow(part: Message) -> Flow:
    if str(part.get_param("format", "")).lower() != "flowed":
        return Flow.NONE
    deletes_space = str(part.get_param("delsp", "")).lower() == "yes"
    return Flow.SPACE_GOES if deletes_space else Flow.SPACE_STAYS


def _list_words(body: Body) -> Counter[str]:
    """Return the words of a text that a reader sees, without those of addresses."""
    text = body.text
    if body.is_html:
        try:
            document = read_html_file(text.encode(errors="replace"), "utf-8")
        except UnreadableFile:
            return Counter()
        text = "\n".join((document.title, *document.blocks))
        text = re.sub(r"\]\([^)\s]*\)|⟦[^⟧]*⟧", " ", text)
    text = _WEB_ADDRESS.sub(" ", text)
    return Counter(re.findall(r"[^\W_]+", text.casefold()))
