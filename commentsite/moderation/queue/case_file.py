"""Load a case: one comment with everything that a moderator needs to decide on it."""

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
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import BlockRow, list_current_blocks
from commentsite.moderation.decisions.queries import list_votes
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause
from commentsite.text.diff import DiffSegment, diff_words


@dataclass(frozen=True)
class CaseFile:
    """A comment with its letter, its history and its sender's history."""

    comment: Comment
    letter: Letter
    parent: Comment | None
    target_blocks: list[BlockRow]  # the paragraphs that the comment is about
    # The paragraphs of the current version. Empty where the comment names no paragraph.
    letter_blocks: list[BlockRow]
    notes: list[CaseNote]
    counts_by_email: dict[str, int]  # other comments from the same email address, by state
    all_votes: list[Decision]  # on any version, the oldest first
    audit_entries: list[AuditEntry]
    reports: list[Report]  # open ones
    similar_comment: Comment | None  # an earlier comment with nearly the same text
    campaign_sender_count: int  # 1 where the comment belongs to no campaign
    sanction: Sanction | None  # active, on the email address of the comment
    counts_by_network_address: dict[str, int]  # other comments from there: spam, refused, reported
    cited_rules: dict[tuple[int, str], Clause]  # by version of the rules and rule code

    @property
    def applied_decisions(self) -> list[Decision]:
        """The applied decisions, the oldest first."""
        return [decision for decision in self.all_votes if decision.is_applied]

    @property
    def open_votes(self) -> list[Decision]:
        """The votes on the current version that are neither applied nor undone."""
        return [
            vote
            for vote in self.all_votes
            if vote.comment_version == self.comment.version
            and not vote.is_applied
            and vote.undone_at is None
        ]

    @property
    def text_diff(self) -> list[DiffSegment]:
        """The differences from the similar comment to this one, word by word."""
        if self.similar_comment is None:
            return []
        return diff_words(self.similar_comment.body, self.comment.body)

    def list_blocks_around(self, block: BlockRow) -> list[BlockRow]:
        """Return a paragraph of the letter with the ones before and after it."""
        position = self.letter_blocks.index(block)
        return self.letter_blocks[max(0, position - 1) : position + 2]

    @property
    def paragraph_labels(self) -> dict[str, str]:
        """The labels of the target paragraphs, by paragraph id."""
        return {block.pid: block.label for block in self.target_blocks if block.pid and block.label}


def load_case_file(comment_id: int) -> CaseFile:
    """Load the case of a comment. Raises NotFound."""
    comment = get_comment(comment_id)
    letter = session().get_one(Letter, comment.letter_id)
    target_pids = {target.pid for target in comment.targets}
    blocks = list_current_blocks(letter) if target_pids else []
    votes = list_votes(comment.id)
    reports = list_open_reports(comment.id)
    sanction = find_active_sanction(comment.email_hash, clock.now())
    return CaseFile(
        comment=comment,
        letter=letter,
        parent=get_comment(comment.parent_id) if comment.parent_id else None,
        target_blocks=[block for block in blocks if block.pid in target_pids],
        letter_blocks=blocks,
        notes=list_case_notes(comment.id),
        counts_by_email=count_states_by_email(comment.email_hash, exclude_comment_id=comment.id),
        all_votes=votes,
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
                *((vote.rules_version, vote.rule) for vote in votes),
                *((report.rules_version, report.rule) for report in reports),
                *([(sanction.rules_version, sanction.clause)] if sanction else []),
            ]
        ),
    )
