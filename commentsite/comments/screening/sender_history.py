"""Look up the history of a comment's sender, as input for screening and pre-moderation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from commentsite import clock, retention
from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import ModerationCounts
from commentsite.comments.screening.queries import (
    sender_histories_statement,
    sender_history_statement,
)
from commentsite.comments.states import CommentState
from commentsite.db.session import session


@dataclass(frozen=True)
class SenderHistory:
    """Earlier activity of an email address and a network address.

    The comment being screened is excluded from everything that counts against its sender.
    """

    is_email_confirmed: bool  # with any comment
    has_published: bool  # a comment is published now, and the address is confirmed with it
    is_duplicate_text: bool  # the same text was sent before, by any sender, on any letter
    recent: ModerationCounts  # same network address, within retention.NETWORK_ADDRESS_TTL
    sanction: str | None  # the SanctionLevel in force against the email address


def load_sender_history(comment: Comment, now: datetime) -> SenderHistory:
    """Load everything in one query, because it runs for every submission."""
    return _load_history(
        now,
        email_hash=comment.email_hash,
        network_address_hash=comment.network_address_hash,
        body_hash=comment.body_hash,
        comment_id=comment.id or 0,
    )


def count_verdicts_on_network(
    network_address_hash: str | None, exclude_comment_id: int = 0
) -> dict[str, int]:
    """Count the comments from a network address that were marked as spam, refused, or taken down after a report.

    Counts that are zero are left out.
    """
    if network_address_hash is None:
        return {}
    recent = _load_history(
        clock.now(),
        email_hash=None,
        network_address_hash=network_address_hash,
        body_hash="",
        comment_id=exclude_comment_id,
    ).recent
    counts = {"spam": recent.spam, "refused": recent.refused, "reported": recent.upheld_reports}
    return {verdict: count for verdict, count in counts.items() if count}


class SenderHistories:
    """The sender histories of comments that one transaction examines one after another.

    One query loads all of them. A comment that has its first state counts in those of the comments after it.
    """

    def __init__(self, comments: Iterable[Comment], now: datetime) -> None:
        self._since = now - retention.NETWORK_ADDRESS_TTL
        self._histories: dict[int, SenderHistory] = {}
        self._texts: set[str] = set()
        self._spam: Counter[str] = Counter()  # by network address
        if ids := [comment.id for comment in comments]:
            parameters = {"comment_ids": ids, "now": now, "since": self._since}
            rows = session().execute(sender_histories_statement(), parameters)
            self._histories = {row.comment_id: _build_history(row) for row in rows}

    def get(self, comment: Comment) -> SenderHistory:
        """Return the history of one of the comments, with those that were added before."""
        history = self._histories[comment.id]
        spam = self._spam[comment.network_address_hash or ""]
        return replace(
            history,
            is_duplicate_text=history.is_duplicate_text or comment.body_hash in self._texts,
            recent=replace(history.recent, spam=history.recent.spam + spam),
        )

    def add(self, comment: Comment) -> None:
        """Count a comment that has its first state now."""
        self._texts.add(comment.body_hash)
        address = comment.network_address_hash
        if comment.state == CommentState.SPAM and address and comment.submitted_at >= self._since:
            self._spam[address] += 1


def _load_history(now: datetime, **parameters: str | int | None) -> SenderHistory:
    # The cut-off holds even when the worker is late with the purge of network addresses.
    since = now - retention.NETWORK_ADDRESS_TTL
    statement = sender_history_statement()
    return _build_history(
        session().execute(statement, {**parameters, "now": now, "since": since}).one()
    )


def _build_history(row: Any) -> SenderHistory:
    return SenderHistory(
        is_email_confirmed=bool(row.is_confirmed),
        has_published=bool(row.has_published),
        is_duplicate_text=bool(row.is_duplicate_text),
        recent=ModerationCounts(row.spam, row.refused, row.upheld_reports),
        sanction=row.sanction,
    )
