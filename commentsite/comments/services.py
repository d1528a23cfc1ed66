"""Take comments in."""

from dataclasses import dataclass

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record
from commentsite.comments import campaigns, queries, voices
from commentsite.comments.gathering import facts_about
from commentsite.comments.keys import hash_email
from commentsite.comments.known import duplicate_exists, known_of
from commentsite.comments.letting_in import hold_letter, let_in, policy_for
from commentsite.comments.mailing import WAITING, ask
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.outside import promise_to_ask
from commentsite.comments.sanitizer import SANITIZER_VERSION, clean_line
from commentsite.comments.screening import TRAP, Arrival, Reason, screen
from commentsite.comments.states import CommentState
from commentsite.comments.submission import Submission
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters.models import Letter
from commentsite.letters.queries import current_blocks
from commentsite.letters.services import window_of
from commentsite.letters.window import Window
from commentsite.site.intake import Kind, Policy
from commentsite.site.queries import Site
from commentsite.vault import Vault


@dataclass(frozen=True)
class Submitted:
    """A stored comment, and the only key to its private page."""

    comment: Comment
    receipt: str


def submit_comment(
    letter: Letter, submission: Submission, *, by: Actor, site: Site, vault: Vault
) -> Submitted:
    """Store a comment with the reasons it is held for, and tell its author where to follow it.

    Raises NotAllowed when the letter takes no comments, Conflict when the same person has
    sent the same words already, Invalid when parent or paragraphs do not belong to the letter.
    """
    now_open = _check_open(letter, site)
    email_hash = hash_email(vault, submission.email)
    serialize(f"submission:{email_hash}")  # a double click must not pass twice
    if duplicate_exists(letter.id, email_hash, submission.body_hash):
        msg = "You have sent these words already. They are not lost: each comment is read by a moderator."
        raise Conflict(msg)
    policy = policy_for(letter, site)
    if policy is not Policy.HOLD_ALL:
        hold_letter(letter.id)
    parent = _parent(letter, submission.parent)
    targets = _targets(letter, submission)
    near = campaigns.nearest(letter.id, submission.clean_body)
    receipt = tokens.new()
    comment = _comment(letter, submission, email_hash, receipt, vault)
    comment.rules_version = site.rules.version
    comment.has_own_domain = voices.is_own_domain(
        submission.email, comment.organisation, site.organisation_domains
    )
    comment.voice = voices.voice_of(letter.id, submission.email, email_hash)
    known = known_of(comment, clock.now())
    facts = facts_about(
        comment, letter, site, _arrival(submission), known, campaigns.in_words(near)
    )
    held = screen(facts)
    comment.is_late = now_open.is_late
    _answer(comment, parent)
    comment.targets = targets
    is_strict = site.is_switched(Kind.CONFIRMED, clock.now())
    asked = "before_queue" if is_strict else letter.email_confirmation or site.email_confirmation
    comment.state = _first_state(held, asked, is_known=facts.is_known)
    comment.held, comment.held_by = held, held[0]["rule"]
    session().add(comment)
    session().flush()
    campaigns.remember(comment, near)
    if submission.ask_outside:
        promise_to_ask(comment)
    # Not why it is held: the log is public, and what was decided about an address is not its author's to learn here.
    record(
        by.label,
        "comment.submitted",
        f"comment:{comment.id}",
        state=comment.state.value,
        letter=letter.id,
    )
    if policy is not Policy.HOLD_ALL:  # which costs nothing
        let_in(comment, policy, vault)
    if comment.state in (*WAITING, CommentState.PUBLISHED):
        ask(comment, vault, known=known, opened=(submission.email, receipt))
    return Submitted(comment, receipt)


def _check_open(letter: Letter, site: Site) -> Window:
    now_open = window_of(letter)
    if not now_open.is_open:
        msg = "This letter takes no more comments. What you wrote is still here, so that you can keep it."
        raise NotAllowed(msg)
    if site.closed_until(clock.now()):
        msg = "This site takes no comments for the moment. What you wrote is still here; send it later."
        raise NotAllowed(msg)
    return now_open


def _comment(
    letter: Letter, submission: Submission, email_hash: str, receipt: str, vault: Vault
) -> Comment:
    now = clock.now()
    return Comment(
        letter_id=letter.id,
        letter_version=letter.version_number,
        name=clean_line(submission.name),
        is_pseudonym=submission.is_pseudonym,
        email_sealed=vault.seal(submission.email),
        email_hash=email_hash,
        address_hash=vault.keyed_hash("address", submission.address)
        if submission.address
        else None,
        stakeholder_group=submission.stakeholder_group,
        organisation=clean_line(submission.organisation),
        capacity=submission.capacity,
        kind=submission.kind,
        stance=submission.stance,
        follow="answers" if submission.notify else "",
        body=submission.clean_body,
        body_html=submission.body_html,
        body_hash=submission.body_hash,
        sanitizer_version=SANITIZER_VERSION,
        submitted_at=now,
        changed_at=now,
        receipt_hash=tokens.hash_token(receipt),
        receipt_sealed=vault.seal(receipt),
        # Said, so that what stays as it is when the row is there costs no statement more.
        near_id=None,
        campaign_id=None,
        ask_at=None,
    )


def _first_state(held: list[Reason], asked: str, *, is_known: bool) -> CommentState:
    if held[0]["rule"] == TRAP:
        return CommentState.SPAM
    is_asked = {"before_queue": True, "first_time": not is_known}.get(asked, False)
    return CommentState.AWAITING_EMAIL if is_asked else CommentState.PENDING


def _parent(letter: Letter, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    queries.lock_comments_of(letter.id)
    parent = session().get(Comment, parent_id, populate_existing=True)
    if parent is None or parent.letter_id != letter.id or parent.state != CommentState.PUBLISHED:
        msg = "The comment you answer is not on this page any more. Send yours without it, or choose another."
        raise Invalid(msg, field="parent")
    return parent


def _answer(comment: Comment, parent: Comment | None) -> None:
    if parent is not None:
        # An answer to one of many senders of a text stands under the text.
        comment.answers_id = parent.id if parent.folded_into_id else None
        comment.parent_id = parent.folded_into_id or parent.id
        comment.root_id = parent.root_id or comment.parent_id


def _targets(letter: Letter, submission: Submission) -> list[CommentTarget]:
    chosen = dict.fromkeys([*submission.paragraphs, *submission.own_stances])
    if not chosen:
        return []
    known = {block.pid for block in current_blocks(letter)}
    if not set(chosen) <= known:
        msg = "A paragraph you chose is not in the letter as it stands now. Choose again."
        raise Invalid(msg, field="paragraphs")
    return [
        CommentTarget(position=position, pid=pid, stance=submission.own_stances.get(pid, "none"))
        for position, pid in enumerate(chosen)
    ]


def _arrival(submission: Submission) -> Arrival:
    return Arrival(
        nickname=submission.nickname,
        form_age=submission.form_age,
        is_burst=submission.is_burst,
        mail_domain=submission.email.rpartition("@")[2],
    )
