"""Find the appeals about a comment."""

from sqlalchemy import select

from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import OPEN_STATES
from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.errors import require_found


def list_appeals(comment_id: int) -> list[Appeal]:
    """List the appeals about a comment, freshly loaded, the oldest first."""
    query = select(Appeal).where(Appeal.comment_id == comment_id).order_by(Appeal.id)
    return list(session().scalars(query.execution_options(populate_existing=True)))


def list_open_appeals(comment_id: int) -> list[Appeal]:
    return [appeal for appeal in list_appeals(comment_id) if appeal.state in OPEN_STATES]


def get_appeal(appeal_id: int) -> Appeal:
    """Return an appeal, freshly loaded. Raises NotFound."""
    return require_found(
        session().get(Appeal, appeal_id, populate_existing=True),
        "There is no appeal with this number.",
    )


def find_letter_id_of_appeal(appeal_id: int) -> int | None:
    """Return the id of the letter that an appeal's comment is about, or None if there is no such appeal."""
    query = select(Comment.letter_id).join(Appeal, Appeal.comment_id == Comment.id)
    return session().scalars(query.where(Appeal.id == appeal_id)).first()
