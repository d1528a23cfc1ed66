"""Rules for objections: comments that can be one, and staff who may answer it."""

from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.comments.states import Stance
from commentsite.letters.models import Letter
from commentsite.summaries.states import ObjectionStatus

ANSWERS = (ObjectionStatus.ADDRESSED, ObjectionStatus.ACCOMMODATED)


def is_opposing(comment: Comment) -> bool:
    """Return whether a comment opposes the letter or one of its paragraphs. Its targets are loaded."""
    return comment.stance == Stance.OPPOSE or any(
        target.stance == Stance.OPPOSE for target in comment.targets
    )


def list_opposed_paragraphs(comment: Comment) -> list[str]:
    """Return the ids of the paragraphs that a comment opposes, all it names if it opposes none."""
    opposed = [
        target.pid
        for target in comment.targets
        if target.stance == Stance.OPPOSE
        or (target.stance == Stance.NONE and comment.stance == Stance.OPPOSE)
    ]
    return opposed or [target.pid for target in comment.targets]


def may_answer(letter: Letter, actor: Actor) -> bool:
    """Return whether the actor is outside the groups that wrote the letter, or names no group."""
    proposing = {author.stakeholder_group for author in letter.authors} - {UNDISCLOSED_GROUP}
    return actor.group not in proposing
