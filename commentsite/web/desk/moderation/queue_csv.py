"""Download every comment of a view as CSV, with what the signed-in moderator may see of it."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, stream_with_context, url_for

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.reports.queries import list_open_reports_by_comment
from commentsite.db.session import transaction
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.queue.export import record_address_export
from commentsite.moderation.queue.queries import QueueFilters, iter_matching_comments
from commentsite.text.csv_cells import escape_csv_cell
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.moderation.anonymise import anonymise_comments
from commentsite.web.desk.moderation.queue_filters import hash_searched_email, parse_filters
from commentsite.web.rendering.filters import get_group_label
from commentsite.web.rendering.labels import COMMENT_STATE_LABELS, SCREENING_CHECK_LABELS

COLUMNS = (
    "id", "state", "state_name", "submitted_at", "published_at", "letter", "letter_title", "name",
    "group", "group_name", "organisation", "capacity", "kind", "stance", "paragraphs", "reply_to",
    "held_by", "open_reports", "text", "address",
)  # fmt: skip
EMAIL_COLUMN = "email"
#: Excel takes a file without this mark for one in the encoding of the computer.
BYTE_ORDER_MARK = "\ufeff"

bp = Blueprint("moderation_csv", __name__, url_prefix="/desk/moderation/comments.csv")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("")
def download() -> Response:
    """Send the comments of the view that the query string names. Spreadsheet programs run no cell of it."""
    if current_actor().can(Permission.SEE_ADDRESSES):
        with transaction():
            record_address_export(current_actor())
    # Read after the commit, which expires the account: the rows are written when the session is closed.
    actor, filters = current_actor(), parse_filters()
    response = Response(
        stream_with_context(_write_rows(filters, actor)), content_type="text/csv; charset=utf-8"
    )
    filename = f"comments-{clock.now():%Y-%m-%d-%H%M}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _write_rows(filters: QueueFilters, actor: Actor) -> Iterator[str]:
    sees_addresses = actor.can(Permission.SEE_ADDRESSES)
    columns = (*COLUMNS, EMAIL_COLUMN) if sees_addresses else COLUMNS
    yield BYTE_ORDER_MARK + _format_lines([columns])
    labels = _ParagraphLabels()
    batches = iter_matching_comments(
        filters,
        email_hash=hash_searched_email(filters),
        moderator_id=actor.user_id,
        letter_ids=actor.letter_ids,
    )
    for batch in batches:
        letters = {match.comment.id: match.letter for match in batch}
        reports = list_open_reports_by_comment(list(letters))
        rows = []
        for comment in anonymise_comments(match.comment for match in batch):
            letter = letters[comment.id]
            row = _build_row(comment, letter, labels, len(reports.get(comment.id, [])))
            if sees_addresses:
                row.append(_decrypt_email(comment))
            rows.append([escape_csv_cell(value) for value in row])
        yield _format_lines(rows)


class _ParagraphLabels:
    """The labels of the paragraphs of letters, each letter read once."""

    def __init__(self) -> None:
        self._by_letter: dict[int, dict[str, str]] = {}

    def list_for(self, comment: Any, letter: Letter) -> str:
        if not comment.targets:
            return ""
        if letter.id not in self._by_letter:
            self._by_letter[letter.id] = {
                block.pid: block.label
                for block in list_current_blocks(letter)
                if block.pid and block.label
            }
        labels = self._by_letter[letter.id]
        return " ".join(labels[target.pid] for target in comment.targets if target.pid in labels)


def _build_row(
    comment: Any, letter: Letter, labels: _ParagraphLabels, report_count: int
) -> list[object]:
    return [
        comment.id,
        str(comment.state),
        str(COMMENT_STATE_LABELS[comment.state]),
        comment.submitted_at.isoformat(),
        comment.published_at.isoformat() if comment.published_at else "",
        letter.slug,
        letter.title,
        comment.name,
        comment.stakeholder_group,
        get_group_label(comment.stakeholder_group),
        comment.organisation,
        comment.capacity,
        comment.kind,
        comment.stance,
        labels.list_for(comment, letter),
        comment.parent_id or "",
        str(SCREENING_CHECK_LABELS.get(comment.held_by_check, comment.held_by_check)),
        report_count,
        comment.body,
        runtime().settings.base_url
        + url_for("moderation_case.show", comment_id=comment.id, _external=False),
    ]


def _decrypt_email(comment: Any) -> str:
    sealed = comment.email_sealed
    return (runtime().encryption.decrypt(sealed) if sealed else None) or ""


def _format_lines(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
