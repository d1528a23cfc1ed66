"""Seed quality reviews on the demo site: two moderators review each other, and mostly agree."""

from commentsite import clock
from commentsite.accounts.models import User
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import build_actor
from commentsite.comments.hashing import hash_email
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.queries import list_applied_decisions
from commentsite.moderation.quality import queries as quality_queries
from commentsite.moderation.quality import services as quality

OPEN_REVIEWS_LEFT = 3  # for each moderator, so that a visitor can try the page
DISAGREE_EVERY = 5  # every fifth answer differs from the decision


def seed_quality_reviews(moderators: list[User], encryption: Encryption) -> None:
    """Draw a sample of the current month, and answer most of its reviews.

    A real site draws the sample after the end of the month. The demo cannot wait for that.
    """
    with transaction():
        quality.draw_monthly_sample(f"{clock.now():%Y-%m}", by=SYSTEM, encryption=encryption)
    for user in moderators[:2]:
        by, answered = build_actor(user), 0
        own_hash = hash_email(encryption, user.email)
        while quality_queries.count_open_reviews(by.user_id, own_hash) > OPEN_REVIEWS_LEFT:
            case = quality.find_next_review_for(by, encryption)
            if case is None:
                break
            answered += 1
            first = list_applied_decisions(case.review.comment_id)[0]
            verdict = Verdict.REFUSE if answered % DISAGREE_EVERY == 0 else first.verdict
            with transaction():
                quality.submit_review(
                    case.review.id, verdict, rule=first.rule or "R5", by=by, encryption=encryption
                )
