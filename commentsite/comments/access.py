"""Load the comments that a member of staff may act on: the one place that checks the letter of a comment.

Staff can be limited to certain letters. A service that acts on a comment loads it here, so that no route can
forget the check. Lists use `is_in_letters` of `comments.queries` in their statement instead.
"""

from collections.abc import Collection

from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments import queries as comment_queries
from commentsite.comments.models import Comment


def load_comment_for_staff(
    comment_id: int, by: Actor, permission: Permission = Permission.MODERATE
) -> Comment:
    """Return a comment, locked until the transaction ends, if the actor may act on it.

    Raises NotFound, or NotAllowed without the permission for the letter of the comment.
    """
    by.require(permission)
    comment = comment_queries.get_comment_for_update(comment_id)
    by.require(permission, comment.letter_id)
    return comment


def read_comment_for_staff(
    comment_id: int, by: Actor, permission: Permission = Permission.MODERATE
) -> Comment:
    """Return a comment without a lock. Raises as `load_comment_for_staff` does."""
    by.require(permission)
    comment = comment_queries.get_comment(comment_id)
    by.require(permission, comment.letter_id)
    return comment


def select_permitted_ids(comment_ids: Collection[int], by: Actor) -> set[int]:
    """Return those of the given ids that the actor may know about.

    Staff without a limit to certain letters get all ids back, also those of no comment.
    """
    if by.letter_ids is None:
        return set(comment_ids)
    return comment_queries.find_ids_in_letters(comment_ids, by.letter_ids)
