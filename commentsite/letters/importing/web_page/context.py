"""The style that an element of a web page inherits and passes on."""

from dataclasses import replace

from selectolax.lexbor import LexborNode

from commentsite.letters.importing.colours import is_unreadable
from commentsite.letters.importing.web_page.elements import unwrap_redirect
from commentsite.letters.importing.web_page.page import Context, Page
from commentsite.letters.importing.web_page.styles import (
    Styles,
    read_background,
    read_colour,
    read_points,
)


def enter_page(page: Page, body: LexborNode, outer: Context) -> Context:
    """Return the context of the body. A dark page without a stated colour of text has one elsewhere."""
    context = enter(page, body, outer)
    is_dark = is_unreadable(context.colour, context.background)
    is_stated = any("color" in page.sheet.get(node) for node in (body, body.parent) if node)
    return replace(context, colour="") if is_dark and not is_stated else context


def enter(page: Page, node: LexborNode, outer: Context, styles: Styles | None = None) -> Context:
    """Return the context of the children of an element."""
    styles = page.sheet.get(node) if styles is None else styles
    tag = node.tag or ""
    weight, slant = styles.get("font-weight", ""), styles.get("font-style", "")
    decoration = styles.get("text-decoration", "") + styles.get("text-decoration-line", "")
    raised = styles.get("vertical-align", "")
    space = styles.get(
        "white-space", "pre" if tag in {"pre", "listing", "xmp", "plaintext"} else ""
    )
    bold = outer.bold or tag in {"b", "strong"}
    if weight:
        bold = weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= 600)
    italic = outer.italic or tag in {"i", "em", "cite", "dfn", "var"}
    if slant:
        italic = slant.startswith(("italic", "oblique"))
    script = outer.script
    if tag in {"sup", "sub"} or raised in {"super", "sub"}:
        script = "sub" if "sub" in {tag, raised} else "super"
    link = outer.link
    if tag == "a" and (address := node.attributes.get("href")):
        link = unwrap_redirect(address.strip())
    return Context(
        bold=bold and not outer.in_heading,
        italic=italic,
        strike=outer.strike or tag in {"s", "del", "strike"} or "line-through" in decoration,
        link=link,
        script=script,
        is_concealed=_is_switched(styles, "visibility", inherited=outer.is_concealed),
        is_left_to_word=_is_switched(styles, "mso-hide", inherited=outer.is_left_to_word),
        colour=_read_text_colour(styles, outer),
        background=read_background(styles, outer.background),
        size=read_points(styles.get("font-size", ""), outer.size),
        keeps_lines=space.startswith(("pre", "break-spaces")) if space else outer.keeps_lines,
        in_quote=outer.in_quote or tag == "blockquote",
        in_caption=outer.in_caption or _is_caption(node),
        in_heading=outer.in_heading,
        list_depth=outer.list_depth,
        depth=outer.depth + 1,
    )


def _is_caption(node: LexborNode) -> bool:
    """Return whether an element is the caption of a picture, also as Word writes it."""
    return node.tag == "figcaption" or "MsoCaption" in (node.attributes.get("class") or "").split()


def _is_switched(styles: Styles, name: str, *, inherited: bool) -> bool:
    """Return whether a property hides text in an element, unless an element in it undoes that."""
    value = styles.get(name, "inherit")
    return inherited if value == "inherit" else value in {"hidden", "collapse", "all"}


def _read_text_colour(styles: Styles, outer: Context) -> str:
    """Return the colour of text, '' if the background is cut out to the shape of the letters."""
    if "text" in {styles.get("background-clip"), styles.get("-webkit-background-clip")}:
        return ""
    colour = read_colour(styles.get("color", ""), outer.colour)
    return read_colour(styles.get("-webkit-text-fill-color", ""), colour)
