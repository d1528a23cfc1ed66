"""TODO docstring of commentsite.moderation.queue.case_file."""

from dataclasses import dataclass

from commentsite import clock
from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import list_latest_entries_about
from commentsite.comments.campaigns.queries import count_campaign_senders
from commentsite.comments.models import CaseNote, Comment
from commentsite.comments.queries import get_comment, list_case_notes
from commentsite.comments.reports.models import Report
from commentsite.comments.reports.queries import list_open_reports
from commentsite.comments.sanctions.models import Sanction
from commentsite.comments.sanctions.queries import find_active_sanction
from commentsite.comments.screening.queries import count_states_by_email
from commentsite.comments.screening.sender_history import count_verdicts_on_network
from commentsite.db.session import session
from commentsite.letters.models import Block, Letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.queries import _VOTES_ON_COMMENT
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause
from commentsite.text.diff import DiffSegment, diff_words


@dataclass(frozen=True)
class CaseFile:
    """Everything a moderator needs to decide about one comment."""

    comment: Comment
    letter: Letter
    parent: Comment | None
    target_blocks: list[Block]
    context_blocks: list[Block]  # those it speaks to, each with the one before and after it
    notes: list[CaseNote]
    counts_by_email: dict[
        str, int
    ]  # what else came from the same email address, by what became of it
    all_votes: list[Decision]  # every vote there was, the oldest first
    audit_entries: list[AuditEntry]
    reports: list[Report]
    similar_comment: Comment | None  # the earlier one whose words are nearly these
    campaign_sender_count: int  # who sent its text, where many did
    sanction: Sanction | None  # what holds about whoever writes from its address
    counts_by_network_address: dict[
        str, int
    ]  # what else came from there and was spam, refused or reported
    cited_rules: dict[
        tuple[int, str], Clause
    ]  # by version of the rules and code, all that is named here

    @property
    def applied_decisions(self) -> list[Decision]:
        """Return what was carried out, the oldest first."""
        return [decision for decision in self.all_votes if decision.is_applied]

    @property
    def open_votes(self) -> list[Decision]:
        """Return those on it as it is, which have not settled it."""
        return [
            vote
            for vote in self.all_votes
            if vote.comment_version == self.comment.version
            and not vote.is_applied
            and vote.undone_at is None
        ]

    @property
    def text_diff(self) -> list[DiffSegment]:
        """Return what it adds to and leaves out of the words it is nearest to."""
        return (
            diff_words(self.similar_comment.body, self.comment.body) if self.similar_comment else []
        )

    @property
    def paragraph_numbers(self) -> dict[str, int]:
        """Return the numbers of the paragraphs it speaks to, by their ids."""
        return {
            block.pid: block.number for block in self.target_blocks if block.pid and block.number
        }


def load_case_file(comment_id: int) -> CaseFile:
    """Return one comment with the letter, paragraphs and comment it answers, and all that was decided. Raises NotFound."""
    comment = get_comment(comment_id)
    letter = session().get_one(Letter, comment.letter_id)
    pids = {target.pid for target in comment.targets}
    decided = list(session().scalars(_VOTES_ON_COMMENT, {"comment": comment.id}))
    reports = list_open_reports(comment.id)
    sanction = find_active_sanction(comment.email_hash, clock.now())
    blocks = list_current_blocks(letter) if pids else []
    return CaseFile(
        comment=comment,
        letter=letter,
        parent=get_comment(comment.parent_id) if comment.parent_id else None,
        target_blocks=[b for b in blocks if b.pid in pids],
        context_blocks=_surrounding_blocks(blocks, pids),
        notes=list_case_notes(comment.id),
        counts_by_email=count_states_by_email(comment.email_hash, exclude_comment_id=comment.id),
        all_votes=decided,
        audit_entries=list_latest_entries_about(f"comment:{comment.id}", 50),
        reports=reports,
        similar_comment=session().get(Comment, comment.similar_comment_id)
        if comment.similar_comment_id
        else None,
        campaign_sender_count=count_campaign_senders(comment.campaign_id)
        if comment.campaign_id
        else 1,
        sanction=sanction,
        counts_by_network_address=count_verdicts_on_network(
            comment.network_address_hash, exclude_comment_id=comment.id
        ),
        cited_rules=find_clauses(
            [
                *((d.rules_version, d.rule) for d in decided),
                *((report.rules_version, report.rule) for report in reports),
                *([(sanction.rules_version, sanction.clause)] if sanction else []),
            ]
        ),
    )


def _surrounding_blocks(blocks: list[Block], pids: set[str]) -> list[Block]:
    near = {
        place for n, block in enumerate(blocks) if block.pid in pids for place in (n - 1, n, n + 1)
    }
    return [block for n, block in enumerate(blocks) if n in near]
