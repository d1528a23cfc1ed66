"""Take inquiries about a published record of positions, publish them, and answer them.

Anyone can ask for a correction within INQUIRY_WINDOW after a version is published. An editor reads an
inquiry for spam, and then it is public. The answer follows within ANSWER_WINDOW, with its reasons,
and is public too. A correction is a new version, to which the answer leads.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.hashing import hash_email
from commentsite.comments.screening.queries import is_email_confirmed
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.notifications.outbox import (
    delete_unsent_messages,
    enqueue_message,
    next_allowed_at,
)
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.inquiries import queries
from commentsite.summaries.inquiries.policy import CHANGES, is_open_for_inquiries
from commentsite.summaries.models import Inquiry, Summary
from commentsite.summaries.permissions import require_writer
from commentsite.summaries.states import InquiryResult, InquiryState
from commentsite.text.plain_text import clean_line, clean_text

MAX_BODY_LENGTH = 5_000
MAX_ANSWER_LENGTH = 5_000
MAX_WAITING = 3  # from one address about one record
MAX_EMAILS_PER_DAY = 6  # to a confirmed address
PUBLISHED_KIND, ANSWERED_KIND = "inquiry.published", "inquiry.answered"


@dataclass(frozen=True)
class InquiryDraft:
    """The fields of the form, checked for their shape. `is_trapped`: a program filled in the trap."""

    name: str
    email: str
    stakeholder_group: str
    organisation: str
    body: str
    form_language: str = ""  # of the interface; empty: that of the site
    is_trapped: bool = False


def submit_inquiry(
    letter: Letter, draft: InquiryDraft, *, by: Actor, encryption: Encryption
) -> Inquiry:
    """Store an inquiry about the latest version of a letter's record.

    Raises NotAllowed after the time for inquiries. Raises Conflict if this address has sent the same
    text, or has MAX_WAITING inquiries that no editor has read yet.
    """
    summary = summary_queries.find_summary(letter.id)
    version = summary_queries.find_latest_version(summary.id) if summary else None
    if summary is None or version is None or not is_open_for_inquiries(version):
        msg = "The time to ask for a correction of this record is over. Your text is still here."
        raise NotAllowed(msg)
    email_hash, body = hash_email(encryption, draft.email), clean_text(draft.body)
    acquire_advisory_lock(f"inquiry:{email_hash}")
    waiting = queries.find_waiting_from(summary.id, email_hash)
    if any(inquiry.body == body for inquiry in waiting):
        msg = "You have already sent this request. An editor reads it."
        raise Conflict(msg)
    if len(waiting) >= MAX_WAITING:
        msg = (
            "Three requests from this address wait for an editor. Send another when they are read."
        )
        raise Conflict(msg)
    now = clock.now()
    inquiry = Inquiry(
        summary_id=summary.id,
        version_number=version.number,
        state=InquiryState.SPAM if draft.is_trapped else InquiryState.WAITING,
        closed_at=now if draft.is_trapped else None,
        name=clean_line(draft.name),
        email_sealed=encryption.encrypt(draft.email),
        email_hash=email_hash,
        stakeholder_group=draft.stakeholder_group,
        organisation=clean_line(draft.organisation),
        body=body,
        form_language=draft.form_language,
        asked_at=now,
    )
    session().add(inquiry)
    session().flush()
    _record_action(by, "summary.inquiry_received", summary, inquiry)
    return inquiry


def publish_inquiry(
    summary: Summary, inquiry_id: int, *, by: Actor, encryption: Encryption
) -> None:
    """Show an inquiry to readers, and tell its sender. Raises Conflict unless it waits."""
    require_writer(summary, by)
    inquiry = queries.get_inquiry_for_update(summary.id, inquiry_id)
    if inquiry.state != InquiryState.WAITING:
        msg = "Another editor has already decided about this inquiry."
        raise Conflict(msg)
    inquiry.state, inquiry.published_at = InquiryState.OPEN, clock.now()
    _bump_pages(summary)
    _send(PUBLISHED_KIND, summary, inquiry, encryption)
    _record_action(by, "summary.inquiry_published", summary, inquiry)


def reject_inquiry(summary: Summary, inquiry_id: int, *, by: Actor) -> None:
    """Mark an inquiry as spam. Raises Conflict unless it waits."""
    require_writer(summary, by)
    inquiry = queries.get_inquiry_for_update(summary.id, inquiry_id)
    if inquiry.state != InquiryState.WAITING:
        msg = "Another editor has already decided about this inquiry."
        raise Conflict(msg)
    inquiry.state, inquiry.closed_at = InquiryState.SPAM, clock.now()
    _record_action(by, "summary.inquiry_rejected", summary, inquiry)


def answer_inquiry(  # noqa: PLR0913  # the fields of the form
    summary: Summary,
    inquiry_id: int,
    *,
    result: str,
    answer: str,
    by: Actor,
    encryption: Encryption,
) -> None:
    """Answer an inquiry in public, and tell its sender. One that still waits becomes public with it.

    A change leads to the latest version. Raises Conflict if none was published after the version
    that the inquiry is about, and if the inquiry is answered already.
    """
    require_writer(summary, by)
    inquiry = queries.get_inquiry_for_update(summary.id, inquiry_id)
    if inquiry.closed_at is not None:
        msg = "Another editor has already decided about this inquiry."
        raise Conflict(msg)
    answer = clean_text(answer)
    if result not in set(InquiryResult):
        msg = "Choose whether the record was changed."
        raise Invalid(msg, field="result")
    if not answer:
        msg = "Write the reasons. Readers and the person who asked see them."
        raise Invalid(msg, field="answer")
    if len(answer) > MAX_ANSWER_LENGTH:
        msg = "Shorten the answer to at most 5,000 characters."
        raise Invalid(msg, field="answer")
    if result in CHANGES:
        inquiry.changed_in_version = _find_changed_version(summary, inquiry)
    now = clock.now()
    inquiry.state, inquiry.result, inquiry.answer = InquiryState.ANSWERED, result, answer
    inquiry.answered_by, inquiry.closed_at = by.name, now
    inquiry.published_at = inquiry.published_at or now
    _bump_pages(summary)
    _send(ANSWERED_KIND, summary, inquiry, encryption, result=result, note=answer)
    _record_action(by, "summary.inquiry_answered", summary, inquiry, result=result)


def erase_name(summary: Summary, inquiry_id: int, *, by: Actor) -> None:
    """Delete name, organisation and address of a public inquiry, if its sender asks for that."""
    require_writer(summary, by)
    inquiry = queries.get_inquiry_for_update(summary.id, inquiry_id)
    inquiry.name = inquiry.organisation = ""
    _erase_address(inquiry)
    _bump_pages(summary)
    _record_action(by, "summary.inquiry_name_erased", summary, inquiry)


def purge_addresses(before: datetime) -> int:
    """Delete the addresses of inquiries that were answered before a moment. Return their number."""
    inquiries = queries.list_addresses_closed_before(before)
    for inquiry in inquiries:
        _erase_address(inquiry)
    return len(inquiries)


def purge_spam(before: datetime) -> int:
    """Delete inquiries that were marked as spam before a moment. Return their number."""
    inquiries = queries.list_spam_before(before)
    for inquiry in inquiries:
        session().delete(inquiry)
    return len(inquiries)


def _find_changed_version(summary: Summary, inquiry: Inquiry) -> int:
    latest = summary_queries.find_latest_version(summary.id)
    if latest is None or latest.number <= inquiry.version_number:
        msg = "Publish the version with the change first. The answer then leads to it."
        raise Conflict(msg, field="result")
    return latest.number


def _erase_address(inquiry: Inquiry) -> None:
    delete_unsent_messages(f"inquiry:{inquiry.id}")
    inquiry.email_sealed = inquiry.email_hash = None


def _bump_pages(summary: Summary) -> None:
    bump_page_version(get_letter(summary.letter_id))
    session().flush()  # every transaction locks the row of the letter before the audit log


def _send(
    kind: str, summary: Summary, inquiry: Inquiry, encryption: Encryption, **context: Any
) -> None:
    email = encryption.decrypt(inquiry.email_sealed) if inquiry.email_sealed else None
    if email is None:
        return
    letter = get_letter(summary.letter_id)
    # Anyone can type any address. One that was never confirmed gets one email a day of any kind.
    is_known = bool(inquiry.email_hash and is_email_confirmed(inquiry.email_hash))
    message = {
        "encryption": encryption,
        "about": f"inquiry:{inquiry.id}",
        "language": inquiry.form_language,
        "letter_title": letter.title,
        "slug": letter.slug,
        "answer_id": str(inquiry.id),
        "version": str(inquiry.changed_in_version or ""),
        **context,
    }
    is_enqueued = enqueue_message(
        kind,
        email,
        limit_per_day=MAX_EMAILS_PER_DAY if is_known else 1,
        counted_kinds=(PUBLISHED_KIND, ANSWERED_KIND) if is_known else None,
        **message,
    )
    if not (is_enqueued or is_known):
        enqueue_message(kind, email, not_before=next_allowed_at(email, encryption), **message)


def _record_action(
    by: Actor, action: str, summary: Summary, inquiry: Inquiry, **details: str
) -> None:
    about = f"letter:{summary.letter_id}"
    record_event(by.label, action, about, inquiry=inquiry.id, **details)
