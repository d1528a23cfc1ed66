"""View model of the register of objections, for the map, the desk and records of positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from commentsite.summaries.consensus.builder import cut_excerpt
from commentsite.summaries.objections.queries import RegisteredObjection
from commentsite.summaries.report.authors import can_quote
from commentsite.summaries.states import ObjectionStatus
from commentsite.web.rendering.filters import get_group_label, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import OBJECTION_STATUS_LABELS

EXCERPT_LENGTH = 240  # characters
STATUS_LOOKS = {
    ObjectionStatus.OPEN: "wait",
    ObjectionStatus.ACCOMMODATED: "good",
    ObjectionStatus.ADDRESSED: "good",
    ObjectionStatus.WITHDRAWN: "quiet",
}


@dataclass(frozen=True)
class ObjectionView:
    """One objection. A comment whose author asked only to be counted is neither quoted nor linked."""

    id: int
    status: str  # code
    label: str
    look: str  # a CSS class
    group: str
    subject: str
    excerpt: str
    language: str
    url: str
    response: str
    answered_at: datetime | None
    answered_by: str  # for staff
    verdict: str  # whether its author is satisfied, as a sentence
    reaction: str


def describe_status(status: ObjectionStatus, *, is_late: bool) -> str:
    """Return the status in words, with the remark that it was sent after closing."""
    label = str(OBJECTION_STATUS_LABELS[status])
    return _("%(status)s, sent after closing", status=label) if is_late else label


def build_objection_views(
    objections: Sequence[RegisteredObjection], slug: str, labels: Mapping[str, str]
) -> tuple[ObjectionView, ...]:
    """Build the register of a letter. `labels` are its current paragraph labels by id."""
    return tuple(_build_view(one, slug, labels) for one in objections)


def _build_view(
    registered: RegisteredObjection, slug: str, labels: Mapping[str, str]
) -> ObjectionView:
    objection, comment = registered
    is_quoted = can_quote(comment)
    status = ObjectionStatus(objection.status)
    return ObjectionView(
        id=objection.id,
        status=status.value,
        label=describe_status(status, is_late=comment.is_late),
        look=STATUS_LOOKS[status],
        group=get_group_label(comment.stakeholder_group) if is_quoted else "",
        subject=_describe_subject(objection.pids, labels),
        excerpt=cut_excerpt(comment.body, EXCERPT_LENGTH) if is_quoted else "",
        language=comment.language,
        url=url_for("comments.permalink", slug=slug, comment_id=comment.id) if is_quoted else "",
        response=objection.response,
        answered_at=objection.answered_at,
        answered_by=objection.answered_by,
        verdict=_describe_verdict(objection.author_satisfied, is_answered=bool(objection.response)),
        reaction=objection.author_reaction if is_quoted else "",
    )


def _describe_subject(pids: Sequence[str], labels: Mapping[str, str]) -> str:
    known = [labels[pid] for pid in pids if pid in labels]
    if not known:
        return _("to the letter as a whole")
    return ngettext(
        "to paragraph %(list)s", "to paragraphs %(list)s", len(known), list=join_list(known)
    )


def _describe_verdict(is_satisfied: bool | None, *, is_answered: bool) -> str:  # noqa: FBT001  # a stored value
    if not is_answered:
        return ""
    if is_satisfied is None:
        return _("Its author has not reacted to this answer.")
    if is_satisfied:
        return _("Its author is satisfied with this answer.")
    return _("Its author is not satisfied with this answer.")
