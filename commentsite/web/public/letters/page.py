"""The page of a letter, for reading, for a mistake in the form, and for a preview."""

from collections.abc import Callable
from ctypes.util import find_library
from functools import cache

from flask import Response, abort, make_response, redirect, render_template, request
from markupsafe import Markup

from commentsite import clock
from commentsite.comments.campaigns.queries import DuplicateCount, count_duplicates
from commentsite.comments.models import Comment
from commentsite.comments.threads import queries as thread_queries
from commentsite.comments.threads.anchors import Anchor, build_anchors
from commentsite.comments.threads.queries import CommentRow, load_thread_page
from commentsite.comments.threads.tree import build_threads, flatten_to_three_levels
from commentsite.errors import NotFound
from commentsite.letters import queries as letter_queries
from commentsite.letters.citations.queries import list_citations
from commentsite.letters.comment_window import current_window
from commentsite.letters.models import Block, Letter, LetterPermission
from commentsite.letters.queries import (
    find_current_slug,
    find_related_letters,
    get_page_versions,
    get_public_letter,
)
from commentsite.letters.reading_time import estimate_reading_minutes
from commentsite.letters.states import PermissionScope
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.queries import load_latest_decision_rules
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.context import current_site
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.comment_form import CommentForm
from commentsite.web.public.letters.comment_view import LetterRef, ThreadContext, render_comments
from commentsite.web.public.letters.text_view import render_form_fields, render_letter_text
from commentsite.web.rendering.jsonld import letter_as_data

MIN_HEADINGS_FOR_CONTENTS = 3


def letter_stamp(slug: str, **_rest: object) -> str | None:
    """Return the version stamp of a letter's page, or None if there is no such page."""
    stamp = get_page_versions(slug)
    if stamp is None:
        return None
    closed = current_site(version=stamp[2]).closed_until(clock.now())
    return ".".join(map(str, stamp)) + (".closed" if closed else "")


def public_letter(slug: str, moved_to: Callable[[str], str]) -> Letter:
    """Return the public letter at this address. Redirect (301) if the letter has a new address.

    `moved_to` builds the address of the page from the new slug. Raises NotFound.
    """
    try:
        return get_public_letter(slug)
    except NotFound:
        new_slug = find_current_slug(slug)
        if new_slug is None:
            raise
        abort(redirect(moved_to(new_slug), 301))


@cache
def can_render_pdf() -> bool:
    """Return whether this machine has the libraries that WeasyPrint needs."""
    return bool(find_library("pango-1.0") and find_library("pangoft2-1.0"))


def render_letter_page(
    letter: Letter,
    form: CommentForm | None = None,
    *,
    status: int = 200,
    problem: str = "",
    preview: bool = False,
) -> Response:
    """Return a letter's page with one page of its comments and the form as the reader sent it."""
    sort = "newest" if request.args.get("sort") == "newest" else "oldest"
    page_number = parse_id(request.args.get("page", "")) or 1
    counts = _count_comments(letter)
    shown = load_thread_page(
        letter.id, counts.threads, page=page_number, newest_first=sort == "newest"
    )
    blocks = list_current_blocks(letter)
    contents, around = [b for b in blocks if b.kind == "heading"], find_related_letters(letter)
    versions = [v for v in text_queries.list_versions(letter) if v.published_at]
    cited = list_citations(letter)
    site = current_site()
    closed = site.closed_until(clock.now())
    is_open = current_window(letter).is_open and not closed
    thread = flatten_to_three_levels(build_threads(shown.comments))
    context = _thread_context(letter, blocks, shown.comments, is_open=is_open)
    fragments = render_comments(thread, context)
    shows_form = is_open or bool(problem) or bool(form and form.body.data)
    form_token, fields = "", Markup()
    if shows_form:
        form_token, fields = render_form_fields(
            letter, blocks, form, problem=problem, preview=preview
        )
    comments_as_data = [fragment.data for fragment in fragments.values() if fragment.data]
    return make_response(
        render_template(
            "public/letters/show.html",
            letter=letter,
            prose=render_letter_text(letter, blocks, counts.by_paragraph, is_open=is_open),
            contents=contents if len(contents) >= MIN_HEADINGS_FOR_CONTENTS else [],
            minutes=estimate_reading_minutes(block.text for block in blocks),
            versions=versions,
            permission=_standing(letter_queries.list_permissions(letter)),
            cited=cited,
            data=letter_as_data(
                letter, comments=comments_as_data, versions=versions, cited=cited, around=around
            ),
            has_paper=can_render_pdf(),
            near={n.relation: n for n in around if n.relation != "translation"},
            translations=[n for n in around if n.relation == "translation"],
            thread=thread,
            drawn=fragments,
            shown=shown,
            sort=sort,
            heard=counts.by_group,
            not_heard=[
                code for code in site.offered_groups if code not in {"UND", "IND", *counts.by_group}
            ],
            form=form,
            form_token=form_token,
            form_fields=fields,
            shows_form=shows_form,
            problem=problem,
            is_open=is_open,
            site_closed_until=closed,
        ),
        status,
    )


def _count_comments(letter: Letter) -> thread_queries.CommentCounts:
    # Counting 10,000 comments takes almost as long as rendering the page, and the form, the sort order and
    # each page of comments need the same counts.
    key = ("tallies", letter.id, letter.page_version)
    return cached_fragment(key, lambda: thread_queries.count_comments(letter.id))


def _thread_context(
    letter: Letter, blocks: list[Block], shown: list[CommentRow], *, is_open: bool
) -> ThreadContext:
    numbers = {block.pid: block.number for block in blocks if block.pid and block.number}
    removed = [c.id for c in shown if c.state in {"restricted", "refused"}]
    return ThreadContext(
        letter=LetterRef(letter.slug, letter.version_number),
        is_open=is_open,
        anchors=anchors_of(letter, shown, numbers),
        clauses=load_latest_decision_rules(removed) if removed else {},
        folds=folds_of(shown),
    )


def _standing(given: list[LetterPermission]) -> LetterPermission | None:
    return next(
        (p for p in given if PermissionScope.PUBLISH in p.scopes and p.revoked_at is None), None
    )


def anchors_of(
    letter: Letter, shown: list[Comment] | list[CommentRow], numbers: dict[str, int]
) -> dict[int, list[Anchor]]:
    """Return today's place of the paragraphs that each comment is about, by comment id.

    Only a corrected letter needs a query.
    """
    if letter.version_number == 1:
        return build_anchors(shown, numbers, [], {})
    pids = {target.pid for comment in shown for target in comment.targets}
    earlier = text_queries.get_earlier_paragraph_numbers(letter, pids) if pids else {}
    return build_anchors(shown, numbers, text_queries.list_paragraph_edits(letter), earlier)


def folds_of(shown: list[Comment] | list[CommentRow]) -> dict[int, DuplicateCount]:
    """Return the duplicates that these comments represent, by comment id. Only campaigns need a query."""
    in_campaigns = [comment.id for comment in shown if comment.campaign_id is not None]
    return count_duplicates(in_campaigns) if in_campaigns else {}
