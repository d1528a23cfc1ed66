"""A comment stays with its paragraph as long as the paragraph is similar enough."""

import pytest

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.threads.anchors import Anchor, build_anchors


def comment(version, *pids):
    targets = [CommentTarget(position=n, pid=pid, stance="none") for n, pid in enumerate(pids)]
    return Comment(id=1, letter_version=version, targets=targets)


CURRENT_LABELS = {"p-a": "3", "p-b": "(b)"}
EARLIER_LABELS = {(1, "p-a"): "1", (1, "p-c"): "[2]", (2, "p-a"): "3"}


@pytest.mark.parametrize(
    ("version", "edits", "expected"),
    [
        (1, [], Anchor("p-a", "3", None, is_changed=False)),
        (1, [(2, "p-a", 0.9)], Anchor("p-a", "3", None, is_changed=True)),
        (1, [(2, "p-a", 0.7)], Anchor("p-a", "1", 1, is_changed=False)),
        (1, [(2, "p-a", 0.86), (3, "p-a", 0.86)], Anchor("p-a", "1", 1, is_changed=False)),
        (2, [(2, "p-a", 0.5)], Anchor("p-a", "3", None, is_changed=False)),
        (1, [(2, "p-b", 0.1)], Anchor("p-a", "3", None, is_changed=False)),
    ],
)
def test_an_anchor_follows_its_paragraph_only_while_the_text_is_similar(version, edits, expected):
    assert build_anchors([comment(version, "p-a")], CURRENT_LABELS, edits, EARLIER_LABELS) == {
        1: [expected]
    }


def test_a_removed_paragraph_is_anchored_in_the_earlier_version_and_an_unknown_one_is_left_out():
    anchors = build_anchors([comment(1, "p-c", "p-b", "p-x")], CURRENT_LABELS, [], EARLIER_LABELS)
    assert [(a.label, a.earlier_version) for a in anchors[1]] == [("[2]", 1), ("(b)", None)]
