"""Examine the comments that were received: screen them, group them, and queue or publish them.

A request only stores a comment (see `submit`), in the state "received". The worker calls this module within a
second. Until then a comment is neither public nor in the moderation queue. The steps stand in the order in which
they run. Locks are taken in the order that every other transaction uses: the comments of the letter, the row of
the letter, the comment, and last the audit log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.services import Event, record_events
from commentsite.comments.affiliation import services as affiliation
from commentsite.comments.auto_publish import (
    auto_publish,
    get_premoderation_policy,
    lock_letter_and_comments,
)
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.commitment import commit_words
from commentsite.comments.emails.confirmation import CONFIRMABLE_STATES, send_confirmation_request
from commentsite.comments.emails.mailbox import decrypt_recipient
from commentsite.comments.indexing import index_for_desk
from commentsite.comments.models import Comment
from commentsite.comments.queries import (
    get_comment_for_update,
    list_comments_for_update,
    lock_letter_comments,
)
from commentsite.comments.screening.checks import (
    CheckCode,
    Finding,
    ScreeningInput,
    SubmissionSignals,
    build_hold_reason,
    run_checks,
)
from commentsite.comments.screening.external_checks import enqueue_check
from commentsite.comments.screening.inputs import build_screening_input
from commentsite.comments.screening.models import Examination
from commentsite.comments.screening.queries import lock_examinations
from commentsite.comments.screening.sender_history import SenderHistory, load_sender_history
from commentsite.comments.states import Awaiting, CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site


@dataclass(frozen=True)
class _Examined:
    """A comment that has its first state, and what its author's email needs."""

    comment: Comment
    history: SenderHistory
    recipient: tuple[str, str] | None  # email address and receipt token


def examine_comments(
    comment_ids: Sequence[int],
    letter: Letter,
    *,
    site: Site,
    encryption: Encryption,
    has_external_check: bool = False,
) -> int:
    """Screen received comments on one letter, set their first states, and email their authors how to follow them.

    Returns how many were still to be examined. A comment that its author withdrew in the meantime stays
    withdrawn.
    """
    policy = get_premoderation_policy(letter, site)
    if policy is PremoderationPolicy.HOLD_ALL:
        lock_letter_comments(letter.id)
    else:
        lock_letter_and_comments(letter.id)  # auto_publish may change both
    examinations = lock_examinations(comment_ids)
    examined = []
    for comment in list_comments_for_update(list(examinations)):
        if comment.state == CommentState.RECEIVED:
            examination = examinations[comment.id]
            examined.append(_examine(comment, examination, letter, site, encryption))
            if has_external_check:
                enqueue_check(comment)
    for examination in examinations.values():
        session().delete(examination)
    record_events([_build_event(one.comment) for one in examined])
    for one in examined:
        if policy is not PremoderationPolicy.HOLD_ALL:  # saves a query of the external check
            auto_publish(one.comment, policy, encryption)
        if one.comment.state in (*CONFIRMABLE_STATES, CommentState.PUBLISHED):
            send_confirmation_request(
                one.comment, encryption, history=one.history, recipient=one.recipient
            )
    return len(examinations)


def _examine(
    comment: Comment, examination: Examination, letter: Letter, site: Site, encryption: Encryption
) -> _Examined:
    recipient = decrypt_recipient(comment, encryption)
    email = recipient[0] if recipient else ""
    with session().no_autoflush:  # so that the row is updated once
        comment.has_organisation_domain = affiliation.is_organisation_domain(
            email, comment.organisation, site.organisation_domains
        )
        comment.author_role = affiliation.determine_author_role(
            letter.id, email, comment.email_hash or ""
        )
        similar = campaigns.find_similar_under_lock(letter.id, comment.body)
        history = load_sender_history(comment, clock.now())
        screening_input = build_screening_input(
            comment,
            letter,
            site,
            _build_signals(examination, email),
            history,
            campaigns.format_similarity(similar),
        )
        _screen(comment, screening_input, email_confirmation=_email_confirmation_mode(letter, site))
        campaigns.store_sketch(comment, similar)
        index_for_desk(comment)
    session().flush()  # the next comment is compared with this one
    return _Examined(comment, history, recipient)


def queue_without_examination(comment_id: int) -> None:
    """Put a comment into the moderation queue whose examination failed, so that a moderator reads it."""
    comment = get_comment_for_update(comment_id)
    examination = lock_examinations([comment_id]).get(comment_id)
    if examination is None:
        return
    session().delete(examination)
    if comment.state == CommentState.RECEIVED:
        comment.hold_reasons = [build_hold_reason(CheckCode.NOT_EXAMINED, 1, Finding())]
        comment.held_by_check = CheckCode.NOT_EXAMINED
        comment.state = CommentState.PENDING
        index_for_desk(comment)
        record_events([_build_event(comment)])


def admit_staff_reply(comment_id: int) -> Comment:
    """Give a reply that a member of staff wrote at the desk its first state, without the checks.

    The caller holds the locks of `auto_publish.lock_letter_and_comments`, and publishes the reply at once.
    """
    comment = get_comment_for_update(comment_id)
    for examination in lock_examinations([comment_id]).values():
        session().delete(examination)
    comment.held_by_check = CheckCode.PREMODERATION
    comment.state = CommentState.PENDING
    index_for_desk(comment)
    return comment


def _build_signals(examination: Examination, email: str) -> SubmissionSignals:
    return SubmissionSignals(
        is_honeypot_filled=examination.is_honeypot_filled,
        form_age=examination.form_age,
        is_burst=examination.is_burst,
        email_domain=email.rpartition("@")[2],
    )


def _email_confirmation_mode(letter: Letter, site: Site) -> str:
    if site.is_switch_active(EmergencySwitch.REQUIRE_CONFIRMATION, clock.now()):
        return "before_queue"
    return letter.email_confirmation or site.email_confirmation


def _screen(comment: Comment, screening_input: ScreeningInput, *, email_confirmation: str) -> None:
    """Set the hold reasons and the first state of a comment."""
    comment.hold_reasons = run_checks(screening_input)
    comment.held_by_check = comment.hold_reasons[0]["rule"]
    needs_confirmation = email_confirmation == "before_queue" or (
        email_confirmation == "first_time" and not screening_input.is_email_confirmed
    )
    if comment.held_by_check == CheckCode.HONEYPOT:
        comment.state, comment.awaiting = CommentState.SPAM, Awaiting.SPAM_CHECK
    elif needs_confirmation:
        comment.state = CommentState.AWAITING_EMAIL
    else:
        comment.state = CommentState.PENDING


def _build_event(comment: Comment) -> Event:
    # The audit log is public, so the event does not contain the hold reasons: they would tell the
    # author about a sanction.
    details = {"state": str(comment.state), **commit_words(comment)}
    return Event(SYSTEM.label, "comment.examined", f"comment:{comment.id}", details)
