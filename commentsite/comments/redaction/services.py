"""Hide parts of a comment's text from the public, and show them again.

The redacted text replaces `Comment.body`, so that no page, feed or search can show the original by
mistake. The original text is stored encrypted in `Comment.unredacted_sealed`, and the redacted
spans are positions in it.
"""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.indexing import index_words
from commentsite.comments.models import Comment
from commentsite.comments.redaction.spans import (
    Span,
    parse_spans,
    render_redacted_html,
    render_redacted_text,
)
from commentsite.comments.sanitizer import render_comment_html
from commentsite.comments.transitions import record_unchanged
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter


def decrypt_original_text(comment: Comment, encryption: Encryption) -> str:
    """Return the text before redaction. Raises Conflict when no encryption key of the site fits."""
    if comment.unredacted_sealed is None:
        return comment.body
    original = encryption.decrypt(comment.unredacted_sealed)
    if original is None:
        msg = "The original text cannot be decrypted, because this installation does not have its key."
        raise Conflict(msg)
    return original


def redact_span(
    comment: Comment, span: Span, *, clause: str, decision_id: int, encryption: Encryption
) -> None:
    """Replace a span of the text with a placeholder. `clause` is the code of the moderation rule."""
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
    comment.body = render_redacted_text(original, spans)
    comment.body_html = render_redacted_html(original, spans)


def lift_redactions_of_decision(
    comment: Comment, decision_id: int, *, encryption: Encryption
) -> None:
    """Show the spans again that one decision redacted. The spans of other decisions stay redacted."""
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
    """Show the whole text again. Raises Conflict when nothing is redacted."""
    if not comment.redactions:
        msg = "Nothing in this comment is redacted."
        raise Conflict(msg)
    original = decrypt_original_text(comment, encryption)
    comment.body, comment.body_html = original, render_comment_html(original)
    discard_original_text(comment)
    refresh_public_text(comment)
    record_unchanged(comment, by=by, action=action, **details)


def refresh_public_text(comment: Comment) -> None:
    """Update the page and the search indexes after the text of a comment changed."""
    comment.changed_at = clock.now()
    index_words(comment)
    bump_page_version(get_letter(comment.letter_id))
    # Every transaction locks the comment and the letter before the audit log.
    session().flush()


def discard_original_text(comment: Comment) -> None:
    """Delete the original text and the list of redactions."""
    comment.unredacted_sealed, comment.redactions = None, []
