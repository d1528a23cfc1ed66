"""Build the reply trees of a page of comments.

Nothing here is recursive, because a thread can be deeper than Python's recursion limit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.comments.threads.queries import CommentRow

C = TypeVar("C", Comment, CommentRow)


@dataclass
class ThreadNode(Generic[C]):
    """A comment with its replies. The root of a thread has depth 0."""

    comment: C
    depth: int = 0
    replies: list["ThreadNode[C]"] = field(default_factory=list)
    parent: C | None = None
    is_detached: bool = False  # it stands under the root, because its parent is on another page

    @property
    def descendant_count(self) -> int:
        """The number of replies shown under a root, after `flatten_to_three_levels`."""
        return sum(1 + len(reply.replies) for reply in self.replies)


def build_threads(comments: Sequence[C]) -> list[ThreadNode[C]]:
    """Return the roots in the given order, each with its replies, the oldest first.

    A reply whose parent is missing stands under the root of its thread. A withdrawn comment or spam is left out unless it has replies.
    """
    nodes = {comment.id: ThreadNode(comment) for comment in comments}
    for comment in sorted(comments, key=lambda comment: comment.parent_id or 0):
        node, parent = nodes[comment.id], nodes.get(comment.parent_id or 0)
        if parent is None:
            parent = nodes.get(comment.root_id or 0)
            node.is_detached = parent is not None
        if parent is not None:
            node.depth, node.parent = parent.depth + 1, parent.comment
            parent.replies.append(node)
    roots = [node for node in nodes.values() if node.parent is None]
    return _sort_and_prune(roots)


def build_flat_list(comments: Sequence[C]) -> list[ThreadNode[C]]:
    """Return the comments in the given order, each on its own, whatever it answers."""
    return [ThreadNode(comment, is_detached=comment.parent_id is not None) for comment in comments]


def flatten_to_three_levels(roots: list[ThreadNode[C]]) -> list[ThreadNode[C]]:
    """Move replies below the third level up to it, in reading order."""
    for second_level in (node for root in roots for node in root.replies):
        third_level: list[ThreadNode[C]] = []
        stack = second_level.replies[::-1]
        while stack:
            node = stack.pop()
            stack.extend(node.replies[::-1])
            node.replies = []
            third_level.append(node)
        second_level.replies = third_level
    return roots


def limit_threads(roots: list[ThreadNode[C]], *, max_comments: int, max_characters: int) -> bool:
    """Cut threads of three levels after so many comments or characters, in reading order.

    Return whether all comments are within the bounds.
    """
    nodes = list(walk_nodes(roots))
    used, kept = 0, set()
    for node in nodes[:max_comments]:
        used += len(node.comment.body_html)
        if used > max_characters:
            break
        kept.add(node.comment.id)
    for node in nodes:
        node.replies = [reply for reply in node.replies if reply.comment.id in kept]
    roots[:] = [root for root in roots if root.comment.id in kept]
    return len(kept) == len(nodes)


def walk_nodes(roots: list[ThreadNode[C]]) -> Iterator[ThreadNode[C]]:
    """Yield the nodes of three levels in reading order."""
    for root in roots:
        yield root
        for second_level in root.replies:
            yield second_level
            yield from second_level.replies


def _sort_and_prune(roots: list[ThreadNode[C]]) -> list[ThreadNode[C]]:
    """Set the depths, sort replies by age, and drop withdrawn comments without replies, from the leaves up."""
    top_down: list[ThreadNode[C]] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        top_down.append(node)
        for reply in node.replies:
            reply.depth = node.depth + 1
        stack.extend(node.replies)
    for node in reversed(top_down):
        visible = (reply for reply in node.replies if _is_visible(reply))
        node.replies = sorted(visible, key=lambda reply: reply.comment.id)
    return [node for node in roots if _is_visible(node)]


def _is_visible(node: ThreadNode[Any]) -> bool:
    hidden_without_replies = {CommentState.WITHDRAWN, CommentState.SPAM}
    return bool(node.replies) or node.comment.state not in hidden_without_replies
