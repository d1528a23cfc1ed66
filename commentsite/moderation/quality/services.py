"""Second readings: draw them, and take what somebody would have decided who was not told."""

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.hashing import hash_email
from commentsite.comments.queries import get_comment
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.moderation.conflicts.policy import find_conflict_of_interest
from commentsite.moderation.conflicts.queries import (
    build_staff_identity,
    check_no_conflict,
    load_relationships,
)
from commentsite.moderation.decisions import policy as decision_policy
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.models import QualityReview
from commentsite.moderation.quality import queries as quality_queries
from commentsite.moderation.quality.queries import ReviewCase
from commentsite.moderation.quality.sampling import draw_sample, previous_month
from commentsite.site.queries import get_current_rulebook


def draw_monthly_sample(month: str, *, by: Actor, encryption: Encryption) -> int:
    """Draw a month's sample, unless it is drawn; return how many were drawn.

    The order is a keyed hash, so that nobody chooses what is read twice and nobody can tell
    beforehand what will be.
    """
    if quality_queries.sample_exists(month):
        return 0
    acquire_advisory_lock("blind-review")
    decided = quality_queries.load_sample_population(month)
    if not decided or quality_queries.sample_exists(month):
        return 0
    chosen = draw_sample(
        decided, lambda number: encryption.keyed_hash("blind-review", f"{month} {number}")
    )
    now = clock.now()
    session().add_all(
        QualityReview(month=month, comment_id=decided[number], decision_id=number, drawn_at=now)
        for number in chosen
    )
    record_event(by.label, "reviews.drawn", f"reviews:{month}", drawn=len(chosen), of=len(decided))
    return len(chosen)


def is_draw_due() -> bool:
    """Return whether the sample of the month that ended last is still to be drawn."""
    month = previous_month(clock.now())
    return not quality_queries.sample_exists(month) and bool(
        quality_queries.load_sample_population(month)
    )


def draw_due_sample(*, by: Actor, encryption: Encryption) -> int:
    """Draw the sample of the month that ended last, once."""
    return draw_monthly_sample(previous_month(clock.now()), by=by, encryption=encryption)


def next_for(by: Actor, vault: Encryption, *, after: int = 0) -> ReviewCase | None:
    """Return the next review, by number, that the actor may answer, or None.

    The query leaves out the actor's own comments and decisions. The other conflicts of interest
    depend on how names look, so they are checked here, one comment at a time.
    """
    own_hash, reviewer = hash_email(vault, by.email), build_staff_identity(by, vault)
    while case := quality_queries.find_next_review(by.user_id, own_hash, after=after):
        comment = get_comment(case.review.comment_id)
        if not find_conflict_of_interest(reviewer, load_relationships(comment, vault)):
            return case
        after = case.review.id
    return None


def submit_review(
    review_id: int, verdict: str, *, rule: str, by: Actor, encryption: Encryption
) -> None:
    """Record what a second reader would have decided; the comment itself stays as it is.

    Raises NotAllowed when the actor decided about it or has a conflict of interest, Invalid on a
    verdict that is none or names no clause, Conflict when the review is answered already or the
    author has erased the comment.
    """
    by.require(Permission.MODERATE)
    review = quality_queries.load_review_for_update(review_id)
    comment = get_comment(review.comment_id)
    check_no_conflict(comment, by, encryption)
    if by.user_id in quality_queries.list_decider_ids(comment.id):
        msg = "You decided about this comment. Somebody else reads it a second time."
        raise NotAllowed(msg)
    if comment.erased_at is not None or review.answered_at is not None:
        msg = "This comment is erased, or somebody has read it a second time already."
        raise Conflict(msg)
    if verdict not in quality_queries.REVIEWABLE_VERDICTS:
        msg = "Choose what you would have decided."
        raise Invalid(msg, field="verdict")
    needs_reason = decision_policy.requires_rule(Verdict(verdict))
    if needs_reason and rule not in get_current_rulebook().active_clauses:
        msg = "Choose the rule it would rest on."
        raise Invalid(msg, field="reason")
    review.verdict, review.rule = verdict, rule if needs_reason else ""
    review.reviewer_id, review.answered_at = by.user_id, clock.now()
    record_event(
        by.label, "review.answered", f"review:{review.id}", verdict=verdict, reason=review.rule
    )
