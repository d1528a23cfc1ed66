"""The comments on a letter's page, each a cached fragment under the values that it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from flask import url_for
from markupsafe import Markup

from commentsite.comments.affiliation.models import AuthorRole
from commentsite.comments.campaigns.queries import DuplicateCount
from commentsite.comments.states import CommentState
from commentsite.comments.threads.anchors import Anchor
from commentsite.comments.threads.queries import CommentRow, MoreReplies
from commentsite.comments.threads.tree import ThreadNode, walk_nodes
from commentsite.site.rulebook import Clause
from commentsite.summaries.states import ObjectionStatus
from commentsite.web.caching.fragments import Fragment, FragmentCache, load_macro
from commentsite.web.rendering.filters import get_group_label
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.jsonld import build_comment_jsonld, dump_jsonld

COMPONENT = "components/comment_thread.html"
MIN_FOLDABLE_REPLIES = 3  # a longer list of replies can be folded
MAX_UNFOLDED_REPLIES = 8  # a longer list of replies is folded until the reader opens it


class LetterRef(NamedTuple):
    """The values of its letter that a comment shows, and the address of its paragraphs.

    `base` is empty on the page of the letter.
    """

    slug: str
    version_number: int
    language: str
    base: str = ""


class ParentRef(NamedTuple):
    """The comment that a comment replies to. The name is empty if that comment is no longer published."""

    id: int
    name: str
    is_on_page: bool = True


class CommentValues(NamedTuple):
    """Every value that the HTML of a comment shows, without its replies. This is the key of its fragment."""

    comment: CommentRow
    letter: LetterRef
    is_open: bool
    anchors: tuple[Anchor, ...]
    clause: Clause | None  # the rule under which it was removed
    duplicates: (
        DuplicateCount | None
    )  # other comments with the same text, which this one represents
    parent: ParentRef | None  # only where the parent does not stand directly above
    objection: str = ""  # an ObjectionStatus


@dataclass(frozen=True)
class ThreadContext:
    """Values that the comments of a page need besides themselves. The dicts are by comment id."""

    letter: LetterRef
    is_open: bool
    anchors: dict[int, list[Anchor]]
    clauses: dict[int, Clause]
    duplicates: dict[int, DuplicateCount]
    parent_names: dict[int, str] = field(default_factory=dict)
    objections: dict[int, ObjectionStatus] = field(default_factory=dict)

    def at(self, base: str) -> "ThreadContext":
        """Return the context for a page other than the letter's, whose address is `base`."""
        return replace(self, letter=self.letter._replace(base=base))


class ThreadItem(NamedTuple):
    """A rendered comment with its replies. `reply_count` includes the replies to replies."""

    comment_id: int
    html: Markup
    label: str  # the accessible name of the comment
    replies: tuple["ThreadItem", ...]
    reply_count: int
    is_by_author: bool = False  # of the letter
    more_count: int = 0  # replies on the pages of the thread
    more_url: str = ""

    @property
    def css_class(self) -> str:
        """Return the classes of the comment, by which the author of the letter is set apart."""
        return "comment by-author" if self.is_by_author else "comment"

    @property
    def is_foldable(self) -> bool:
        """Return whether the reader can open and close the list of replies."""
        return self.reply_count >= MIN_FOLDABLE_REPLIES

    @property
    def is_folded(self) -> bool:
        """Return whether the list of replies is closed at first."""
        return self.reply_count > MAX_UNFOLDED_REPLIES


@dataclass(frozen=True)
class Tombstone:
    """The notice in place of a comment that is not published any more. Empty strings are not shown."""

    heading: str
    changed_at: datetime
    explanation: str = ""
    rule_url: str = ""
    rule_title: str = ""


class CommentAddresses:
    """Build the addresses of a letter's comments from their ids.

    They are strings appended to the letter's address. A page needs three for each of a hundred comments, and
    `url_for` would add almost a fifth to the rendering. A test compares them with `url_for`.
    """

    def __init__(self, slug: str) -> None:
        self._letter = url_for("letters.show", slug=slug)

    def permalink(self, comment_id: int) -> str:
        """Return the address of the comment itself."""
        return f"{self._letter}/comments/{comment_id}"

    def reply(self, comment_id: int) -> str:
        """Return the address of the form for a reply."""
        return f"{self._letter}?reply_to={comment_id}#leave"

    def replies(self, comment_id: int, after_id: int) -> str:
        """Return the address of the page with the replies after one."""
        return f"{self._letter}/comments/{comment_id}/replies?after={after_id}"

    def report(self, comment_id: int) -> str:
        """Return the address of the form for a report."""
        return f"{self._letter}/comments/{comment_id}/report"


def render_comments(
    thread: list[ThreadNode[CommentRow]], context: ThreadContext
) -> dict[int, Fragment]:
    """Return the fragment of each comment of these threads by comment id, in reading order."""
    addresses, cache = CommentAddresses(context.letter.slug), FragmentCache()
    fragments = {}
    for node in walk_nodes(thread):
        comment_id = node.comment.id
        values = CommentValues(
            comment=node.comment,
            letter=context.letter,
            is_open=context.is_open,
            anchors=tuple(context.anchors.get(comment_id, ())),
            clause=context.clauses.get(comment_id),
            duplicates=context.duplicates.get(comment_id),
            parent=_find_distant_parent(node, context),
            objection=context.objections.get(comment_id, ""),
        )
        render = partial(_render_comment, values, addresses)
        fragments[comment_id] = cache.get_or_render(values, render)
    return fragments


def build_thread_items(
    nodes: list[ThreadNode[CommentRow]],
    fragments: dict[int, Fragment],
    *,
    slug: str = "",
    more: Mapping[int, MoreReplies] = MappingProxyType({}),
) -> tuple[ThreadItem, ...]:
    """Return threads of at most three levels as the template prints them.

    `more` holds the replies that the page leaves out, by the id of the root. `slug` is the letter's.
    """
    items = (_build_thread_item(node, fragments) for node in nodes)
    if not more:
        return tuple(items)
    addresses = CommentAddresses(slug)
    return tuple(
        item._replace(
            reply_count=item.reply_count + more[item.comment_id].reply_count,
            more_count=more[item.comment_id].reply_count,
            more_url=addresses.replies(item.comment_id, more[item.comment_id].after_id),
        )
        if item.comment_id in more
        else item
        for item in items
    )


def build_tombstone(comment: CommentRow, clause: Clause | None) -> Tombstone:
    """Return the notice for a comment that is not published. `clause` is the rule of its removal, if any."""
    changed_at = comment.changed_at
    if comment.state == CommentState.WITHDRAWN:
        return Tombstone(_("Withdrawn by its author"), changed_at)
    if comment.state == CommentState.PENDING:
        return Tombstone(_("Held"), changed_at, _("A moderator is reviewing this comment."))
    if comment.state == CommentState.RETURNED:
        return Tombstone(
            _("Returned to its author"), changed_at, _("The author has been asked to change it.")
        )
    if clause is None:
        return Tombstone(_("Removed"), changed_at)
    return Tombstone(
        _("Removed under rule %(n)d", n=clause.number),
        changed_at,
        _("The author has been told the reason."),
        rule_url=url_for(
            "rules.show_version", version=clause.version, _anchor=f"rule-{clause.number}"
        ),
        rule_title=clause.title,
    )


def _render_comment(values: CommentValues, addresses: CommentAddresses) -> Fragment:
    comment = values.comment
    if comment.state != CommentState.PUBLISHED:
        macro: Callable[..., Markup] = load_macro(COMPONENT, "tombstone")
        return Fragment(macro(build_tombstone(comment, values.clause)), _("Removed comment"))
    label = _(
        "Comment by %(name)s, %(group)s",
        name=comment.name,
        group=get_group_label(comment.stakeholder_group),
    )
    html = load_macro(COMPONENT, "published_comment")(values, addresses)
    return Fragment(html, label, dump_jsonld(build_comment_jsonld(comment, addresses.permalink)))


def _build_thread_item(node: ThreadNode[CommentRow], fragments: dict[int, Fragment]) -> ThreadItem:
    fragment = fragments[node.comment.id]
    return ThreadItem(
        comment_id=node.comment.id,
        html=fragment.html,
        label=fragment.label,
        replies=build_thread_items(node.replies, fragments),
        reply_count=node.descendant_count,
        is_by_author=node.comment.state == CommentState.PUBLISHED
        and node.comment.confirmed_author_role == AuthorRole.LETTER_AUTHOR,
    )


def _find_distant_parent(node: ThreadNode[CommentRow], context: ThreadContext) -> ParentRef | None:
    if node.is_detached and node.comment.parent_id is not None:
        name = context.parent_names.get(node.comment.parent_id, "")
        return ParentRef(node.comment.parent_id, name, is_on_page=False)
    # The page shows three levels. A deeper reply stands below the second level, so it must name its parent.
    if node.depth <= 2 or node.parent is None:
        return None
    parent = node.parent
    return ParentRef(parent.id, parent.name if parent.state == CommentState.PUBLISHED else "")
