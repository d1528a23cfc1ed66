"""Submit a comment: check it, screen it, store it, and publish it or queue it for moderation.

The steps stand in the order in which they run. Locks are taken in the order that every other
transaction uses: the email address, the comments of the letter, the row of the letter, and last
the audit log.
"""

from dataclasses import dataclass

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments import queries as comment_queries
from commentsite.comments.affiliation import services as affiliation
from commentsite.comments.auto_publish import (
    auto_publish,
    get_premoderation_policy,
    lock_letter_and_comments,
)
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.commitment import commit_words
from commentsite.comments.emails.confirmation import CONFIRMABLE_STATES, send_confirmation_request
from commentsite.comments.emails.models import SubscriptionScope
from commentsite.comments.hashing import hash_email
from commentsite.comments.indexing import index_for_desk
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.sanitizer import SANITIZER_VERSION, clean_line
from commentsite.comments.screening.checks import (
    CheckCode,
    ScreeningInput,
    SubmissionSignals,
    run_checks,
)
from commentsite.comments.screening.external_checks import enqueue_check
from commentsite.comments.screening.inputs import build_screening_input
from commentsite.comments.screening.queries import has_duplicate_submission
from commentsite.comments.screening.sender_history import SenderHistory, load_sender_history
from commentsite.comments.states import Awaiting, CommentState
from commentsite.comments.submission import Submission
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters.comment_window import CommentWindow, get_current_window
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site


@dataclass(frozen=True)
class SubmittedComment:
    """A stored comment, and the token of its author's receipt page."""

    comment: Comment
    receipt_token: str


def submit_comment(
    letter: Letter, submission: Submission, *, by: Actor, site: Site, encryption: Encryption
) -> SubmittedComment:
    """Store a comment with the reasons to hold it, and email its author how to follow it.

    Raises NotAllowed when the letter or the site takes no comments, Conflict when the same address
    has already sent the same text, and Invalid when the parent comment or a paragraph does not
    belong to the letter.
    """
    window = _check_open(letter, site)
    email_hash = hash_email(encryption, submission.email)
    _reject_duplicate(letter, submission, email_hash)
    policy = get_premoderation_policy(letter, site)
    if policy is not PremoderationPolicy.HOLD_ALL:
        lock_letter_and_comments(letter.id)  # _publish_or_queue may change both
    parent = _load_parent(letter, submission.parent_id)
    targets = _resolve_targets(letter, submission)
    similar = campaigns.find_similar(letter.id, submission.clean_body)

    receipt_token = tokens.new_token()
    comment = _build_comment(letter, submission, email_hash, receipt_token, encryption)
    comment.is_late = window.is_late
    comment.rules_version = site.rulebook.version
    comment.has_organisation_domain = affiliation.is_organisation_domain(
        submission.email, comment.organisation, site.organisation_domains
    )
    comment.author_role = affiliation.determine_author_role(letter.id, submission.email, email_hash)
    comment.targets = targets
    _set_parent(comment, parent)

    history = load_sender_history(comment, clock.now())
    screening_input = build_screening_input(
        comment,
        letter,
        site,
        _build_signals(submission),
        history,
        campaigns.format_similarity(similar),
    )
    _screen(comment, screening_input, email_confirmation=_email_confirmation_mode(letter, site))
    _store(comment, similar, has_external_check=submission.has_external_check, by=by)
    _publish_or_queue(comment, policy, encryption)
    _notify(comment, history, recipient=(submission.email, receipt_token), encryption=encryption)
    return SubmittedComment(comment, receipt_token)


def _check_open(letter: Letter, site: Site) -> CommentWindow:
    window = get_current_window(letter)
    if not window.is_open:
        msg = "This letter takes no more comments. Your text is still in the form, so that you can copy it."
        raise NotAllowed(msg)
    if site.closed_until(clock.now()):
        msg = "This site takes no comments at the moment. Your text is still in the form. Send it later."
        raise NotAllowed(msg)
    return window


def _reject_duplicate(letter: Letter, submission: Submission, email_hash: str) -> None:
    # With the lock, the second request of a double click waits until the first is stored.
    acquire_advisory_lock(f"submission:{email_hash}")
    if has_duplicate_submission(letter.id, email_hash, submission.body_hash):
        msg = "You have already sent this comment. It is not lost: a moderator reads every comment."
        raise Conflict(msg)


def _load_parent(letter: Letter, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    comment_queries.lock_letter_comments(letter.id)
    parent = session().get(Comment, parent_id, populate_existing=True)
    if parent is None or parent.letter_id != letter.id or parent.state != CommentState.PUBLISHED:
        msg = (
            "The comment that you reply to is no longer on this page. "
            "Send your comment without it, or choose another."
        )
        raise Invalid(msg, field="parent")
    return parent


def _resolve_targets(letter: Letter, submission: Submission) -> list[CommentTarget]:
    pids = dict.fromkeys([*submission.paragraphs, *submission.paragraph_stances])
    if not pids:
        return []
    current_pids = {block.pid for block in list_current_blocks(letter)}
    if not set(pids) <= current_pids:
        msg = "A paragraph that you chose is no longer in the letter. Choose again."
        raise Invalid(msg, field="paragraphs")
    return [
        CommentTarget(
            position=position, pid=pid, stance=submission.paragraph_stances.get(pid, "none")
        )
        for position, pid in enumerate(pids)
    ]


def _build_comment(
    letter: Letter,
    submission: Submission,
    email_hash: str,
    receipt_token: str,
    encryption: Encryption,
) -> Comment:
    now = clock.now()
    return Comment(
        letter_id=letter.id,
        letter_version=letter.version_number,
        name=clean_line(submission.name),
        is_pseudonym=submission.is_pseudonym,
        email_sealed=encryption.encrypt(submission.email),
        email_hash=email_hash,
        network_address_hash=encryption.keyed_hash("address", submission.network_address)
        if submission.network_address
        else None,
        stakeholder_group=submission.stakeholder_group,
        organisation=clean_line(submission.organisation),
        capacity=submission.capacity,
        kind=submission.kind,
        stance=submission.stance,
        subscription_scope=SubscriptionScope.REPLIES
        if submission.notify_of_replies
        else SubscriptionScope.NONE,
        body=submission.clean_body,
        body_html=submission.body_html,
        words_salt=tokens.new_salt(),
        body_hash=submission.body_hash,
        sanitizer_version=SANITIZER_VERSION,
        submitted_at=now,
        changed_at=now,
        receipt_hash=tokens.hash_token(receipt_token),
        receipt_sealed=encryption.encrypt(receipt_token),
        # Set explicitly, so that SQLAlchemy knows their values. Otherwise setting one of them to
        # None after the flush emits an UPDATE.
        similar_comment_id=None,
        campaign_id=None,
        confirmation_due_at=None,
    )


def _set_parent(comment: Comment, parent: Comment | None) -> None:
    if parent is None:
        return
    # A reply to a duplicate is shown under the comment that represents the duplicate.
    comment.replied_to_id = parent.id if parent.representative_id else None
    comment.parent_id = parent.representative_id or parent.id
    comment.root_id = parent.root_id or comment.parent_id


def _build_signals(submission: Submission) -> SubmissionSignals:
    return SubmissionSignals(
        honeypot=submission.honeypot,
        form_age=submission.form_age,
        is_burst=submission.is_burst,
        email_domain=submission.email.rpartition("@")[2],
    )


def _email_confirmation_mode(letter: Letter, site: Site) -> str:
    if site.is_switch_active(EmergencySwitch.REQUIRE_CONFIRMATION, clock.now()):
        return "before_queue"
    return letter.email_confirmation or site.email_confirmation


def _screen(comment: Comment, screening_input: ScreeningInput, *, email_confirmation: str) -> None:
    """Set the hold reasons and the first state of a comment."""
    comment.hold_reasons = run_checks(screening_input)
    comment.held_by_check = comment.hold_reasons[0]["rule"]
    needs_confirmation = email_confirmation == "before_queue" or (
        email_confirmation == "first_time" and not screening_input.is_email_confirmed
    )
    if comment.held_by_check == CheckCode.HONEYPOT:
        comment.state, comment.awaiting = CommentState.SPAM, Awaiting.SPAM_CHECK
    elif needs_confirmation:
        comment.state = CommentState.AWAITING_EMAIL
    else:
        comment.state = CommentState.PENDING


def _store(
    comment: Comment,
    similar: campaigns.SimilarComment | None,
    *,
    has_external_check: bool,
    by: Actor,
) -> None:
    session().add(comment)
    session().flush()
    campaigns.store_sketch(comment, similar)
    index_for_desk(comment)
    if has_external_check:
        enqueue_check(comment)
    # The audit log is public, so the event does not contain the hold reasons: they would tell the
    # author about a sanction.
    record_event(
        by.label,
        "comment.submitted",
        f"comment:{comment.id}",
        state=str(comment.state),
        letter=comment.letter_id,
        **commit_words(comment),
    )


def _publish_or_queue(
    comment: Comment, policy: PremoderationPolicy, encryption: Encryption
) -> None:
    """Publish the comment if the pre-moderation policy allows it. Otherwise its state has queued it."""
    if policy is not PremoderationPolicy.HOLD_ALL:  # saves a query of the external check
        auto_publish(comment, policy, encryption)


def _notify(
    comment: Comment,
    history: SenderHistory,
    *,
    recipient: tuple[str, str],
    encryption: Encryption,
) -> None:
    """Email the author, unless the comment is spam."""
    if comment.state in (*CONFIRMABLE_STATES, CommentState.PUBLISHED):
        send_confirmation_request(comment, encryption, history=history, recipient=recipient)
