"""Publish a reply by a member of staff, written at the desk.

It is a comment like any other, with the badge of the staff, except that it needs no review: its author may
publish comments. So the automatic checks are left out, and the email address counts as confirmed.
"""

from commentsite import clock
from commentsite.accounts.models import UNDISCLOSED_GROUP
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.access import load_comment_for_staff, read_comment_for_staff
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.auto_publish import lock_letter_and_comments
from commentsite.comments.emails.subscriptions import schedule_reply_notifications
from commentsite.comments.examination import admit_staff_reply
from commentsite.comments.models import Comment
from commentsite.comments.queries import is_text_published_by
from commentsite.comments.sanitizer import MAX_BYTES, MAX_CHARACTERS, MIN_CHARACTERS
from commentsite.comments.states import CommentKind, CommentState, Stance
from commentsite.comments.submission import Submission
from commentsite.comments.submit import prepare_submission, store_submission
from commentsite.comments.transitions import change_state
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import get_letter
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.queries import Site
from commentsite.text.plain_text import clean_text


def publish_staff_reply(
    comment_id: int, text: str, *, site: Site, encryption: Encryption, by: Actor
) -> Comment:
    """Publish a reply to a published comment under the actor's name, and notify its subscribers.

    The actor receives the address of the private page of the reply by email, as every author does.

    Raises NotAllowed without the permission for the letter, or when the letter or the site takes no comments;
    Conflict when the comment is no longer published or the actor has sent the same reply before; Invalid when
    the text is empty or too long.
    """
    letter = get_letter(read_comment_for_staff(comment_id, by).letter_id)
    lock_letter_and_comments(letter.id)
    parent = load_comment_for_staff(comment_id, by, Permission.MODERATE)
    if parent.state != CommentState.PUBLISHED:
        msg = "This comment is no longer published, so it cannot be replied to. Your text is still here."
        raise Conflict(msg)
    body = clean_text(text)
    if len(body) < MIN_CHARACTERS:
        msg = "Write your reply before you publish it."
        raise Invalid(msg, field="body")
    if len(body) > MAX_CHARACTERS or len(body.encode()) > MAX_BYTES:
        msg = "Shorten your reply to 10,000 characters."
        raise Invalid(msg, field="body")
    prepared = prepare_submission(
        letter, _build_submission(parent, body, site, by), site=site, encryption=encryption
    )
    sent = prepared.comment
    if is_text_published_by(letter.id, sent["email_hash"], sent["body_hash"]):
        msg = "You have already published this reply."
        raise Conflict(msg)
    reply = admit_staff_reply(store_submission(prepared, by=by))
    reply.email_confirmed_at = clock.now()
    refresh_author_role(reply, encryption)
    change_state(reply, CommentState.PUBLISHED, by=by, action="comment.staff_reply")
    schedule_reply_notifications(reply)
    enqueue_message(
        "comment.published",
        by.email,
        encryption=encryption,
        about=f"comment:{reply.id}",
        language=by.language,
        letter_title=letter.title,
        receipt_token=prepared.receipt_token,
        note="",
        facts="",
    )
    return reply


def _build_submission(parent: Comment, body: str, site: Site, by: Actor) -> Submission:
    return Submission(
        name=by.name,
        email=by.email,
        stakeholder_group=by.group if by.group in site.offered_groups else UNDISCLOSED_GROUP,
        organisation=by.organisation,
        capacity="undisclosed",
        body=body,
        kind=CommentKind.GENERAL,
        paragraphs=(),
        stance=Stance.NONE,
        parent_id=parent.id,
        notify_of_replies=False,
        honeypot="",
        form_age=0.0,
        network_address=None,
    )
