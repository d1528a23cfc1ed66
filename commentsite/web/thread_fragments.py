"""The comments of a letter's page, each drawn once for the values that it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from markupsafe import Markup

from commentsite.comments.alike import Fold
from commentsite.comments.anchors import Anchor
from commentsite.comments.shown import ShownComment
from commentsite.comments.thread import Node, on_page
from commentsite.site.rulebook import Clause
from commentsite.web.filters import group_label
from commentsite.web.fragments import Fragment, fragment, macro
from commentsite.web.numbered import numbered
from commentsite.web.structured import comment_as_data
from commentsite.web.words import said


class LetterNamed(NamedTuple):
    """What a comment shows of its letter."""

    slug: str
    version_number: int


class InReplyTo(NamedTuple):
    """What a comment answers, where that does not stand right above it; no name where it no longer stands."""

    id: int
    name: str


class CommentValues(NamedTuple):
    """All that a comment on a page is made of, without the comments that answer it."""

    comment: ShownComment
    letter: LetterNamed
    is_open: bool
    anchors: tuple[Anchor, ...]
    clause: Clause | None  # under which it was removed
    fold: Fold | None  # who else sent the same text
    parent: InReplyTo | None  # where it does not stand right above


@dataclass(frozen=True)
class PageContext:
    """What is known of the comments of a page besides themselves; the dicts are by their numbers."""

    letter: LetterNamed
    is_open: bool
    anchors: dict[int, list[Anchor]]
    clauses: dict[int, Clause]
    folded: dict[int, Fold]


class _Addresses(NamedTuple):
    """How a comment's number becomes its addresses: the letter's, so no values of their own."""

    permalink: Callable[[int], str]
    reply: Callable[[int], str]
    report: Callable[[int], str]


def draw_comments(thread: list[Node[ShownComment]], context: PageContext) -> dict[int, Fragment]:
    """Return what each comment of these threads looks like, by its number, in reading order."""
    named = {"slug": context.letter.slug}
    addresses = _Addresses(
        permalink=numbered("comments.permalink", "comment_id", **named),
        reply=numbered("letters.show", "reply_to", **named, _anchor="leave"),
        report=numbered("reports.ask", "comment_id", **named),
    )
    draw = macro("components/thread.html", "comment_body")
    drawn = {}
    for node in on_page(thread):
        number = node.comment.id
        values = CommentValues(
            comment=node.comment,
            letter=context.letter,
            is_open=context.is_open,
            anchors=tuple(context.anchors.get(number, ())),
            clause=context.clauses.get(number),
            fold=context.folded.get(number),
            parent=_in_reply_to(node),
        )
        drawn[number] = fragment(values, partial(_draw, values, addresses, draw))
    return drawn


def _draw(values: CommentValues, addresses: _Addresses, draw: Callable[..., Markup]) -> Fragment:
    comment = values.comment
    if comment.state != "published":
        return Fragment(draw(values, addresses), said("Removed comment"))
    label = said(
        "Comment by %(name)s, %(group)s",
        name=comment.name,
        group=group_label(comment.stakeholder_group),
    )
    return Fragment(draw(values, addresses), label, comment_as_data(comment, addresses.permalink))


def _in_reply_to(node: Node[ShownComment]) -> InReplyTo | None:
    if node.depth <= 2 or node.parent is None:
        return None
    parent = node.parent
    return InReplyTo(parent.id, parent.name if parent.state == "published" else "")
