"""What authors do with a comment after sending it: confirm, change, take back, erase."""

from datetime import datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record
from commentsite.comments import campaigns, queries, walks
from commentsite.comments.appealing import forget_appeals
from commentsite.comments.gathering import facts_about
from commentsite.comments.keys import hash_words
from commentsite.comments.known import known_of
from commentsite.comments.mailing import forget_notices
from commentsite.comments.models import Comment, CommentRevision
from commentsite.comments.moving import change_state, let_stand
from commentsite.comments.noted import notes_of
from commentsite.comments.outside import answer_about, ask_again, ask_no_more
from commentsite.comments.redacting import forget_original, original_words
from commentsite.comments.reported import addresses_before, reports_of
from commentsite.comments.sanctioned import suspension_on
from commentsite.comments.sanitizer import SANITIZER_VERSION, clean_text, comment_html
from commentsite.comments.screening import (
    FIRST_READING,
    HISTORY,
    LINKS_UNKNOWN,
    SANCTION,
    Arrival,
    Finding,
    as_reason,
    screen,
)
from commentsite.comments.states import EDITABLE, TRANSITIONS, WITHDRAWABLE, CommentState
from commentsite.db import session
from commentsite.errors import Conflict, NotAllowed
from commentsite.letters.queries import letter_by_id
from commentsite.letters.services import mark_changed
from commentsite.notifications.services import forget_messages_about
from commentsite.site.queries import Site
from commentsite.vault import Vault

NOT_THEIRS = "not_theirs"
EDIT_WINDOW = timedelta(minutes=15)
EDITED = "edited"


def confirm_email(comment: Comment, *, by: Actor) -> None:
    """Let a comment whose address answered into the queue; a second confirmation changes nothing.

    Raises NotAllowed while the address is suspended: only here is it certain whose it is.
    """
    if comment.erased_at is not None:
        msg = "This comment is erased; there is nothing left to confirm."
        raise Conflict(msg)
    if comment.email_confirmed_at is None:
        if suspension_on(comment.email_hash, clock.now()):
            msg = "Comments from this address are suspended. What you wrote is kept."
            raise NotAllowed(msg)
        comment.email_confirmed_at = clock.now()
        comment.ask_at = comment.confirms_at = None
        if comment.state == CommentState.AWAITING_EMAIL:
            change_state(comment, CommentState.PENDING, by=by, action="comment.confirmed")
        else:
            if comment.published_at is not None:
                mark_changed(letter_by_id(comment.letter_id))  # the page says so in words
            state = str(comment.state)
            record(by.label, "comment.confirmed", f"comment:{comment.id}", state=state)


def disown(comment: Comment, *, by: Actor) -> None:
    """Take out a comment that the owner of its address did not send, and never write to them about it again."""
    if comment.email_hash is None:
        msg = "There is nothing left here that could be yours."
        raise Conflict(msg)
    if comment.email_confirmed_at is not None:
        msg = "You confirmed this comment. You can take it back or erase it on its own page."
        raise Conflict(msg)
    ways = TRANSITIONS[CommentState(comment.state)]
    comment.held = [{"rule": NOT_THEIRS, "detail": ""}, *comment.held]
    comment.held_by = NOT_THEIRS
    _forget_address(comment)
    way = next((s for s in (CommentState.SPAM, CommentState.WITHDRAWN) if s in ways), None)
    if way is not None:
        change_state(comment, way, by=by, action="comment.disowned")
    else:
        state = str(comment.state)
        record(by.label, "comment.disowned", f"comment:{comment.id}", state=state)


def withdraw_comment(comment: Comment, *, by: Actor) -> None:
    """Take a comment back on its author's word; where it was answered a tombstone stays."""
    if comment.state not in WITHDRAWABLE:
        msg = "This comment is %(state)s; it cannot be taken back."
        raise Conflict(msg, state=str(comment.state))
    change_state(comment, CommentState.WITHDRAWN, by=by, action="comment.withdrawn")


def erase_comment(comment: Comment, *, by: Actor) -> None:
    """Delete words, name and address for good; what remains is that there was a comment."""
    if comment.erased_at is not None:
        return
    mark_changed(letter_by_id(comment.letter_id))
    session().flush()  # the letter's row before the chain, as everybody locks them
    _forget_address(comment)
    for report in reports_of(comment.id):
        report.words = ""
    for note in notes_of(comment.id):
        note.body = ""
    if CommentState.WITHDRAWN in TRANSITIONS[CommentState(comment.state)]:
        withdraw_comment(comment, by=by)
    forget_appeals(comment, by=by)
    comment.name = comment.organisation = comment.body = comment.body_html = comment.body_hash = ""
    comment.held, comment.targets = [], []
    forget_original(comment)
    comment.delegation_evidence_sealed, comment.delegation_verified_at = None, None
    comment.voice, comment.near_id, comment.address_hash = "", None, None
    campaigns.forget_sketch(comment.id)
    ask_no_more(comment)
    for revision in queries.revisions_of(comment.id):
        session().delete(revision)
    comment.erased_at = clock.now()
    record(by.label, "comment.erased", f"comment:{comment.id}", state=str(comment.state))


def is_editable(comment: Comment) -> bool:
    """Say whether its author may change it now: while it waits, for 15 minutes, or when it was returned."""
    if comment.state == CommentState.RETURNED:
        return True
    return comment.state in EDITABLE and clock.now() - comment.submitted_at <= EDIT_WINDOW


def revise_comment(comment: Comment, body: str, *, by: Actor, site: Site) -> None:
    """Replace the words, keep the old ones, and send the comment to the queue again."""
    if not is_editable(comment):
        msg = "This comment can no longer be changed. You can take it back and send another."
        raise Conflict(msg)
    letter = letter_by_id(comment.letter_id)
    session().add(
        CommentRevision(
            comment_id=comment.id,
            version=comment.version,
            body=comment.body,
            replaced_at=clock.now(),
        )
    )
    body = clean_text(body)
    near = campaigns.nearest(letter.id, body, but=comment.id)
    comment.body, comment.body_html, comment.body_hash = body, comment_html(body), hash_words(body)
    forget_original(comment)
    known = known_of(comment, clock.now())
    facts = facts_about(comment, letter, site, Arrival(), known, campaigns.in_words(near))
    held = screen(facts, earlier=comment.held)
    comment.held = [*held, as_reason(EDITED, 1, Finding())]
    comment.held_by = EDITED if held[0]["rule"] == FIRST_READING else held[0]["rule"]
    ask_again(comment)
    comment.sanitizer_version, comment.edited_at = SANITIZER_VERSION, clock.now()
    comment.rules_version = site.rules.version
    campaigns.forget_sketch(comment.id)
    campaigns.remember(comment, near)
    if comment.state == CommentState.RETURNED:
        change_state(comment, CommentState.PENDING, by=by, action="comment.revised")
    else:
        let_stand(comment, by=by, action="comment.revised")


def held_about(comment: Comment, vault: Vault) -> dict[str, Any]:
    """Return everything that is stored with a comment, for its author; hashes are named, not shown."""
    hidden = {
        "email_sealed",
        "email_hash",
        "address_hash",
        "receipt_hash",
        "receipt_sealed",
        "body_hash",
        "unredacted_sealed",
        "delegation_evidence_sealed",
        "near_id",
        "near_percent",  # how like another's words: nobody may climb along it
        "voice",
        "has_own_domain",
        "stands_alone",
        "campaign_id",
        "folded_into_id",
        "waits_for",  # told on its page, in words
    }
    held: dict[str, Any] = {}
    for column in Comment.__table__.columns:
        value = getattr(comment, column.name)
        if column.name not in hidden:
            held[column.name] = value.isoformat() if isinstance(value, datetime) else value
    held["held"] = _reasons_told(comment)
    held["held_by"] = held["held"][0]["rule"]
    if len(held["held"]) == 2 and held["held"][1]["rule"] == EDITED:
        held["held_by"] = EDITED if held["held_by"] == FIRST_READING else held["held_by"]
    if comment.email_confirmed_at is None:
        held["ask_at"] = held["closing_told"] = None  # it depends on what else the mailbox did
    held["voice"] = comment.confirmed_voice  # what an address claims tells a stranger nothing
    held["email"] = vault.open(comment.email_sealed) if comment.email_sealed else None
    held["words_as_sent"] = original_words(comment, vault) if comment.redactions else None
    held["paragraphs"] = {target.pid: target.stance for target in comment.targets}
    sealed = comment.delegation_evidence_sealed
    held["delegation_evidence"] = vault.open(sealed) if sealed else None
    held["network_address_is_kept_as_keyed_hash"] = comment.address_hash is not None
    held["service_asked_about_words"] = answer_about(comment)
    held["earlier_wordings"] = [
        {"body": r.body, "replaced_at": r.replaced_at.isoformat()}
        for r in queries.revisions_of(comment.id)
    ]
    return held


def forget_unconfirmed(before: datetime, *, by: Actor) -> int:
    """Erase comments whose address nobody confirmed in time; return how many there were."""
    comments = walks.unconfirmed_since(before)
    for letter_id in sorted({comment.letter_id for comment in comments}):
        mark_changed(letter_by_id(letter_id))
    for comment in comments:
        erase_comment(comment, by=by)
    return len(comments)


def forget_addresses(before: datetime) -> int:
    """Forget the network addresses of comments and reports sent before a moment; return how many there were."""
    comments = walks.with_address_before(before)
    reports = addresses_before(before)
    for comment in comments:
        comment.address_hash = None
    for report in reports:
        report.address_hash = None
    return len(comments) + len(reports)


def _reasons_told(comment: Comment) -> list[dict[str, str]]:
    """Return why it is held, without what tells of others: who shares a network, who owns an address somebody typed."""
    silent = {HISTORY} if comment.email_confirmed_at else {HISTORY, SANCTION, LINKS_UNKNOWN}
    told = [r for r in comment.held if r["rule"] not in silent]
    if not [r for r in told if r["rule"] != EDITED]:
        told = [as_reason(FIRST_READING, 1, Finding()), *told]
    return [
        {"rule": r["rule"], "detail": "" if r["rule"] == "near_repeat" else r.get("detail", "")}
        for r in told
    ]


def _forget_address(comment: Comment) -> None:
    # One message may have spoken for others too; with this comment its link leads nowhere.
    for other in walks.others_waiting(comment.email_hash or "", but=comment.id):
        other.ask_at = other.ask_at or clock.now()
    forget_messages_about(f"comment:{comment.id}")
    forget_notices(comment.id)
    comment.email_sealed = comment.email_hash = comment.ask_at = comment.confirms_at = None
    comment.follow, comment.follow_daily, comment.follow_closing = "", False, False
