"""View model of the receipt: the private page that tells an author where their comment stands."""

from dataclasses import dataclass

from commentsite.audit.models import AuditEntry, TreeHead
from commentsite.comments.models import Comment
from commentsite.web.context import current_site
from commentsite.web.rendering.filters import moment
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import STATES

WAITING = frozenset({"pending", "spam"})
EXPLAINED = frozenset({"refused", "returned", "restricted"})
LOOKS = {
    "published": "good",
    "refused": "stop",
    "restricted": "stop",
    "spam": "stop",
    "withdrawn": "quiet",
}


@dataclass(frozen=True)
class ReceiptView:
    """What the receipt prints about the state of one comment.

    `look` and `badge_look` are CSS classes. An author never reads that a comment is filed as spam:
    it waits for a moderator, unless the owner of the address reported it as not theirs.
    """

    heading: str
    explanation: str
    look: str
    badge: str
    badge_look: str
    is_published: bool
    is_waiting: bool
    waiting_note: str
    reasons_heading: str
    reasons_look: str
    text_heading: str
    edit_hint: str


@dataclass(frozen=True)
class LogEntryView:
    """One entry of the public log about the comment, and whether a signed tree head covers it."""

    label: str
    is_anchored: bool


def build_receipt_view(comment: Comment, *, ahead: int, has_grounds: bool) -> ReceiptView:
    """Return the view of a comment with `ahead` comments before it in the queue.

    `reasons_heading` is empty where there is no statement of reasons to show.
    """
    is_disowned = comment.state == "spam" and comment.held_by_check == "not_theirs"
    is_published = comment.state == "published"
    look = LOOKS.get(comment.state, "wait")
    is_explained = comment.state in EXPLAINED or bool(comment.redactions and is_published)
    reasons_heading = ""
    if has_grounds and is_explained and not comment.erased_at:
        reasons_heading = _("Why some words were removed") if is_published else _("Why")
    return ReceiptView(
        heading=_heading(comment, ahead, is_disowned=is_disowned),
        explanation=_explanation(comment, is_disowned=is_disowned),
        look=look,
        badge=str(STATES["restricted"] if is_disowned else _state_label(comment.state)),
        badge_look="wait" if comment.state == "spam" else look,
        is_published=is_published,
        is_waiting=comment.state in WAITING and not is_disowned,
        waiting_note=_waiting_note(comment.awaiting),
        reasons_heading=reasons_heading,
        reasons_look="wait" if is_published else look,
        text_heading=_text_heading(comment.state),
        edit_hint=_("It goes back to the moderators when you send it.")
        if comment.state == "returned"
        else _("For 15 minutes after sending. It keeps its place among those that wait."),
    )


def build_log_entries(turns: list[AuditEntry], anchor: TreeHead | None) -> list[LogEntryView]:
    """Return the views of the log entries about a comment; `anchor` is the newest tree head or None."""
    return [
        LogEntryView(
            label=_("Entry %(n)d of the log", n=entry.seq)
            + f": {_state_label(entry.details['state'])}",
            is_anchored=anchor is not None and entry.seq <= anchor.size,
        )
        for entry in turns
    ]


def _state_label(state: str) -> str:
    return str(STATES["pending" if state == "spam" else state])


def _heading(comment: Comment, ahead: int, *, is_disowned: bool) -> str:
    if comment.erased_at:
        return _("Your comment is erased.")
    if is_disowned:
        return _("This comment was taken out.")
    if comment.state in WAITING:
        waits = _("Your comment waits for a moderator.")
        if not ahead:
            return waits
        return f"{waits} {ngettext('%(num)d is ahead of it.', '%(num)d are ahead of it.', ahead)}"
    if comment.state == "published" and comment.redactions:
        return _("Your comment is published, without some of its words.")
    return {
        "awaiting_email": _("Your comment waits until you confirm your address."),
        "published": _("Your comment is published."),
        "returned": _("Your comment needs a change before it can be published."),
        "refused": _("Your comment was not published."),
        "restricted": _("Your comment was removed."),
    }.get(comment.state, _("You took your comment back."))


def _explanation(comment: Comment, *, is_disowned: bool) -> str:
    if is_disowned:
        return _("Whoever reads the mail of the address you gave says that they did not send it.")
    if comment.state in WAITING:
        return _(
            "As a rule a moderator reads it within %(n)d hours.", n=current_site().answer_hours
        )
    if comment.state == "awaiting_email" and comment.confirmation_effective_at:
        return _(
            "It is confirmed, and goes to the moderators by %(when)s.",
            when=moment(comment.confirmation_effective_at),
        )
    if comment.state == "awaiting_email":
        return _(
            "Open our message and press its button. We ask an address once a day: if it had a"
            " message from us today already, the page behind that link confirms this comment too."
            " Otherwise another comes within a day."
        )
    return ""


def _waiting_note(awaiting: str | None) -> str:
    if awaiting == "conflict":
        return _(
            "Somebody has read it. It waits for a person at the desk who has no part in it;"
            " we are looking for one."
        )
    if awaiting:
        return _("Somebody has read it. Another person reads it too, so that no one alone decides.")
    return ""


def _text_heading(state: str) -> str:
    if state == "published":
        return _("As it looks")
    if state in {"refused", "restricted", "withdrawn"}:
        return _("What you sent")
    return _("As it would look")
