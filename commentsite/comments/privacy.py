"""Erase comments, export the personal data stored with them, and purge data after its retention period."""

from datetime import datetime
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments import queries as comment_queries
from commentsite.comments.appeals.transitions import erase_appeals
from commentsite.comments.author_actions import withdraw_comment
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.emails.confirmation import erase_email_address
from commentsite.comments.indexing import remove_words
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import decrypt_original_text, discard_original_text
from commentsite.comments.reports.queries import list_reports, list_reports_with_network_address
from commentsite.comments.screening.checks import (
    CheckCode,
    Finding,
    HoldReason,
    build_hold_reason,
)
from commentsite.comments.screening.external_checks import cancel_check, find_check_state
from commentsite.comments.states import WITHDRAWABLE_STATES
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter

#: Columns that the export leaves out or replaces with a readable form.
_UNEXPORTED_COLUMNS = frozenset(
    {
        "email_sealed",
        "email_hash",
        "address_hash",
        "receipt_hash",
        "receipt_sealed",
        "body_hash",
        "unredacted_sealed",
        "delegation_evidence_sealed",
        # The next two would let a sender approach another person's unpublished text step by step.
        "near_id",
        "near_percent",
        "voice",
        "has_own_domain",
        "stands_alone",
        "campaign_id",
        "folded_into_id",
        "waits_for",  # the receipt page shows it as a sentence
        "withdrawn_from",
        "withdrawn_awaiting",
    }
)


def erase_comment(comment: Comment, *, by: Actor) -> None:
    """Delete the text, the name and the address of a comment for good. Only an empty row remains.

    A comment that is erased already stays as it is.
    """
    if comment.erased_at is not None:
        return
    bump_page_version(get_letter(comment.letter_id))
    # Every transaction locks the row of the letter before the audit log.
    session().flush()
    erase_email_address(comment)
    for report in list_reports(comment.id):
        report.text = ""
    for note in comment_queries.list_case_notes(comment.id):
        note.body = ""
    if comment.state in WITHDRAWABLE_STATES:
        withdraw_comment(comment, by=by)
    erase_appeals(comment, by=by)
    comment.name = comment.organisation = comment.body = comment.body_html = comment.body_hash = ""
    comment.hold_reasons, comment.targets, comment.words_salt = [], [], None
    comment.withdrawn_from = comment.withdrawn_awaiting = None
    discard_original_text(comment)
    comment.delegation_evidence_sealed, comment.delegation_verified_at = None, None
    comment.author_role, comment.similar_comment_id, comment.network_address_hash = "", None, None
    campaigns.delete_sketch(comment.id)
    remove_words(comment)
    cancel_check(comment)
    for revision in comment_queries.list_revisions(comment.id):
        session().delete(revision)
    comment.erased_at = clock.now()
    record_event(by.label, "comment.erased", f"comment:{comment.id}", state=str(comment.state))


def export_personal_data(comment: Comment, encryption: Encryption) -> dict[str, Any]:
    """Return everything that is stored with a comment, for its author.

    The keys are the names of the columns. Anything that would tell the author about another person
    is left out, and so is everything that a stranger could learn by entering another person's
    address.
    """
    data: dict[str, Any] = {}
    for column in Comment.__table__.columns:
        if column.name in _UNEXPORTED_COLUMNS:
            continue
        # An attribute may have another name than its column.
        value = getattr(comment, Comment.__mapper__.get_property_by_column(column).key)
        data[column.name] = value.isoformat() if isinstance(value, datetime) else value
    reasons = _disclosable_reasons(comment)
    data["held"], data["held_by"] = reasons, reasons[0]["rule"]
    if [reason["rule"] for reason in reasons[1:]] == [CheckCode.EDITED] and (
        data["held_by"] == CheckCode.PREMODERATION
    ):
        data["held_by"] = CheckCode.EDITED.value
    if comment.email_confirmed_at is None:
        # Both depend on other comments under the same address.
        data["ask_at"] = data["closing_told"] = None
    data["voice"] = comment.confirmed_author_role
    data["email"] = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    data["words_as_sent"] = (
        decrypt_original_text(comment, encryption) if comment.redactions else None
    )
    data["paragraphs"] = {target.pid: target.stance for target in comment.targets}
    evidence = comment.delegation_evidence_sealed
    data["delegation_evidence"] = encryption.decrypt(evidence) if evidence else None
    data["network_address_is_kept_as_keyed_hash"] = comment.network_address_hash is not None
    data["service_asked_about_words"] = find_check_state(comment)
    data["earlier_wordings"] = [
        {"body": revision.body, "replaced_at": revision.replaced_at.isoformat()}
        for revision in comment_queries.list_revisions(comment.id)
    ]
    return data


def erase_unconfirmed_comments(before: datetime, *, by: Actor) -> int:
    """Erase the comments sent before a moment whose address was never confirmed. Return their number."""
    comments = comment_queries.list_unconfirmed_before(before)
    # All letters first, in a fixed order, so that two workers cannot block each other.
    for letter_id in sorted({comment.letter_id for comment in comments}):
        bump_page_version(get_letter(letter_id))
    for comment in comments:
        erase_comment(comment, by=by)
    return len(comments)


def purge_network_addresses(before: datetime) -> int:
    """Delete the network addresses of comments and reports sent before a moment. Return their number."""
    comments = comment_queries.list_with_network_address_before(before)
    reports = list_reports_with_network_address(before)
    for comment in comments:
        comment.network_address_hash = None
    for report in reports:
        report.network_address_hash = report.network_hash = None
    return len(comments) + len(reports)


def _disclosable_reasons(comment: Comment) -> list[HoldReason]:
    """Return the hold reasons that tell the author nothing about another person.

    The sender history is about everyone on the same network. A sanction and the check for new
    senders are about the owner of the address, who may be another person until the comment is
    confirmed. The detail of similar text names another comment.
    """
    hidden = {CheckCode.SENDER_HISTORY}
    if not comment.email_confirmed_at:
        hidden |= {CheckCode.SANCTION, CheckCode.LINKS_FROM_NEW_SENDER}
    reasons = [reason for reason in comment.hold_reasons if reason["rule"] not in hidden]
    if all(reason["rule"] == CheckCode.EDITED for reason in reasons):
        reasons = [build_hold_reason(CheckCode.PREMODERATION, 1, Finding()), *reasons]
    return [
        {
            "rule": reason["rule"],
            "detail": "" if reason["rule"] == CheckCode.SIMILAR_TEXT else reason.get("detail", ""),
        }
        for reason in reasons
    ]
