"""Appeals in the demo: one in each state that somebody who tries it will want to see."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.appeals.models import Appeal
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
#: What authors say, how far it goes, and what whoever decides it says.
APPEALS = (
    (
        "overturned",
        "I answered an argument, not a person. Nothing in it is about anybody.",
        "It is sharp, and it is about the argument. The comment stands again where it stood.",
    ),
    (
        "upheld",
        "Others said the same and were published. Why not I?",
        "What others said spoke to the letter. This speaks of something else, and the rule asks for that.",
    ),
    ("asked", "I was speaking to the letter, as everybody can see who reads it again.", ""),
    ("answered", "The comment was about the letter and about nothing else at all.", ""),
    ("filed", "I do not see which of my words breaks the rule that I am told of.", ""),
)
STEP = timedelta(minutes=2)


def seed_appeals(comment_ids: list[int], encryption: Encryption) -> None:
    """File appeals about what was refused or removed, and let the desk go on with some of them."""
    closed = [number for number in comment_ids if list_appealable_decisions(get_comment(number))]
    for number, (state, words, facts) in zip(closed, APPEALS, strict=False):
        decided_at = list_appealable_decisions(get_comment(number))[-1].decided_at
        with clock.freeze_at(min(decided_at + STEP, clock.now())), transaction():
            comment = get_comment_for_update(number)
            decision = list_appealable_decisions(comment)[-1].id
            filed = file_appeal(comment, decision, words, by=READER, encryption=encryption)
        with clock.freeze_at(min(decided_at + 2 * STEP, clock.now())):
            _advance_appeal(filed, number, state, facts, encryption)


def _advance_appeal(
    filed: Appeal, number: int, state: str, facts: str, encryption: Encryption
) -> None:
    able = eligibility.list_eligible_reviewers(get_comment(number), encryption)
    if not able:
        return
    shown = rulings.make_version_token(filed, get_comment(number))
    if state in {"overturned", "upheld"}:
        with transaction():
            rulings.decide_appeal(
                filed.id, shown, state, facts=facts, by=able[0], encryption=encryption
            )
    elif state != "filed":
        with transaction():
            rulings.ask_appellant(filed.id, shown, QUESTION, by=able[0], encryption=encryption)
    if state == "answered":
        with transaction():
            comment = get_comment_for_update(number)
            answer_question(comment, filed.id, ANSWER, by=READER, encryption=encryption)
