"""The comments on paragraphs as web annotations (https://www.w3.org/TR/annotation-model/).

Programs such as Hypothesis read them. A quotation has the words of the paragraph as the comment saw them, so an
annotation of an earlier version names the page of that version.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from commentsite.comments.annotations.queries import (
    QuotedParagraph,
    count_annotations,
    list_annotations,
    load_quoted_paragraphs,
)
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentKind
from commentsite.letters.models import Letter
from commentsite.letters.queries import find_by_current_slug
from commentsite.letters.states import LetterState
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.filters import absolute_url
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("annotations", __name__)
CONTEXT = "http://www.w3.org/ns/anno.jsonld"
CONTENT_TYPE = f'application/ld+json; profile="{CONTEXT}"'
PER_PAGE = 100
HTML_FRAGMENTS = "http://tools.ietf.org/rfc/rfc3236"

Quoted = Mapping[tuple[int, str], QuotedParagraph]


def _list_arguments(_stamp: str, slug: str) -> PageArguments:
    """Return the page that there is. The first page and the collection are different documents."""
    requested = parse_id(request.args.get("page", ""))
    if requested is None:
        return PageArguments({})
    letter = find_by_current_slug(slug)
    last = _find_last_page(count_annotations(letter.id)) if letter else 1
    return PageArguments({"page": str(min(max(requested, 1), last))})


def _find_last_page(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


@bp.get("/letters/<slug>/annotations.json")
@cached_page(letter_page_version, _list_arguments)
def show(slug: str) -> Response:
    """Answer with the collection and its first page, or with the page in `?page=`."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("annotations.show", slug=new_slug)
    )
    total = count_annotations(letter.id)
    requested, last = parse_id(request.args.get("page", "")), _find_last_page(total)
    number = min(max(requested or 1, 1), last)
    page = _build_page(letter, number, last)
    document = page if requested is not None else _build_collection(letter, page, total, last)
    document = {"@context": CONTEXT, **document}
    response = make_response(json.dumps(document, ensure_ascii=False))
    response.headers["Content-Type"] = CONTENT_TYPE
    return response


def _build_collection(
    letter: Letter, page: dict[str, Any], total: int, last: int
) -> dict[str, Any]:
    collection: dict[str, Any] = {
        "id": _address(letter),
        "type": "AnnotationCollection",
        "label": _("Comments on “%(title)s”", title=letter.title),
        "total": total,
    }
    if total:
        collection |= {"first": page, "last": _address(letter, last)}
    return collection


def _build_page(letter: Letter, number: int, last: int) -> dict[str, Any]:
    offset = (number - 1) * PER_PAGE
    comments = list_annotations(letter.id, offset=offset, limit=PER_PAGE)
    # The text of a withdrawn letter is public no longer, so nothing is quoted from it.
    is_withdrawn = letter.state == LetterState.WITHDRAWN
    versions = {letter.version_number, *(comment.letter_version for comment in comments)}
    quoted = {} if is_withdrawn else load_quoted_paragraphs(letter, versions)
    page: dict[str, Any] = {
        "id": _address(letter, number),
        "type": "AnnotationPage",
        "partOf": _address(letter),
        "startIndex": offset,
        "items": [_build_annotation(letter, comment, quoted) for comment in comments],
    }
    if number > 1:
        page["prev"] = _address(letter, number - 1)
    if number < last:
        page["next"] = _address(letter, number + 1)
    return page


def _build_annotation(letter: Letter, comment: Comment, quoted: Quoted) -> dict[str, Any]:
    targets: list[Any] = [
        _build_target(letter, comment, target.pid, quoted) for target in comment.targets
    ]
    motivation = "questioning" if comment.kind == CommentKind.QUESTION else "commenting"
    if comment.parent_id is not None:
        targets.append(_identify(letter, comment.parent_id))
        motivation = "replying"
    body = {
        "type": "TextualBody",
        "value": comment.body_html,
        "format": "text/html",
        "purpose": motivation,
    }
    if comment.language:
        body["language"] = comment.language
    published = comment.published_at or comment.submitted_at
    return {
        "id": _identify(letter, comment.id),
        "type": "Annotation",
        "motivation": motivation,
        "created": published.isoformat(),
        "creator": {"type": "Person", "name": comment.name},
        "body": [body],
        "target": targets,
    }


def _build_target(letter: Letter, comment: Comment, pid: str, quoted: Quoted) -> dict[str, Any]:
    """Return a paragraph by its id in the page, and by its words as they were when the comment was written."""
    current, seen = (
        quoted.get((number, pid)) for number in (letter.version_number, comment.letter_version)
    )
    is_changed = seen is not None and (current is None or current.text != seen.text)
    source = url_for("letters.show", slug=letter.slug)
    if is_changed:
        source = url_for("versions.show", slug=letter.slug, number=comment.letter_version)
    selectors: list[dict[str, str]] = [
        {"type": "FragmentSelector", "value": f"p-{pid}", "conformsTo": HTML_FRAGMENTS}
    ]
    if paragraph := seen or current:
        selectors.append(
            {
                "type": "TextQuoteSelector",
                "exact": paragraph.text,
                "prefix": paragraph.prefix,
                "suffix": paragraph.suffix,
            }
        )
    return {"source": absolute_url(source), "selector": selectors}


def _identify(letter: Letter, comment_id: int) -> str:
    return absolute_url(url_for("comments.permalink", slug=letter.slug, comment_id=comment_id))


def _address(letter: Letter, page: int | None = None) -> str:
    return absolute_url(url_for("annotations.show", slug=letter.slug, page=page))
