"""Who may decide an appeal: somebody who looks after the letter, has no part in it, and did not decide before."""

from dataclasses import dataclass
from typing import Any

from commentsite.accounts.permissions import Actor
from commentsite.comments import mailing
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import OPEN
from commentsite.comments.appealed import appeal_by_id
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_by_id, comment_for_update
from commentsite.errors import NotAllowed
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import appeal_policy
from commentsite.moderation.appeal_cases import judges_before
from commentsite.moderation.appeal_policy import NOBODY, Judge, barred_because
from commentsite.moderation.recusal import SENTENCES, Tie, recused_because
from commentsite.moderation.ties import free_to_decide, person, ties_of
from commentsite.moderation.waiting import mode_for, tell_stewards
from commentsite.notifications.services import enqueue
from commentsite.site.queries import current_site
from commentsite.vault import Vault


@dataclass(frozen=True)
class Seat:
    """Whether somebody may decide an appeal, and whether anybody can."""

    why: str  # they must not, in a sentence; "" where they may
    is_nobody: bool


def seat_of(comment: Comment, by: Actor, vault: Vault) -> Seat:
    """Return whether somebody may decide about appeals on a comment now, and whether anybody can."""
    return Seat(_why_not(comment, by, vault), not able(comment, vault))


def check_may_judge(comment: Comment, by: Actor, vault: Vault) -> None:
    """Raise NotAllowed, saying why, unless somebody may decide about appeals on a comment."""
    why = _why_not(comment, by, vault)
    if why:
        raise NotAllowed(why)


def able(comment: Comment, vault: Vault) -> list[Actor]:
    """Return everybody who may decide about appeals on a comment today."""
    before, mode = judges_before(comment.id), mode_for(comment)
    return [
        actor
        for actor in free_to_decide(comment, vault, ties_of(comment, vault))
        if not barred_because(Judge(actor.user_id, actor.group), before, mode)
    ]


def look_for_judges(appeal: Appeal, comment: Comment, vault: Vault) -> None:
    """Say whether anybody can decide an appeal, and tell the stewards when nobody can any more."""
    before, appeal.waits_for = appeal.waits_for, "" if able(comment, vault) else NOBODY
    if appeal.waits_for and not before:
        tell_stewards(comment, "staff.no_judge", vault)


def is_stale(appeal_id: int, vault: Vault) -> bool:
    """Return whether `look_again` would change what an open appeal waits for. Reads alone, without a lock."""
    appeal = appeal_by_id(appeal_id)
    waits = "" if able(comment_by_id(appeal.comment_id), vault) else NOBODY
    return appeal.state in OPEN and appeal.waits_for != waits


def look_again(appeal_id: int, vault: Vault) -> int:
    """Ask again whether anybody can decide an open appeal: people come and go. Return 1 when that has changed."""
    comment = comment_for_update(appeal_by_id(appeal_id).comment_id)
    appeal = appeal_by_id(appeal_id)
    before = appeal.waits_for
    if appeal.state in OPEN:
        look_for_judges(appeal, comment, vault)
    return int(appeal.waits_for != before)


def tell_author(appeal: Appeal, comment: Comment, kind: str, vault: Vault, **said: str) -> None:
    """Write to the author about their appeal, where the mailbox is confirmed."""
    opened = mailing.opened_for(comment, vault)
    if opened is None or not mailing.is_confirmed(comment):
        return
    email, receipt = opened
    context: dict[str, Any] = {
        "letter_title": letter_by_id(comment.letter_id).title,
        "receipt_token": receipt,
        "hours": str(current_site().answer_hours),
        "waits": appeal.waits_for,
    }
    enqueue(kind, email, vault=vault, about=f"comment:{comment.id}", **(context | said))


def _why_not(comment: Comment, by: Actor, vault: Vault) -> str:
    tie = recused_because(person(by, vault), ties_of(comment, vault))
    if tie:
        return SENTENCES[Tie(tie)]
    barred = barred_because(
        Judge(by.user_id, by.group), judges_before(comment.id), mode_for(comment)
    )
    return appeal_policy.SENTENCES.get(barred, "")
