"""The list of the comments that a record is about, one row each, in the order of posting.

There can be a great many, so they are read and written one at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commentsite.comments.states import QuoteConsent
from commentsite.summaries.compilation import queries
from commentsite.summaries.compilation.queries import CommentFacts
from commentsite.summaries.report.authors import UNDISCLOSED, describe_author
from commentsite.summaries.report.content import Contributor
from commentsite.summaries.states import CommentUse

ORGANISATION_CAPACITY = "on_behalf_of"


class Affiliation(StrEnum):
    """The strongest check of the organisation that an author named."""

    UNCHECKED = ""
    EMAIL = "email"  # the email address is confirmed
    DOMAIN = "domain"  # the confirmed address is at the domain of the organisation
    DELEGATION = "delegation"  # the staff saw evidence that the author may speak for it


@dataclass(frozen=True)
class ContributorSource:
    """The values from which the contributors of a record are made."""

    slugs: Mapping[int, str]  # of its letters, by id
    cut_off: datetime
    pseudonymous_people: Mapping[str, int]
    uses: Mapping[int, tuple[CommentUse, str]]


def stream_contributors(source: ContributorSource) -> Iterator[Contributor]:
    """Yield one contributor for each published comment, late ones included."""
    only_counted: dict[tuple[str, bool], int] = {}
    for comment in queries.stream_published_comments(source.slugs.keys(), source.cut_off):
        slug = source.slugs[comment.letter_id]
        if comment.quote_as == QuoteConsent.COUNT:
            key = (slug, comment.is_late)
            only_counted[key] = only_counted.get(key, 0) + 1
            continue
        use, reason = source.uses.get(comment.id, (None, ""))
        author = describe_author(comment, source.pseudonymous_people)
        yield Contributor(
            comment_id=comment.id,
            letter_slug=slug,
            posted_at=comment.published_at,
            author=author,
            consent=comment.quote_as,
            affiliation=_check_affiliation(comment) if author.organisation else "",
            kind=comment.kind,
            stance=comment.stance,
            is_late=comment.is_late,
            use=use,
            use_reason=reason,
        )
    for (slug, is_late), count in sorted(only_counted.items()):
        yield from (_build_only_counted(slug, is_late=is_late) for _ in range(count))


def is_organisation(contributor: Contributor) -> bool:
    """Return whether a comment speaks for an organisation that may be named."""
    author = contributor.author
    return bool(author.organisation) and author.capacity == ORGANISATION_CAPACITY


def _build_only_counted(slug: str, *, is_late: bool) -> Contributor:
    return Contributor(
        comment_id=None,
        letter_slug=slug,
        posted_at=None,
        author=UNDISCLOSED,
        consent=QuoteConsent.COUNT,
        affiliation="",
        kind="",
        stance="",
        is_late=is_late,
        use=None,
        use_reason="",
    )


def _check_affiliation(comment: CommentFacts) -> Affiliation:
    if comment.is_delegation_verified:
        return Affiliation.DELEGATION
    if not comment.is_confirmed:
        return Affiliation.UNCHECKED
    return Affiliation.DOMAIN if comment.has_organisation_domain else Affiliation.EMAIL
