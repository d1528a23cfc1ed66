"""Hide words of a comment from everybody but its author and the desk, and show them again."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.comments.moving import let_stand
from commentsite.comments.redaction import Span, html_of, spans_in, text_of
from commentsite.comments.sanitizer import comment_html
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.errors import Conflict
from commentsite.letters.queries import letter_by_id
from commentsite.letters.services import mark_changed
from commentsite.search.services import index_comment
from commentsite.vault import Vault


def original_words(comment: Comment, vault: Vault) -> str:
    """Return the words as they were sent. Raises Conflict when they are hidden and no key opens them."""
    if comment.unredacted_sealed is None:
        return comment.body
    opened = vault.open(comment.unredacted_sealed)
    if opened is None:
        msg = "No key of this installation opens the words as they were sent."
        raise Conflict(msg)
    return opened


def hide(comment: Comment, span: Span, *, clause: str, decision: int, vault: Vault) -> None:
    """Put a mark in place of a stretch of the words as they were sent, in whatever is shown from now on."""
    original = original_words(comment, vault)
    spans = [*spans_in(comment.redactions), span]
    comment.unredacted_sealed = vault.seal(original)
    comment.redactions = [
        *comment.redactions,
        {
            "start": span.start,
            "end": span.end,
            "number": span.number,
            "clause": clause,
            "decision": decision,
            "at": clock.now().isoformat(),
        },
    ]
    comment.body, comment.body_html = text_of(original, spans), html_of(original, spans)


def lift(comment: Comment, decision: int, *, vault: Vault) -> None:
    """Show again what one decision hid; what others hid stays hidden."""
    original = original_words(comment, vault)
    comment.redactions = [row for row in comment.redactions if row["decision"] != decision]
    spans = spans_in(comment.redactions)
    comment.body = text_of(original, spans)
    comment.body_html = html_of(original, spans) if spans else comment_html(original)
    if not spans:
        forget_original(comment)


def lift_redactions(
    comment: Comment,
    *,
    by: Actor,
    vault: Vault,
    action: str = "comment.redactions_lifted",
    **details: str | int,
) -> None:
    """Show every word again as it was sent. Raises Conflict when nothing is hidden."""
    if not comment.redactions:
        msg = "Nothing of this comment is hidden."
        raise Conflict(msg)
    original = original_words(comment, vault)
    comment.body, comment.body_html = original, comment_html(original)
    forget_original(comment)
    show_change(comment)
    let_stand(comment, by=by, action=action, **details)


def show_change(comment: Comment) -> None:
    """Let page and search show the words of a published comment as they are now."""
    comment.changed_at = clock.now()
    if comment.state == CommentState.PUBLISHED:
        index_comment(comment.id, f"{comment.name} {comment.organisation} {comment.body}")
    mark_changed(letter_by_id(comment.letter_id))
    session().flush()  # comment and letter before the chain, as everybody locks them


def forget_original(comment: Comment) -> None:
    """Keep nothing of what was hidden."""
    comment.unredacted_sealed, comment.redactions = None, []
