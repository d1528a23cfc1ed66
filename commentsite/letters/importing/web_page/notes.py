"""Find the footnotes and the reviewers' comments of a web page by the links between mark and text."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_MARK_LENGTH = 12  # of a mark such as [1], [iv] or *
_COMMENT = re.compile(r"cmnt\d|_msocom_|_com_|comment-anchor", re.IGNORECASE)
_NOTE = re.compile(
    r"(?:_?ftn|_?edn|ftnt|fn|footnote|endnote|sdfootnote|sdendnote|cite_note|user-content-fn|note)"
    r"[-_:.]?\w*\d",
    re.IGNORECASE,
)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {"p", "div", "li", "td", "aside", "dd", "section", "body"}


@dataclass
class Notes:
    """Elements by `mem_id`."""

    containers_by_mark: dict[int, LexborNode] = field(default_factory=dict)
    note_containers: dict[int, LexborNode] = field(default_factory=dict)
    back_links: set[int] = field(default_factory=set)
    comments: dict[int, LexborNode] = field(default_factory=dict)
    comment_marks: set[int] = field(default_factory=set)


def find_notes(page: LexborHTMLParser) -> Notes:
    notes = Notes()
    targets = _collect_targets(page)
    positions = {node.mem_id: index for index, node in enumerate(page.css("[href], [id], [name]"))}
    links = page.css('a[href^="#"]')
    linked = {(link.attributes["href"] or "")[1:] for link in links}
    for link in links:
        name = (link.attributes["href"] or "")[1:]
        classes = link.attributes.get("class") or ""
        target = targets.get(name)
        if _COMMENT.match(name) or "msocomanchor" in classes:
            notes.comment_marks.add(link.mem_id)
            if target is not None and _COMMENT.match(name):
                container = _find_container(target, link, linked)
                notes.comments[container.mem_id] = container
        elif target is not None and _is_mark(link):
            if positions[target.mem_id] <= positions[link.mem_id]:
                continue  # a link from the text of a note back to its mark
            container = _find_container(target, link, linked)
            back_links = _find_back_links(container, link)
            if container.tag in _HEADINGS or not (back_links or _NOTE.match(name)):
                continue
            notes.containers_by_mark[link.mem_id] = container
            notes.note_containers[container.mem_id] = container
            notes.back_links |= {back.mem_id for back in back_links} | {target.mem_id}
            notes.back_links.discard(container.mem_id)
    for node in page.css('.msocomtxt, [id^="_com_"]'):
        notes.comments[node.mem_id] = node
    return notes


def _collect_targets(page: LexborHTMLParser) -> dict[str, LexborNode]:
    targets: dict[str, LexborNode] = {}
    for node in page.css("[id], [name]"):
        for name in (node.attributes.get("id"), node.attributes.get("name")):
            if name:
                targets.setdefault(name, node)
    return targets


def _is_mark(link: LexborNode) -> bool:
    text = (link.text() or "").strip()
    return 0 < len(text) <= MAX_MARK_LENGTH and " " not in text


def _find_container(target: LexborNode, mark: LexborNode, linked: set[str]) -> LexborNode:
    """Return the element that holds the text of one note: a paragraph, or a section around several."""
    node = target
    while node.tag not in _BLOCKS | _HEADINGS and node.parent is not None:
        node = node.parent
    while node.tag == "p" and (parent := node.parent) is not None and parent.tag in {"div", "li"}:
        if _holds(parent, mark) or _count_targets(parent, linked) > 1 or parent.css_first("hr"):
            break
        node = parent
    return node


def _holds(node: LexborNode, descendant: LexborNode) -> bool:
    parent = descendant.parent
    while parent is not None:
        if parent.mem_id == node.mem_id:
            return True
        parent = parent.parent
    return False


def _count_targets(node: LexborNode, linked: set[str]) -> int:
    names = {
        name
        for item in node.css("[id], [name]")
        for name in (item.attributes.get("id"), item.attributes.get("name"))
    }
    return len(names & linked)


def _find_back_links(container: LexborNode, mark: LexborNode) -> list[LexborNode]:
    """Return the links in a note that lead back to its mark, or to an element around the mark."""
    names = set()
    node: LexborNode | None = mark
    for _ in range(3):
        if node is None:
            break
        names |= {node.attributes.get("id"), node.attributes.get("name")}
        node = node.parent
    if container.mem_id == mark.mem_id:
        return []
    return [
        link
        for link in container.css('a[href^="#"]')
        if (link.attributes["href"] or "")[1:] in names
    ]
