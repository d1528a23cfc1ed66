"""Structured data of a letter and its comments for search engines: schema.org as JSON-LD."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from commentsite.comments.sanitizer import text_of_html
from commentsite.comments.threads.queries import CommentRow
from commentsite.letters.citations.queries import CitedSymbol
from commentsite.letters.models import Letter
from commentsite.letters.queries import RelatedLetter
from commentsite.letters.text.queries import VersionRow
from commentsite.web.context import current_site
from commentsite.web.http.paths import strip_language
from commentsite.web.rendering.filters import (
    absolute_url,
    author_url,
    get_group_label,
    permanent_url,
)

LETTER_TYPE = "https://www.wikidata.org/entity/Q133492"  # schema.org has no type for letters
# Validators of search engines report a member without a value as an error.
EMPTY_VALUES: tuple[Any, ...] = (None, "", [], {})


class LetterRows(Protocol):
    """The rows that an Article needs besides the letter. `versions` are listed newest first."""

    @property
    def versions(self) -> Sequence[VersionRow]: ...
    @property
    def citations(self) -> Iterable[CitedSymbol]: ...
    @property
    def related(self) -> Iterable[RelatedLetter]: ...


def build_letter_jsonld(letter: Letter, rows: LetterRows) -> dict[str, Any]:
    """Return an Article without its comments, which `add_comments` adds."""
    url = _letter_url(letter.slug)
    published = letter.published_at
    modified = rows.versions[0].published_at if rows.versions else published
    originals = [_letter_url(other.slug) for other in rows.related if other.relation == "original"]
    data = {
        "@context": "https://schema.org",
        "@type": "Article",
        "additionalType": LETTER_TYPE,
        "@id": url,
        "url": url,
        "headline": letter.title,
        "description": letter.standfirst,
        "inLanguage": letter.language,
        "author": [
            {
                "@type": "Person",
                "name": author.name,
                "url": author_url(author.name),
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
        "citation": list(dict.fromkeys(citation.symbol for citation in rows.citations)),
        "commentCount": letter.published_comment_count,
        "translationOfWork": originals,
        "workTranslation": [
            _letter_url(other.slug) for other in rows.related if other.relation == "translation"
        ],
        "translator": {"@type": "Person", "name": letter.translator} if originals else None,
    }
    article: dict[str, Any] = _drop_empty_values(data)
    return article


def dump_jsonld(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def add_comments(article: str, comments: Iterable[str]) -> str:
    """Return the JSON of an Article with that of its comments."""
    added = ",".join(comments)
    return f'{article[:-1]},"comment":[{added}]}}' if article and added else article


def build_comment_jsonld(comment: CommentRow, permalink: Callable[[int], str]) -> dict[str, Any]:
    """Return a published comment. `permalink` builds the path of a comment from its id."""
    data = {
        "@type": "Comment",
        "@id": absolute_url(strip_language(permalink(comment.id))),
        "author": {"@type": "Person", "name": comment.name},
        "creditText": get_group_label(comment.stakeholder_group),
        "datePublished": comment.published_at.isoformat(timespec="seconds"),
        "text": text_of_html(comment.body_html),
    }
    if comment.parent_id:
        data["parentItem"] = {"@id": absolute_url(strip_language(permalink(comment.parent_id)))}
    return data


def _letter_url(slug: str) -> str:
    return permanent_url("letters.show", slug=slug)


def _drop_empty_values(value: Any) -> Any:
    """Remove empty members of objects at every depth. An object without members is empty itself."""
    if isinstance(value, dict):
        members = {name: _drop_empty_values(item) for name, item in value.items()}
        return {name: item for name, item in members.items() if item not in EMPTY_VALUES}
    return [_drop_empty_values(item) for item in value] if isinstance(value, list) else value
