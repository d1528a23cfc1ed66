"""Draw quality reviews, offer them to reviewers, and record the answers.

A quality review is a second, independent reading of a decided comment. The reviewer sees the text
as it was decided on, but neither the decision nor the author, and says what they would have
decided. The answer changes nothing about the comment. The agreement of both readings appears in
the transparency report.
"""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.access import read_comment_for_staff
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
    """Draw the sample of a month unless it exists. Return the number of reviews drawn."""
    if quality_queries.sample_exists(month):
        return 0
    acquire_advisory_lock("blind-review")
    population = quality_queries.load_sample_population(month)
    # Another worker may have drawn the sample while this one waited for the lock.
    if not population or quality_queries.sample_exists(month):
        return 0
    drawn_ids = draw_sample(
        population,
        lambda decision_id: encryption.keyed_hash("blind-review", f"{month} {decision_id}"),
    )
    now = clock.now()
    session().add_all(
        QualityReview(
            month=month,
            comment_id=population[decision_id],
            decision_id=decision_id,
            drawn_at=now,
        )
        for decision_id in drawn_ids
    )
    record_event(
        by.label, "reviews.drawn", f"reviews:{month}", drawn=len(drawn_ids), of=len(population)
    )
    return len(drawn_ids)


def is_draw_due() -> bool:
    """Return whether last month has decisions to review and its sample is still to be drawn."""
    month = previous_month(clock.now())
    return not quality_queries.sample_exists(month) and bool(
        quality_queries.load_sample_population(month)
    )


def draw_due_sample(*, by: Actor, encryption: Encryption) -> int:
    """Draw last month's sample unless it exists. Return the number of reviews drawn."""
    return draw_monthly_sample(previous_month(clock.now()), by=by, encryption=encryption)


def find_next_review_for(by: Actor, encryption: Encryption, *, after: int = 0) -> ReviewCase | None:
    """Return the next review, by id, that the actor may answer, or None.

    The query leaves out the actor's own comments and decisions. The other conflicts of interest
    compare names by their skeleton, which SQL cannot, so they are checked here, one comment at a
    time.
    """
    own_hash, reviewer = hash_email(encryption, by.email), build_staff_identity(by, encryption)
    while case := quality_queries.find_next_review(
        by.user_id, own_hash, letter_ids=by.letter_ids, after=after
    ):
        comment = get_comment(case.review.comment_id)
        if not find_conflict_of_interest(reviewer, load_relationships(comment, encryption)):
            return case
        after = case.review.id
    return None


def submit_review(
    review_id: int, verdict: str, *, rule: str, by: Actor, encryption: Encryption
) -> None:
    """Record the verdict that the reviewer would have given.

    Raises NotAllowed when the actor decided on the comment or has a conflict of interest, Invalid
    when the verdict is not one to choose or lacks a required rule, Conflict when the review is
    answered already or the comment is erased.
    """
    review = quality_queries.load_review_for_update(review_id)
    comment = read_comment_for_staff(review.comment_id, by)
    check_no_conflict(comment, by, encryption)
    if by.user_id in quality_queries.list_decider_ids(comment.id):
        msg = "You decided on this comment. Another reviewer must read it."
        raise NotAllowed(msg)
    if comment.erased_at is not None:
        msg = "This comment is erased, so it needs no review."
        raise Conflict(msg)
    if review.answered_at is not None:
        msg = "Another reviewer has already answered this review."
        raise Conflict(msg)
    if verdict not in quality_queries.REVIEWABLE_VERDICTS:
        msg = "Choose the verdict that you would have given."
        raise Invalid(msg, field="verdict")
    requires_rule = decision_policy.requires_rule(Verdict(verdict))
    if requires_rule and rule not in get_current_rulebook().active_clauses:
        msg = "Choose the rule that the comment breaks."
        raise Invalid(msg, field="reason")
    review.verdict, review.rule = verdict, rule if requires_rule else ""
    review.reviewer_id, review.answered_at = by.user_id, clock.now()
    record_event(
        by.label, "review.answered", f"review:{review.id}", verdict=verdict, reason=review.rule
    )
