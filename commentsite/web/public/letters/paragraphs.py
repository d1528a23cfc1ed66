"""The page of one paragraph of a letter, with the comments on it."""

from flask import Response, make_response, render_template, request, url_for

from commentsite import clock
from commentsite.comments.filters.queries import (
    CommentFilter,
    FilteredPage,
    MatchCount,
    count_matches,
    load_filtered_page,
)
from commentsite.comments.threads.queries import COMMENTS_PER_PAGE
from commentsite.comments.threads.tree import build_flat_list
from commentsite.db.pagination import page_within
from commentsite.errors import NotFound
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.models import Letter
from commentsite.letters.queries import find_by_current_slug
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_current_blocks
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.comment_list import Pager, describe_texts
from commentsite.web.public.letters.comment_view import build_thread_items, render_comments
from commentsite.web.public.letters.page import (
    count_comments,
    get_letter_or_redirect,
    letter_page_version,
    load_thread_context,
)
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

bp = LanguageBlueprint("paragraphs", __name__)


def _canonical_arguments(stamp: str, slug: str, pid: str) -> PageArguments:
    requested = _read_page()
    if requested <= 1:
        return PageArguments({})
    key = ("paragraph pages", slug, pid, stamp)
    page = min(requested, cached_fragment(key, lambda: _count_pages(slug, pid)))
    return PageArguments({"page": str(page) if page > 1 else ""})


def _count_pages(slug: str, pid: str) -> int:
    letter = find_by_current_slug(slug)
    texts = _count_comments(letter, pid).texts if letter else 0
    return page_within(1, texts, COMMENTS_PER_PAGE)[1]


def _read_page() -> int:
    return parse_id(request.args.get("page", "")) or 1


@bp.get("/letters/<slug>/paragraphs/<pid>")
@cached_page(letter_page_version, _canonical_arguments)
def show(slug: str, pid: str) -> Response:
    """Show a paragraph and one page of its published comments, oldest first."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("paragraphs.show", slug=new_slug, pid=pid)
    )
    blocks = {block.pid: block for block in list_current_blocks(letter) if block.pid}
    if pid not in blocks or letter.state == LetterState.WITHDRAWN:
        msg = "This paragraph is not in the current version of the letter."
        raise NotFound(msg)
    count = _count_comments(letter, pid)
    found = load_filtered_page(
        letter.id, CommentFilter(paragraph=pid), count.texts, page=_read_page()
    )
    context = load_thread_context(
        letter,
        list(blocks.values()),
        found.comments,
        is_open=get_current_window(letter).is_open and not current_site().closed_until(clock.now()),
    ).at(url_for("letters.show", slug=letter.slug))
    thread = build_flat_list(found.comments)
    pids = list(blocks)
    position = pids.index(pid)
    page = render_template(
        "public/letters/paragraph.html",
        letter=letter,
        block=blocks[pid],
        labels={key: block.label for key, block in blocks.items() if block.label},
        previous_pid=pids[position - 1] if position else None,
        next_pid=pids[position + 1] if position + 1 < len(pids) else None,
        heading=_describe_count(letter, pid),
        texts_note=describe_texts(count),
        threads=build_thread_items(thread, render_comments(thread, context)),
        pages=_build_pager(letter, pid, found),
        is_open=context.is_open,
    )
    return make_response(page)


def _build_pager(letter: Letter, pid: str, found: FilteredPage) -> Pager:
    def url(page: int) -> str:
        if not 1 <= page <= found.page_count:
            return ""
        number = page if page > 1 else None
        return url_for("paragraphs.show", slug=letter.slug, pid=pid, page=number)

    return Pager(found.page, found.page_count, url(found.page - 1), url(found.page + 1))


def _count_comments(letter: Letter, pid: str) -> MatchCount:
    key = ("paragraph count", letter.id, letter.page_version, pid)
    return cached_fragment(key, lambda: count_matches(letter.id, CommentFilter(paragraph=pid)))


def _describe_count(letter: Letter, pid: str) -> str:
    # The same count as in the margin of the letter, which also knows more than count_matches looks at.
    count = count_comments(letter).by_paragraph.get(pid, 0)
    if not count:
        return str(_("No comments on this paragraph yet"))
    return str(ngettext("%(num)d comment", "%(num)d comments", count))
