"""Examine the comments that were received: screen them, group them, and queue or publish them.

A request only stores a comment (see `submit`), in the state "received". The worker calls this module within a
second. Until then a comment is neither public nor in the moderation queue. The steps stand in the order in which
they run. Locks are taken in the order that every other transaction uses: the comments of the letter, the row of
the letter, the comment, and last the audit log.
"""

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.services import record_event
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
from commentsite.comments.queries import get_comment_for_update
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
from commentsite.comments.screening.queries import lock_examination
from commentsite.comments.screening.sender_history import load_sender_history
from commentsite.comments.states import Awaiting, CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site


def examine_comment(
    comment_id: int,
    letter: Letter,
    *,
    site: Site,
    encryption: Encryption,
    has_external_check: bool = False,
) -> bool:
    """Screen a received comment, set its first state, and email its author how to follow it.

    Returns whether the comment was still to be examined. A comment that its author withdrew in the
    meantime stays withdrawn.
    """
    policy = get_premoderation_policy(letter, site)
    if policy is not PremoderationPolicy.HOLD_ALL:
        lock_letter_and_comments(letter.id)  # auto_publish may change both
    comment = get_comment_for_update(comment_id)
    examination = lock_examination(comment_id)
    if examination is None:
        return False
    session().delete(examination)
    if comment.state != CommentState.RECEIVED:
        return True

    recipient = decrypt_recipient(comment, encryption)
    email = recipient[0] if recipient else ""
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
    if has_external_check:
        enqueue_check(comment)
    _record_result(comment)
    if policy is not PremoderationPolicy.HOLD_ALL:  # saves a query of the external check
        auto_publish(comment, policy, encryption)
    if comment.state in (*CONFIRMABLE_STATES, CommentState.PUBLISHED):
        send_confirmation_request(comment, encryption, history=history, recipient=recipient)
    return True


def queue_without_examination(comment_id: int) -> None:
    """Put a comment into the moderation queue whose examination failed, so that a moderator reads it."""
    comment = get_comment_for_update(comment_id)
    examination = lock_examination(comment_id)
    if examination is None:
        return
    session().delete(examination)
    if comment.state == CommentState.RECEIVED:
        comment.hold_reasons = [build_hold_reason(CheckCode.NOT_EXAMINED, 1, Finding())]
        comment.held_by_check = CheckCode.NOT_EXAMINED
        comment.state = CommentState.PENDING
        _record_result(comment)


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


def _record_result(comment: Comment) -> None:
    """Let staff find the comment, and record its first state."""
    index_for_desk(comment)
    # The audit log is public, so the event does not contain the hold reasons: they would tell the
    # author about a sanction.
    record_event(
        SYSTEM.label,
        "comment.examined",
        f"comment:{comment.id}",
        state=str(comment.state),
        **commit_words(comment),
    )
