"""Seed appeals on the demo site, one in each of the main states."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import OUTCOMES, AppealState
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.moderation.appeals import eligibility, rulings
from commentsite.moderation.appeals.filing import (
    answer_question,
    file_appeal,
    list_appealable_decisions,
)

QUESTION = "Which sentence of the letter do you answer? The comment names none."
ANSWER = "The last of paragraph two. I should have said so, and would if it were published."
#: The state to reach, the text of the appeal, and the reviewer's reasons.
APPEALS = (
    (
        AppealState.OVERTURNED,
        "I answered an argument, not a person. Nothing in it is about anybody.",
        "It is sharp, and it is about the argument. The comment stands again where it stood.",
    ),
    (
        AppealState.UPHELD,
        "Others said the same and were published. Why not I?",
        "What others said spoke to the letter. This speaks of something else, and the rule asks for that.",
    ),
    (
        AppealState.ASKED,
        "I was speaking to the letter, as everybody can see who reads it again.",
        "",
    ),
    (AppealState.ANSWERED, "The comment was about the letter and about nothing else at all.", ""),
    (AppealState.FILED, "I do not see which of my words breaks the rule that I am told of.", ""),
)
STEP = timedelta(minutes=2)  # between decision, appeal and ruling


def seed_appeals(comment_ids: list[int], encryption: Encryption) -> None:
    """File appeals about some of these refused or removed comments, and rule on some appeals."""
    appealable_ids = [
        comment_id
        for comment_id in comment_ids
        if list_appealable_decisions(get_comment(comment_id))
    ]
    for comment_id, (state, text, facts) in zip(appealable_ids, APPEALS, strict=False):
        decision = list_appealable_decisions(get_comment(comment_id))[-1]
        decision_id, decided_at = decision.id, decision.decided_at
        with clock.freeze_at(min(decided_at + STEP, clock.now())), transaction():
            comment = get_comment_for_update(comment_id)
            appeal = file_appeal(comment, decision_id, text, by=READER, encryption=encryption)
        with clock.freeze_at(min(decided_at + 2 * STEP, clock.now())):
            _advance_appeal(appeal, comment_id, state, facts, encryption)


def _advance_appeal(
    appeal: Appeal, comment_id: int, state: AppealState, facts: str, encryption: Encryption
) -> None:
    """Bring a filed appeal to a state, if the site has an eligible reviewer."""
    reviewers = eligibility.list_eligible_reviewers(get_comment(comment_id), encryption)
    if not reviewers:
        return
    by = reviewers[0]
    version_token = rulings.make_version_token(appeal, get_comment(comment_id))
    if state in OUTCOMES:
        with transaction():
            rulings.decide_appeal(
                appeal.id, version_token, state, facts=facts, by=by, encryption=encryption
            )
    elif state is not AppealState.FILED:
        with transaction():
            rulings.ask_appellant(appeal.id, version_token, QUESTION, by=by, encryption=encryption)
    if state is AppealState.ANSWERED:
        with transaction():
            comment = get_comment_for_update(comment_id)
            answer_question(comment, appeal.id, ANSWER, by=READER, encryption=encryption)
