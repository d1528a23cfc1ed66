"""Second readings: draw them, and take what somebody would have decided who was not told."""

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments.keys import hash_email
from commentsite.comments.queries import comment_by_id
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.moderation import policy, reviewed
from commentsite.moderation.models import BlindReview
from commentsite.moderation.policy import Verdict
from commentsite.moderation.recusal import recused_because
from commentsite.moderation.reviewed import BlindCase
from commentsite.moderation.sample import draw, month_before
from commentsite.moderation.ties import check_no_conflict, person, ties_of
from commentsite.site.queries import rules_in_force
from commentsite.vault import Vault


def draw_month(month: str, *, by: Actor, vault: Vault) -> int:
    """Draw a month's sample, unless it is drawn; return how many were drawn.

    The order is a keyed hash, so that nobody chooses what is read twice and nobody can tell
    beforehand what will be.
    """
    if reviewed.is_drawn(month):
        return 0
    serialize("blind-review")
    decided = reviewed.decided_in(month)
    if not decided or reviewed.is_drawn(month):
        return 0
    chosen = draw(decided, lambda number: vault.keyed_hash("blind-review", f"{month} {number}"))
    now = clock.now()
    session().add_all(
        BlindReview(month=month, comment_id=decided[number], decision_id=number, drawn_at=now)
        for number in chosen
    )
    record(by.label, "reviews.drawn", f"reviews:{month}", drawn=len(chosen), of=len(decided))
    return len(chosen)


def is_draw_due() -> bool:
    """Return whether the sample of the month that ended last is still to be drawn."""
    month = month_before(clock.now())
    return not reviewed.is_drawn(month) and bool(reviewed.decided_in(month))


def draw_due(*, by: Actor, vault: Vault) -> int:
    """Draw the sample of the month that ended last, once."""
    return draw_month(month_before(clock.now()), by=by, vault=vault)


def next_for(by: Actor, vault: Vault, *, after: int = 0) -> BlindCase | None:
    """Return the next review, by number, that the actor may answer, or None.

    The query leaves out the actor's own comments and decisions. The other conflicts of interest
    depend on how names look, so they are checked here, one comment at a time.
    """
    own_hash, reviewer = hash_email(vault, by.email), person(by, vault)
    while case := reviewed.next_review(by.user_id, own_hash, after=after):
        comment = comment_by_id(case.review.comment_id)
        if not recused_because(reviewer, ties_of(comment, vault)):
            return case
        after = case.review.id
    return None


def answer(review_id: int, verdict: str, *, reason: str, by: Actor, vault: Vault) -> None:
    """Record what a second reader would have decided; the comment itself stays as it is.

    Raises NotAllowed when the actor decided about it or has a conflict of interest, Invalid on a
    verdict that is none or names no clause, Conflict when the review is answered already or the
    author has erased the comment.
    """
    by.require(Permission.MODERATE)
    review = reviewed.review_for_update(review_id)
    comment = comment_by_id(review.comment_id)
    check_no_conflict(comment, by, vault)
    if by.user_id in reviewed.deciders_of(comment.id):
        msg = "You decided about this comment. Somebody else reads it a second time."
        raise NotAllowed(msg)
    if comment.erased_at is not None or review.answered_at is not None:
        msg = "This comment is erased, or somebody has read it a second time already."
        raise Conflict(msg)
    if verdict not in reviewed.COMPARED:
        msg = "Choose what you would have decided."
        raise Invalid(msg, field="verdict")
    needs_reason = policy.needs_reason(Verdict(verdict))
    if needs_reason and reason not in rules_in_force().clauses:
        msg = "Choose the rule it would rest on."
        raise Invalid(msg, field="reason")
    review.verdict, review.reason = verdict, reason if needs_reason else ""
    review.reviewer_id, review.answered_at = by.user_id, clock.now()
    record(
        by.label, "review.answered", f"review:{review.id}", verdict=verdict, reason=review.reason
    )
