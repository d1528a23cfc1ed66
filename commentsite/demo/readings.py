"""Second readings in the demo: one moderator reads what the other decided, and mostly agrees."""

from commentsite import clock
from commentsite.accounts.models import User
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import actor_for
from commentsite.comments.keys import hash_email
from commentsite.db import transaction
from commentsite.moderation import reviewed, reviews
from commentsite.moderation.queries import decisions_of
from commentsite.vault import Vault

LEFT_OPEN, DIFFERS_EVERY = 3, 5


def read_again(moderators: list[User], vault: Vault) -> None:
    """Draw the sample of the month that runs, and leave some of it for whoever tries the demo.

    A month is drawn when it has ended; the demo is looked at now.
    """
    with transaction():
        reviews.draw_month(f"{clock.now():%Y-%m}", by=SYSTEM, vault=vault)
    for user in moderators[:2]:
        by, number = actor_for(user), 0
        mine = hash_email(vault, user.email)
        while reviewed.count_open(by.user_id, mine) > LEFT_OPEN:
            case = reviews.next_for(by, vault)
            if case is None:
                break
            number += 1
            first = decisions_of(case.review.comment_id)[0]
            said = "refuse" if number % DIFFERS_EVERY == 0 else first.verdict
            with transaction():
                reviews.answer(
                    case.review.id, said, reason=first.reason or "R5", by=by, vault=vault
                )
