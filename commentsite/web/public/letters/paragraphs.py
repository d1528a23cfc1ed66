"""The page of one paragraph of a letter, with the comments on it."""

from flask import Blueprint, Response, make_response, render_template, url_for

from commentsite import clock
from commentsite.comments.threads.queries import list_comments_on_paragraph
from commentsite.errors import NotFound
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_current_blocks
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.public.letters.page import (
    get_letter_or_redirect,
    letter_page_version,
    load_anchors,
    load_duplicate_counts,
)

bp = Blueprint("paragraphs", __name__)


@bp.get("/letters/<slug>/paragraphs/<pid>")
@cached_page(letter_page_version)
def show(slug: str, pid: str) -> Response:
    """Show a paragraph and its published comments, oldest first."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("paragraphs.show", slug=new_slug, pid=pid)
    )
    blocks = {block.pid: block for block in list_current_blocks(letter) if block.pid}
    if pid not in blocks or letter.state == LetterState.WITHDRAWN:
        msg = "This paragraph is not in the current version of the letter."
        raise NotFound(msg)
    comments = list_comments_on_paragraph(letter.id, pid)
    labels = {key: block.label for key, block in blocks.items() if block.label}
    pids = list(blocks)
    position = pids.index(pid)
    page = render_template(
        "public/letters/paragraph.html",
        letter=letter,
        block=blocks[pid],
        labels=labels,
        previous_pid=pids[position - 1] if position else None,
        next_pid=pids[position + 1] if position + 1 < len(pids) else None,
        comments=comments,
        anchors=load_anchors(letter, comments, labels),
        duplicates=load_duplicate_counts(comments),
        is_open=get_current_window(letter).is_open and not current_site().closed_until(clock.now()),
    )
    return make_response(page)
