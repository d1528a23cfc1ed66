"""The comments of a letter's page, each drawn once for the values that it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup

from commentsite.comments.alike import Fold
from commentsite.comments.anchors import Anchor
from commentsite.comments.shown import ShownComment
from commentsite.comments.thread import Node, on_page
from commentsite.site.rulebook import Clause
from commentsite.web.filters import absolute, group_label
from commentsite.web.numbered import numbered
from commentsite.web.parts import Part, macro, parts, surroundings
from commentsite.web.words import said


class LetterNamed(NamedTuple):
    """What a comment's place shows of its letter."""

    slug: str
    version_number: int


class Place(NamedTuple):
    """All that a comment and what stands under it are made of, besides the words of the site."""

    comment: ShownComment
    letter: LetterNamed
    is_open: bool
    anchors: tuple[Anchor, ...]
    clause: Clause | None  # under which it was removed
    fold: Fold | None  # who else sent the same text
    answers: (
        tuple[int, str] | None
    )  # number and name of what it answers, where that is not above it


@dataclass(frozen=True)
class Beside:
    """What is known of the comments of a page, by their numbers."""

    letter: LetterNamed
    anchors: dict[int, list[Anchor]]
    clauses: dict[int, Clause]
    folded: dict[int, Fold]


class _Addresses(NamedTuple):
    permalink: Callable[[int], str]
    reply: Callable[[int], str]
    report: Callable[[int], str]


def draw_comments(
    thread: list[Node[ShownComment]], beside: Beside, *, is_open: bool
) -> dict[int, Part]:
    """Return what each comment of these threads looks like, by its number."""
    named = {"slug": beside.letter.slug}
    addresses = _Addresses(
        permalink=numbered("comments.permalink", "comment_id", **named),
        reply=numbered("letters.show", "reply_to", **named, _anchor="leave"),
        report=numbered("reports.ask", "comment_id", **named),
    )
    around, kept = surroundings(), parts()
    draw = macro("components/thread.html", "inside")
    found = {}
    for node in on_page(thread):
        comment = node.comment
        place = Place(
            comment=comment,
            letter=beside.letter,
            is_open=is_open,
            anchors=tuple(beside.anchors.get(comment.id, ())),
            clause=beside.clauses.get(comment.id),
            fold=beside.folded.get(comment.id),
            answers=_answers(node),
        )
        found[comment.id] = kept.find(
            ("comment", place, around), partial(_part, place, addresses, draw)
        )
    return found


def _part(place: Place, addresses: _Addresses, draw: Callable[..., Markup]) -> Part:
    comment = place.comment
    if comment.state != "published":
        return Part(draw(place, addresses), _("Removed comment"))
    label = said(
        "Comment by %(name)s, %(group)s",
        name=comment.name,
        group=group_label(comment.stakeholder_group),
    )
    return Part(draw(place, addresses), label, _as_data(comment, addresses.permalink))


def _answers(node: Node[ShownComment]) -> tuple[int, str] | None:
    if node.depth <= 2 or node.parent is None:
        return None
    return node.parent.id, node.parent.name if node.parent.state == "published" else ""


def _as_data(comment: ShownComment, permalink: Callable[[int], str]) -> dict[str, Any]:
    """Return a comment as schema.org has it."""
    data = {
        "@type": "Comment",
        "@id": absolute(permalink(comment.id)),
        "author": {"@type": "Person", "name": comment.name},
        "creditText": group_label(comment.stakeholder_group),
        "datePublished": comment.published_at.isoformat(),
        "text": comment.body,
    }
    if comment.parent_id:
        data["parentItem"] = {"@id": absolute(permalink(comment.parent_id))}
    return data
