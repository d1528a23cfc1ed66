"""Rules for objections: comments that can be one, and staff who may answer it."""

from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.letters.models import Letter
from commentsite.summaries.states import ObjectionStatus

ANSWERS = (ObjectionStatus.ADDRESSED, ObjectionStatus.ACCOMMODATED)
OPPOSE = "oppose"  # a stance of a comment, or of one of its paragraphs


def is_opposing(comment: Comment) -> bool:
    """Return whether a comment opposes the letter or one of its paragraphs. Its targets are loaded."""
    return comment.stance == OPPOSE or any(target.stance == OPPOSE for target in comment.targets)


def list_opposed_paragraphs(comment: Comment) -> list[str]:
    """Return the ids of the paragraphs that a comment opposes, all it names if it opposes none."""
    opposed = [
        target.pid
        for target in comment.targets
        if target.stance == OPPOSE or (target.stance == "none" and comment.stance == OPPOSE)
    ]
    return opposed or [target.pid for target in comment.targets]


def may_answer(letter: Letter, actor: Actor) -> bool:
    """Return whether the actor is outside the groups that wrote the letter, or names no group."""
    proposing = {author.stakeholder_group for author in letter.authors} - {UNDISCLOSED_GROUP}
    return actor.group not in proposing
