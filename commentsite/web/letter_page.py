"""The page of a letter, for reading, for a mistake in the form, and for a preview."""

from collections.abc import Callable
from ctypes.util import find_library
from functools import cache

from flask import Response, abort, make_response, redirect, render_template, request
from markupsafe import Markup

from commentsite import clock
from commentsite.comments import queries as comments
from commentsite.comments.alike import Fold, folds
from commentsite.comments.anchors import Anchor, anchors
from commentsite.comments.models import Comment
from commentsite.comments.shown import ShownComment, thread_page
from commentsite.comments.thread import build, three_levels
from commentsite.errors import NotFound
from commentsite.letters import history
from commentsite.letters.models import Block, Letter, LetterPermission
from commentsite.letters.queries import (
    current_blocks,
    letter_by_slug,
    page_stamp,
    present_slug,
)
from commentsite.letters.reading import FEWEST_HEADINGS, reading_minutes
from commentsite.letters.services import window_of
from commentsite.letters.states import Scope
from commentsite.letters.surroundings import citations_of, neighbours
from commentsite.moderation.queries import latest_clauses
from commentsite.plain import small_number
from commentsite.web.caching.fragments import cached_fragment
from commentsite.web.comment_form import CommentForm
from commentsite.web.identity import current_site
from commentsite.web.letter_fragments import render_form_fields, render_letter_text
from commentsite.web.structured import letter_as_data
from commentsite.web.thread_fragments import LetterRef, ThreadContext, render_comments


def letter_stamp(slug: str, **_rest: object) -> str | None:
    """Return the version stamp of a letter's page, or None if there is no such page."""
    stamp = page_stamp(slug)
    if stamp is None:
        return None
    closed = current_site(version=stamp[2]).closed_until(clock.now())
    return ".".join(map(str, stamp)) + (".closed" if closed else "")


def public_letter(slug: str, moved_to: Callable[[str], str]) -> Letter:
    """Return the public letter at this address. Redirect (301) if the letter has a new address.

    `moved_to` builds the address of the page from the new slug. Raises NotFound.
    """
    try:
        return letter_by_slug(slug)
    except NotFound:
        new_slug = present_slug(slug)
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
    page_number = small_number(request.args.get("page", "")) or 1
    counts = _count_comments(letter)
    shown = thread_page(letter.id, counts.tops, page=page_number, newest_first=sort == "newest")
    blocks = current_blocks(letter)
    contents, around = [b for b in blocks if b.kind == "heading"], neighbours(letter)
    versions = [v for v in history.versions_of(letter) if v.published_at]
    cited = citations_of(letter)
    site = current_site()
    closed = site.closed_until(clock.now())
    is_open = window_of(letter).is_open and not closed
    thread = three_levels(build(shown.comments))
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
            prose=render_letter_text(letter, blocks, counts.paragraphs, is_open=is_open),
            contents=contents if len(contents) >= FEWEST_HEADINGS else [],
            minutes=reading_minutes(block.text for block in blocks),
            versions=versions,
            permission=_standing(history.permissions_of(letter)),
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
            heard=counts.groups,
            not_heard=[code for code in site.offered if code not in {"UND", "IND", *counts.groups}],
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


def _count_comments(letter: Letter) -> comments.Tallies:
    # Counting 10,000 comments takes almost as long as rendering the page, and the form, the sort order and
    # each page of comments need the same counts.
    key = ("tallies", letter.id, letter.page_version)
    return cached_fragment(key, lambda: comments.tallies(letter.id))


def _thread_context(
    letter: Letter, blocks: list[Block], shown: list[ShownComment], *, is_open: bool
) -> ThreadContext:
    numbers = {block.pid: block.number for block in blocks if block.pid and block.number}
    removed = [c.id for c in shown if c.state in {"restricted", "refused"}]
    return ThreadContext(
        letter=LetterRef(letter.slug, letter.version_number),
        is_open=is_open,
        anchors=anchors_of(letter, shown, numbers),
        clauses=latest_clauses(removed) if removed else {},
        folds=folds_of(shown),
    )


def _standing(given: list[LetterPermission]) -> LetterPermission | None:
    return next((p for p in given if Scope.PUBLISH in p.scopes and p.taken_back_at is None), None)


def anchors_of(
    letter: Letter, shown: list[Comment] | list[ShownComment], numbers: dict[str, int]
) -> dict[int, list[Anchor]]:
    """Return today's place of the paragraphs that each comment is about, by comment id.

    Only a corrected letter needs a query.
    """
    if letter.version_number == 1:
        return anchors(shown, numbers, [], {})
    pids = {target.pid for comment in shown for target in comment.targets}
    earlier = history.earlier_numbers(letter, pids) if pids else {}
    return anchors(shown, numbers, history.edits_of(letter), earlier)


def folds_of(shown: list[Comment] | list[ShownComment]) -> dict[int, Fold]:
    """Return the duplicates that these comments represent, by comment id. Only campaigns need a query."""
    in_campaigns = [comment.id for comment in shown if comment.campaign_id is not None]
    return folds(in_campaigns) if in_campaigns else {}
