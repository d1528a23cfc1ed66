"""Say what other word lists and numbers would have pointed out among the last comments, before they are in force."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from commentsite.comments.models import Comment
from commentsite.comments.screening.checks import (
    ScreeningInput,
    SenderCounts,
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
SETTINGS_CHECKS = frozenset(
    {"banned_word", "links", "links_unknown", "disposable"}
)  # what the settings say


@dataclass(frozen=True)
class ChangedComment:
    """A comment about which the new settings say something else, by which checks."""

    comment: Comment
    checks: tuple[str, ...]


@dataclass(frozen=True)
class DryRun:
    """What the checks of the settings point out among the last comments, as they are and as they would be."""

    comment_count: int
    flagged_before: int
    flagged_after: int
    newly_flagged: tuple[ChangedComment, ...]  # the newest first
    no_longer_flagged: tuple[ChangedComment, ...]

    @property
    def is_unchanged(self) -> bool:
        """Say whether nothing would be otherwise."""
        return not self.newly_flagged and not self.no_longer_flagged

    @property
    def newly_flagged_by_state(self) -> dict[str, int]:
        """Return where those stand that would be pointed out: published ones would have waited for nothing."""
        return dict(Counter(str(one.comment.state) for one in self.newly_flagged).most_common())


def run_dry_run(current: Site, proposed: Site, encryption: Encryption) -> DryRun:
    """Try the settings in force and others on the last MOST comments; nothing is changed.

    A link counts as somebody's own where their address was confirmed and published before that
    comment came. Comments that are erased are left out: there is nothing to look at.
    """
    rows = list_latest_with_language(MAX_COMMENTS)
    known = load_first_publication_by_email(MAX_COMMENTS)
    told: list[tuple[Comment, tuple[set[str], set[str]]]] = []
    for comment, language in rows:
        facts = [
            _build_input(comment, language, site, known, encryption) for site in (current, proposed)
        ]
        before, after = (
            {r["rule"] for r in run_selected_checks(f, SETTINGS_CHECKS)} for f in facts
        )
        told.append((comment, (before, after)))
    return DryRun(
        comment_count=len(told),
        flagged_before=sum(bool(before) for _, (before, _after) in told),
        flagged_after=sum(bool(after) for _, (_before, after) in told),
        newly_flagged=_changed_comments(
            (c, after) for c, (before, after) in told if after and not before
        ),
        no_longer_flagged=_changed_comments(
            (c, before) for c, (before, after) in told if before and not after
        ),
    )


def _changed_comments(found: Iterable[tuple[Comment, set[str]]]) -> tuple[ChangedComment, ...]:
    return tuple(ChangedComment(comment, tuple(sorted(rules))) for comment, rules in found)


def _build_input(
    comment: Comment, language: str, site: Site, known: dict[str, datetime], encryption: Encryption
) -> ScreeningInput:
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    since = known.get(comment.email_hash or "")
    return ScreeningInput(
        name=comment.name,
        organisation=comment.organisation,
        body=comment.body,
        is_duplicate_text=False,
        recent=SenderCounts(has_published=since is not None and since < comment.submitted_at),
        signals=SubmissionSignals(email_domain=(email or "").rpartition("@")[2]),
        settings=build_screening_settings(
            site, primary_languages(language, comment.language or "")
        ),
    )
