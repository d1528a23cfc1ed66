"""Present the result of trying screening settings on recent comments."""

from collections.abc import Sequence
from dataclasses import dataclass

from commentsite.comments.screening.dry_run import ChangedComment, DryRun
from commentsite.web.desk.moderation.held_reasons import HeldReason, describe_held_reasons
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import COMMENT_STATE_LABELS

MAX_LISTED = 100
MAX_UNFOLDED = 20  # a longer list is folded until the steward opens it
MAX_EXCERPT = 160  # characters of a comment


@dataclass(frozen=True)
class ReportedComment:
    id: int
    state: str
    checks: Sequence[str]
    excerpt: str


@dataclass(frozen=True)
class CommentList:
    """The comments that the proposed settings treat differently in one way."""

    heading: str
    comments: Sequence[ReportedComment]
    omitted: int  # comments beyond MAX_LISTED
    is_unfolded: bool


@dataclass(frozen=True)
class DryRunReport:
    comment_count: int
    flagged_before: int
    flagged_after: int
    newly_flagged_by_state: Sequence[tuple[str, int]]
    lists: Sequence[CommentList]


def build_dry_run_report(dry_run: DryRun) -> DryRunReport:
    newly, no_longer = dry_run.newly_flagged, dry_run.no_longer_flagged
    lists = (
        _build_list(
            newly,
            ngettext(
                "%(num)d comment would be flagged", "%(num)d comments would be flagged", len(newly)
            ),
        ),
        _build_list(
            no_longer,
            ngettext(
                "%(num)d comment would no longer be flagged",
                "%(num)d comments would no longer be flagged",
                len(no_longer),
            ),
        ),
    )
    return DryRunReport(
        comment_count=dry_run.comment_count,
        flagged_before=dry_run.flagged_before,
        flagged_after=dry_run.flagged_after,
        newly_flagged_by_state=[
            (COMMENT_STATE_LABELS[state], count)
            for state, count in dry_run.newly_flagged_by_state.items()
        ],
        lists=[entry for entry in lists if entry.comments],
    )


def _build_list(changed: Sequence[ChangedComment], heading: str) -> CommentList:
    return CommentList(
        heading=heading,
        comments=[_build_comment(entry) for entry in changed[:MAX_LISTED]],
        omitted=max(0, len(changed) - MAX_LISTED),
        is_unfolded=len(changed) <= MAX_UNFOLDED,
    )


def _build_comment(changed: ChangedComment) -> ReportedComment:
    comment = changed.comment
    is_long = len(comment.body) > MAX_EXCERPT
    return ReportedComment(
        id=comment.id,
        state=COMMENT_STATE_LABELS[comment.state],
        checks=[_describe_check(reason) for reason in describe_held_reasons(changed.reasons)],
        excerpt=comment.body[:MAX_EXCERPT] + ("…" if is_long else ""),
    )


def _describe_check(reason: HeldReason) -> str:
    """Return the check with what it found, such as the word of the list."""
    if not reason.findings:
        return reason.label
    return _("%(text)s (%(note)s)", text=reason.label, note=reason.findings)
