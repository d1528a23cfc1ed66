"""Pictures in the Markdown of a letter: `![description](media:HASH)`.

Only pictures that are stored for the letter are shown, and only with a description. Any other
image becomes its description, so that a letter never loads a file from another site.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it.token import Token

from commentsite.text.plain_text import remove_invisible

MEDIA_SCHEME = "media:"
MAX_DESCRIPTION_LENGTH = 1_000
_REFERENCE = re.compile(r"!\[((?:\\.|[^\\\]])*)\]\(media:([0-9a-f]{64})\)", re.DOTALL)
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")


@dataclass(frozen=True)
class Image:
    """Address and size in pixels of a stored picture."""

    address: str
    width: int
    height: int


def format_reference(sha256: str, description: str) -> str:
    """Return the Markdown of a picture. The description is plain text."""
    text = " ".join(description.split())[:MAX_DESCRIPTION_LENGTH]
    escaped = _MARKUP.sub(r"\\\1", text)
    return f"![{escaped}](media:{sha256})"


def list_references(source: str) -> list[str]:
    """List the hashes of the pictures in a text, each once, in order."""
    return list(dict.fromkeys(match[2] for match in _REFERENCE.finditer(source)))


def list_undescribed(source: str) -> list[str]:
    """List the hashes of the pictures without a description, each once, in order."""
    references = _REFERENCE.finditer(source)
    return list(dict.fromkeys(match[2] for match in references if not match[1].strip()))


def add_descriptions(source: str, descriptions: Mapping[str, str]) -> str:
    """Return the text with descriptions, by hash, in the references that have none."""

    def describe(match: re.Match[str]) -> str:
        description = descriptions.get(match[2], "").strip()
        if match[1].strip() or not description:
            return match[0]
        return format_reference(match[2], description)

    return _REFERENCE.sub(describe, source)


def resolve_images(tokens: list[Token], images: Mapping[str, Image]) -> bool:
    """Prepare the images in the tokens of a block. Return False if nothing of the block remains.

    `images` are the stored pictures by hash. A paragraph that has nothing but one picture becomes
    a figure. The lines after a picture in its paragraph are its caption. Without the picture, the
    caption is a block of its own kind, which has no number.
    """
    for opening, text, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "paragraph_open" and not opening.hidden and text.type == "inline":
            _mark_caption(opening, text, closing, images)
    texts = [token for token in tokens if token.children]
    with_images = [t for t in texts if any(child.type == "image" for child in t.children or [])]
    for token in with_images:
        token.children = [
            part for child in token.children or [] for part in _resolve(child, images)
        ]
    for opening, text, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if text in with_images and opening.type == "paragraph_open" and not opening.hidden:
            contents = _list_visible(text)
            if [child.type for child in contents] == ["image"]:
                text.children = contents
                opening.type, opening.tag = "figure_open", "figure"
                closing.type, closing.tag = "figure_close", "figure"
    return not with_images or any(_list_visible(token) for token in texts)


def _mark_caption(opening: Token, text: Token, closing: Token, images: Mapping[str, Image]) -> None:
    """Turn a paragraph of a picture and lines after it into a figure, or into a lone caption."""
    children = text.children or []
    if len(children) < 3 or children[0].type != "image" or "break" not in children[1].type:
        return
    picture, line_break, *caption = children
    address = str(picture.attrGet("src") or "")
    if not address.startswith(MEDIA_SCHEME) or any(part.type == "image" for part in caption):
        return
    has_description = any(part.content.strip() for part in picture.children or [])
    if not has_description or address.removeprefix(MEDIA_SCHEME) not in images:
        opening.type, closing.type, text.children = "caption_open", "caption_close", caption
        return
    opening.type, opening.tag = "figure_open", "figure"
    closing.type, closing.tag = "figure_close", "figure"
    start, end = (
        Token("figcaption_open", "figcaption", 1),
        Token("figcaption_close", "figcaption", -1),
    )
    text.children = [picture, line_break, start, *caption, end]


def _list_visible(token: Token) -> list[Token]:
    return [child for child in token.children or [] if child.content.strip()]


def _resolve(token: Token, images: Mapping[str, Image]) -> list[Token]:
    """Return the tokens that stand for an inline token. An image without a file is its description."""
    if token.type != "image":
        return [token]
    parts = token.children or []
    for part in parts:
        part.content = remove_invisible(part.content)
    description = "".join(" " if "break" in part.type else part.content for part in parts)
    title = remove_invisible(str(token.attrGet("title") or "")).strip()
    if title:
        parts = [*parts, Token("text", "", 0, content=f' "{title}"')]
        description = f'{description} "{title}"'
    address = str(token.attrGet("src") or "")
    image = images.get(address.removeprefix(MEDIA_SCHEME))
    if image is None or not address.startswith(MEDIA_SCHEME) or not description.strip():
        return parts
    token.children, token.content = parts, description
    token.attrs = {
        "src": image.address,
        "alt": "",  # the renderer fills it in
        "width": image.width,
        "height": image.height,
        "loading": "lazy",
    }
    return [token]
