"""Gather what the screening needs to know about a comment, the same way when it comes and when it changes."""

from commentsite.accounts.queries import staff_names
from commentsite.comments.known import Known
from commentsite.comments.models import Comment
from commentsite.comments.sanctioned import reads_first
from commentsite.comments.screening import Arrival, Facts, Rules
from commentsite.comments.wordlists import languages_of
from commentsite.letters.models import Letter
from commentsite.site.queries import Site


def facts_about(  # noqa: PLR0913, PLR0917  # each is known to the caller already
    comment: Comment, letter: Letter, site: Site, arrival: Arrival, known: Known, near: str = ""
) -> Facts:
    """Return the facts of a comment whose words are as they are to be stored.

    Of a comment that is stored already nothing is held against it that it did itself.
    """
    return Facts(
        name=comment.name,
        organisation=comment.organisation,
        body=comment.body,
        is_repeat=known.is_repeat,
        near=near,
        is_sanctioned=reads_first(known.sanction),
        is_known=known.is_confirmed,
        past=known.past,
        arrival=arrival,
        rules=rules_of(
            site, languages_of(letter.language, comment.language or ""), reserved_names(letter)
        ),
    )


def rules_of(site: Site, languages: frozenset[str], reserved_names: tuple[str, ...] = ()) -> Rules:
    """Return what a site decided about screening, for a comment in these languages."""
    return Rules(
        reserved_names=reserved_names,
        banned_words=site.banned_words,
        languages=languages,
        hold_links=site.hold_links,
        hold_new_links=site.hold_new_links,
        disposable_domains=site.disposable_domains,
    )


def reserved_names(letter: Letter) -> tuple[str, ...]:
    """Return the names nobody else may seem to carry: of staff, and of the letter's authors."""
    return (*staff_names(), *(author.name for author in letter.authors))
