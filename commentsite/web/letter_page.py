"""The page of a letter, drawn alike for reading, for a mistake in the form, and for a preview."""

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
from commentsite.web.comment_form import CommentForm
from commentsite.web.identity import current_site
from commentsite.web.kept import Kept, kept_here
from commentsite.web.letter_fragments import draw_fields, draw_prose
from commentsite.web.structured import letter_as_data
from commentsite.web.thread_fragments import LetterNamed, PageContext, draw_comments

MOST_COUNTED = 1_000  # letters whose comments stay counted


def letter_stamp(slug: str, **_rest: object) -> str | None:
    """Return what the page of a letter depends on, or None when there is no such page."""
    stamp = page_stamp(slug)
    if stamp is None:
        return None
    closed = current_site(version=stamp[2]).closed_until(clock.now())
    return ".".join(map(str, stamp)) + (".closed" if closed else "")


def public_letter(slug: str, moved_to: Callable[[str], str]) -> Letter:
    """Return the public letter at an address; one that has another address by now is shown there (301).

    Raises NotFound.
    """
    try:
        return letter_by_slug(slug)
    except NotFound:
        now = present_slug(slug)
        if now is None:
            raise
        abort(redirect(moved_to(now), 301))


@cache
def can_draw_paper() -> bool:
    """Say whether this machine has what WeasyPrint draws with."""
    return bool(find_library("pango-1.0") and find_library("pangoft2-1.0"))


def draw_letter(
    letter: Letter,
    form: CommentForm | None = None,
    *,
    status: int = 200,
    problem: str = "",
    preview: bool = False,
) -> Response:
    """Return a letter's page with one page of its comments and the form as it was typed."""
    sort = "newest" if request.args.get("sort") == "newest" else "oldest"
    page_number = small_number(request.args.get("page", "")) or 1
    counted = _tallies(letter)
    shown = thread_page(letter.id, counted.tops, page=page_number, newest_first=sort == "newest")
    blocks = current_blocks(letter)
    contents, around = [b for b in blocks if b.kind == "heading"], neighbours(letter)
    versions = [v for v in history.versions_of(letter) if v.published_at]
    cited = citations_of(letter)
    site = current_site()
    closed = site.closed_until(clock.now())
    is_open = window_of(letter).is_open and not closed
    thread = three_levels(build(shown.comments))
    drawn = draw_comments(thread, _context(letter, blocks, shown.comments, is_open=is_open))
    shows_form = is_open or bool(problem) or bool(form and form.body.data)
    form_token, fields = "", Markup()
    if shows_form:
        form_token, fields = draw_fields(letter, blocks, form, problem=problem, preview=preview)
    said = [one.data for one in drawn.values() if one.data]
    return make_response(
        render_template(
            "letters/show.html",
            letter=letter,
            prose=draw_prose(letter, blocks, counted.paragraphs, is_open=is_open),
            contents=contents if len(contents) >= FEWEST_HEADINGS else [],
            minutes=reading_minutes(block.text for block in blocks),
            versions=versions,
            permission=_standing(history.permissions_of(letter)),
            cited=cited,
            data=letter_as_data(
                letter, comments=said, versions=versions, cited=cited, around=around
            ),
            has_paper=can_draw_paper(),
            near={n.relation: n for n in around if n.relation != "translation"},
            translations=[n for n in around if n.relation == "translation"],
            thread=thread,
            drawn=drawn,
            shown=shown,
            sort=sort,
            heard=counted.groups,
            not_heard=[
                code for code in site.offered if code not in {"UND", "IND", *counted.groups}
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


def _tallies(letter: Letter) -> comments.Tallies:
    """Return what is counted about its comments: once for each version of its page, for counting takes as long as there are many."""
    kept: Kept[comments.Tallies] = kept_here(
        "commentsite.tallies", lambda: Kept(MOST_COUNTED, lambda _tallies: 1)
    )
    key = (letter.id, letter.page_version)
    counted = kept.find(key)
    if counted is None:
        counted = comments.tallies(letter.id)
        kept.keep(key, counted)
    return counted


def _context(
    letter: Letter, blocks: list[Block], shown: list[ShownComment], *, is_open: bool
) -> PageContext:
    numbers = {block.pid: block.number for block in blocks if block.pid and block.number}
    removed = [c.id for c in shown if c.state in {"restricted", "refused"}]
    return PageContext(
        letter=LetterNamed(letter.slug, letter.version_number),
        is_open=is_open,
        anchors=anchors_of(letter, shown, numbers),
        clauses=latest_clauses(removed) if removed else {},
        folded=folds_of(shown),
    )


def _standing(given: list[LetterPermission]) -> LetterPermission | None:
    return next((p for p in given if Scope.PUBLISH in p.scopes and p.taken_back_at is None), None)


def anchors_of(
    letter: Letter, shown: list[Comment] | list[ShownComment], numbers: dict[str, int]
) -> dict[int, list[Anchor]]:
    """Return where the paragraphs that comments speak to stand today; asks only about corrected letters."""
    if letter.version_number == 1:
        return anchors(shown, numbers, [], {})
    pids = {target.pid for comment in shown for target in comment.targets}
    earlier = history.earlier_numbers(letter, pids) if pids else {}
    return anchors(shown, numbers, history.edits_of(letter), earlier)


def folds_of(shown: list[Comment] | list[ShownComment]) -> dict[int, Fold]:
    """Return whom these comments stand for; asks only where some share a text."""
    heads = [comment.id for comment in shown if comment.campaign_id is not None]
    return folds(heads) if heads else {}
