"""Read what is known, when a comment comes, about who sends it and about its words: one question, written once."""

from dataclasses import dataclass
from datetime import datetime

from commentsite import clock, retention
from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import SenderCounts
from commentsite.comments.screening.queries import sender_history_statement
from commentsite.db.session import session


@dataclass(frozen=True)
class SenderHistory:
    """What was before a comment: of who sends it, and of its words."""

    recent: SenderCounts
    is_email_confirmed: bool  # the address, with any comment
    is_duplicate_text: bool  # anybody sent these words about any letter
    sanction: str | None  # the level of what is decided about the address


def load_sender_history(comment: Comment, now: datetime) -> SenderHistory:
    """Return what is known of a comment's sender and words, itself not counted."""
    return _load_history(
        now,
        email=comment.email_hash,
        address=comment.network_address_hash,
        words=comment.body_hash,
        besides=comment.id or 0,
    )


def count_verdicts_on_network(
    network_address_hash: str | None, exclude_comment_id: int = 0
) -> dict[str, int]:
    """Count what came from a network address and was spam, refused, or reported with right."""
    if network_address_hash is None:
        return {}
    asked = {
        "email": None,
        "address": network_address_hash,
        "words": "",
        "besides": exclude_comment_id,
    }
    past = _load_history(clock.now(), **asked).recent
    counted = {"spam": past.spam, "refused": past.refused, "reported": past.upheld_reports}
    return {what: n for what, n in counted.items() if n}


def _load_history(now: datetime, **asked: str | int | None) -> SenderHistory:
    # As far back as network addresses are kept, and no further, even where the worker is late to forget them.
    since = now - retention.NETWORK_ADDRESS_TTL
    found = (
        session().execute(sender_history_statement(), {**asked, "now": now, "since": since}).one()
    )
    return SenderHistory(
        recent=SenderCounts(bool(found.is_published), found.spam, found.refused, found.reported),
        is_email_confirmed=bool(found.is_confirmed),
        is_duplicate_text=bool(found.is_repeat),
        sanction=found.sanction,
    )
