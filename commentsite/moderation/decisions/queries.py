"""Read one comment as a case, and what was decided about it."""

from sqlalchemy import and_, bindparam, select
from sqlalchemy import case as case_of

from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.moderation.decisions.policy import NO_ELIGIBLE_MODERATOR, SECOND_VOTE, THIRD_VOTE
from commentsite.moderation.models import Decision
from commentsite.site.models import RuleClause, SiteSettings
from commentsite.site.queries import clause_from_row
from commentsite.site.rulebook import Clause


def list_votes(comment_id: int) -> list[Decision]:
    """Return everything anybody of the staff said about a comment, on any of its versions, the oldest first."""
    query = select(Decision).where(Decision.comment_id == comment_id)
    return list(session().scalars(query.order_by(Decision.id)))


_IS_APPLIED = Decision.is_applied.is_(True)
# Asked with each page of the desk, so composed once.
_VOTES_ON_COMMENT = (
    select(Decision).where(Decision.comment_id == bindparam("comment")).order_by(Decision.id)
)
_QUORUM_MODE = (
    select(
        case_of(
            (Letter.moderation_mode != "", Letter.moderation_mode),
            else_=SiteSettings.moderation_mode,
        )
    )
    .join(SiteSettings, SiteSettings.id == 1)
    .where(Letter.id == bindparam("letter"))
)


def load_quorum_mode(letter_id: int) -> str:
    """Return how many people a refusal needs on a letter: as it says, else as the site."""
    mode: str = session().scalars(_QUORUM_MODE, {"letter": letter_id}).one()
    return mode


def list_applied_decisions(comment_id: int) -> list[Decision]:
    """Return what was decided about a comment and carried out, oldest first."""
    query = select(Decision).where(Decision.comment_id == comment_id, _IS_APPLIED)
    return list(session().scalars(query.order_by(Decision.id)))


def list_open_votes(comment: Comment) -> list[Decision]:
    """Return what was said about a comment as it is now and not carried out, oldest first."""
    query = select(Decision).where(
        Decision.comment_id == comment.id,
        Decision.comment_version == comment.version,
        Decision.is_applied.is_(False),
        Decision.undone_at.is_(None),
    )
    return list(session().scalars(query.order_by(Decision.id)))


def list_agreeing_votes(applied: Decision) -> list[Decision]:
    """Return those who said the same of the same words as the one who settled it, who comes last."""
    query = select(Decision).where(
        Decision.comment_id == applied.comment_id,
        Decision.comment_version == applied.comment_version,
        Decision.id <= applied.id,
        Decision.undone_at.is_(None),
    )
    votes = session().scalars(query.order_by(Decision.id))
    return [vote for vote in votes if vote.agreement_key == applied.agreement_key]


def load_decision_for_update(decision_id: int) -> Decision:
    """Return a decision as it is now. Raises NotFound."""
    query = select(Decision).where(Decision.id == decision_id)
    return require_found(
        session().scalars(query.execution_options(populate_existing=True)).first(),
        "There is no such decision.",
    )


def find_decision_of_moderator(decision_id: int, moderator_id: int | None) -> Decision | None:
    """Return a decision of one person, or None."""
    query = select(Decision).where(
        Decision.id == decision_id, Decision.moderator_id == moderator_id
    )
    return session().scalars(query).first()


def list_earlier_votes(decision: Decision) -> list[Decision]:
    """Return those on the same version that came before it, the oldest first."""
    query = select(Decision).where(
        Decision.comment_id == decision.comment_id,
        Decision.comment_version == decision.comment_version,
        Decision.id < decision.id,
        Decision.undone_at.is_(None),
    )
    return list(session().scalars(query.order_by(Decision.id)))


def list_later_votes(decision: Decision) -> list[Decision]:
    """Return what was said about the same comment after it."""
    query = select(Decision).where(
        Decision.comment_id == decision.comment_id, Decision.id > decision.id
    )
    return list(session().scalars(query))


def find_latest_decision(comment_id: int) -> Decision | None:
    """Return the last decision about a comment, if any."""
    query = select(Decision).where(Decision.comment_id == comment_id, _IS_APPLIED)
    return session().scalars(query.order_by(Decision.id.desc()).limit(1)).first()


def load_latest_decision_rules(comment_ids: list[int]) -> dict[int, Clause]:
    """Return the clause that the last decision about each of these comments names, as it read then."""
    query = (
        select(Decision.comment_id, RuleClause)
        .join(
            RuleClause,
            and_(RuleClause.version == Decision.rules_version, RuleClause.code == Decision.rule),
            isouter=True,
        )
        .where(Decision.comment_id.in_(comment_ids), _IS_APPLIED)
        .order_by(Decision.id)
    )
    last = {comment_id: clause for comment_id, clause in session().execute(query)}  # noqa: C416  # rows, not pairs
    return {comment_id: clause_from_row(clause) for comment_id, clause in last.items() if clause}


def list_comment_ids_awaiting_vote(limit: int = 200) -> list[int]:
    """Return the comments about which somebody has voted and somebody else has to, the oldest first."""
    query = select(Comment.id).where(
        Comment.awaiting.in_((SECOND_VOTE, THIRD_VOTE, NO_ELIGIBLE_MODERATOR))
    )
    return list(session().scalars(query.order_by(Comment.submitted_at, Comment.id).limit(limit)))
