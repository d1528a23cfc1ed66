"""Convert HTML and Word files to Markdown.

Headings, lists, tables, quotations, footnotes and links are converted. Pictures, scripts and
styles are left out. Files come from outside, so limits are checked before anything is unpacked,
and the HTML passes an allow-list before it is converted.
"""

import io
import re
import zipfile
import zlib

import nh3

from commentsite.letters.importing.errors import UnreadableFile

MAX_UNPACKED_BYTES = 50_000_000
MAX_PACKAGE_PARTS = 2_000
MAX_HTML_LENGTH = 2_000_000
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code"),
    *("ul", "ol", "li", "em", "strong", "b", "i", "s", "del", "a", "sup", "div"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_TAGS_REMOVED_WITH_CONTENT = {
    "script",
    "style",
    "title",
    "head",
    "nav",
    "form",
    "iframe",
    "svg",
    "template",
}
_DOCX_STYLE_MAP = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote:fresh > p:fresh
p[style-name='Intense Quote'] => blockquote:fresh > p:fresh
p[style-name='Block Text'] => blockquote:fresh > p:fresh
p[style-name='Signature'] => p:fresh
"""
_FOOTNOTE_MARK = re.compile(
    r'<sup><a href="#(?:foot|end)note-(\d+)" id="(?:foot|end)note-ref-\d+">\[\d+\]</a></sup>'
)
_FOOTNOTE = re.compile(r'<li id="(?:foot|end)note-(\d+)">(.*?)</li>', re.DOTALL)
_FOOTNOTE_BACKLINK = re.compile(r'<a href="#(?:foot|end)note-ref-\d+">.</a>')
_FIRST_HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
_TITLE_TAG = re.compile(r"<title[^>]{0,200}>", re.IGNORECASE)
_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)


def html_to_markdown(text: str) -> tuple[str, str]:
    """Return title and Markdown. The title is the first h1, or else the title element, or ''.

    Raises UnreadableFile on a text that is too large or nested too deeply.
    """
    if len(text) > MAX_HTML_LENGTH:
        raise UnreadableFile
    try:
        return _convert_html(text)
    except (RecursionError, ValueError) as problem:
        raise UnreadableFile from problem


def _convert_html(text: str) -> tuple[str, str]:
    title_element = _get_title_element(text)  # before the allow-list removes it
    html = nh3.clean(
        text,
        tags=_TAGS,
        attributes={"a": {"href", "id"}, "ol": {"start"}, "li": {"id"}},
        clean_content_tags=_TAGS_REMOVED_WITH_CONTENT,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    heading = _FIRST_HEADING.search(html)
    if heading:
        html = html[: heading.start()] + html[heading.end() :]
    title = _to_plain_text(heading[1] if heading else title_element)
    html, notes = _extract_footnotes(html)
    return title, "\n\n".join([_to_markdown(html), *notes])


def docx_to_markdown(content: bytes) -> tuple[str, str, int]:
    """Return title, Markdown and the number of pictures left out. Raises UnreadableFile."""
    import mammoth  # noqa: PLC0415  # only importers need it, and it slows every start

    _check_package(content)
    pictures = 0

    def leave_out(_image: object) -> dict[str, str]:
        nonlocal pictures
        pictures += 1
        return {}

    try:
        converted = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_DOCX_STYLE_MAP,
            convert_image=mammoth.images.img_element(leave_out),
        )
    except Exception as problem:  # mammoth raises errors of any type on a damaged file
        raise UnreadableFile from problem
    title, text = html_to_markdown(converted.value)
    return title, text, pictures


def _check_package(content: bytes) -> None:
    """Raise UnreadableFile on a file that is no Word document, or one made to exhaust memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if (
                len(parts) > MAX_PACKAGE_PARTS
                or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES
            ):
                raise UnreadableFile
            names = {part.filename for part in parts}
            if "word/document.xml" not in names or "[Content_Types].xml" not in names:
                raise UnreadableFile
            for part in parts:  # nested entities can expand a small XML file to gigabytes
                if part.filename.endswith((".xml", ".rels")) and b"<!ENTITY" in package.read(part):
                    raise UnreadableFile
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as problem:
        raise UnreadableFile from problem


def _get_title_element(text: str) -> str:
    opens = _TITLE_TAG.search(text)
    closes = text.lower().find("</title", opens.end()) if opens else -1
    return text[opens.end() : closes] if opens and closes >= 0 else ""


def _extract_footnotes(html: str) -> tuple[str, list[str]]:
    """Return the HTML with Markdown footnote marks, and the footnotes of the list at its end.

    The patterns match the HTML that mammoth writes.
    """
    start = max(html.rfind('<ol><li id="footnote-'), html.rfind('<ol><li id="endnote-'))
    if start < 0 or not html.rstrip().endswith("</ol>"):
        return html, []
    notes = [
        f"[^{number}]: " + " ".join(_to_markdown(_FOOTNOTE_BACKLINK.sub("", note)).split())
        for number, note in _FOOTNOTE.findall(html[start:])
    ]
    return _FOOTNOTE_MARK.sub(r"[^\1]", html[:start]), notes


def _to_markdown(html: str) -> str:
    from markdownify import markdownify  # noqa: PLC0415  # takes 0.1 s that most starts can save

    text = markdownify(
        _COMMENTS.sub("", html),
        heading_style="ATX",
        bullets="-",
        newline_style="backslash",
        escape_misc=False,
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _to_plain_text(html: str) -> str:
    return " ".join(_to_markdown(nh3.clean(html, tags=set())).replace("\\", "").split())
