"""Gather what the screening needs to know about a comment, the same way when it comes and when it changes."""

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


def build_screening_input(  # noqa: PLR0913, PLR0917  # each is known to the caller already
    comment: Comment,
    letter: Letter,
    site: Site,
    signals: SubmissionSignals,
    history: SenderHistory,
    similarity: str = "",
) -> ScreeningInput:
    """Return the facts of a comment whose words are as they are to be stored.

    Of a comment that is stored already nothing is held against it that it did itself.
    """
    return ScreeningInput(
        name=comment.name,
        organisation=comment.organisation,
        body=comment.body,
        is_duplicate_text=history.is_duplicate_text,
        similarity=similarity,
        is_sanctioned=requires_review(history.sanction),
        is_email_confirmed=history.is_email_confirmed,
        recent=history.recent,
        signals=signals,
        settings=build_screening_settings(
            site,
            primary_languages(letter.language, comment.language or ""),
            list_reserved_names(letter),
        ),
    )


def build_screening_settings(
    site: Site, languages: frozenset[str], reserved_names: tuple[str, ...] = ()
) -> ScreeningSettings:
    """Return what a site decided about screening, for a comment in these languages."""
    return ScreeningSettings(
        reserved_names=reserved_names,
        banned_words=site.banned_words,
        languages=languages,
        hold_links=site.hold_links,
        hold_new_links=site.hold_new_links,
        disposable_domains=site.disposable_domains,
    )


def list_reserved_names(letter: Letter) -> tuple[str, ...]:
    """Return the names nobody else may seem to carry: of staff, and of the letter's authors."""
    return (*list_staff_names(), *(author.name for author in letter.authors))
