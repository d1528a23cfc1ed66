"""Find the paragraphs that comments are about in the current version of the letter.

A paragraph keeps its id while its text is edited a little. A comment is moved along only as long
as the current text is similar enough to the one that the author read. Otherwise the page links to
the paragraph in the earlier version.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from commentsite.comments.models import Comment
from commentsite.comments.states import Stance
from commentsite.comments.threads.queries import CommentRow

MIN_SIMILARITY = 0.75  # between the text that the author read and the current one


class Anchor(NamedTuple):
    """A paragraph that a comment is about."""

    pid: str
    label: str  # the number that readers see, in the current version, or in the earlier one
    earlier_version: int | None  # None if the paragraph is in the current version
    is_changed: bool  # edited since the comment was sent
    stance: str = Stance.NONE


def build_anchors(
    comments: Iterable[Comment] | Iterable[CommentRow],
    current_labels: Mapping[str, str],
    edits: Sequence[tuple[int, str, float]],
    earlier_labels: Mapping[tuple[int, str], str],
) -> dict[int, list[Anchor]]:
    """Return the anchors of each comment in the order of its targets.

    `current_labels` maps paragraph ids to labels. `edits` lists version, paragraph id and
    similarity (0 to 1) for every edited paragraph. `earlier_labels` maps version and paragraph
    id to the label in that version. A target in neither mapping is left out.
    """
    anchors: dict[int, list[Anchor]] = {}
    for comment in comments:
        for target in comment.targets:
            pid, read_version = target.pid, comment.letter_version
            similarity = 1.0
            for version, edited_pid, edit_similarity in edits:
                if edited_pid == pid and version > read_version:
                    similarity *= edit_similarity
            if pid in current_labels and similarity >= MIN_SIMILARITY:
                anchor = Anchor(pid, current_labels[pid], None, similarity < 1.0, target.stance)
            elif (read_version, pid) in earlier_labels:
                label = earlier_labels[read_version, pid]
                anchor = Anchor(pid, label, read_version, is_changed=False, stance=target.stance)
            else:
                continue
            anchors.setdefault(comment.id, []).append(anchor)
    return anchors
