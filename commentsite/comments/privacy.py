"""TODO docstring of commentsite.comments.privacy."""

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
from commentsite.comments.models import Comment
from commentsite.comments.queries import list_case_notes
from commentsite.comments.redaction.services import decrypt_original_text, discard_original_text
from commentsite.comments.reports.queries import list_reports, list_reports_with_network_address
from commentsite.comments.screening.checks import (
    EDITED,
    LINKS_FROM_NEW_SENDER,
    PREMODERATION,
    SANCTION,
    SENDER_HISTORY,
    Finding,
    build_hold_reason,
)
from commentsite.comments.screening.external_checks import cancel_check, find_check_state
from commentsite.comments.states import TRANSITIONS, CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter


def erase_comment(comment: Comment, *, by: Actor) -> None:
    """Delete words, name and address for good; what remains is that there was a comment."""
    if comment.erased_at is not None:
        return
    bump_page_version(get_letter(comment.letter_id))
    session().flush()  # the letter's row before the chain, as everybody locks them
    erase_email_address(comment)
    for report in list_reports(comment.id):
        report.text = ""
    for note in list_case_notes(comment.id):
        note.body = ""
    if CommentState.WITHDRAWN in TRANSITIONS[CommentState(comment.state)]:
        withdraw_comment(comment, by=by)
    erase_appeals(comment, by=by)
    comment.name = comment.organisation = comment.body = comment.body_html = comment.body_hash = ""
    comment.hold_reasons, comment.targets = [], []
    discard_original_text(comment)
    comment.delegation_evidence_sealed, comment.delegation_verified_at = None, None
    comment.author_role, comment.similar_comment_id, comment.network_address_hash = "", None, None
    campaigns.delete_sketch(comment.id)
    cancel_check(comment)
    for revision in comment_queries.list_revisions(comment.id):
        session().delete(revision)
    comment.erased_at = clock.now()
    record_event(by.label, "comment.erased", f"comment:{comment.id}", state=str(comment.state))


def export_personal_data(comment: Comment, encryption: Encryption) -> dict[str, Any]:
    """Return everything that is stored with a comment, for its author; hashes are named, not shown."""
    hidden = {
        "email_sealed",
        "email_hash",
        "address_hash",
        "receipt_hash",
        "receipt_sealed",
        "body_hash",
        "unredacted_sealed",
        "delegation_evidence_sealed",
        "near_id",
        "near_percent",  # how like another's words: nobody may climb along it
        "voice",
        "has_own_domain",
        "stands_alone",
        "campaign_id",
        "folded_into_id",
        "waits_for",  # told on its page, in words
    }
    held: dict[str, Any] = {}
    for column in Comment.__table__.columns:
        # An attribute may have another name than its column. The export uses the names of the columns.
        value = getattr(comment, Comment.__mapper__.get_property_by_column(column).key)
        if column.name not in hidden:
            held[column.name] = value.isoformat() if isinstance(value, datetime) else value
    held["held"] = _disclosable_reasons(comment)
    held["held_by"] = held["held"][0]["rule"]
    if len(held["held"]) == 2 and held["held"][1]["rule"] == EDITED:
        held["held_by"] = EDITED if held["held_by"] == PREMODERATION else held["held_by"]
    if comment.email_confirmed_at is None:
        held["ask_at"] = held["closing_told"] = None  # it depends on what else the mailbox did
    held["voice"] = comment.confirmed_author_role  # what an address claims tells a stranger nothing
    held["email"] = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    held["words_as_sent"] = (
        decrypt_original_text(comment, encryption) if comment.redactions else None
    )
    held["paragraphs"] = {target.pid: target.stance for target in comment.targets}
    sealed = comment.delegation_evidence_sealed
    held["delegation_evidence"] = encryption.decrypt(sealed) if sealed else None
    held["network_address_is_kept_as_keyed_hash"] = comment.network_address_hash is not None
    held["service_asked_about_words"] = find_check_state(comment)
    held["earlier_wordings"] = [
        {"body": r.body, "replaced_at": r.replaced_at.isoformat()}
        for r in comment_queries.list_revisions(comment.id)
    ]
    return held


def erase_unconfirmed_comments(before: datetime, *, by: Actor) -> int:
    """Erase comments whose address nobody confirmed in time; return how many there were."""
    comments = comment_queries.list_unconfirmed_before(before)
    for letter_id in sorted({comment.letter_id for comment in comments}):
        bump_page_version(get_letter(letter_id))
    for comment in comments:
        erase_comment(comment, by=by)
    return len(comments)


def purge_network_addresses(before: datetime) -> int:
    """Forget the network addresses of comments and reports sent before a moment; return how many there were."""
    comments = comment_queries.list_with_network_address_before(before)
    reports = list_reports_with_network_address(before)
    for comment in comments:
        comment.network_address_hash = None
    for report in reports:
        report.network_address_hash = None
    return len(comments) + len(reports)


def _disclosable_reasons(comment: Comment) -> list[dict[str, str]]:
    """Return why it is held, without what tells of others: who shares a network, who owns an address somebody typed."""
    silent = (
        {SENDER_HISTORY}
        if comment.email_confirmed_at
        else {SENDER_HISTORY, SANCTION, LINKS_FROM_NEW_SENDER}
    )
    told = [r for r in comment.hold_reasons if r["rule"] not in silent]
    if not [r for r in told if r["rule"] != EDITED]:
        told = [build_hold_reason(PREMODERATION, 1, Finding()), *told]
    return [
        {"rule": r["rule"], "detail": "" if r["rule"] == "near_repeat" else r.get("detail", "")}
        for r in told
    ]
