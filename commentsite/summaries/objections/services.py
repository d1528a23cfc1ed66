"""The register of objections: record one, answer it in writing, and take the author's reaction.

RFC 7282 ("On Consensus and Humming in the IETF", 2014) is the model. A rough consensus is reached
when all objections have been addressed, though not necessarily accommodated. While an objection is
open, no text is therefore called agreed, however few people object. An answered objection stays in
the register, with the answer and the reaction of its author.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from commentsite import clock
from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.emails import mailbox
from commentsite.comments.models import Comment
from commentsite.comments.queries import find_letter_id, get_comment, get_comment_for_update
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed, NotFound
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_any_letter, get_letter, get_letter_for_update
from commentsite.notifications.outbox import enqueue_message
from commentsite.summaries.models import Objection
from commentsite.summaries.objections import queries as objection_queries
from commentsite.summaries.objections.policy import (
    ANSWERS,
    is_opposing,
    list_opposed_paragraphs,
    may_answer,
)
from commentsite.summaries.states import ObjectionStatus
from commentsite.text.plain_text import clean_line, clean_text

MAX_ANSWER = 5_000  # characters
MAX_REACTION = 1_000  # characters


def record_objection(
    comment: Comment, pids: Collection[str] | None = None, *, by: Actor
) -> Objection:
    """Record a published comment as an objection to paragraphs, or to the letter if there are none.

    Without `pids` it is about the paragraphs that the comment opposes. An editor may record any
    comment, and its author one that opposes. The caller has locked the comment. Raises Conflict
    when the comment is not published or is recorded already.
    """
    is_author = by.user_id is None
    if not is_author:
        by.require(Permission.WRITE_LETTERS, comment.letter_id)
    if comment.state != CommentState.PUBLISHED:
        msg = "Only a published comment can be an objection."
        raise Conflict(msg)
    if is_author and not is_opposing(comment):
        msg = "Only a comment that opposes can be an objection."
        raise Conflict(msg)
    if objection_queries.find_objection(comment.id) is not None:
        msg = "This comment is recorded as an objection already."
        raise Conflict(msg)
    objection = Objection(
        letter_id=comment.letter_id,
        comment_id=comment.id,
        pids=list(dict.fromkeys(list_opposed_paragraphs(comment) if pids is None else pids)),
        recorded_by="" if is_author else by.name,
        recorded_at=clock.now(),
    )
    session().add(objection)
    session().flush()
    _record_event(objection, "objection.recorded", by)
    return objection


def record_numbered_comment(slug: str, comment_id: int, *, by: Actor) -> Objection:
    """Record a comment of a letter as `record_objection` does. Raises NotFound for other letters."""
    letter = get_any_letter(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if find_letter_id(comment_id) != letter.id:
        msg = "There is no comment with this number on this letter."
        raise NotFound(msg, field="comment")
    return record_objection(get_comment_for_update(comment_id), by=by)


def answer_objection(  # noqa: PLR0913  # each is a part of the form, named by the caller
    slug: str, objection_id: int, *, text: str, status: str, by: Actor, encryption: Encryption
) -> Objection:
    """Answer an objection in writing, as addressed or as accommodated by a change of the text.

    Its author gets an email, if the address is confirmed. Another answer replaces the last one, and
    asks the author again. Raises NotAllowed for staff of a group that wrote the letter, Invalid
    without a text, and Conflict for one that is withdrawn.
    """
    letter = get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if not may_answer(letter, by):
        msg = (
            "You belong to a group that wrote this letter, so you cannot answer an objection to it."
            " Ask a colleague from another group."
        )
        raise NotAllowed(msg)
    objection = objection_queries.get_objection_for_update(letter.id, objection_id)
    if objection.status == ObjectionStatus.WITHDRAWN:
        msg = "The author withdrew this objection, so it needs no answer."
        raise Conflict(msg)
    answer = clean_text(text)
    if not answer or len(answer) > MAX_ANSWER:
        msg = "Write an answer of at most 5,000 characters."
        raise Invalid(msg, field="response")
    if status not in ANSWERS:
        msg = "Choose whether the text was changed."
        raise Invalid(msg, field="status")
    objection.response, objection.status = answer, ObjectionStatus(status)
    objection.answered_by, objection.answered_at = by.name, clock.now()
    objection.author_satisfied = None  # the words of an earlier reaction stay
    _record_event(objection, "objection.answered", by, letter=letter)
    _notify_author(objection, letter, encryption)
    return objection


def react_to_answer(comment: Comment, *, is_satisfied: bool | None, text: str, by: Actor) -> None:
    """Store whether the author is satisfied with the answer. The caller has locked the comment.

    Raises Conflict before there is an answer, and Invalid without a choice.
    """
    objection = _get_own_objection(comment)
    if objection.answered_at is None or objection.status == ObjectionStatus.WITHDRAWN:
        msg = "There is no answer to your objection yet."
        raise Conflict(msg)
    if is_satisfied is None:
        msg = "Choose whether the answer satisfies you."
        raise Invalid(msg, field="satisfied")
    reaction = clean_line(text)
    if len(reaction) > MAX_REACTION:
        msg = "Use at most 1,000 characters."
        raise Invalid(msg, field="reaction")
    objection.author_satisfied, objection.author_reaction = is_satisfied, reaction
    _record_event(objection, "objection.reacted", by)


def withdraw_objection(comment: Comment, *, by: Actor) -> None:
    """Withdraw an objection, for its author. The comment stays, and so does the register entry."""
    objection = _get_own_objection(comment)
    if objection.status == ObjectionStatus.WITHDRAWN:
        return
    objection.status = ObjectionStatus.WITHDRAWN
    _record_event(objection, "objection.withdrawn", by)


def erase_reaction(comment: Comment) -> None:
    """Delete the words of the author from the objection of a comment that is erased."""
    objection = objection_queries.find_objection_for_update(comment.id)
    if objection is not None:
        objection.author_reaction = ""


def find_unanswered(
    letter_ids: Collection[int] | None, actor: Actor
) -> tuple[int, datetime | None, str]:
    """Return how many objections the actor can answer, since when, and the slug of the oldest's letter."""
    group = "" if actor.group == UNDISCLOSED_GROUP else actor.group
    return objection_queries.find_unanswered(letter_ids, group)


def export_objection(comment: Comment) -> dict[str, Any] | None:
    """Return what is stored about the objection of a comment, for its author."""
    objection = objection_queries.find_objection(comment.id)
    if objection is None:
        return None
    return {
        "status": objection.status,
        "recorded_at": objection.recorded_at.isoformat(),
        "answer": objection.response,
        "satisfied": objection.author_satisfied,
        "reaction": objection.author_reaction,
    }


def _notify_author(objection: Objection, letter: Letter, encryption: Encryption) -> None:
    comment = get_comment(objection.comment_id)
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if recipient is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt_token = recipient
    enqueue_message(
        "objection.answered",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=None if comment.email_confirmed_at else mailbox.MAX_UNSOLICITED_PER_DAY,
        language=comment.form_language,
        letter_title=letter.title,
        receipt_token=receipt_token,
    )


def _get_own_objection(comment: Comment) -> Objection:
    objection = objection_queries.find_objection_for_update(comment.id)
    if objection is None:
        msg = "Your comment is not recorded as an objection."
        raise Conflict(msg)
    return objection


def _record_event(
    objection: Objection, action: str, by: Actor, *, letter: Letter | None = None
) -> None:
    bump_page_version(letter or get_letter(objection.letter_id))
    record_event(
        by.label,
        action,
        f"comment:{objection.comment_id}",
        objection=objection.id,
        status=str(ObjectionStatus(objection.status)),
    )
