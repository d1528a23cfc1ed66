"""Read pages as a browser or a reader would."""

import re
from html.parser import HTMLParser

#: The classes of drawings of the program itself.
OWN_DRAWINGS = {"swatch", "columns"}


class ActiveContentFinder(HTMLParser):
    """Collect what a browser would run: event handlers, inline scripts, and SVG that the program did not draw."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [name for name, _ in attrs if name.startswith("on")]
        is_data = dict(attrs).get("type") == "application/ld+json"  # read by machines, never run
        is_foreign_drawing = tag == "svg" and dict(attrs).get("class") not in OWN_DRAWINGS
        if is_foreign_drawing or (tag == "script" and "src" not in dict(attrs) and not is_data):
            self.found.append(tag)


def is_inert(page: str) -> bool:
    parser = ActiveContentFinder()
    parser.feed(page)
    return not parser.found


def visible_text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def paragraph_ids(page: str) -> list[str]:
    return re.findall(r'class="para" id="([^"]+)"', page)


def held_reasons(page: str) -> str:
    """Return the text of a case that says why the comment is held, "" where the case has none."""
    line = re.search(r'<p class="held">.*?</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", line[0]).split()) if line else ""
