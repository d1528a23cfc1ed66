"""Delete a letter that was never published, with all that belongs to it."""

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import list_names_limited_to_letter
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.letters import queries as letter_queries
from commentsite.letters.editing import is_edited_by_other
from commentsite.letters.models import Letter
from commentsite.letters.states import UNPUBLISHED_STATES, LetterState
from commentsite.site.models import CommentAllowance


def check_deletable(letter: Letter, by: Actor) -> None:
    """Raise Conflict when the letter was public or is in use, and NotAllowed."""
    by.require(Permission.WRITE_LETTERS, letter.id)
    if letter.state not in UNPUBLISHED_STATES or letter.published_at is not None:
        msg = "Only a letter that was never published can be deleted. The state of this letter is “%(state)s”."
        raise Conflict(msg, state=LetterState(letter.state))
    if is_edited_by_other(copy := letter_queries.find_working_copy(letter), by) and copy:
        msg = "%(name)s is editing this letter. Wait until the editor is done."
        raise Conflict(msg, name=copy.editor_name)
    if names := list_names_limited_to_letter(letter.id):
        msg = "The account of %(names)s is limited to this letter. A steward can change that under People."
        raise Conflict(msg, names=", ".join(names))


def delete_letter(slug: str, *, by: Actor) -> str:
    """Delete a letter with its versions, files, permissions and pictures. Return its title.

    The worker deletes the files of its pictures once no letter has had them for a day. Translations
    of it stay, and are then translations of no letter here. Raises Conflict when it has comments.
    """
    letter = letter_queries.get_letter_for_update(slug)
    check_deletable(letter, by)
    title, letter_id = letter.title, letter.id
    session().execute(
        update(Letter).where(Letter.translation_of_id == letter_id).values(translation_of_id=None)
    )
    session().execute(delete(CommentAllowance).where(CommentAllowance.letter_id == letter_id))
    session().flush()
    session().expunge(letter)
    try:
        with session().begin_nested():
            session().execute(delete(Letter).where(Letter.id == letter_id))
    except IntegrityError:  # comments that were imported are kept, and so is their letter
        msg = "This letter has comments, so it cannot be deleted."
        raise Conflict(msg) from None
    record_event(by.label, "letter.deleted", f"letter:{letter_id}")
    return title
