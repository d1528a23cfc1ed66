"""Make a page of the site a file of its own: with its style inside, without scripts and forms."""

import re
from urllib.parse import urljoin

from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from commentsite.exchange.archive.pages import rewrite_page

#: Fonts lie in files of their own. Readers see those of their system instead.
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*url\([^}]*\}")


def make_standalone(page: str, address: str, base_url: str, client: FlaskClient) -> str:
    """Return the page as a file that needs neither a server nor other files.

    Links are complete addresses. `client` reads the stylesheets of the page.
    """
    tree = LexborHTMLParser(page)
    css = ""
    for sheet in tree.css("link[rel='stylesheet']"):
        with client.get(sheet.attributes["href"] or "", base_url=base_url) as answer:
            css += _FONT_FACE.sub("", answer.get_data(as_text=True))
    for node in tree.css("link[rel='stylesheet'], link[rel~='icon'], link[rel~='manifest'], img"):
        node.decompose()
    own = f"{base_url}{address}"
    rewritten = rewrite_page(
        tree.html or page, lambda link: urljoin(own, link) if link else None, ""
    )
    return rewritten.replace("</head>", f"<style>{css}</style></head>", 1)
