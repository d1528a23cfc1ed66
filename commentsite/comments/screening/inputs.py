"""Build the input of screening for a comment, the same way when it is sent and when it is edited."""

from commentsite.accounts.queries import list_staff_names
from commentsite.comments.models import Comment
from commentsite.comments.sanctions.queries import requires_review
from commentsite.comments.screening.checks import (
    ScreeningInput,
    ScreeningSettings,
    SubmissionSignals,
)
from commentsite.comments.screening.sender_history import SenderHistory
from commentsite.comments.screening.wordlists import primary_languages
from commentsite.letters.models import Letter
from commentsite.site.queries import Site


def build_screening_input(  # noqa: PLR0913, PLR0917  # the caller has loaded each of them already
    comment: Comment,
    letter: Letter,
    site: Site,
    signals: SubmissionSignals,
    history: SenderHistory,
    similarity: str = "",
    reserved_names: tuple[str, ...] | None = None,
) -> ScreeningInput:
    """Build the input for a comment whose text and name are already in their stored form.

    `reserved_names` are loaded unless the caller has them.
    """
    if reserved_names is None:
        reserved_names = list_reserved_names(letter)
    return ScreeningInput(
        name=comment.name,
        organisation=comment.organisation,
        body=comment.body,
        is_duplicate_text=history.is_duplicate_text,
        similarity=similarity,
        is_sanctioned=requires_review(history.sanction),
        is_email_confirmed=history.is_email_confirmed,
        has_published=history.has_published,
        recent=history.recent,
        signals=signals,
        settings=build_screening_settings(
            site,
            primary_languages(letter.language, comment.language or ""),
            reserved_names,
        ),
    )


def build_screening_settings(
    site: Site, languages: frozenset[str], reserved_names: tuple[str, ...] = ()
) -> ScreeningSettings:
    """Select the settings of a site that apply to a comment in these languages."""
    return ScreeningSettings(
        reserved_names=reserved_names,
        banned_words=site.banned_words,
        languages=languages,
        hold_links=site.hold_links,
        hold_new_links=site.hold_new_links,
        disposable_domains=site.disposable_domains,
    )


def list_reserved_names(letter: Letter) -> tuple[str, ...]:
    """List the names that a commenter might use to impersonate staff or the letter's authors."""
    return (*list_staff_names(), *(author.name for author in letter.authors))
