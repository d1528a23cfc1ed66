"""Read a letter from a file: Markdown, plain text, a web page, a mail or a word processor's document.

The content decides which reader takes the file, and its name where the content leaves it open.
Every reader but that of Markdown runs in a child process with limits, and gives a ParsedDocument:
blocks of Markdown, a title, and remarks about all that is not in the blocks.

- Markdown: the front matter becomes the metadata, and the rest is the text as it stands. Without
  a title in the front matter, the first heading is the title, if nothing stands before it.
- Plain text: the first line is the title. The rest is escaped, so that it renders as typed.
- Mail: the subject is the title. Headers are named in a remark and never become public.
- Other documents: a heading that nothing stands before is the title, or else the title in the
  properties of the document, or else a short first line.

The comment form of a web page that was copied along with a letter is dropped. Sentences before the
salutation that speak about the letter become the editor's note. Remarks tell the editor about both.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from commentsite.errors import Invalid
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.decoding import decode_text
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.front_matter import read_front_matter
from commentsite.letters.importing.language import detect_language
from commentsite.letters.importing.mail_headers import is_mail
from commentsite.letters.importing.signatures import HTML_START, OLE_SIGNATURE, RTF_START
from commentsite.letters.importing.text_files.mail import read_eml_file
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.importing.web_page.reader import read_html_file
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.language_tags import normalise_language
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.text.plain_text import clean_multiline, clean_single_line
from commentsite.text.sentences import ends_sentence

MAX_FILE_BYTES = 2_000_000
MAX_DOCUMENT_BYTES = 10_000_000  # of formats that hold pictures
MAX_TITLE_LENGTH = 200  # of a first line that can be a title
MIN_UNSURE_LENGTH = 200  # characters; of a shorter text, no language needs to be found
_MARKDOWN = {"md", "markdown", "mdown", "mkd"}
_WEB_PAGES = {"html", "htm", "xhtml"}
_WORD_PROCESSORS = {"docx", "docm", "dotx", "odt", "ott", "fodt", "rtf"}
_READERS: dict[str, Callable[[bytes], ParsedDocument]] = {
    **dict.fromkeys(_WORD_PROCESSORS, read_word_document),
    **dict.fromkeys(_WEB_PAGES, read_html_file),
    **dict.fromkeys(("txt", "text"), read_plain_text),
    "eml": read_eml_file,
}
_WITH_PICTURES = {*_WORD_PROCESSORS, *_WEB_PAGES, "eml", "doc"}
_OTHER_TYPES = {
    "pdf": "%(name)s is a PDF file. Its lines and columns cannot be told apart safely. Choose the document it was made from, or save its text as .txt, for example with pdftotext.",
    "doc": "%(name)s is in the old Word format. Open it in Word or LibreOffice, save it as .docx and choose that file.",
    "msg": "%(name)s is a message in Outlook’s own format. Save it in Outlook as “Text only” or .eml and choose that file.",
    "mht": "%(name)s is a web archive. Open it in a browser or in Word, save it as .html or .docx and choose that file.",
    "pages": "%(name)s is a Pages document. Export it in Pages as a Word file and choose that file.",
    "zip": "%(name)s is an archive of several files. Unpack it, and choose the file with the letter.",
    "image": "%(name)s is a picture. Choose a file with the text of the letter.",
}
_ALIASES = {"mhtml": "mht", "xps": "pdf", "gdoc": "zip", "7z": "zip"}
_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
)
_PAGE_BOILERPLATE = re.compile(r"^leave a (comment|reply)$", re.IGNORECASE)
_SALUTATION = re.compile(
    r"^\W*(dear|to |hello|hi |greetings|your excellenc|chère?s?|mesdames|madame|monsieur|messieurs|bonjour|"
    r"estimad|querid|apreciad|muy señor|sehr geehrte|liebe|guten tag|prezad|caro|cara |exm|senhor|"
    r"egregi|gentil|spett|geachte|beste|kära|hej|kære|szanown|drodzy|vážen|уважаем|дорогие|шановн|"
    r"السادة|السيد|سعادة|الزملاء|عزيز|أعزائي|尊敬|亲爱|各位|拝啓|प्रिय|आदरणीय|αγαπητ|αξιότιμ|say[ıi]n)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\[\^(\d{1,5})\]")
_PERSONAL = re.compile(r"\S@\S|\+?\d[\d\s()./-]{6,}\d|https?://|www\.", re.IGNORECASE)
MIN_NOTE_LENGTH = 40  # characters of a sentence that can speak about the letter
MAX_NOTE_BLOCKS = 3


def read_letter_file(
    filename: str, content: bytes, default_title: str = "", *, detects_language: bool = True
) -> LetterDraft:
    """Read a file in any of the formats above. `default_title` is for a file without a title.

    Pass `detects_language=False` where the language is known: its detection takes most of the time.

    Raises Invalid, with a sentence that says what to do, on a file that is too large, empty, damaged
    or of another type. Raises Busy when too many files are being read at the moment.
    """
    extension = filename.lower().rpartition(".")[2]
    limit = MAX_DOCUMENT_BYTES if extension in _WITH_PICTURES else MAX_FILE_BYTES
    if len(content) > limit:
        msg = "%(name)s has %(size)d kB. Choose a file of at most %(limit)d kB."
        raise Invalid(msg, name=filename, size=len(content) // 1000, limit=limit // 1000)
    if not content.strip():
        msg = "%(name)s is empty. Choose another file, or enter the text of the letter."
        raise Invalid(msg, name=filename)
    try:
        draft = _read(
            filename, extension, content, default_title, detects_language=detects_language
        )
    except UnreadableFile as problem:
        raise Invalid(problem.message, name=filename) from None
    return replace(
        draft,
        title=clean_single_line(draft.title)[:300],
        source_text=clean_multiline(draft.source_text),
        original=content,
        original_name=clean_single_line(filename)[-200:],
    )


def _read(
    filename: str, extension: str, content: bytes, default_title: str, *, detects_language: bool
) -> LetterDraft:
    reader = _choose_reader(filename, extension, content)
    if reader is None:
        text, guessed_encoding = decode_text(content)
        draft = read_front_matter(filename, clean_multiline(text), default_title)
        if guessed_encoding:
            remark = ImportRemark(RemarkKind.ENCODING, words=guessed_encoding)
            draft = replace(draft, remarks=(*draft.remarks, remark))
    else:
        document = run_bounded(reader, content)
        draft = _build_draft(filename, document, default_title, is_mail=reader is read_eml_file)
    detected = detect_language(_get_words(draft)) if detects_language else ""
    remarks = draft.remarks
    if not draft.language and not detected and len(draft.source_text) >= MIN_UNSURE_LENGTH:
        remarks = (*remarks, ImportRemark(RemarkKind.LANGUAGE))
    return replace(draft, detected_language=detected, remarks=remarks)


def _choose_reader(
    filename: str, extension: str, content: bytes
) -> Callable[[bytes], ParsedDocument] | None:
    """Return the reader for a file, None for Markdown. Raises Invalid on a type that has none."""
    kind = _find_kind(_ALIASES.get(extension, extension), content)
    if kind in _READERS:
        return _READERS[kind]
    if kind in _MARKDOWN:
        return read_plain_text if is_mail(decode_text(content[:20_000])[0]) else None
    msg = _OTHER_TYPES.get(
        kind,
        "Files like %(name)s cannot be read here. Choose a .docx, .odt, .rtf, .md, .txt, .html or .eml file.",
    )
    raise Invalid(msg, name=filename)


def _find_kind(kind: str, content: bytes) -> str:
    """Return the kind of a file, from its first bytes if they tell, and else from its extension."""
    for start, found in _SIGNATURES:
        if content.startswith(start) and kind not in _MARKDOWN:
            return found
    if kind in {"doc", "eml"} and _is_web_archive(content):
        return "mht"
    if content.startswith(b"PK\x03\x04") and kind != "pages":
        return "docx"
    if content.startswith(OLE_SIGNATURE) and kind not in {"doc", "msg"}:
        return "docx"  # with a password, which the reader of Word files names as the problem
    if content.lstrip().startswith(RTF_START):
        return "rtf"
    is_page = kind in {"doc", "txt", "eml"} and HTML_START.match(content)
    return "html" if is_page else kind


def _is_web_archive(content: bytes) -> bool:
    head = content[:3_000].lower()
    return b"mime-version:" in head and (
        b"snapshot-content-location:" in head
        or (b"multipart/related" in head and b"from:" not in head)
    )


def _get_words(draft: LetterDraft) -> str:
    """Return the words of title and text without Markdown, as far as detection needs them."""
    blocks = parse_blocks(draft.source_text[:20_000])
    return "\n".join([draft.title, *(block.text for block in blocks)])


def _build_draft(
    filename: str, document: ParsedDocument, default_title: str, *, is_mail: bool
) -> LetterDraft:
    blocks = [unicodedata.normalize("NFC", block) for block in document.blocks if block.strip()]
    title, blocks = _choose_title(filename, document.title, blocks, default_title, is_mail=is_mail)
    remarks = list(document.remarks)
    title, blocks = _take_notes_of_title(title, blocks, remarks)
    blocks = _strip_boilerplate(blocks, remarks)
    note = _take_note_before_salutation(blocks, remarks)
    if not blocks:
        msg = "%(name)s has a title but no text. Add the text of the letter."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title,
        source_text="\n\n".join(blocks) + "\n",
        date_written=document.date_written,
        editors_note=note,
        language=normalise_language(document.language),
        remarks=tuple(remarks),
        pictures=document.pictures,
    )


def _choose_title(
    filename: str, title: str, blocks: list[str], default_title: str, *, is_mail: bool
) -> tuple[str, list[str]]:
    """Return title and blocks. A short first line becomes a missing title. Raises Invalid without one.

    A first line that other short lines follow is the head of a letter: its sender, its place.
    """
    if title.strip():
        repeats = _get_text(blocks, 0) == clean_single_line(title)
        return title, blocks[1:] if repeats else blocks
    if is_mail and not default_title:
        msg = "%(name)s has no subject, which would be the title. Enter the title too, or add a line “Subject: …” at the top of the file."
        raise Invalid(msg, field="title", name=filename)
    first, second = (_get_text(blocks, index) for index in (0, 1))
    is_title = (
        not is_mail
        and 0 < len(first) <= MAX_TITLE_LENGTH
        and "\n" not in first
        and not _SALUTATION.match(first)
        and not _PERSONAL.search(first)
        and (not _is_short_line(second) or bool(_SALUTATION.match(second)))
    )
    if not is_title and default_title:
        return default_title, blocks
    if not is_title:
        msg = "%(name)s has no title. Enter the title too, or give the first line of the file the style “Title” or “Heading 1”."
        raise Invalid(msg, field="title", name=filename)
    return first, blocks[1:]


def _take_notes_of_title(
    title: str, blocks: list[str], remarks: list[ImportRemark]
) -> tuple[str, list[str]]:
    """Remove references to notes from a title, which has no place for them, and name the notes."""
    notes = [number for number in _REFERENCE.findall(title) if _find_note(blocks, number)]
    for number in notes:
        note = _find_note(blocks, number)
        title = title.replace(f"[^{number}]", "")
        words = "\n".join(block.text for block in parse_blocks(note.partition(":")[2].strip()))
        remarks.append(ImportRemark(RemarkKind.OTHER, words=words))
        rest = [block for block in blocks if block != note]
        if not any(f"[^{number}]" in block for block in rest):
            blocks = rest
    return title.strip(), blocks


def _find_note(blocks: list[str], number: str) -> str:
    return next((block for block in blocks if block.startswith(f"[^{number}]:")), "")


def _get_text(blocks: list[str], index: int) -> str:
    """Return the text of a paragraph or heading, '' if the block at the index is another thing."""
    parsed = parse_blocks(blocks[index]) if index < len(blocks) else []
    is_line = len(parsed) == 1 and not re.match(r"[-|>]|\[\^", blocks[index])
    return parsed[0].text.strip() if is_line else ""


def _is_short_line(text: str) -> bool:
    return 0 < len(text) <= MAX_TITLE_LENGTH // 2 and not ends_sentence(text.rstrip("\\*_"))


def _strip_boilerplate(blocks: list[str], remarks: list[ImportRemark]) -> list[str]:
    """Cut off a comment form that was copied from a web page along with the letter.

    Only the last four blocks are searched: a letter may quote the phrase earlier.
    """
    for index in range(max(0, len(blocks) - 4), len(blocks)):
        if _PAGE_BOILERPLATE.match(blocks[index].splitlines()[0].strip("#*_ ")):
            words = "\n".join(block.text for block in parse_blocks("\n\n".join(blocks[index:])))
            remarks.append(ImportRemark(RemarkKind.PAGE_FURNITURE, words=words))
            return blocks[:index]
    return blocks


def _take_note_before_salutation(blocks: list[str], remarks: list[ImportRemark]) -> str:
    """Remove sentences before a salutation and return them as the editor's note.

    Only whole sentences about the letter are moved. Lines of a letterhead stay in the letter, and
    nothing with an address or a telephone number becomes a note.
    """
    for index in range(1, min(MAX_NOTE_BLOCKS + 1, len(blocks))):
        if not (_SALUTATION.match(blocks[index]) and len(blocks[index]) <= 80):
            continue
        texts = [_get_text(blocks, before) for before in range(index)]
        if all(
            len(text) >= MIN_NOTE_LENGTH
            and ends_sentence(text.rstrip("\\*_"))
            and not _PERSONAL.search(text)
            for text in texts
        ):
            note = "\n\n".join(texts)
            del blocks[:index]
            remarks.append(ImportRemark(RemarkKind.MOVED_TO_NOTE, len(texts), "\n".join(texts)))
            return note
        return ""
    return ""
