"""Build and render the page of a letter: for reading, for a mistake in the form, and for a preview."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from commentsite import clock
from commentsite.comments.campaigns.queries import DuplicateCount, count_duplicates
from commentsite.comments.filters import queries as filter_queries
from commentsite.comments.filters.queries import FilteredPage, MatchCount
from commentsite.comments.models import Comment
from commentsite.comments.queries import is_published_on
from commentsite.comments.states import CommentState
from commentsite.comments.threads import queries as thread_queries
from commentsite.comments.threads.anchors import Anchor, build_anchors
from commentsite.comments.threads.queries import CommentCounts, CommentRow, MoreReplies, ThreadPage
from commentsite.comments.threads.tree import (
    build_flat_list,
    build_threads,
    flatten_to_three_levels,
    limit_threads,
    walk_nodes,
)
from commentsite.db.pagination import page_within
from commentsite.errors import NotFound
from commentsite.letters import queries as letter_queries
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterRelation, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.queries import BlockRow
from commentsite.moderation.decisions.queries import load_latest_decision_rules
from commentsite.summaries.objections.queries import list_statuses
from commentsite.summaries.states import ObjectionStatus
from commentsite.web.caching.fragments import Fragment, cached_fragment
from commentsite.web.caching.page_cache import PageArguments
from commentsite.web.context import current_site
from commentsite.web.http.parameters import parse_id
from commentsite.web.paper.libraries import can_render_pdf
from commentsite.web.public.letters.comment_form import CommentForm
from commentsite.web.public.letters.comment_list import (
    CommentList,
    ListChoice,
    ListTools,
    Pager,
    build_group_counts,
    build_heading,
    build_notice,
    build_page_url,
    read_choice,
    render_list_tools,
)
from commentsite.web.public.letters.comment_view import (
    LetterRef,
    ThreadContext,
    build_thread_items,
    render_comments,
)
from commentsite.web.public.letters.form_view import render_form_fields
from commentsite.web.public.letters.letter_parts import render_letter_parts
from commentsite.web.public.letters.letter_view import (
    FormSection,
    describe_comment_window,
    load_letter_data,
)
from commentsite.web.public.letters.text_view import render_letter_text
from commentsite.web.rendering.jsonld import add_comments

REMOVED_STATES = {CommentState.RESTRICTED, CommentState.REFUSED}


class CompleteLetterPage(NamedTuple):
    """The page of a letter with all comments that fit, and the number of published ones among them."""

    html: str
    comment_count: int
    is_complete: bool


def letter_page_version(slug: str, **_rest: object) -> str | None:
    """Return the version stamp of a letter's page, or None if there is no such page."""
    versions = letter_queries.get_page_versions(slug)
    if versions is None:
        return None
    # An emergency switch closes comments for a time. When it ends, no row changes, so it is part of the stamp.
    closed = current_site(version=versions[2]).closed_until(clock.now())
    return ".".join(map(str, versions)) + (".closed" if closed else "")


def canonical_letter_arguments(stamp: str, slug: str) -> PageArguments:
    """Return the list of comments that there is, and the paragraph or comment for which the form is filled in.

    Few readers make the same choice of two filters, so such a page is not kept.
    """
    choice = read_choice(_RequestedParagraphs(slug, stamp))
    values = choice.to_arguments()
    filter_count = len(values.keys() - {"sort"})
    if choice.page > 1:
        key = ("page count", slug, stamp, choice.chosen)
        page = min(choice.page, cached_fragment(key, lambda: _count_pages(slug, choice)))
        values["page"] = str(page) if page > 1 else ""
    on = request.args.get("on", "")
    form_values = {
        "on": on if on in _RequestedParagraphs(slug, stamp) else "",
        "reply_to": _find_requested_parent(slug),
    }
    is_kept = not any(form_values.values()) and filter_count <= 1
    return PageArguments(values | form_values, is_kept=is_kept)


def _count_pages(slug: str, choice: ListChoice) -> int:
    letter = letter_queries.find_by_current_slug(slug)
    if letter is None:
        return 1
    if choice.chosen:
        texts = _count_matches(letter, choice).texts
        return page_within(1, texts, thread_queries.COMMENTS_PER_PAGE)[1]
    threads = count_comments(letter).threads
    return page_within(1, threads, thread_queries.THREADS_PER_PAGE)[1]


class _RequestedParagraphs(Container[str]):
    """The ids of the numbered paragraphs of a letter, loaded only if the request names one."""

    def __init__(self, slug: str, stamp: str) -> None:
        self._slug, self._stamp = slug, stamp

    def __contains__(self, pid: object) -> bool:
        if not pid:
            return False
        key = ("paragraph ids", self._slug, self._stamp)
        return pid in cached_fragment(key, lambda: _list_numbered_pids(self._slug))


def _list_numbered_pids(slug: str) -> frozenset[str]:
    letter = letter_queries.find_by_current_slug(slug)
    blocks = text_queries.list_current_blocks(letter) if letter else []
    return frozenset(block.pid for block in blocks if block.number and block.pid)


def _find_requested_parent(slug: str) -> str:
    comment_id = parse_id(request.args.get("reply_to", ""))
    return str(comment_id) if comment_id and is_published_on(slug, comment_id) else ""


def get_letter_or_redirect(slug: str, build_url: Callable[[str], str]) -> Letter:
    """Return the public letter at this address. Redirect (301) if the letter has a new address.

    `build_url` builds the address of the page from the new slug. Raises NotFound.
    """
    try:
        return letter_queries.get_public_letter(slug)
    except NotFound:
        new_slug = letter_queries.find_current_slug(slug)
        if new_slug is None:
            raise
        abort(redirect(build_url(new_slug), 301))


def render_letter_page(
    letter: Letter,
    form: CommentForm | None = None,
    *,
    status: int = 200,
    problem: str = "",
    preview: bool = False,
) -> Response:
    """Return a letter's page with one page of its comments and the form as the reader sent it.

    `problem` is a sentence that concerns no single field of the form.
    """
    data = load_letter_data(letter)
    counts = count_comments(letter)
    site_closed_until = current_site().closed_until(clock.now())
    is_open = get_current_window(letter).is_open and not site_closed_until
    choice = read_choice(_get_paragraph_labels(data.blocks))
    comments, fragments = _load_comment_list(letter, data.blocks, counts, choice, is_open=is_open)
    # After comments have closed, a form that was sent is shown again so that its text is not lost.
    is_form_shown = is_open or bool(problem) or bool(form and form.body.data)
    token, fields = "", Markup()
    if is_form_shown:
        token, fields = render_form_fields(
            letter, data.blocks, form, problem=problem, preview=preview
        )
    text = render_letter_text(letter, data.blocks, counts.by_paragraph, is_open=is_open)
    parts = render_letter_parts(
        letter,
        data,
        heading=comments.heading,
        map_url=comments.map_url,
        is_open=is_open,
        has_pdf=can_render_pdf(),
    )
    page = render_template(
        "public/letters/show.html",
        letter=letter,
        parts=parts,
        text=text,
        comments=comments,
        form_section=FormSection(
            notice=describe_comment_window(
                letter, is_open=is_open, site_closed_until=site_closed_until
            ),
            is_shown=is_form_shown,
            token=token,
            fields=fields,
            has_errors=bool(problem or (form and form.errors)),
            is_preview=preview,
        ),
        jsonld=add_comments(
            parts.jsonld, (fragment.jsonld for fragment in fragments.values() if fragment.jsonld)
        ),
    )
    return make_response(page, status)


def render_letter_for_pdf(
    letter: Letter, *, max_comments: int, max_characters: int
) -> CompleteLetterPage:
    """Return the page of a letter with all its comments, the oldest first, and without the form.

    Beyond one of the bounds, comments are left out. `max_characters` counts the texts of the comments.
    """
    data = load_letter_data(letter)
    neighbours = {LetterRelation.OLDER, LetterRelation.NEWER}  # links to them are navigation
    related = tuple(other for other in data.related if other.relation not in neighbours)
    data = replace(data, related=related)
    counts = count_comments(letter)
    comments = thread_queries.load_threads(
        letter.id, counts.threads, max_comments=max_comments, max_characters=max_characters
    )
    thread = flatten_to_three_levels(build_threads(comments))
    is_complete = limit_threads(thread, max_comments=max_comments, max_characters=max_characters)
    shown = [node.comment for node in walk_nodes(thread)]
    context = load_thread_context(letter, data.blocks, shown, is_open=False)
    fragments = render_comments(thread, context)
    heading = build_heading(letter)
    tools = ListTools(
        *build_group_counts(counts.by_group),
        is_of_withdrawn_letter=letter.state == LetterState.WITHDRAWN,
    )
    text = render_letter_text(letter, data.blocks, {}, is_open=False)
    html = render_template(
        "public/letters/show.html",
        letter=letter,
        paper_language=letter.language,
        parts=render_letter_parts(
            letter, data, heading=heading, map_url="", is_open=False, has_pdf=True
        ),
        text=text,
        comments=CommentList(
            heading=heading,
            notice="",
            tools=tools.render(letter),
            threads=build_thread_items(thread, fragments),
            pages=Pager(1, 1, "", ""),
        ),
        form_section=FormSection("", is_shown=False, token="", fields=Markup(), has_errors=False),
    )
    published = [comment for comment in shown if comment.state == CommentState.PUBLISHED]
    return CompleteLetterPage(html, len(published), is_complete=is_complete)


def load_anchors(
    letter: Letter, comments: list[Comment] | list[CommentRow], labels: dict[str, str]
) -> dict[int, list[Anchor]]:
    """Return the present place of the paragraphs that each comment is about, by comment id.

    `labels` gives the paragraph labels of the current version by paragraph id. Only a corrected letter
    needs a query.
    """
    if letter.version_number == 1:
        return build_anchors(comments, labels, [], {})
    pids = frozenset(target.pid for comment in comments for target in comment.targets)
    if not pids:
        return {}
    # Earlier versions never change.
    key = ("earlier paragraphs", letter.id, letter.version_number, pids)
    edits, earlier = cached_fragment(key, lambda: _load_earlier_paragraphs(letter, pids))
    return build_anchors(comments, labels, edits, earlier)


def _load_earlier_paragraphs(
    letter: Letter, pids: frozenset[str]
) -> tuple[list[tuple[int, str, float]], dict[tuple[int, str], str]]:
    """Return the edits of paragraphs in all versions, and the labels that these paragraphs had."""
    return (
        text_queries.list_paragraph_edits(letter),
        text_queries.get_earlier_paragraph_labels(letter, pids),
    )


def load_duplicate_counts(
    comments: list[Comment] | list[CommentRow],
) -> dict[int, DuplicateCount]:
    """Return the number of other people with the same text, by comment id. Only campaigns need a query.

    A duplicate that stands in place of its representative has no numbers by group.
    """
    representatives = {
        comment.id: comment.representative_id or comment.id
        for comment in comments
        if comment.campaign_id is not None
    }
    if not representatives:
        return {}
    counts = count_duplicates(sorted(set(representatives.values())))
    return {
        comment_id: counts[representative_id]
        if representative_id == comment_id
        else DuplicateCount(counts[representative_id].senders, {})
        for comment_id, representative_id in representatives.items()
        if representative_id in counts
    }


def count_comments(letter: Letter) -> CommentCounts:
    """Return the cached counts of the published comments on a letter."""
    # Counting 10,000 comments takes almost as long as rendering the page, and the form, the sort order and
    # each page of comments need the same counts.
    key = ("counts", letter.id, letter.page_version)
    return cached_fragment(key, lambda: thread_queries.count_comments(letter.id))


def _count_matches(letter: Letter, choice: ListChoice) -> MatchCount:
    key = ("matches", letter.id, letter.page_version, choice.chosen)
    return cached_fragment(key, lambda: filter_queries.count_matches(letter.id, choice.chosen))


def _get_paragraph_labels(blocks: Iterable[BlockRow]) -> dict[str, str]:
    return {b.pid: b.label for b in blocks if b.number and b.pid and b.label}


def _load_comment_list(
    letter: Letter,
    blocks: Sequence[BlockRow],
    counts: CommentCounts,
    choice: ListChoice,
    *,
    is_open: bool,
) -> tuple[CommentList, dict[int, Fragment]]:
    """Load the chosen page of comments: threads, or a flat list of those that match a filter."""
    count: MatchCount | None = None
    more: dict[int, MoreReplies] = {}
    page: FilteredPage | ThreadPage
    if choice.chosen:
        count = _count_matches(letter, choice)
        page = filter_queries.load_filtered_page(
            letter.id, choice.chosen, count.texts, page=choice.page, order=choice.order
        )
        thread = build_flat_list(page.comments)
    else:
        page = thread_queries.load_thread_page(
            letter.id, counts.threads, page=choice.page, order=choice.order
        )
        thread, more = flatten_to_three_levels(build_threads(page.comments)), page.more
    context = load_thread_context(letter, blocks, page.comments, is_open=is_open)
    fragments = render_comments(thread, context)
    map_url = _find_map_url(letter, counts)
    has_previous, has_next = page.page > 1, page.page < page.page_count
    comments = CommentList(
        heading=build_heading(letter),
        notice=build_notice(letter, choice, count),
        tools=render_list_tools(
            letter, choice, counts, _get_paragraph_labels(blocks), count, map_url=map_url
        ),
        threads=build_thread_items(thread, fragments, slug=letter.slug, more=more),
        pages=Pager(
            page.page,
            page.page_count,
            build_page_url(letter, choice, page=page.page - 1) if has_previous else "",
            build_page_url(letter, choice, page=page.page + 1) if has_next else "",
        ),
        is_filtered=bool(choice.chosen),
        map_url=map_url,
    )
    return comments, fragments


def _find_map_url(letter: Letter, counts: CommentCounts) -> str:
    """Return the address of the consensus map, or "" where no position on a paragraph is published."""
    if letter.state == LetterState.WITHDRAWN or not counts.by_paragraph:
        return ""
    key = ("positions", letter.id, letter.page_version)
    has_positions = cached_fragment(key, lambda: filter_queries.has_paragraph_positions(letter.id))
    return url_for("consensus_map.show", slug=letter.slug) if has_positions else ""


def load_thread_context(
    letter: Letter, blocks: Iterable[BlockRow], comments: list[CommentRow], *, is_open: bool
) -> ThreadContext:
    """Load what comments show besides their own columns. Only comments that need it cost a query."""
    shown_names = {
        comment.id: comment.name if comment.state == CommentState.PUBLISHED else ""
        for comment in comments
    }
    absent = {comment.parent_id for comment in comments if comment.parent_id} - shown_names.keys()
    labels = {block.pid: block.label for block in blocks if block.pid and block.label}
    removed = [comment.id for comment in comments if comment.state in REMOVED_STATES]
    return ThreadContext(
        letter=LetterRef(letter.slug, letter.version_number, letter.language),
        is_open=is_open,
        anchors=load_anchors(letter, comments, labels),
        clauses=load_latest_decision_rules(removed) if removed else {},
        duplicates=load_duplicate_counts(comments),
        parent_names=shown_names | (thread_queries.load_parent_names(absent) if absent else {}),
        objections=_load_objections(letter),
    )


def _load_objections(letter: Letter) -> dict[int, ObjectionStatus]:
    """Return the status of the letter's objections by the id of their comment."""
    key = ("objections", letter.id, letter.page_version)
    return cached_fragment(key, lambda: list_statuses(letter.id))
