"""Second readings in the demo: one moderator reads what the other decided, and mostly agrees."""

from commentsite import clock
from commentsite.accounts.models import User
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import build_actor
from commentsite.comments.hashing import hash_email
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.moderation.decisions.queries import list_applied_decisions
from commentsite.moderation.quality import queries as quality_queries
from commentsite.moderation.quality import services as quality

OPEN_REVIEWS_LEFT, DISAGREE_EVERY = 3, 5


def seed_quality_reviews(moderators: list[User], encryption: Encryption) -> None:
    """Draw the sample of the month that runs, and leave some of it for whoever tries the demo.

    A month is drawn when it has ended; the demo is looked at now.
    """
    with transaction():
        quality.draw_monthly_sample(f"{clock.now():%Y-%m}", by=SYSTEM, encryption=encryption)
    for user in moderators[:2]:
        by, number = build_actor(user), 0
        mine = hash_email(encryption, user.email)
        while quality_queries.count_open_reviews(by.user_id, mine) > OPEN_REVIEWS_LEFT:
            case = quality.next_for(by, encryption)
            if case is None:
                break
            number += 1
            first = list_applied_decisions(case.review.comment_id)[0]
            said = "refuse" if number % DISAGREE_EVERY == 0 else first.verdict
            with transaction():
                quality.submit_review(
                    case.review.id, said, rule=first.rule or "R5", by=by, encryption=encryption
                )
