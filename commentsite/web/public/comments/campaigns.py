"""The page of a campaign: every published comment with nearly the same text, and what each sender changed."""

from dataclasses import dataclass

from flask import Response, make_response, render_template, request, url_for

from commentsite.comments.campaigns.queries import (
    DuplicateCount,
    count_duplicate_pages,
    count_duplicates,
    list_duplicates,
)
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_public_comment
from commentsite.comments.states import CommentState
from commentsite.errors import NotFound
from commentsite.letters.text.queries import list_current_blocks
from commentsite.text.diff import DiffSegment, diff_words
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.page import (
    get_letter_or_redirect,
    letter_page_version,
    load_anchors,
)
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("campaigns", __name__)
MAX_UNCHANGED_WORDS = 16  # a longer unchanged passage is shortened to its first and last words
CONTEXT_WORDS = 7


@dataclass(frozen=True)
class DuplicateView:
    """A duplicate, and how its text differs from that of the representative.

    `segments` is empty if the text is the same.
    """

    comment: Comment
    segments: list[DiffSegment]


def _canonical_arguments(stamp: str, slug: str, comment_id: int) -> PageArguments:
    requested = parse_id(request.args.get("page", "")) or 1
    if requested <= 1:
        return PageArguments({})
    key = ("duplicate pages", slug, comment_id, stamp)
    page = min(requested, cached_fragment(key, lambda: count_duplicate_pages(comment_id)))
    return PageArguments({"page": str(page) if page > 1 else ""})


@bp.get("/letters/<slug>/comments/<int:comment_id>/same")
@cached_page(letter_page_version, _canonical_arguments)
def show(slug: str, comment_id: int) -> Response:
    """Show the representative of a campaign and one page of its duplicates, the oldest first."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for(".show", slug=new_slug, comment_id=comment_id)
    )
    representative = get_comment(get_public_comment(letter.slug, comment_id).id)
    duplicates, page, pages = list_duplicates(
        representative.id, parse_id(request.args.get("page", "")) or 1
    )
    if representative.state != CommentState.PUBLISHED or not duplicates:
        raise NotFound(_("No other reader sent the text of this comment."))
    labels = {b.pid: b.label for b in list_current_blocks(letter) if b.pid and b.label}
    counts = count_duplicates([representative.id])
    return make_response(
        render_template(
            "public/comments/campaign.html",
            letter=letter,
            representative=representative,
            anchors=load_anchors(letter, [representative], labels).get(representative.id, []),
            # The same author may have sent all duplicates. Then no other sender is counted.
            sender_count=counts.get(representative.id, DuplicateCount(0, {})).senders,
            duplicates=[build_duplicate_view(representative, c) for c in duplicates],
            page=page,
            pages=pages,
        )
    )


def build_duplicate_view(representative: Comment, duplicate: Comment) -> DuplicateView:
    segments = diff_words(representative.body, duplicate.body)
    is_changed = any(s.kind != "same" and s.text.strip() for s in segments)
    return DuplicateView(duplicate, [_shorten_unchanged(s) for s in segments] if is_changed else [])


def _shorten_unchanged(segment: DiffSegment) -> DiffSegment:
    words = segment.text.split(" ")
    if segment.kind != "same" or len(words) <= MAX_UNCHANGED_WORDS:
        return segment
    first, last = " ".join(words[:CONTEXT_WORDS]), " ".join(words[-CONTEXT_WORDS:])
    return DiffSegment(segment.kind, f"{first} … {last}")
