"""The page of a letter, drawn alike for reading, for a mistake in the form, and for a preview."""

from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache

from flask import Response, abort, make_response, redirect, render_template, request
from flask_babel import gettext as _

from commentsite import clock
from commentsite.comments import queries as comments
from commentsite.comments.alike import Fold, folds
from commentsite.comments.anchors import Anchor, anchors
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import comment_html
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
from commentsite.site.rulebook import Clause
from commentsite.web.comment_form import CommentForm, comment_form
from commentsite.web.identity import current_site
from commentsite.web.numbered import numbered
from commentsite.web.structured import letter_as_data


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
    counted = comments.tallies(letter.id)
    shown = comments.thread_page(
        letter.id, counted.tops, page=page_number, newest_first=sort == "newest"
    )
    blocks = current_blocks(letter)
    heard = counted.groups
    contents, around = [b for b in blocks if b.kind == "heading"], neighbours(letter)
    versions = [v for v in history.versions_of(letter) if v.published_at]
    cited = citations_of(letter)
    site = current_site()
    closed = site.closed_until(clock.now())
    is_open = window_of(letter).is_open and not closed
    return make_response(
        render_template(
            "letters/show.html",
            letter=letter,
            blocks=blocks,
            contents=contents if len(contents) >= FEWEST_HEADINGS else [],
            minutes=reading_minutes(block.text for block in blocks),
            versions=versions,
            permission=_standing(history.permissions_of(letter)),
            cited=cited,
            data=letter_as_data(
                letter, comments=shown.comments, versions=versions, cited=cited, around=around
            ),
            has_paper=can_draw_paper(),
            near={n.relation: n for n in around if n.relation != "translation"},
            translations=[n for n in around if n.relation == "translation"],
            counts=counted.paragraphs,
            look=_look(letter, blocks, shown.comments, is_open=is_open),
            thread=three_levels(build(shown.comments)),
            shown=shown,
            sort=sort,
            heard=heard,
            not_heard=[
                code for code in site.offered if code not in heard and code not in {"UND", "IND"}
            ],
            form=form or _empty_form(letter, {block.pid for block in blocks if block.pid}),
            problem=problem,
            preview=comment_html(form.body.data or "") if preview and form else "",
            is_open=is_open,
            site_closed_until=closed,
            answered=_answered(letter, form),
        ),
        status,
    )


@dataclass(frozen=True)
class ThreadLook:
    """What the comments of a page have in common: said once, read by the template hundreds of times."""

    letter: Letter
    anchors: dict[int, list[Anchor]]
    clauses: dict[int, Clause]
    folded: dict[int, Fold]
    is_open: bool
    permalink: Callable[[int], str]
    reply: Callable[[int], str]
    report: Callable[[int], str]
    words: dict[str, str]


def _look(
    letter: Letter, blocks: list[Block], shown: list[Comment], *, is_open: bool
) -> ThreadLook:
    numbers = {block.pid: block.number for block in blocks if block.pid and block.number}
    removed = [c.id for c in shown if c.state in {"restricted", "refused"}]
    named = {"slug": letter.slug}
    return ThreadLook(
        letter=letter,
        anchors=anchors_of(letter, shown, numbers),
        clauses=latest_clauses(removed) if removed else {},
        folded=folds_of(shown),
        is_open=is_open,
        permalink=numbered("comments.permalink", "comment_id", **named),
        reply=numbered("letters.show", "reply_to", **named, _anchor="leave"),
        report=numbered("reports.ask", "comment_id", **named),
        words={"reply": _("Reply"), "report": _("Report")},
    )


def _standing(given: list[LetterPermission]) -> LetterPermission | None:
    return next((p for p in given if Scope.PUBLISH in p.scopes and p.taken_back_at is None), None)


def anchors_of(
    letter: Letter, shown: list[Comment], numbers: dict[str, int]
) -> dict[int, list[Anchor]]:
    """Return where the paragraphs that comments speak to stand today; asks only about corrected letters."""
    if letter.version_number == 1:
        return anchors(shown, numbers, [], {})
    pids = {target.pid for comment in shown for target in comment.targets}
    earlier = history.earlier_numbers(letter, pids) if pids else {}
    return anchors(shown, numbers, history.edits_of(letter), earlier)


def folds_of(shown: list[Comment]) -> dict[int, Fold]:
    """Return whom these comments stand for; asks only where some share a text."""
    heads = [comment.id for comment in shown if comment.campaign_id is not None]
    return folds(heads) if heads else {}


def _empty_form(letter: Letter, pids: set[str]) -> CommentForm:
    on, reply = request.args.get("on", ""), request.args.get("reply_to", "")
    chosen = {"kind": "paragraph", "paragraphs": [on]} if on in pids else {}
    return comment_form(
        letter.id,
        list(current_site().offered.items()),
        parent=reply if small_number(reply) else "",
        **chosen,
    )


def _answered(letter: Letter, form: CommentForm | None) -> Comment | None:
    wanted = (form.parent.data or "") if form else request.args.get("reply_to", "")
    number = small_number(wanted)
    if number is None:
        return None
    try:
        found = comments.visible_comment(letter.slug, number)
    except NotFound:
        return None
    return found if found.state == "published" else None
