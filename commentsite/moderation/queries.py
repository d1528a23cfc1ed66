"""Read one comment as a case, and what was decided about it."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy import case as case_of

from commentsite import clock
from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import newest_about
from commentsite.comments.alike import people_in
from commentsite.comments.case_note import CaseNote
from commentsite.comments.known import states_under, verdicts_on
from commentsite.comments.models import Comment, Report, Sanction
from commentsite.comments.noted import notes_of
from commentsite.comments.queries import comment_by_id
from commentsite.comments.reported import open_reports
from commentsite.comments.sanctioned import sanction_on
from commentsite.db import session
from commentsite.errors import require_found
from commentsite.letters.models import Block, Letter
from commentsite.letters.queries import current_blocks
from commentsite.letters.wording import Stretch, changed_words
from commentsite.moderation.models import Decision
from commentsite.site.models import RuleClause, SiteSettings
from commentsite.site.queries import as_clause, clauses_named
from commentsite.site.rulebook import Clause

_IS_SETTLING = Decision.is_settling.is_(True)

# Asked with each page of the desk, so composed once.
_DECIDED = select(Decision).where(Decision.comment_id == bindparam("comment")).order_by(Decision.id)
_MODE = (
    select(
        case_of(
            (Letter.moderation_mode != "", Letter.moderation_mode),
            else_=SiteSettings.moderation_mode,
        )
    )
    .join(SiteSettings, SiteSettings.id == 1)
    .where(Letter.id == bindparam("letter"))
)


@dataclass(frozen=True)
class CaseFile:
    """Everything a moderator needs to decide about one comment."""

    comment: Comment
    letter: Letter
    parent: Comment | None
    target_blocks: list[Block]
    around: list[Block]  # those it speaks to, each with the one before and after it
    notes: list[CaseNote]
    earlier: dict[str, int]  # what else came from the same email address, by what became of it
    decided: list[Decision]  # every vote there was, the oldest first
    history: list[AuditEntry]
    reports: list[Report]
    near: Comment | None  # the earlier one whose words are nearly these
    people: int  # who sent its text, where many did
    sanction: Sanction | None  # what holds about whoever writes from its address
    same_address: dict[str, int]  # what else came from there and was spam, refused or reported
    cited: dict[tuple[int, str], Clause]  # by version of the rules and code, all that is named here

    @property
    def decisions(self) -> list[Decision]:
        """Return what was carried out, the oldest first."""
        return [decision for decision in self.decided if decision.is_settling]

    @property
    def votes(self) -> list[Decision]:
        """Return those on it as it is, which have not settled it."""
        return [
            vote
            for vote in self.decided
            if vote.comment_version == self.comment.version
            and not vote.is_settling
            and vote.undone_at is None
        ]

    @property
    def difference(self) -> list[Stretch]:
        """Return what it adds to and leaves out of the words it is nearest to."""
        return changed_words(self.near.body, self.comment.body) if self.near else []

    @property
    def numbers(self) -> dict[str, int]:
        """Return the numbers of the paragraphs it speaks to, by their ids."""
        return {
            block.pid: block.number for block in self.target_blocks if block.pid and block.number
        }


def mode_of(letter_id: int) -> str:
    """Return how many people a refusal needs on a letter: as it says, else as the site."""
    mode: str = session().scalars(_MODE, {"letter": letter_id}).one()
    return mode


def case(comment_id: int) -> CaseFile:
    """Return one comment with the letter, paragraphs and comment it answers, and all that was decided. Raises NotFound."""
    comment = comment_by_id(comment_id)
    letter = session().get_one(Letter, comment.letter_id)
    pids = {target.pid for target in comment.targets}
    decided = list(session().scalars(_DECIDED, {"comment": comment.id}))
    reports = open_reports(comment.id)
    sanction = sanction_on(comment.email_hash, clock.now())
    blocks = current_blocks(letter) if pids else []
    return CaseFile(
        comment=comment,
        letter=letter,
        parent=comment_by_id(comment.parent_id) if comment.parent_id else None,
        target_blocks=[b for b in blocks if b.pid in pids],
        around=_around(blocks, pids),
        notes=notes_of(comment.id),
        earlier=states_under(comment.email_hash, but=comment.id),
        decided=decided,
        history=newest_about(f"comment:{comment.id}", 50),
        reports=reports,
        near=session().get(Comment, comment.near_id) if comment.near_id else None,
        people=people_in(comment.campaign_id) if comment.campaign_id else 1,
        sanction=sanction,
        same_address=verdicts_on(comment.address_hash, besides=comment.id),
        cited=clauses_named(
            [
                *((d.rules_version, d.reason) for d in decided),
                *((report.rules_version, report.rule) for report in reports),
                *([(sanction.rules_version, sanction.clause)] if sanction else []),
            ]
        ),
    )


def _around(blocks: list[Block], pids: set[str]) -> list[Block]:
    near = {
        place for n, block in enumerate(blocks) if block.pid in pids for place in (n - 1, n, n + 1)
    }
    return [block for n, block in enumerate(blocks) if n in near]


def decisions_of(comment_id: int) -> list[Decision]:
    """Return what was decided about a comment and carried out, oldest first."""
    query = select(Decision).where(Decision.comment_id == comment_id, _IS_SETTLING)
    return list(session().scalars(query.order_by(Decision.id)))


def open_votes(comment: Comment) -> list[Decision]:
    """Return what was said about a comment as it is now and not carried out, oldest first."""
    query = select(Decision).where(
        Decision.comment_id == comment.id,
        Decision.comment_version == comment.version,
        Decision.is_settling.is_(False),
        Decision.undone_at.is_(None),
    )
    return list(session().scalars(query.order_by(Decision.id)))


def votes_with(settling: Decision) -> list[Decision]:
    """Return those who said the same of the same words as the one who settled it, who comes last."""
    query = select(Decision).where(
        Decision.comment_id == settling.comment_id,
        Decision.comment_version == settling.comment_version,
        Decision.id <= settling.id,
        Decision.undone_at.is_(None),
    )
    votes = session().scalars(query.order_by(Decision.id))
    return [vote for vote in votes if vote.said == settling.said]


def decision_for_update(decision_id: int) -> Decision:
    """Return a decision as it is now. Raises NotFound."""
    query = select(Decision).where(Decision.id == decision_id)
    return require_found(
        session().scalars(query.execution_options(populate_existing=True)).first(),
        "There is no such decision.",
    )


def decision_of(decision_id: int, moderator_id: int | None) -> Decision | None:
    """Return a decision of one person, or None."""
    query = select(Decision).where(
        Decision.id == decision_id, Decision.moderator_id == moderator_id
    )
    return session().scalars(query).first()


def votes_before(decision: Decision) -> list[Decision]:
    """Return those on the same version that came before it, the oldest first."""
    query = select(Decision).where(
        Decision.comment_id == decision.comment_id,
        Decision.comment_version == decision.comment_version,
        Decision.id < decision.id,
        Decision.undone_at.is_(None),
    )
    return list(session().scalars(query.order_by(Decision.id)))


def votes_after(decision: Decision) -> list[Decision]:
    """Return what was said about the same comment after it."""
    query = select(Decision).where(
        Decision.comment_id == decision.comment_id, Decision.id > decision.id
    )
    return list(session().scalars(query))


def latest_decision(comment_id: int) -> Decision | None:
    """Return the last decision about a comment, if any."""
    query = select(Decision).where(Decision.comment_id == comment_id, _IS_SETTLING)
    return session().scalars(query.order_by(Decision.id.desc()).limit(1)).first()


def latest_clauses(comment_ids: list[int]) -> dict[int, Clause]:
    """Return the clause that the last decision about each of these comments names, as it read then."""
    query = (
        select(Decision.comment_id, RuleClause)
        .join(
            RuleClause,
            and_(RuleClause.version == Decision.rules_version, RuleClause.code == Decision.reason),
            isouter=True,
        )
        .where(Decision.comment_id.in_(comment_ids), _IS_SETTLING)
        .order_by(Decision.id)
    )
    last = {comment_id: clause for comment_id, clause in session().execute(query)}  # noqa: C416  # rows, not pairs
    return {comment_id: as_clause(clause) for comment_id, clause in last.items() if clause}
