"""Appeals in the demo: one in each state that somebody who tries it will want to see."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.appeal import Appeal
from commentsite.comments.queries import comment_by_id, comment_for_update
from commentsite.db import transaction
from commentsite.moderation import judges, judging
from commentsite.moderation.appeals import against, answer_question, file_appeal
from commentsite.vault import Vault

QUESTION = "Which sentence of the letter do you answer? The comment names none."
ANSWER = "The last of paragraph two. I should have said so, and would if it were published."
#: What authors say, how far it goes, and what whoever decides it says.
STORIES = (
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


def object_to(comments: list[int], vault: Vault) -> None:
    """File appeals about what was refused or removed, and let the desk go on with some of them."""
    closed = [number for number in comments if against(comment_by_id(number))]
    for number, (state, words, facts) in zip(closed, STORIES, strict=False):
        decided_at = against(comment_by_id(number))[-1].decided_at
        with clock.at(min(decided_at + STEP, clock.now())), transaction():
            comment = comment_for_update(number)
            decision = against(comment)[-1].id
            filed = file_appeal(comment, decision, words, by=READER, vault=vault)
        with clock.at(min(decided_at + 2 * STEP, clock.now())):
            _go_on(filed, number, state, facts, vault)


def _go_on(filed: Appeal, number: int, state: str, facts: str, vault: Vault) -> None:
    able = judges.able(comment_by_id(number), vault)
    if not able:
        return
    shown = judging.shown_as(filed, comment_by_id(number))
    if state in {"overturned", "upheld"}:
        with transaction():
            judging.judge(filed.id, shown, state, facts=facts, by=able[0], vault=vault)
    elif state != "filed":
        with transaction():
            judging.ask(filed.id, shown, QUESTION, by=able[0], vault=vault)
    if state == "answered":
        with transaction():
            comment = comment_for_update(number)
            answer_question(comment, filed.id, ANSWER, by=READER, vault=vault)
