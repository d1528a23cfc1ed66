"""Render stored comments again after the rules of the sanitiser changed.

Every comment keeps its HTML and the version of the sanitiser that made it. The words of the comment
stay as they are, so this is no edit: neither its time of change nor the audit log takes notice.
"""

from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import parse_spans, render_redacted_html
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter

MAX_COMMENTS_AT_ONCE = 5_000  # in one run of the task, so that other tasks get their turn
BATCH_SIZE = 20  # in one transaction


def render_comments_again(comment_ids: list[int], encryption: Encryption) -> int:
    """Render the comments that an earlier sanitiser rendered. Return how many there were.

    A comment with hidden words whose original cannot be decrypted keeps its HTML.
    """
    letter_ids = set()
    count = 0
    for comment_id in comment_ids:
        comment = session().get(Comment, comment_id, with_for_update=True)
        if comment is None or comment.sanitizer_version >= SANITIZER_VERSION:
            continue
        try:
            html = _render(comment, encryption)
        except Conflict:
            html = comment.body_html
        comment.sanitizer_version = SANITIZER_VERSION
        count += 1
        if html != comment.body_html:
            comment.body_html = html
            if comment.state == CommentState.PUBLISHED:
                letter_ids.add(comment.letter_id)
    for letter_id in sorted(letter_ids):
        bump_page_version(get_letter(letter_id))
    return count


def _render(comment: Comment, encryption: Encryption) -> str:
    if not comment.body:  # erased
        return comment.body_html
    if not comment.redactions:
        return render_comment_html(comment.body)
    original = decrypt_original_text(comment, encryption)
    return render_redacted_html(original, parse_spans(comment.redactions))
