"""Hide words of a comment from everybody but its author and the desk, and show them again."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.comments.redaction.spans import (
    Span,
    parse_spans,
    render_redacted_html,
    render_redacted_text,
)
from commentsite.comments.sanitizer import render_comment_html
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import record_unchanged
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.search.index import index_comment


def decrypt_original_text(comment: Comment, encryption: Encryption) -> str:
    """Return the words as they were sent. Raises Conflict when they are hidden and no key opens them."""
    if comment.unredacted_sealed is None:
        return comment.body
    opened = encryption.decrypt(comment.unredacted_sealed)
    if opened is None:
        msg = "No key of this installation opens the words as they were sent."
        raise Conflict(msg)
    return opened


def redact_span(
    comment: Comment, span: Span, *, clause: str, decision_id: int, encryption: Encryption
) -> None:
    """Put a mark in place of a stretch of the words as they were sent, in whatever is shown from now on."""
    original = decrypt_original_text(comment, encryption)
    spans = [*parse_spans(comment.redactions), span]
    comment.unredacted_sealed = encryption.encrypt(original)
    comment.redactions = [
        *comment.redactions,
        {
            "start": span.start,
            "end": span.end,
            "number": span.clause_number,
            "clause": clause,
            "decision": decision_id,
            "at": clock.now().isoformat(),
        },
    ]
    comment.body, comment.body_html = (
        render_redacted_text(original, spans),
        render_redacted_html(original, spans),
    )


def lift_redactions_of_decision(
    comment: Comment, decision_id: int, *, encryption: Encryption
) -> None:
    """Show again what one decision hid; what others hid stays hidden."""
    original = decrypt_original_text(comment, encryption)
    comment.redactions = [row for row in comment.redactions if row["decision"] != decision_id]
    spans = parse_spans(comment.redactions)
    comment.body = render_redacted_text(original, spans)
    comment.body_html = (
        render_redacted_html(original, spans) if spans else render_comment_html(original)
    )
    if not spans:
        discard_original_text(comment)


def lift_all_redactions(
    comment: Comment,
    *,
    by: Actor,
    encryption: Encryption,
    action: str = "comment.redactions_lifted",
    **details: str | int,
) -> None:
    """Show every word again as it was sent. Raises Conflict when nothing is hidden."""
    if not comment.redactions:
        msg = "Nothing of this comment is hidden."
        raise Conflict(msg)
    original = decrypt_original_text(comment, encryption)
    comment.body, comment.body_html = original, render_comment_html(original)
    discard_original_text(comment)
    refresh_public_text(comment)
    record_unchanged(comment, by=by, action=action, **details)


def refresh_public_text(comment: Comment) -> None:
    """Let page and search show the words of a published comment as they are now."""
    comment.changed_at = clock.now()
    if comment.state == CommentState.PUBLISHED:
        index_comment(comment.id, f"{comment.name} {comment.organisation} {comment.body}")
    bump_page_version(get_letter(comment.letter_id))
    session().flush()  # comment and letter before the chain, as everybody locks them


def discard_original_text(comment: Comment) -> None:
    """Keep nothing of what was hidden."""
    comment.unredacted_sealed, comment.redactions = None, []
