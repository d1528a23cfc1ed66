"""View model of the section of the receipt in which an author objects, and reacts to the answer."""

from dataclasses import dataclass
from datetime import datetime

from flask import request

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.letters.models import Letter
from commentsite.summaries.objections.policy import is_opposing
from commentsite.summaries.objections.queries import find_objection
from commentsite.summaries.states import ObjectionStatus
from commentsite.web.rendering.labels import OBJECTION_STATUS_LABELS
from commentsite.web.rendering.objection_view import STATUS_LOOKS


@dataclass(frozen=True)
class ObjectionSection:
    """The objection of a comment, or the offer to make it one. `satisfied` is "yes", "no" or ""."""

    slug: str
    is_recorded: bool
    label: str
    look: str  # a CSS class
    by_editor: bool
    response: str
    answered_at: datetime | None
    can_withdraw: bool
    can_react: bool
    satisfied: str
    reaction: str
    error: str


def build_objection_section(
    comment: Comment, letter: Letter, *, error: str = ""
) -> ObjectionSection | None:
    """Return the section, or None where there is no objection and the author can make none."""
    if comment.state != CommentState.PUBLISHED:
        return None
    objection = find_objection(comment.id)
    if objection is None:
        if not is_opposing(comment):
            return None
        return ObjectionSection(
            letter.slug, is_recorded=False, label="", look="", by_editor=False, response="",
            answered_at=None, can_withdraw=False, can_react=False, satisfied="", reaction="", error="",
        )  # fmt: skip
    status = ObjectionStatus(objection.status)
    is_standing = status != ObjectionStatus.WITHDRAWN
    stored = {True: "yes", False: "no", None: ""}[objection.author_satisfied]
    return ObjectionSection(
        slug=letter.slug,
        is_recorded=True,
        label=str(OBJECTION_STATUS_LABELS[status]),
        look=STATUS_LOOKS[status],
        by_editor=bool(objection.recorded_by),
        response=objection.response,
        answered_at=objection.answered_at,
        can_withdraw=is_standing,
        can_react=is_standing and bool(objection.response),
        satisfied=request.form.get("satisfied", "") if error else stored,
        reaction=request.form.get("reaction", "") if error else objection.author_reaction,
        error=error,
    )
