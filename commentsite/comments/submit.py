"""Take comments in."""

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
from commentsite.comments.emails.confirmation import CONFIRMABLE_STATES, send_confirmation_request
from commentsite.comments.hashing import hash_email
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.sanitizer import SANITIZER_VERSION, clean_line
from commentsite.comments.screening.checks import (
    HONEYPOT,
    HoldReason,
    SubmissionSignals,
    run_checks,
)
from commentsite.comments.screening.external_checks import enqueue_check
from commentsite.comments.screening.inputs import build_screening_input
from commentsite.comments.screening.queries import has_duplicate_submission
from commentsite.comments.screening.sender_history import load_sender_history
from commentsite.comments.states import CommentState
from commentsite.comments.submission import Submission
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters.comment_window import CommentWindow, current_window
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site


@dataclass(frozen=True)
class SubmittedComment:
    """A stored comment, and the only key to its private page."""

    comment: Comment
    receipt_token: str


def submit_comment(
    letter: Letter, submission: Submission, *, by: Actor, site: Site, encryption: Encryption
) -> SubmittedComment:
    """Store a comment with the reasons it is held for, and tell its author where to follow it.

    Raises NotAllowed when the letter takes no comments, Conflict when the same person has
    sent the same words already, Invalid when parent or paragraphs do not belong to the letter.
    """
    now_open = _check_open(letter, site)
    email_hash = hash_email(encryption, submission.email)
    acquire_advisory_lock(f"submission:{email_hash}")  # a double click must not pass twice
    if has_duplicate_submission(letter.id, email_hash, submission.body_hash):
        msg = "You have sent these words already. They are not lost: each comment is read by a moderator."
        raise Conflict(msg)
    policy = get_premoderation_policy(letter, site)
    if policy is not PremoderationPolicy.HOLD_ALL:
        lock_letter_and_comments(letter.id)
    parent = _load_parent(letter, submission.parent_id)
    targets = _build_targets(letter, submission)
    near = campaigns.find_similar(letter.id, submission.clean_body)
    receipt = tokens.new_token()
    comment = _build_comment(letter, submission, email_hash, receipt, encryption)
    comment.rules_version = site.rulebook.version
    comment.has_organisation_domain = affiliation.is_organisation_domain(
        submission.email, comment.organisation, site.organisation_domains
    )
    comment.author_role = affiliation.determine_author_role(letter.id, submission.email, email_hash)
    known = load_sender_history(comment, clock.now())
    facts = build_screening_input(
        comment, letter, site, _build_signals(submission), known, campaigns.format_similarity(near)
    )
    held = run_checks(facts)
    comment.is_late = now_open.is_late
    _set_parent(comment, parent)
    comment.targets = targets
    is_strict = site.is_switch_active(EmergencySwitch.REQUIRE_CONFIRMATION, clock.now())
    asked = "before_queue" if is_strict else letter.email_confirmation or site.email_confirmation
    comment.state = _initial_state(held, asked, is_known=facts.is_email_confirmed)
    comment.hold_reasons, comment.held_by_check = held, held[0]["rule"]
    session().add(comment)
    session().flush()
    campaigns.store_sketch(comment, near)
    if submission.has_external_check:
        enqueue_check(comment)
    # Not why it is held: the log is public, and what was decided about an address is not its author's to learn here.
    record_event(
        by.label,
        "comment.submitted",
        f"comment:{comment.id}",
        state=comment.state.value,
        letter=letter.id,
    )
    if policy is not PremoderationPolicy.HOLD_ALL:  # which costs nothing
        auto_publish(comment, policy, encryption)
    if comment.state in (*CONFIRMABLE_STATES, CommentState.PUBLISHED):
        send_confirmation_request(
            comment, encryption, history=known, opened=(submission.email, receipt)
        )
    return SubmittedComment(comment, receipt)


def _check_open(letter: Letter, site: Site) -> CommentWindow:
    now_open = current_window(letter)
    if not now_open.is_open:
        msg = "This letter takes no more comments. What you wrote is still here, so that you can keep it."
        raise NotAllowed(msg)
    if site.closed_until(clock.now()):
        msg = "This site takes no comments for the moment. What you wrote is still here; send it later."
        raise NotAllowed(msg)
    return now_open


def _build_comment(
    letter: Letter, submission: Submission, email_hash: str, receipt: str, encryption: Encryption
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
        subscription_scope="answers" if submission.notify_of_replies else "",
        body=submission.clean_body,
        body_html=submission.body_html,
        body_hash=submission.body_hash,
        sanitizer_version=SANITIZER_VERSION,
        submitted_at=now,
        changed_at=now,
        receipt_hash=tokens.hash_token(receipt),
        receipt_sealed=encryption.encrypt(receipt),
        # Said, so that what stays as it is when the row is there costs no statement more.
        similar_comment_id=None,
        campaign_id=None,
        confirmation_due_at=None,
    )


def _initial_state(held: list[HoldReason], asked: str, *, is_known: bool) -> CommentState:
    if held[0]["rule"] == HONEYPOT:
        return CommentState.SPAM
    is_asked = {"before_queue": True, "first_time": not is_known}.get(asked, False)
    return CommentState.AWAITING_EMAIL if is_asked else CommentState.PENDING


def _load_parent(letter: Letter, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    comment_queries.lock_letter_comments(letter.id)
    parent = session().get(Comment, parent_id, populate_existing=True)
    if parent is None or parent.letter_id != letter.id or parent.state != CommentState.PUBLISHED:
        msg = "The comment you answer is not on this page any more. Send yours without it, or choose another."
        raise Invalid(msg, field="parent")
    return parent


def _set_parent(comment: Comment, parent: Comment | None) -> None:
    if parent is not None:
        # An answer to one of many senders of a text stands under the text.
        comment.replied_to_id = parent.id if parent.representative_id else None
        comment.parent_id = parent.representative_id or parent.id
        comment.root_id = parent.root_id or comment.parent_id


def _build_targets(letter: Letter, submission: Submission) -> list[CommentTarget]:
    chosen = dict.fromkeys([*submission.paragraphs, *submission.paragraph_stances])
    if not chosen:
        return []
    known = {block.pid for block in list_current_blocks(letter)}
    if not set(chosen) <= known:
        msg = "A paragraph you chose is not in the letter as it stands now. Choose again."
        raise Invalid(msg, field="paragraphs")
    return [
        CommentTarget(
            position=position, pid=pid, stance=submission.paragraph_stances.get(pid, "none")
        )
        for position, pid in enumerate(chosen)
    ]


def _build_signals(submission: Submission) -> SubmissionSignals:
    return SubmissionSignals(
        honeypot=submission.honeypot,
        form_age=submission.form_age,
        is_burst=submission.is_burst,
        email_domain=submission.email.rpartition("@")[2],
    )
