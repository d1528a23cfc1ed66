"""Where a comment's paragraphs stand today: moved along only when that is sure, never silently."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from commentsite.comments.models import Comment
from commentsite.comments.threads.queries import CommentRow

MIN_SIMILARITY = (
    0.75  # share in common from which an edited paragraph is still what the comment spoke to
)


class Anchor(NamedTuple):
    """A paragraph a comment speaks to: its number today, or where it stood in an earlier version."""

    pid: str
    number: int
    earlier_version: int | None  # of the earlier version; None where it stands in the letter today
    is_changed: bool  # edited since the comment was written
    stance: str = "none"  # its own, where it has one


def build_anchors(
    comments: Iterable[Comment] | Iterable[CommentRow],
    current_numbers: Mapping[str, int],
    edits: Sequence[tuple[int, str, float]],
    earlier_numbers: Mapping[tuple[int, str], int],
) -> dict[int, list[Anchor]]:
    """Return the anchors of each comment, in the order in which it names them.

    `numbers` are today's, `edits` hold (version, id, likeness) of every edited paragraph,
    `earlier` the number of an id in each version. An id that is nowhere is left out.
    """
    found: dict[int, list[Anchor]] = {}
    for comment in comments:
        for target in comment.targets:
            pid, since = target.pid, comment.letter_version
            likeness = 1.0
            for version, edited, score in edits:
                if edited == pid and version > since:
                    likeness *= score
            if pid in current_numbers and likeness >= MIN_SIMILARITY:
                is_changed = likeness < 1.0
                anchor = Anchor(pid, current_numbers[pid], None, is_changed, target.stance)
            elif (since, pid) in earlier_numbers:
                number = earlier_numbers[since, pid]
                anchor = Anchor(pid, number, since, is_changed=False, stance=target.stance)
            else:
                continue
            found.setdefault(comment.id, []).append(anchor)
    return found
