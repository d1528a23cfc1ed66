"""Record the use that a record of positions makes of comments, and notify their authors once.

The authors see the use on their receipts as soon as the record is published. The worker then writes
to each mailbox once for each record. A use that changes later shows on the receipt only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.emails import mailbox as mailboxes
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import get_letter
from commentsite.notifications.outbox import enqueue_message
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.answers import queries
from commentsite.summaries.answers.queries import UseCandidate, UseMailbox
from commentsite.summaries.models import CommentUseRecord, Summary
from commentsite.summaries.permissions import require_writer
from commentsite.summaries.states import CommentUse
from commentsite.text.plain_text import clean_text

NOT_MARKED = ""  # takes the mark off a comment
MAX_REASON_LENGTH = 2_000
MAX_COMMENTS_AT_ONCE = 500
MAX_COMMENTS_IN_EMAIL = 20
#: The author asked something, or the editor left something out: both need words.
NEEDS_REASON = frozenset({CommentUse.ANSWERED, CommentUse.NOT_USED})
EMAIL_KIND = "comment.used"


@dataclass(frozen=True)
class Mark:
    """The use to store, with its reason and the name of the editor."""

    use: CommentUse
    reason: str
    decided_by: str


def mark_comments(
    summary: Summary, comment_ids: Collection[int], use: str, reason: str, *, by: Actor
) -> int:
    """Mark comments of a consultation with the use made of them. Return how many marks changed.

    `use` is a CommentUse, or NOT_MARKED. Raises Invalid if the reason is missing, if no comment is
    named or one that cannot be marked, and Conflict if the author was notified of a mark to delete.
    """
    letter_ids = summary_queries.list_letter_ids(summary)
    require_writer(summary, by)
    chosen = sorted(set(comment_ids))
    reason = clean_text(reason)
    _check_use(use, reason)
    _check_comments(queries.list_candidates(chosen), chosen, letter_ids, use)
    records = queries.load_records_for_update(summary.id, chosen)
    if use == NOT_MARKED:
        changed = _delete_marks(list(records.values()))
    else:
        changed = _store_marks(summary, chosen, records, Mark(CommentUse(use), reason, by.name))
    if changed:
        details = {"use": use or "none", "comments": changed}
        record_event(by.label, "summary.comments_marked", f"letter:{summary.letter_id}", **details)
    return changed


def derive_uses() -> int:
    """Store the uses that follow from the positions of published records. Return how many changed.

    Their authors are then notified as those of marked comments are.
    """
    uses = queries.list_underived_uses()
    for use in uses:
        session().add(
            CommentUseRecord(
                summary_id=use.summary_id,
                comment_id=use.comment_id,
                use=use.use,
                decided_by=summary_queries.DERIVED,
                decided_at=use.added_at,
            )
        )
    outdated = queries.list_outdated_derived_uses()
    for record, found in outdated:
        if found:
            record.use = CommentUse(found)
        else:
            session().delete(record)
    return len(uses) + len(outdated)


def notify_authors(mailbox: UseMailbox, encryption: Encryption) -> int:
    """Enqueue the email about the uses of the comments from one address. Return the number of emails.

    Authors whose address is not confirmed, or whose comment is not published, get none.
    """
    rows = queries.lock_records_to_notify(mailbox)
    for record, _comment in rows:
        record.notified_at = clock.now()
    reachable = [row for row in rows if _is_reachable(row[1])]
    first = reachable[0][1] if reachable else None
    recipient = mailboxes.decrypt_recipient(first, encryption) if first else None
    if first is None or recipient is None:
        return 0
    summary = session().get_one(Summary, mailbox.summary_id)
    letter = get_letter(summary.letter_id)
    is_enqueued = enqueue_message(
        EMAIL_KIND,
        recipient[0],
        encryption=encryption,
        about=f"comment:{first.id}",
        # Another person may have sent these comments under an address that its owner confirmed.
        limit_per_day=None
        if any(comment.email_confirmed_at for _record, comment in reachable)
        else mailboxes.MAX_UNSOLICITED_PER_DAY,
        language=first.form_language,
        letter_title=letter.title,
        slug=letter.slug,
        answers=[
            {
                "use": str(record.use),
                "note": record.reason,
                "receipt_token": encryption.decrypt(comment.receipt_sealed) or "",
            }
            for record, comment in reachable[:MAX_COMMENTS_IN_EMAIL]
        ],
        more=str(max(0, len(reachable) - MAX_COMMENTS_IN_EMAIL) or ""),
    )
    return int(is_enqueued)


def erase_reasons(before: datetime) -> int:
    """Delete the reasons written about comments that are erased. Return how many there were."""
    records = queries.list_reasons_of_erased(before)
    for record in records:
        record.reason = ""
    return len(records)


def _check_use(use: str, reason: str) -> None:
    if use != NOT_MARKED and use not in set(CommentUse):
        msg = "Choose what became of the comment."
        raise Invalid(msg, field="use")
    if use in NEEDS_REASON and not reason:
        msg = "Write the answer, or the reason why the comment is not used. Its author reads it."
        raise Invalid(msg, field="reason")
    if len(reason) > MAX_REASON_LENGTH:
        msg = "Shorten the text to at most 2,000 characters."
        raise Invalid(msg, field="reason")


def _check_comments(
    found: list[UseCandidate], chosen: list[int], letter_ids: Collection[int], use: str
) -> None:
    if not chosen:
        msg = "Choose at least one comment."
        raise Invalid(msg, field="comment")
    if len(chosen) > MAX_COMMENTS_AT_ONCE:
        msg = "Mark at most 500 comments at once."
        raise Invalid(msg, field="comment")
    usable = [
        comment
        for comment in found
        if comment.letter_id in letter_ids and comment.state == CommentState.PUBLISHED
    ]
    if len(usable) < len(chosen):
        msg = "Only published comments of this consultation can be marked. Reload the page."
        raise Invalid(msg, field="comment")
    if use == CommentUse.QUOTED and any(row.quote_as == QuoteConsent.COUNT for row in usable):
        msg = "An author of these comments asked only to be counted, so the comment is not quoted."
        raise Invalid(msg, field="comment")


def _delete_marks(records: list[CommentUseRecord]) -> int:
    if any(record.notified_at for record in records):
        msg = "The author was told of this use. It can be changed, but not taken back."
        raise Conflict(msg)
    for record in records:
        session().delete(record)
    return len(records)


def _store_marks(
    summary: Summary, comment_ids: list[int], records: dict[int, CommentUseRecord], mark: Mark
) -> int:
    changed = 0
    for comment_id in comment_ids:
        record = records.get(comment_id)
        if record is None:
            record = CommentUseRecord(summary_id=summary.id, comment_id=comment_id)
            session().add(record)
        elif (record.use, record.reason) == (mark.use, mark.reason):
            continue
        record.use, record.reason = mark.use, mark.reason
        record.decided_by, record.decided_at = mark.decided_by, clock.now()
        changed += 1
    return changed


def _is_reachable(comment: Comment) -> bool:
    return (
        comment.state == CommentState.PUBLISHED
        and not comment.is_imported
        and mailboxes.is_recipient_confirmed(comment)
    )
