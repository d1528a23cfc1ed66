"""Query decisions and votes.

A vote is a decision that is not applied (yet). "Open" votes are those on the current version of a
comment, neither applied nor undone.
"""

from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import and_, bindparam, case, select

from commentsite.comments.models import Comment
from commentsite.comments.states import Awaiting
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.moderation.models import Decision
from commentsite.site.models import RuleClause, SiteSettings
from commentsite.site.rulebook import Clause

_IS_APPLIED = Decision.is_applied.is_(True)
# Every page of a case runs these two statements, so they are composed once.
_VOTES_ON_COMMENT = (
    select(Decision).where(Decision.comment_id == bindparam("comment")).order_by(Decision.id)
)
_QUORUM_MODES = (
    select(
        Letter.id,
        case(
            (Letter.moderation_mode != "", Letter.moderation_mode),
            else_=SiteSettings.moderation_mode,
        ),
    )
    .join(SiteSettings, SiteSettings.id == 1)
    .where(Letter.id.in_(bindparam("letters", expanding=True)))
)

# The columns of the tables and not of the classes: rows of these are less work for SQLAlchemy.
_DECISION, _CLAUSE = Decision.__mapper__.c, RuleClause.__mapper__.c
_DECISION_RULES = (
    select(_DECISION.comment_id, *(_CLAUSE[field.name] for field in fields(Clause)))
    .select_from(Decision.__table__)
    .join(
        RuleClause.__table__,
        and_(_CLAUSE.version == _DECISION.rules_version, _CLAUSE.code == _DECISION.rule),
        isouter=True,
    )
    .where(
        _DECISION.comment_id.in_(bindparam("comments", expanding=True)),
        _DECISION.is_applied.is_(True),
    )
    .order_by(_DECISION.id)
)


def load_quorum_mode(letter_id: int) -> str:
    """Return the moderation mode of a letter: its own setting, or the site's default."""
    return load_quorum_modes([letter_id])[letter_id]


def load_quorum_modes(letter_ids: Iterable[int]) -> dict[int, str]:
    """Return what `load_quorum_mode` does, by letter."""
    rows = session().execute(_QUORUM_MODES, {"letters": sorted(set(letter_ids))})
    return dict(rows.all())


def list_votes(comment_id: int) -> list[Decision]:
    """Return every vote and decision on a comment, on any of its versions, the oldest first."""
    return list(session().scalars(_VOTES_ON_COMMENT, {"comment": comment_id}))


def list_applied_decisions(comment_id: int) -> list[Decision]:
    """Return the applied decisions on a comment, the oldest first."""
    query = select(Decision).where(Decision.comment_id == comment_id, _IS_APPLIED)
    return list(session().scalars(query.order_by(Decision.id)))


def list_open_votes(comment: Comment) -> list[Decision]:
    """Return the open votes on a comment, the oldest first."""
    query = select(Decision).where(
        Decision.comment_id == comment.id,
        Decision.comment_version == comment.version,
        Decision.is_applied.is_(False),
        Decision.undone_at.is_(None),
    )
    return list(session().scalars(query.order_by(Decision.id)))


def list_agreeing_votes(applied: Decision) -> list[Decision]:
    """Return the votes that agreed with an applied decision on the same version, itself last."""
    query = select(Decision).where(
        Decision.comment_id == applied.comment_id,
        Decision.comment_version == applied.comment_version,
        Decision.id <= applied.id,
        Decision.undone_at.is_(None),
    )
    votes = session().scalars(query.order_by(Decision.id))
    return [vote for vote in votes if vote.agreement_key == applied.agreement_key]


def list_earlier_votes(decision: Decision) -> list[Decision]:
    """Return the votes on the same version before a decision, the oldest first."""
    query = select(Decision).where(
        Decision.comment_id == decision.comment_id,
        Decision.comment_version == decision.comment_version,
        Decision.id < decision.id,
        Decision.undone_at.is_(None),
    )
    return list(session().scalars(query.order_by(Decision.id)))


def list_later_votes(decision: Decision) -> list[Decision]:
    """Return the votes on the same comment after a decision, on any version."""
    query = select(Decision).where(
        Decision.comment_id == decision.comment_id, Decision.id > decision.id
    )
    return list(session().scalars(query))


def load_decision_for_update(decision_id: int) -> Decision:
    """Return a decision, freshly read from the database. Raises NotFound."""
    query = select(Decision).where(Decision.id == decision_id)
    return require_found(
        session().scalars(query.execution_options(populate_existing=True)).first(),
        "There is no decision with this number.",
    )


def find_letter_id_of_decision(decision_id: int) -> int | None:
    """Return the id of the letter whose comment was decided, or None if there is no such decision."""
    query = select(Comment.letter_id).join(Decision, Decision.comment_id == Comment.id)
    return session().scalars(query.where(Decision.id == decision_id)).first()


def has_undone_publication(comment_id: int, moderator_id: int | None) -> bool:
    """Return whether the moderator published a comment and undid that: `details` holds "shown" then."""
    query = select(Decision.details).where(
        Decision.comment_id == comment_id,
        Decision.moderator_id == moderator_id,
        Decision.undone_at.is_not(None),
    )
    return any("shown" in details for details in session().scalars(query))


def find_decision_of_moderator(decision_id: int, moderator_id: int | None) -> Decision | None:
    query = select(Decision).where(
        Decision.id == decision_id, Decision.moderator_id == moderator_id
    )
    return session().scalars(query).first()


def find_latest_decision(comment_id: int) -> Decision | None:
    """Return the latest applied decision on a comment."""
    query = select(Decision).where(Decision.comment_id == comment_id, _IS_APPLIED)
    return session().scalars(query.order_by(Decision.id.desc()).limit(1)).first()


def load_latest_decision_rules(comment_ids: list[int]) -> dict[int, Clause]:
    """Return, by comment id, the clause that the latest applied decision names, in its wording then.

    Comments whose latest decision names no rule are left out.
    """
    rows = session().execute(_DECISION_RULES, {"comments": comment_ids})
    # Later rows overwrite earlier ones, so the latest decision of each comment remains.
    latest = {comment_id: clause for comment_id, *clause in rows}
    return {comment_id: Clause(*clause) for comment_id, clause in latest.items() if clause[0]}


def list_comment_ids_awaiting_vote(limit: int = 200) -> list[int]:
    """Return the comments that wait for another vote, the oldest first."""
    query = select(Comment.id).where(
        Comment.awaiting.in_(
            (Awaiting.SECOND_VOTE, Awaiting.THIRD_VOTE, Awaiting.ELIGIBLE_MODERATOR)
        )
    )
    return list(session().scalars(query.order_by(Comment.submitted_at, Comment.id).limit(limit)))
