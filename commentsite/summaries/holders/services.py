"""Ask the holders of positions whether the text states their position fairly, and store their answers.

A holder gets a private link by email. A person is asked at the address of their comment. For a group
or an organisation an editor enters the address of the person who can answer for it.
"""

from datetime import datetime

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.emails.mailbox import decrypt_recipient, is_recipient_confirmed
from commentsite.comments.queries import get_comment
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.notifications.outbox import delete_unsent_messages, enqueue_message
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.holders import queries
from commentsite.summaries.holders.policy import (
    hash_position_text,
    is_answer_final,
    is_outdated,
)
from commentsite.summaries.holders.queries import HolderCase
from commentsite.summaries.models import PositionHolder, Summary
from commentsite.summaries.permissions import require_writer
from commentsite.summaries.states import SignOff
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.text.plain_text import clean_line, clean_text

MAX_NOTE_LENGTH = 1_000
MAX_CONTACT_LENGTH = 80
MAX_EMAILS_PER_DAY = 10  # to one address about positions
EMAIL_KIND = "position.asked"


def ask_holder(  # noqa: PLR0913  # the fields of the form
    summary: Summary,
    holder_id: int,
    *,
    email: str,
    contact_name: str,
    by: Actor,
    encryption: Encryption,
) -> None:
    """Email a holder the link to their page. A holder can be asked again once the text has changed.

    Raises Invalid if an address is missing or the position has no text. Raises Conflict if the
    author of a comment cannot be reached, or was asked about this very text already.
    """
    require_writer(summary, by)
    case = queries.get_case_by_id_for_update(summary, holder_id)
    holder = case.holder
    if not (case.position.title.strip() and case.position.body.strip()):
        msg = "Write the title and the text of the position first."
        raise Invalid(msg)
    if holder.sign_off != SignOff.NONE and not is_outdated(holder, _hash_text(case)):
        msg = "This holder has answered about this text."
        raise Conflict(msg)
    if holder.comment_id is None:
        _store_address(holder, email, contact_name, encryption)
    if holder.token_sealed is None:
        token = tokens.new_token()
        holder.token_hash = tokens.hash_token(token)
        holder.token_sealed = encryption.encrypt(token)
    _send_request(case, encryption, is_reminder=False)
    holder.asked_at, holder.reminded_at = clock.now(), None
    _record_action(by, "summary.holder_asked", case)


def remind_holder(summary: Summary, holder_id: int, *, by: Actor, encryption: Encryption) -> None:
    """Email the link once more. Raises Conflict if the holder was reminded, or has answered."""
    require_writer(summary, by)
    case = queries.get_case_by_id_for_update(summary, holder_id)
    holder = case.holder
    has_answered = holder.sign_off != SignOff.NONE and not is_outdated(holder, _hash_text(case))
    # A holder who was asked at another site has no link here.
    was_asked = holder.asked_at is not None and holder.token_sealed is not None
    if not was_asked or holder.reminded_at is not None or has_answered:
        msg = "A reminder can be sent once, to a holder who was asked and has not answered."
        raise Conflict(msg)
    _send_request(case, encryption, is_reminder=True)
    holder.reminded_at = clock.now()
    _record_action(by, "summary.holder_asked", case)


def answer_request(  # noqa: PLR0913  # the fields of the form
    token: str, *, sign_off: str, note: str, shown_hash: str, is_name_agreed: bool, by: Actor
) -> None:
    """Store the answer of a holder. Both the answer and the note are public.

    `shown_hash` is that of the text that the holder read. Raises Conflict if the text has changed
    since, or if a version with the earlier answer is published. Raises Invalid without an answer,
    and for "unfair" without a note.
    """
    case = queries.get_case_for_update(token)
    holder, text_hash = case.holder, _hash_text(case)
    if sign_off not in {SignOff.FAIR, SignOff.UNFAIR}:
        msg = "Choose one of the two answers."
        raise Invalid(msg, field="sign_off")
    note = clean_text(note)
    if sign_off == SignOff.UNFAIR and not note:
        msg = "Say in a sentence what the text gets wrong. Readers see it."
        raise Invalid(msg, field="note")
    if len(note) > MAX_NOTE_LENGTH:
        msg = "Shorten the note to at most 1,000 characters."
        raise Invalid(msg, field="note")
    latest = summary_queries.find_latest_version(case.summary.id)
    if is_answer_final(holder, text_hash, latest.published_at if latest else None):
        msg = "The record is published with your answer, so it cannot be changed any more."
        raise Conflict(msg)
    if shown_hash != text_hash:
        msg = "The editors have changed the text since you opened this page. Read it again below."
        raise Conflict(msg)
    holder.sign_off, holder.sign_off_note = SignOff(sign_off), note
    holder.signed_hash, holder.signed_at = text_hash, clock.now()
    holder.is_name_agreed = is_name_agreed
    if latest is not None:
        bump_page_version(get_letter(case.summary.letter_id))
        session().flush()  # every transaction locks the row of the letter before the audit log
    _record_action(by, "summary.signed_off", case, answer=sign_off)


def purge_addresses(before: datetime) -> int:
    """Delete the addresses of holders who were asked before a moment. Return their number."""
    holders = queries.list_addresses_asked_before(before)
    for holder in holders:
        _erase_address(holder)
    return len(holders)


def erase_names(before: datetime) -> int:
    """Delete what positions hold of the authors of erased comments. Return the number of holders."""
    holders = queries.list_holders_of_erased(before)
    for holder in holders:
        _erase_address(holder)
        holder.name = holder.sign_off_note = ""
        holder.is_name_agreed = False
    return len(holders)


def _erase_address(holder: PositionHolder) -> None:
    delete_unsent_messages(f"holder:{holder.id}")
    holder.email_sealed, holder.contact_name = None, ""


def _hash_text(case: HolderCase) -> str:
    return hash_position_text(case.position.title, case.position.body)


def _store_address(
    holder: PositionHolder, email: str, contact_name: str, encryption: Encryption
) -> None:
    if not email.strip():
        if holder.email_sealed is None:
            msg = "Enter the email address of the person who answers for this holder."
            raise Invalid(msg, field="email")
        return
    try:
        address = normalize_email(email)
    except InvalidEmail as error:
        raise Invalid(error.message, field="email") from None
    holder.email_sealed = encryption.encrypt(address)
    holder.contact_name = clean_line(contact_name)[:MAX_CONTACT_LENGTH]


def _find_address(holder: PositionHolder, encryption: Encryption) -> str:
    if holder.comment_id is None:
        address = encryption.decrypt(holder.email_sealed) if holder.email_sealed else None
    else:
        comment = get_comment(holder.comment_id)
        recipient = decrypt_recipient(comment, encryption)
        is_reachable = comment.state == CommentState.PUBLISHED and is_recipient_confirmed(comment)
        address = recipient[0] if recipient and is_reachable else None
    if address is None:
        msg = "There is no confirmed email address of this holder, so nothing can be sent."
        raise Conflict(msg)
    return address


def _send_request(case: HolderCase, encryption: Encryption, *, is_reminder: bool) -> None:
    holder = case.holder
    token = encryption.decrypt(holder.token_sealed) if holder.token_sealed else None
    address = _find_address(holder, encryption)
    is_enqueued = token is not None and enqueue_message(
        EMAIL_KIND,
        address,
        encryption=encryption,
        about=f"holder:{holder.id}",
        limit_per_day=MAX_EMAILS_PER_DAY,
        language=case.summary.language,
        letter_title=get_letter(case.summary.letter_id).title,
        contact_name=holder.contact_name,
        question=case.question.text,
        position_title=case.position.title,
        token=token,
        reminder="yes" if is_reminder else "",
    )
    if not is_enqueued:
        msg = "This address has had many emails about positions today. Send it tomorrow."
        raise Conflict(msg)


def _record_action(by: Actor, action: str, case: HolderCase, **details: str) -> None:
    record_event(
        by.label,
        action,
        f"letter:{case.summary.letter_id}",
        position=case.position.id,
        holder=case.holder.id,
        **details,
    )
