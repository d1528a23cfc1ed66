"""Examine the comments that were received: screen them, group them, and queue or publish them.

A request only stores a comment (see `submit`), in the state "received". The worker calls this module within a
second. Until then a comment is neither public nor in the moderation queue. The steps stand in the order in which
they run. Locks are taken in the order that every other transaction uses: the comments of the letter, the row of
the letter, the comment, and last the audit log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

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
from commentsite.comments.languages import set_detected_language
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
from commentsite.comments.screening.inputs import build_screening_input, list_reserved_names
from commentsite.comments.screening.models import Examination
from commentsite.comments.screening.queries import delete_examinations, lock_examinations
from commentsite.comments.screening.sender_history import SenderHistories, SenderHistory
from commentsite.comments.states import Awaiting, CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.notifications.outbox import MessageBatch
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site

NO_LANGUAGES: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True)
class _Examined:
    """A comment that has its first state, and what its author's email needs."""

    comment: Comment
    history: SenderHistory
    recipient: tuple[str, str] | None  # email address and receipt token


def examine_comments(  # noqa: PLR0913  # each is named by the caller
    comment_ids: Sequence[int],
    letter: Letter,
    *,
    site: Site,
    encryption: Encryption,
    has_external_check: bool = False,
    languages: Mapping[int, str] = NO_LANGUAGES,
) -> int:
    """Screen received comments on one letter, set their first states, and email their authors how to follow them.

    `languages` are those that `detect_comment_languages` found, by comment id. Returns how many comments were still
    to be examined. A comment that its author withdrew in the meantime stays withdrawn.
    """
    policy = get_premoderation_policy(letter, site)
    if policy is PremoderationPolicy.HOLD_ALL:
        lock_letter_comments(letter.id)
    else:
        lock_letter_and_comments(letter.id)  # auto_publish may change both
    examinations = lock_examinations(comment_ids)
    comments = [
        comment
        for comment in list_comments_for_update(list(examinations))
        if comment.state == CommentState.RECEIVED
    ]
    for comment in comments:
        if comment.id in languages:
            set_detected_language(comment, languages[comment.id])
    examined = _examine_all(comments, examinations, letter, site, encryption)
    if has_external_check:
        for comment in comments:
            enqueue_check(comment)
    delete_examinations(examinations)
    record_events([_build_event(one.comment) for one in examined])
    if policy is PremoderationPolicy.HOLD_ALL:
        _email_together(examined, encryption)
    else:
        for one in examined:
            auto_publish(one.comment, policy, encryption)
            _email(one, encryption)
    return len(examinations)


def _examine_all(
    comments: Sequence[Comment],
    examinations: Mapping[int, Examination],
    letter: Letter,
    site: Site,
    encryption: Encryption,
) -> list[_Examined]:
    """Screen comments in the order of their ids. Queries that need no earlier result run once for all."""
    histories = SenderHistories(comments, clock.now())
    recipients = {comment.id: decrypt_recipient(comment, encryption) for comment in comments}
    emails = {comment_id: found[0] if found else "" for comment_id, found in recipients.items()}
    senders = {comment.email_hash or "": emails[comment.id] for comment in comments}
    roles = affiliation.determine_author_roles(letter.id, senders)
    reserved_names = list_reserved_names(letter)
    comparison = campaigns.BatchComparison(comments)
    examined = []
    with session().no_autoflush:  # so that each row is updated once
        for comment in comments:
            email, history = emails[comment.id], histories.get(comment)
            comment.has_organisation_domain = affiliation.is_organisation_domain(
                email, comment.organisation, site.organisation_domains
            )
            comment.author_role = roles[comment.email_hash or ""]
            similar = comparison.find(comment)
            screening_input = build_screening_input(
                comment,
                letter,
                site,
                _build_signals(examinations[comment.id], email),
                history,
                campaigns.format_similarity(similar),
                reserved_names,
            )
            mode = _email_confirmation_mode(letter, site)
            _screen(comment, screening_input, email_confirmation=mode)
            campaigns.set_similar(comment, similar)
            histories.add(comment)
            examined.append(_Examined(comment, history, recipients[comment.id]))
        index_for_desk(*comments)
    return examined


def _email_together(examined: Sequence[_Examined], encryption: Encryption) -> None:
    addresses = [one.recipient[0] for one in examined if one.recipient]
    batch = MessageBatch(addresses, encryption)
    for one in examined:
        _email(one, encryption, batch)
    batch.store()


def _email(one: _Examined, encryption: Encryption, batch: MessageBatch | None = None) -> None:
    if one.comment.state in (*CONFIRMABLE_STATES, CommentState.PUBLISHED):
        send_confirmation_request(
            one.comment, encryption, history=one.history, recipient=one.recipient, batch=batch
        )


def queue_without_examination(comment_id: int) -> None:
    """Put a comment into the moderation queue whose examination failed, so that a moderator reads it."""
    comment = get_comment_for_update(comment_id)
    examination = lock_examinations([comment_id]).get(comment_id)
    if examination is None:
        return
    delete_examinations([comment_id])
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
    delete_examinations(lock_examinations([comment_id]))
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
