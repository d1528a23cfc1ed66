"""Rewrite public pages for an archive: relative links, no forms, and no scripts."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Parts of a page that need a server.
_REMOVED = (
    "form:not([data-archive]), script:not([type='application/ld+json']), section#leave, a.reply, a.report, "
    "a[href$='#leave'], a[hreflang][rel~='alternate'], nav.languages, .skip-to-form, "
    "link[rel~='alternate'][hreflang], link[type='application/json+oembed'], "
    "link[rel~='preload'], link[rel~='modulepreload'], link[rel~='search'], meta[http-equiv='refresh']"
)
_LINKS = (("a", "href"), ("link", "href"), ("img", "src"), ("source", "src"))
_ABSOLUTE_RELATIONS = frozenset({"canonical", "cite-as", "license"})
#: Returns the link to an address from the page that is rewritten, or None if the archive does not hold it.
Resolve = Callable[[str], str | None]


def list_links(html: str) -> Iterator[str]:
    """Yield the addresses that a page links to and the files that it shows, except those of its forms."""
    tree = LexborHTMLParser(html)
    _remove(tree)
    for node, attribute in _iter_links(tree):
        yield node.attributes[attribute] or ""


def rewrite_page(html: str, resolve: Resolve, banner: str) -> str:
    """Return a page whose links lead to files. `banner` is HTML that says that this is an archive.

    A link whose target the archive does not hold becomes plain text.
    """
    tree = LexborHTMLParser(html)
    _remove(tree)
    for node, attribute in list(_iter_links(tree)):
        address = node.attributes[attribute] or ""
        target = resolve(address)
        if target is not None:
            node.attrs[attribute] = target
        elif node.tag == "a":
            node.unwrap()
        else:
            node.decompose()
    rewritten = tree.html or ""
    return rewritten.replace("<main", f"{banner}<main", 1)


def _remove(tree: LexborHTMLParser) -> None:
    for node in tree.css(_REMOVED):
        node.decompose()


def _iter_links(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    for tag, attribute in _LINKS:
        for node in tree.css(f"{tag}[{attribute}]"):
            relations = set((node.attributes.get("rel") or "").split())
            address = node.attributes[attribute] or ""
            is_web = urlsplit(address).scheme in {"", "http", "https"}
            if is_web and not address.startswith("#") and not relations & _ABSOLUTE_RELATIONS:
                yield node, attribute
