"""Let the author of a comment revise it, withdraw it, or say how it may be quoted."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.hashing import hash_text
from commentsite.comments.indexing import index_words
from commentsite.comments.languages import choose_language
from commentsite.comments.models import Comment, CommentRevision
from commentsite.comments.redaction.services import discard_original_text
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.screening.checks import (
    CheckCode,
    Finding,
    SubmissionSignals,
    build_hold_reason,
    run_checks,
)
from commentsite.comments.screening.external_checks import requeue_check
from commentsite.comments.screening.inputs import build_screening_input
from commentsite.comments.screening.queries import find_next_repetition
from commentsite.comments.screening.sender_history import load_sender_history
from commentsite.comments.states import (
    EDITABLE_STATES,
    WITHDRAWABLE_STATES,
    CommentState,
    QuoteConsent,
)
from commentsite.comments.transitions import change_state, record_unchanged
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.site.queries import Site
from commentsite.text.plain_text import clean_text

EDIT_WINDOW = timedelta(minutes=15)


def withdraw_comment(comment: Comment, *, by: Actor) -> None:
    """Withdraw a comment. If it has replies, the page shows a placeholder in its place.

    Raises Conflict in a state in which a comment cannot be withdrawn.
    """
    if comment.state not in WITHDRAWABLE_STATES:
        msg = "This comment cannot be withdrawn, because its state is “%(state)s”."
        raise Conflict(msg, state=CommentState(comment.state))
    comment.withdrawn_from, comment.withdrawn_awaiting = comment.state, comment.awaiting
    change_state(comment, CommentState.WITHDRAWN, by=by, action="comment.withdrawn")


def is_editable(comment: Comment) -> bool:
    """Return whether the author may edit a comment: when it is returned, or in the first 15 minutes while it is pending."""
    if comment.state == CommentState.RETURNED:
        return True
    return comment.state in EDITABLE_STATES and clock.now() - comment.submitted_at <= EDIT_WINDOW


def revise_comment(
    comment: Comment, body: str, *, by: Actor, site: Site, language: str = ""
) -> None:
    """Replace the text of a comment, keep the earlier text as a revision, and screen it again.

    `language` is the tag that the author chose, '' to have it detected. A returned comment goes back to the queue.
    Raises Conflict when the comment is not editable, and Invalid when there is no such language.
    """
    if not is_editable(comment):
        msg = "This comment can no longer be edited. You can withdraw it and send a new one."
        raise Conflict(msg)
    letter = get_letter(comment.letter_id)
    choose_language(comment, language)
    session().add(
        CommentRevision(
            comment_id=comment.id,
            version=comment.version,
            body=comment.body,
            replaced_at=clock.now(),
        )
    )
    new_body = clean_text(body)
    similar = campaigns.find_similar(letter.id, new_body, before_id=comment.id)
    comment.body = new_body
    comment.body_html = render_comment_html(new_body)
    comment.body_hash = hash_text(new_body)
    comment.repetition = find_next_repetition(comment)
    comment.sanitizer_version, comment.edited_at = SANITIZER_VERSION, clock.now()
    comment.rules_version = site.rulebook.version
    discard_original_text(comment)
    _screen_again(comment, letter, similar, site=site)
    requeue_check(comment)
    campaigns.delete_sketch(comment.id)
    campaigns.store_sketch(comment, similar)
    index_words(comment)
    if comment.state == CommentState.RETURNED:
        change_state(comment, CommentState.PENDING, by=by, action="comment.revised")
    else:
        record_unchanged(comment, by=by, action="comment.revised")


def change_quote_consent(comment: Comment, choice: str, *, by: Actor) -> None:
    """Change how records of positions may refer to a comment. Versions that are published stay as they are.

    Raises Invalid on an unknown choice and Conflict when the comment is deleted.
    """
    if choice not in set(QuoteConsent):
        msg = "Choose one of the listed options."
        raise Invalid(msg, field="quote_as")
    if comment.erased_at is not None:
        msg = "This comment is deleted, so no record of positions refers to it."
        raise Conflict(msg)
    if choice == comment.quote_as:
        return
    comment.quote_as = QuoteConsent(choice)
    # The map and the answers of holders follow the choice at once.
    bump_page_version(get_letter(comment.letter_id))
    session().flush()  # every transaction locks the row of the letter before the audit log
    record_event(
        by.label, "comment.quote_consent", f"comment:{comment.id}", state=str(comment.state)
    )


def _screen_again(
    comment: Comment, letter: Letter, similar: campaigns.SimilarComment | None, *, site: Site
) -> None:
    screening_input = build_screening_input(
        comment,
        letter,
        site,
        SubmissionSignals(),
        load_sender_history(comment, clock.now()),
        campaigns.format_similarity(similar),
    )
    reasons = run_checks(screening_input, previous_reasons=comment.hold_reasons)
    comment.hold_reasons = [*reasons, build_hold_reason(CheckCode.EDITED, 1, Finding())]
    # "Edited" names the case in the queue only where no check found anything.
    first_code = reasons[0]["rule"]
    comment.held_by_check = (
        CheckCode.EDITED if first_code == CheckCode.PREMODERATION else first_code
    )
