"""View model of the receipt, the private page on which an author follows their comment."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from commentsite.audit.models import AuditEntry, TreeHead
from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.states import Awaiting, CommentState
from commentsite.moderation.decisions.policy import DetectionSource
from commentsite.moderation.decisions.quorum import UNDISCLOSED_HOLDS
from commentsite.moderation.decisions.statement import DecisionStatement
from commentsite.moderation.decisions.withdrawal import find_withdrawal_end
from commentsite.retention import UNCONFIRMED_COMMENT_TTL
from commentsite.summaries.answers.queries import PublishedUse
from commentsite.summaries.states import CommentUse
from commentsite.web.context import current_site
from commentsite.web.rendering.filters import format_day, format_moment
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import COMMENT_STATE_LABELS, SCREENING_CHECK_LABELS

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
class Step:
    """One step of the timeline. `look` is a CSS class: "now" and a colour, "next", or "" for a step that is done."""

    label: str
    moment: datetime | None = None
    note: str = ""
    look: str = ""

    @property
    def is_current(self) -> bool:
        return self.look.startswith("now")


@dataclass(frozen=True)
class NextAction:
    """The one thing that the author can or has to do now, with the part of the page where they do it."""

    sentence: str
    button: str
    element_id: str


@dataclass(frozen=True)
class ReceiptView:
    """All that the receipt prints about the state of one comment.

    `badge_look` and `reasons_look` are CSS classes. `reasons_heading` is empty if there is no statement of reasons
    to show.
    """

    heading: str
    explanation: str
    badge: str
    badge_look: str
    is_published: bool
    email_note: str  # says until when the confirmation email may take, if that is long
    steps: tuple[Step, ...]
    saved: str  # says that the form that was just sent is saved
    undo_until: datetime | None  # of a withdrawal
    next_action: NextAction | None
    reasons_heading: str
    reasons_look: str
    detected_by_check: str  # the check that brought the comment to the moderators, in words
    text_heading: str
    has_links_off: bool  # the comment has links, which work only once it is published
    edit_hint: str
    is_returned: bool
    is_editable: bool
    can_choose_notifications: bool
    is_received: bool  # and not examined yet
    is_email_confirmed: bool


@dataclass(frozen=True)
class LogEntryView:
    """One entry of the public log about the comment."""

    label: str
    is_covered: bool  # by a signed checkpoint


@dataclass(frozen=True)
class UseRow:
    """The use of the comment in one record of positions, as a sentence, with the editor's words."""

    sentence: str
    words: str
    title: str  # of the letter
    url: str  # of the record


#: In these states a comment is not published, and nobody is going to decide on it.
ENDED_STATES = frozenset(
    {CommentState.REFUSED, CommentState.SPAM, CommentState.RESTRICTED, CommentState.WITHDRAWN}
)


def build_receipt_view(  # noqa: PLR0913  # each is a source of the view, named by the caller
    comment: Comment,
    *,
    ahead: int,
    reasons: DecisionStatement | None,
    appeal_until: date | None = None,
    is_editable: bool = False,
    email_due_at: datetime | None = None,
    saved: str = "",
) -> ReceiptView:
    """Build the view of a comment that has `ahead` comments before it in the queue.

    `appeal_until` is the last day for an appeal that the author has not filed yet. `email_due_at` is until when the
    confirmation email may take, if the site has too many to send at once. `saved` names the form that was just sent.
    """
    state = CommentState(comment.state)
    # Only the owner of the address learns more; the author reads that the comment was removed.
    is_not_mine = state == CommentState.SPAM and comment.held_by_check == CheckCode.NOT_MINE
    is_published = state == CommentState.PUBLISHED
    # A comment that a check filed as spam waits for a moderator like any other. One that a moderator marked as
    # spam waits for nothing.
    is_waiting = state == CommentState.PENDING or comment.awaiting == Awaiting.SPAM_CHECK
    is_ended = state in ENDED_STATES and not is_waiting
    look = "wait" if is_waiting else LOOKS.get(state, "wait")
    if comment.erased_at:
        look = "quiet"
    is_explained = state in EXPLAINED or bool(comment.redactions and is_published)
    reasons_heading = ""
    if reasons is not None and is_explained and not comment.erased_at:
        reasons_heading = _("Why some words were removed") if is_published else _("Reasons")
    badge = _build_badge(comment, state, is_not_mine=is_not_mine, is_waiting=is_waiting)
    return ReceiptView(
        heading=_build_heading(
            comment, state, ahead, is_not_mine=is_not_mine, is_waiting=is_waiting
        ),
        explanation=_build_explanation(
            comment, state, is_not_mine=is_not_mine, is_waiting=is_waiting
        ),
        badge=badge,
        badge_look=look,
        is_published=is_published,
        email_note=_(
            "Many comments arrive at the moment, so our emails leave later than usual. One to you may take until %(when)s.",
            when=format_moment(email_due_at),
        )
        if email_due_at
        else "",
        steps=_build_steps(comment, state, badge, look, is_waiting=is_waiting),
        saved=_describe_saved(saved, comment),
        undo_until=find_withdrawal_end(comment),
        next_action=_build_next_action(comment, state, appeal_until),
        reasons_heading=reasons_heading,
        reasons_look="wait" if is_published else look,
        detected_by_check=_describe_check(comment, reasons),
        text_heading=_build_text_heading(state, is_ended=is_ended),
        has_links_off=not (is_published or is_ended) and "<a " in comment.body_html,
        edit_hint=_("Your comment goes back to the moderators when you send the new text.")
        if state == CommentState.RETURNED
        else _(
            "You can edit your comment for 15 minutes after sending it. It keeps its place in the queue."
        ),
        is_returned=state == CommentState.RETURNED,
        is_editable=is_editable and comment.erased_at is None,
        is_received=state == CommentState.RECEIVED,
        can_choose_notifications=bool(comment.email_hash) and state != CommentState.WITHDRAWN,
        # The holder of this receipt may have typed the address of another person. Whether that person confirmed
        # other comments stays secret, so only the confirmation of this comment counts.
        is_email_confirmed=comment.email_confirmed_at is not None,
    )


def _describe_saved(saved: str, comment: Comment) -> str:
    """Return the sentence for a form that was just sent, or "" for one that this comment contradicts."""
    is_withdrawn = comment.state == CommentState.WITHDRAWN
    is_confirmed = comment.email_confirmed_at or comment.confirmation_effective_at
    sentences = {
        "edit": _("Your edited comment is sent."),
        "notifications": _("Your notification settings are saved."),
        "quote-as": _("Your choice is saved. It holds for records published from now on."),
        "confirmed": _("Your email address is confirmed.") if is_confirmed else "",
        "appeal": _("Your appeal is sent."),
        "answer": _("Your answer is sent."),
        "appeal-withdrawn": _("Your appeal is withdrawn."),
        "objection": _("Your comment is recorded as an objection."),
        "objection-withdrawn": _("Your objection is withdrawn."),
        "reaction": _("Your reaction to the answer is saved."),
        "restored": "" if is_withdrawn else _("The withdrawal is undone."),
    }
    return "" if comment.erased_at else sentences.get(saved, "")


def _build_next_action(
    comment: Comment, state: CommentState, appeal_until: date | None
) -> NextAction | None:
    if comment.erased_at:
        return None
    if state == CommentState.RETURNED:
        return NextAction(
            _(
                "Read what the moderator asks for, change your text, and send it again. A moderator usually reads it"
                " within %(n)d hours.",
                n=current_site().answer_hours,
            ),
            _("Edit your comment"),
            "edit",
        )
    if appeal_until:
        return NextAction(
            _(
                "If you think this is wrong, you can appeal until %(day)s. A moderator who took no part in the"
                " decision answers, usually within %(n)d hours.",
                day=format_day(appeal_until),
                n=current_site().answer_hours,
            ),
            _("Appeal"),
            "appeal",
        )
    return None


def _describe_check(comment: Comment, reasons: DecisionStatement | None) -> str:
    if reasons is None or reasons.detected_by != DetectionSource.RULE:
        return ""
    code = comment.held_by_check
    if code in UNDISCLOSED_HOLDS or code not in SCREENING_CHECK_LABELS:
        return ""
    return str(SCREENING_CHECK_LABELS[code])


def _build_steps(
    comment: Comment, state: CommentState, badge: str, look: str, *, is_waiting: bool
) -> tuple[Step, ...]:
    steps = [Step(_("Sent"), comment.submitted_at)]
    if comment.edited_at:
        steps.append(Step(_("Edited"), comment.edited_at))
    if comment.email_confirmed_at:
        steps.append(Step(_("Email address confirmed"), comment.email_confirmed_at))
    if comment.published_at and state != CommentState.PUBLISHED:
        steps.append(Step(str(COMMENT_STATE_LABELS["published"]), comment.published_at))
    steps.sort(key=lambda step: step.moment or comment.submitted_at)
    if comment.erased_at:
        return (*steps, Step(badge, comment.erased_at, look="now quiet"))
    if state == CommentState.RECEIVED:
        note = _(
            "They take a few seconds. They only help the moderators: no check refuses a comment."
        )
        return (*steps, Step(_("Automatic checks"), note=note, look="now"))
    if is_waiting:
        note = _(
            "The moderators publish your comment, return it to you for a change, or refuse it and name the rule"
            " that it breaks. You can appeal against a refusal."
        )
        return (
            *steps,
            Step(
                _("Waiting for a moderator"), note=_build_waiting_note(comment.awaiting), look="now"
            ),
            Step(_("Decision"), note=note, look="next"),
        )
    return (*steps, Step(badge, comment.changed_at, look=f"now {look}"))


def build_use_rows(uses: list[PublishedUse]) -> list[UseRow]:
    """Build the sentences that tell the author what became of the comment in published records."""
    sentences = {
        CommentUse.QUOTED: _("The editors quoted your comment in the record of positions."),
        CommentUse.MERGED: _(
            "Your comment is part of a position in the record of positions. It is not quoted."
        ),
        CommentUse.ANSWERED: _("The editors answered your comment in the record of positions:"),
        CommentUse.NOT_USED: _(
            "The editors did not use your comment in the record of positions, for this reason:"
        ),
    }
    return [
        UseRow(
            sentence=sentences[CommentUse(use.use)],
            words=use.reason,
            title=use.title,
            url=url_for("records.show", slug=use.slug),
        )
        for use in uses
    ]


def build_log_entries(entries: list[AuditEntry], checkpoint: TreeHead | None) -> list[LogEntryView]:
    """Build the views of the log entries about a comment. `checkpoint` is the newest signed one, if any."""
    return [
        LogEntryView(
            label=_(
                "Entry %(n)d of the log: %(state)s",
                n=entry.seq,
                state=_("Deleted")
                if entry.action == "comment.erased"
                else _label_state(entry.details["state"]),
            ),
            is_covered=checkpoint is not None and entry.seq <= checkpoint.size,
        )
        for entry in entries
    ]


def _label_state(state: str) -> str:
    return str(COMMENT_STATE_LABELS["pending" if state == CommentState.SPAM else state])


def _build_badge(
    comment: Comment, state: CommentState, *, is_not_mine: bool, is_waiting: bool
) -> str:
    if comment.erased_at:
        return _("Deleted")
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
    hours = current_site().answer_hours
    if comment.erased_at:
        return _(
            "Its text, your name and your email address are deleted for good. The transparency report still counts"
            " the comment."
        )
    if is_not_mine:
        return _("The owner of the email address you gave reported that they did not send it.")
    if is_waiting:
        return _("A moderator usually reads a comment within %(n)d hours.", n=hours) + (
            " " + _("We email you the decision.") if comment.email_confirmed_at else ""
        )
    if state == CommentState.AWAITING_EMAIL and comment.confirmation_effective_at:
        return _(
            "You confirmed it. It will reach the moderators by %(when)s.",
            when=format_moment(comment.confirmation_effective_at),
        )
    if state == CommentState.SPAM and current_site().contact:
        return _(
            "A moderator decided that it is not a contribution to this letter. If you think this is wrong, write to"
            " %(contact)s.",
            contact=current_site().contact,
        )
    return {
        CommentState.RECEIVED: _(
            "It is stored. Automatic checks run within a few seconds. Then this page shows where it stands."
        ),
        CommentState.AWAITING_EMAIL: _(
            "Open our email and press the button on the page it links to. We send one such email a day to an"
            " address. If you received one today, its page confirms this comment too. Otherwise we send you another"
            " within a day. A comment that is not confirmed by %(day)s is deleted.",
            day=format_day(comment.submitted_at + UNCONFIRMED_COMMENT_TTL),
        ),
        CommentState.PUBLISHED: _("Every reader of the letter can read it and reply to it."),
        CommentState.REFUSED: _(
            "Readers do not see it. The reasons are below, with the rule that it breaks."
        ),
        CommentState.RESTRICTED: _(
            "It was published before, and readers no longer see it. The reasons are below, with the rule that it"
            " breaks."
        ),
        CommentState.SPAM: _("A moderator decided that it is not a contribution to this letter."),
        CommentState.WITHDRAWN: _(
            "Readers and moderators no longer see it on the page or in the queue."
        ),
    }.get(state, "")


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


def _build_text_heading(state: CommentState, *, is_ended: bool) -> str:
    if state == CommentState.PUBLISHED:
        return _("Your comment on the page")
    if is_ended:
        return _("The comment you sent")
    return _("Your comment as it will be published")
