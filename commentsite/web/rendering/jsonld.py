"""What a letter's page says to machines: schema.org as JSON-LD."""

from collections.abc import Callable
from typing import Any

from flask import url_for

from commentsite.comments.threads.queries import CommentRow
from commentsite.letters.models import Citation, Letter, LetterVersion
from commentsite.letters.queries import RelatedLetter
from commentsite.web.context import current_site
from commentsite.web.rendering.filters import absolute, group_label

LETTER = "https://www.wikidata.org/entity/Q133492"  # schema.org has no type for letters


def letter_as_data(
    letter: Letter,
    *,
    comments: list[dict[str, Any]],
    versions: list[LetterVersion],
    cited: list[Citation],
    around: list[RelatedLetter],
) -> dict[str, Any]:
    """Return an Article with what `comment_as_data` made of the comments on the page."""
    url = _letter_url(letter.slug)
    published = letter.published_at
    modified = versions[0].published_at if versions else published
    data = {
        "@context": "https://schema.org",
        "@type": "Article",
        "additionalType": LETTER,
        "@id": url,
        "url": url,
        "headline": letter.title,
        "description": letter.standfirst,
        "inLanguage": letter.language,
        "author": [
            {
                "@type": "Person",
                "name": author.name,
                "affiliation": {"@type": "Organization", "name": author.organisation}
                if author.organisation
                else None,
            }
            for author in letter.authors
        ],
        "publisher": {"@type": "Organization", "name": current_site().title},
        "datePublished": published.isoformat() if published else None,
        "dateModified": modified.isoformat() if modified else None,
        "dateCreated": letter.date_written.isoformat() if letter.date_written else None,
        "version": str(letter.version_number),
        "keywords": ", ".join(letter.topics),
        "license": letter.licence,
        "citation": list(dict.fromkeys(c.symbol for c in cited)),
        "commentCount": letter.published_comment_count,
        "translationOfWork": [_letter_url(n.slug) for n in around if n.relation == "original"],
        "workTranslation": [_letter_url(n.slug) for n in around if n.relation == "translation"],
    }
    if data["translationOfWork"]:
        data["translator"] = {"@type": "Person", "name": letter.translator}
    kept: dict[str, Any] = _without_nothing(data)
    return kept | ({"comment": comments} if comments else {})


def comment_as_data(comment: CommentRow, permalink: Callable[[int], str]) -> dict[str, Any]:
    """Return a published comment; `permalink` makes an address of a number."""
    data = {
        "@type": "Comment",
        "@id": absolute(permalink(comment.id)),
        "author": {"@type": "Person", "name": comment.name},
        "creditText": group_label(comment.stakeholder_group),
        "datePublished": comment.published_at.isoformat(),
        "text": comment.body,
    }
    if comment.parent_id:
        data["parentItem"] = {"@id": absolute(permalink(comment.parent_id))}
    return data


def _letter_url(slug: str) -> str:
    return absolute(url_for("letters.show", slug=slug))


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_nothing(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, "", [], {})}
    return [_without_nothing(item) for item in value] if isinstance(value, list) else value
