"""Who else sent the text of a comment, and what each of them added."""

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from commentsite.comments.campaigns.queries import DuplicateCount, count_duplicates, list_duplicates
from commentsite.comments.queries import get_comment, get_public_comment
from commentsite.comments.states import CommentState
from commentsite.errors import NotFound
from commentsite.letters.text.queries import list_current_blocks
from commentsite.text.diff import diff_words
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.page import anchors_of, letter_stamp, public_letter

bp = Blueprint("campaigns", __name__)


@bp.get("/letters/<slug>/comments/<int:comment_id>/same")
@cached_page(letter_stamp, ("page",))
def same(slug: str, comment_id: int) -> Response:
    """Show everybody else who sent this text, and what they added or left out, the first sender first."""
    letter = public_letter(slug, lambda now: url_for(".same", slug=now, comment_id=comment_id))
    head = get_comment(get_public_comment(letter.slug, comment_id).id)
    others, page, pages = list_duplicates(head.id, parse_id(request.args.get("page", "")) or 1)
    if head.state != CommentState.PUBLISHED or not others:
        raise NotFound(_("Nobody else sent the text of this comment."))
    numbers = {b.pid: b.number for b in list_current_blocks(letter) if b.pid and b.number}
    return make_response(
        render_template(
            "public/comments/campaign.html",
            letter=letter,
            head=head,
            anchors=anchors_of(letter, [head], numbers).get(head.id, []),
            fold=count_duplicates([head.id]).get(head.id, DuplicateCount(0, {})),
            others=[(other, diff_words(head.body, other.body)) for other in others],
            page=page,
            pages=pages,
        )
    )
