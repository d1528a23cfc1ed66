"""Whose comments are decided without knowing who wrote them, until they are."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment


def is_anonymised(letter_setting: str, site_setting: bool) -> bool:  # noqa: FBT001  # what each of them says
    """Say whether comments are decided blindly where a letter and the site say this about it."""
    return letter_setting == "yes" or (not letter_setting and site_setting)


def reveal_author(comment_id: int, *, by: Actor) -> Comment:
    """Return a comment with who wrote it; the log says who wanted to know."""
    comment = get_comment(comment_id)
    by.require(Permission.REVEAL_AUTHORS, comment.letter_id)
    record_event(by.label, "comment.revealed", f"comment:{comment.id}", state=str(comment.state))
    return comment
