"""Read the pages of a static archive as a browser does that opens them without a server."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

_LINKS = (("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("form", "action"))


def list_pages(root: Path) -> list[Path]:
    return sorted(root.rglob("*.html"))


def parse_page(page: Path):
    return html.document_fromstring(page.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def find_broken_links(root: Path) -> list[str]:
    """Return each link of the archive that leads to no file or to no element of its page."""
    trees = {page.resolve(): parse_page(page) for page in list_pages(root)}
    broken = []
    for page, tree in trees.items():
        for address in _list_links(tree):
            target, fragment = _locate(page, address)
            if not target.is_file() or not target.is_relative_to(root.resolve()):
                broken.append(f"{page.relative_to(root.resolve())}: {address}")
            elif fragment and target in trees and not _has_id(trees[target], fragment):
                broken.append(f"{page.relative_to(root.resolve())}: {address} has no such element")
    return broken


def list_foreign_files(root: Path) -> list[str]:
    """Return the addresses of other sites that a page loads without a click."""
    loads = (("img", "src"), ("script", "src"), ("link", "href"))
    return [
        address
        for page in list_pages(root)
        for tag, attribute in loads
        for node in parse_page(page).iter(tag)
        if node.get("rel") not in {"canonical", "license", "cite-as"}
        and urlsplit(address := node.get(attribute) or "").scheme
    ]


def _list_links(tree) -> list[str]:
    return [
        address
        for tag, attribute in _LINKS
        for node in tree.iter(tag)
        if (address := node.get(attribute)) is not None and not urlsplit(address).scheme
    ]


def _locate(page: Path, address: str) -> tuple[Path, str]:
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return target, unquote(parts.fragment)


def _has_id(tree, fragment: str) -> bool:
    return bool(tree.xpath("//*[@id=$name or @name=$name]", name=fragment))
