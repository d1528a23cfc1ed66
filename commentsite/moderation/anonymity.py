"""Hide the author of a comment from moderators until it is decided and the decision can no longer be undone.

Without the second condition, a moderator could decide, see the author, undo, and decide again. A publication shows
the author to everyone at once. The moderator who undid it may therefore not decide about the comment again.

A letter can set anonymity to "yes" or "no". An empty setting follows the site's default. A
moderator with the permission can reveal the author; the audit log records who did.
"""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.access import read_comment_for_staff
from commentsite.comments.models import Comment


def is_anonymised(letter_setting: str, site_setting: bool) -> bool:  # noqa: FBT001  # the two settings side by side
    """Return whether the desk hides authors: `letter_setting` is "yes", "no", or "" for the site's default."""
    return letter_setting == "yes" or (not letter_setting and site_setting)


def reveal_author(comment_id: int, *, by: Actor) -> Comment:
    """Return a comment with its author, and record in the audit log who asked to see them."""
    comment = read_comment_for_staff(comment_id, by, Permission.REVEAL_AUTHORS)
    record_event(by.label, "comment.revealed", f"comment:{comment.id}", state=str(comment.state))
    return comment
