"""View model of the receipt, the private page on which an author follows their comment."""

from dataclasses import dataclass
from datetime import datetime

from commentsite.audit.models import AuditEntry, TreeHead
from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.states import Awaiting, CommentState
from commentsite.web.context import current_site
from commentsite.web.rendering.filters import format_moment
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import COMMENT_STATE_LABELS

#: An author never learns that a check filed the comment as spam.
WAITING = frozenset({CommentState.PENDING, CommentState.SPAM})
EXPLAINED = frozenset({CommentState.REFUSED, CommentState.RETURNED, CommentState.RESTRICTED})
LOOKS = {
    CommentState.PUBLISHED: "good",
    CommentState.REFUSED: "stop",
    CommentState.RESTRICTED: "stop",
    CommentState.SPAM: "stop",
    CommentState.WITHDRAWN: "quiet",
}


@dataclass(frozen=True)
class ReceiptView:
    """All that the receipt prints about the state of one comment.

    `look`, `badge_look` and `reasons_look` are CSS classes. `reasons_heading` is empty if there is no statement of
    reasons to show.
    """

    heading: str
    explanation: str
    look: str
    badge: str
    badge_look: str
    is_published: bool
    is_waiting: bool
    waiting_note: str
    email_note: str  # says until when the confirmation email may take, if that is long
    reasons_heading: str
    reasons_look: str
    text_heading: str
    edit_hint: str
    can_choose_notifications: bool
    is_received: bool  # and not examined yet
    is_email_confirmed: bool


@dataclass(frozen=True)
class LogEntryView:
    """One entry of the public log about the comment."""

    label: str
    is_covered: bool  # by a signed checkpoint


def build_receipt_view(
    comment: Comment, *, ahead: int, has_reasons: bool, email_due_at: datetime | None = None
) -> ReceiptView:
    """Build the view of a comment that has `ahead` comments before it in the queue.

    `email_due_at` is until when the confirmation email may take, if the site has too many to send at once.
    """
    state = CommentState(comment.state)
    # Only the owner of the address learns more; the author reads that the comment was removed.
    is_not_mine = state == CommentState.SPAM and comment.held_by_check == CheckCode.NOT_MINE
    is_published = state == CommentState.PUBLISHED
    # A comment that a check filed as spam waits for a moderator like any other. One that a moderator marked as
    # spam waits for nothing.
    is_waiting = state == CommentState.PENDING or comment.awaiting == Awaiting.SPAM_CHECK
    look = "wait" if is_waiting else LOOKS.get(state, "wait")
    is_explained = state in EXPLAINED or bool(comment.redactions and is_published)
    reasons_heading = ""
    if has_reasons and is_explained and not comment.erased_at:
        reasons_heading = _("Why some words were removed") if is_published else _("Reasons")
    return ReceiptView(
        heading=_build_heading(
            comment, state, ahead, is_not_mine=is_not_mine, is_waiting=is_waiting
        ),
        explanation=_build_explanation(
            comment, state, is_not_mine=is_not_mine, is_waiting=is_waiting
        ),
        look=look,
        badge=_build_badge(state, is_not_mine=is_not_mine, is_waiting=is_waiting),
        badge_look=look,
        is_published=is_published,
        is_waiting=is_waiting,
        waiting_note=_build_waiting_note(comment.awaiting),
        email_note=_(
            "Many comments arrive at the moment, so our emails leave later than usual. One to you may take until %(when)s.",
            when=format_moment(email_due_at),
        )
        if email_due_at
        else "",
        reasons_heading=reasons_heading,
        reasons_look="wait" if is_published else look,
        text_heading=_build_text_heading(state),
        edit_hint=_("Your comment goes back to the moderators when you send the new text.")
        if state == CommentState.RETURNED
        else _(
            "You can edit your comment for 15 minutes after sending it. It keeps its place in the queue."
        ),
        is_received=state == CommentState.RECEIVED,
        can_choose_notifications=bool(comment.email_hash) and state != CommentState.WITHDRAWN,
        # The holder of this receipt may have typed the address of another person. Whether that person confirmed
        # other comments stays secret, so only the confirmation of this comment counts.
        is_email_confirmed=comment.email_confirmed_at is not None,
    )


def build_log_entries(entries: list[AuditEntry], checkpoint: TreeHead | None) -> list[LogEntryView]:
    """Build the views of the log entries about a comment. `checkpoint` is the newest signed one, if any."""
    return [
        LogEntryView(
            label=_(
                "Entry %(n)d of the log: %(state)s",
                n=entry.seq,
                state=_label_state(entry.details["state"]),
            ),
            is_covered=checkpoint is not None and entry.seq <= checkpoint.size,
        )
        for entry in entries
    ]


def _label_state(state: str) -> str:
    return str(COMMENT_STATE_LABELS["pending" if state == CommentState.SPAM else state])


def _build_badge(state: CommentState, *, is_not_mine: bool, is_waiting: bool) -> str:
    if is_not_mine:
        return str(COMMENT_STATE_LABELS["restricted"])
    if state == CommentState.SPAM and not is_waiting:
        return str(COMMENT_STATE_LABELS["refused"])
    return _label_state(state)


def _build_heading(
    comment: Comment, state: CommentState, ahead: int, *, is_not_mine: bool, is_waiting: bool
) -> str:
    if comment.erased_at:
        return _("Your comment has been deleted.")
    if is_not_mine:
        return _("This comment was removed.")
    if is_waiting:
        waiting = _("Your comment is waiting for a moderator.")
        if not ahead:
            return waiting
        position = ngettext(
            "%(num)d comment is ahead of it.", "%(num)d comments are ahead of it.", ahead
        )
        return f"{waiting} {position}"
    if state == CommentState.PUBLISHED and comment.redactions:
        return _("Your comment is published, with some words removed.")
    return {
        CommentState.RECEIVED: _("Your comment has been received."),
        CommentState.AWAITING_EMAIL: _(
            "Your comment is waiting for you to confirm your email address."
        ),
        CommentState.PUBLISHED: _("Your comment is published."),
        CommentState.RETURNED: _("Your comment needs a change before it can be published."),
        CommentState.REFUSED: _("Your comment was not published."),
        CommentState.SPAM: _("Your comment was not published."),
        CommentState.RESTRICTED: _("Your comment was removed."),
        CommentState.WITHDRAWN: _("You withdrew your comment."),
    }[state]


def _build_explanation(
    comment: Comment, state: CommentState, *, is_not_mine: bool, is_waiting: bool
) -> str:
    if is_not_mine:
        return _("The owner of the email address you gave reported that they did not send it.")
    if is_waiting:
        return _(
            "A moderator usually reads a comment within %(n)d hours.", n=current_site().answer_hours
        )
    if state == CommentState.RECEIVED:
        return _(
            "It is stored. Automatic checks run within a few seconds. Then this page shows where it stands."
        )
    if state == CommentState.AWAITING_EMAIL and comment.confirmation_effective_at:
        return _(
            "You confirmed it. It will reach the moderators by %(when)s.",
            when=format_moment(comment.confirmation_effective_at),
        )
    if state == CommentState.AWAITING_EMAIL:
        return _(
            "Open our email and press the button on the page it links to. We send one such email a day to an"
            " address. If you received one today, its page confirms this comment too. Otherwise we send you another"
            " within a day."
        )
    return ""


def _build_waiting_note(awaiting: str | None) -> str:
    if awaiting == Awaiting.ELIGIBLE_MODERATOR:
        return _(
            "A moderator has read it. It needs another moderator, without a conflict of interest."
            " We are looking for one."
        )
    if awaiting in {Awaiting.SECOND_VOTE, Awaiting.THIRD_VOTE}:
        return _(
            "A moderator has read it. Another moderator reads it too, so that no moderator decides alone."
        )
    return ""


def _build_text_heading(state: CommentState) -> str:
    if state == CommentState.PUBLISHED:
        return _("Your comment on the page")
    if state in {CommentState.REFUSED, CommentState.RESTRICTED, CommentState.WITHDRAWN}:
        return _("The comment you sent")
    return _("Your comment as you typed it")
