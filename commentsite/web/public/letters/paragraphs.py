"""One paragraph of a letter beside everything that was said about it."""

from flask import Blueprint, Response, make_response, render_template, url_for

from commentsite import clock
from commentsite.comments.threads.queries import list_comments_on_paragraph
from commentsite.errors import NotFound
from commentsite.letters.comment_window import current_window
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_current_blocks
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.public.letters.page import anchors_of, folds_of, letter_stamp, public_letter

bp = Blueprint("paragraphs", __name__)


@bp.get("/letters/<slug>/paragraphs/<pid>")
@cached_page(letter_stamp)
def show(slug: str, pid: str) -> Response:
    """Show a paragraph and its published comments, the oldest first."""
    letter = public_letter(slug, lambda now: url_for("paragraphs.show", slug=now, pid=pid))
    blocks = {block.pid: block for block in list_current_blocks(letter) if block.pid}
    if pid not in blocks or letter.state == LetterState.WITHDRAWN:
        msg = "This paragraph is not in the letter as it stands now."
        raise NotFound(msg)
    comments = list_comments_on_paragraph(letter.id, pid)
    numbers = {key: block.number for key, block in blocks.items() if block.number}
    order = list(blocks)
    place = order.index(pid)
    return make_response(
        render_template(
            "public/letters/paragraph.html",
            letter=letter,
            block=blocks[pid],
            comments=comments,
            anchors=anchors_of(letter, comments, numbers),
            before=order[place - 1] if place else None,
            after=order[place + 1] if place + 1 < len(order) else None,
            numbers=numbers,
            folded=folds_of(comments),
            is_open=current_window(letter).is_open and not current_site().closed_until(clock.now()),
        )
    )
