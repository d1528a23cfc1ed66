"""Put the comments of a page into their threads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.comments.threads.queries import CommentRow

C = TypeVar("C", Comment, CommentRow)


@dataclass
class ThreadNode(Generic[C]):
    """A comment with what answers it; depth 0 is the top of a thread."""

    comment: C
    depth: int = 0
    replies: list["ThreadNode[C]"] = field(default_factory=list)
    parent: C | None = None

    @property
    def descendant_count(self) -> int:
        """Return how many stand under it on the page, which shows three levels."""
        return sum(1 + len(reply.replies) for reply in self.replies)


def build_threads(comments: Sequence[C]) -> list[ThreadNode[C]]:
    """Return the tops in the order given, each with its replies; a taken-back comment stays only where it is answered."""
    nodes = {comment.id: ThreadNode(comment) for comment in comments}
    tops: list[ThreadNode[C]] = []
    for comment in sorted(comments, key=lambda c: c.parent_id or 0):
        node, above = nodes[comment.id], nodes.get(comment.parent_id or 0)
        if above is None:
            continue
        node.depth, node.parent = above.depth + 1, above.comment
        above.replies.append(node)
    tops = [nodes[comment.id] for comment in comments if comment.parent_id not in nodes]
    return _sort_and_prune(tops)


def flatten_to_three_levels(roots: list[ThreadNode[C]]) -> list[ThreadNode[C]]:
    """Set what is deeper than the third level beside it, in reading order; no recursion, threads can be long."""
    for second in (node for top in roots for node in top.replies):
        flat, stack = [], second.replies[::-1]
        while stack:
            node = stack.pop()
            stack.extend(node.replies[::-1])
            node.replies = []
            flat.append(node)
        second.replies = flat
    return roots


def walk_nodes(roots: list[ThreadNode[C]]) -> Iterator[ThreadNode[C]]:
    """Go through all that three levels show, in reading order."""
    for top in roots:
        yield top
        for second in top.replies:
            yield second
            yield from second.replies


def _sort_and_prune(tops: list[ThreadNode[C]]) -> list[ThreadNode[C]]:
    """Order replies by time and drop what nobody answered, from the bottom up, without recursion."""
    order: list[ThreadNode[C]] = []
    stack = list(tops)
    while stack:
        node = stack.pop()
        order.append(node)
        for reply in node.replies:
            reply.depth = node.depth + 1
        stack.extend(node.replies)
    for node in reversed(order):
        node.replies = sorted((r for r in node.replies if _is_shown(r)), key=lambda r: r.comment.id)
    return [node for node in tops if _is_shown(node)]


def _is_shown(node: ThreadNode[Any]) -> bool:
    unanswered = {CommentState.WITHDRAWN, CommentState.SPAM}
    return bool(node.replies) or node.comment.state not in unanswered
