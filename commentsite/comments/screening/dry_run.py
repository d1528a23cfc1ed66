"""Show the effect of changed screening settings on the latest comments, before the settings are saved."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import (
    CheckCode,
    ModerationCounts,
    ScreeningInput,
    SubmissionSignals,
    run_selected_checks,
)
from commentsite.comments.screening.inputs import build_screening_settings
from commentsite.comments.screening.queries import (
    list_latest_with_language,
    load_first_publication_by_email,
)
from commentsite.comments.screening.wordlists import primary_languages
from commentsite.encryption import Encryption
from commentsite.site.queries import Site

MAX_COMMENTS = 1_000
#: The checks that depend on the settings. All others would find the same before and after.
SETTINGS_CHECKS = frozenset(
    {
        CheckCode.BANNED_WORD,
        CheckCode.TOO_MANY_LINKS,
        CheckCode.LINKS_FROM_NEW_SENDER,
        CheckCode.DISPOSABLE_EMAIL,
    }
)


Reasons = list[dict[str, Any]]


@dataclass(frozen=True)
class ChangedComment:
    """A comment that only one of the two settings flags, and the findings of the checks that flag it."""

    comment: Comment
    reasons: Reasons


@dataclass(frozen=True)
class DryRun:
    """The latest comments that are flagged by the current and by the proposed settings."""

    comment_count: int
    flagged_before: int
    flagged_after: int
    newly_flagged: tuple[ChangedComment, ...]  # the newest first
    no_longer_flagged: tuple[ChangedComment, ...]

    @property
    def is_unchanged(self) -> bool:
        return not self.newly_flagged and not self.no_longer_flagged

    @property
    def newly_flagged_by_state(self) -> dict[str, int]:
        """The number of newly flagged comments by state, the largest first."""
        states = Counter(str(changed.comment.state) for changed in self.newly_flagged)
        return dict(states.most_common())


def run_dry_run(current: Site, proposed: Site, encryption: Encryption) -> DryRun:
    """Screen the latest MAX_COMMENTS comments with the current and with the proposed settings.

    Nothing is changed. A sender counts as new unless their confirmed address had a published
    comment before this comment was sent. Erased comments are left out.
    """
    first_publications = load_first_publication_by_email(MAX_COMMENTS)
    flags: list[tuple[Comment, Reasons, Reasons]] = []
    for comment, language in list_latest_with_language(MAX_COMMENTS):
        before, after = (
            _run_settings_checks(comment, language, site, first_publications, encryption)
            for site in (current, proposed)
        )
        flags.append((comment, before, after))
    return DryRun(
        comment_count=len(flags),
        flagged_before=sum(bool(before) for _comment, before, _after in flags),
        flagged_after=sum(bool(after) for _comment, _before, after in flags),
        newly_flagged=_changed_comments(
            (comment, after) for comment, before, after in flags if after and not before
        ),
        no_longer_flagged=_changed_comments(
            (comment, before) for comment, before, after in flags if before and not after
        ),
    )


def _changed_comments(flags: Iterable[tuple[Comment, Reasons]]) -> tuple[ChangedComment, ...]:
    return tuple(ChangedComment(comment, reasons) for comment, reasons in flags)


def _run_settings_checks(
    comment: Comment,
    language: str,
    site: Site,
    first_publications: dict[str, datetime],
    encryption: Encryption,
) -> Reasons:
    screening_input = _build_input(comment, language, site, first_publications, encryption)
    return run_selected_checks(screening_input, SETTINGS_CHECKS)


def _build_input(
    comment: Comment,
    language: str,
    site: Site,
    first_publications: dict[str, datetime],
    encryption: Encryption,
) -> ScreeningInput:
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    first_published_at = first_publications.get(comment.email_hash or "")
    return ScreeningInput(
        name=comment.name,
        organisation=comment.organisation,
        body=comment.body,
        is_duplicate_text=False,
        has_published=first_published_at is not None and first_published_at < comment.submitted_at,
        recent=ModerationCounts(),
        signals=SubmissionSignals(email_domain=(email or "").rpartition("@")[2]),
        settings=build_screening_settings(
            site, primary_languages(language, comment.language or "")
        ),
    )
