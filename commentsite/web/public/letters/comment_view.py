"""The comments on a letter's page, each a cached fragment under the values that it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from commentsite.comments.campaigns.queries import DuplicateCount
from commentsite.comments.threads.anchors import Anchor
from commentsite.comments.threads.queries import CommentRow
from commentsite.comments.threads.tree import ThreadNode, walk_nodes
from commentsite.site.rulebook import Clause
from commentsite.web.caching.fragments import Fragment, cached_fragment, load_macro
from commentsite.web.rendering.filters import group_label
from commentsite.web.rendering.jsonld import comment_as_data


class LetterRef(NamedTuple):
    """The values of its letter that a comment shows."""

    slug: str
    version_number: int


class ParentRef(NamedTuple):
    """The comment that a comment answers. The name is empty if that comment is no longer published."""

    id: int
    name: str


class CommentValues(NamedTuple):
    """Every value that the HTML of a comment shows, without its answers. This is the key of its fragment."""

    comment: CommentRow
    letter: LetterRef
    is_open: bool
    anchors: tuple[Anchor, ...]
    clause: Clause | None  # the rule under which it was removed
    fold: DuplicateCount | None  # duplicates that it represents
    parent: ParentRef | None  # only where the parent does not stand directly above


@dataclass(frozen=True)
class ThreadContext:
    """Values that the comments of a page need besides themselves. The dicts are by comment id."""

    letter: LetterRef
    is_open: bool
    anchors: dict[int, list[Anchor]]
    clauses: dict[int, Clause]
    folds: dict[int, DuplicateCount]


class CommentAddresses:
    """Build the addresses of a letter's comments from their ids.

    They are strings appended to the letter's address. A page needs three for each of a hundred comments, and
    `url_for` would add almost a fifth to the rendering. A test compares them with `url_for`.
    """

    def __init__(self, slug: str) -> None:
        """Build the address of the letter."""
        self._letter = url_for("letters.show", slug=slug)

    def permalink(self, comment_id: int) -> str:
        """Return the address of the comment itself."""
        return f"{self._letter}/comments/{comment_id}"

    def reply(self, comment_id: int) -> str:
        """Return the address of the form for an answer."""
        return f"{self._letter}?reply_to={comment_id}#leave"

    def report(self, comment_id: int) -> str:
        """Return the address of the form for a report."""
        return f"{self._letter}/comments/{comment_id}/report"


def render_comments(
    thread: list[ThreadNode[CommentRow]], context: ThreadContext
) -> dict[int, Fragment]:
    """Return the fragment of each comment of these threads by comment id, in reading order."""
    addresses = CommentAddresses(context.letter.slug)
    macro = load_macro("components/comment_thread.html", "comment_body")
    fragments = {}
    for node in walk_nodes(thread):
        comment_id = node.comment.id
        values = CommentValues(
            comment=node.comment,
            letter=context.letter,
            is_open=context.is_open,
            anchors=tuple(context.anchors.get(comment_id, ())),
            clause=context.clauses.get(comment_id),
            fold=context.folds.get(comment_id),
            parent=_distant_parent(node),
        )
        render = partial(_render_comment, values, addresses, macro)
        fragments[comment_id] = cached_fragment(values, render)
    return fragments


def _render_comment(
    values: CommentValues, addresses: CommentAddresses, macro: Callable[..., Markup]
) -> Fragment:
    comment = values.comment
    html = macro(values, addresses)
    if comment.state != "published":
        return Fragment(html, str(_("Removed comment")))
    label = _(
        "Comment by %(name)s, %(group)s",
        name=comment.name,
        group=group_label(comment.stakeholder_group),
    )
    return Fragment(html, str(label), comment_as_data(comment, addresses.permalink))


def _distant_parent(node: ThreadNode[CommentRow]) -> ParentRef | None:
    if node.depth <= 2 or node.parent is None:
        return None
    parent = node.parent
    return ParentRef(parent.id, parent.name if parent.state == "published" else "")
