"""Who else sent the text of a comment, and what each of them added."""

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from commentsite.comments.alike import Fold, folded_into, folds
from commentsite.comments.queries import comment_by_id, visible_comment
from commentsite.comments.states import CommentState
from commentsite.errors import NotFound
from commentsite.letters.queries import current_blocks
from commentsite.letters.wording import changed_words
from commentsite.plain import small_number
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.letter_page import anchors_of, letter_stamp, public_letter

bp = Blueprint("campaigns", __name__)


@bp.get("/letters/<slug>/comments/<int:comment_id>/same")
@cached_page(letter_stamp, ("page",))
def same(slug: str, comment_id: int) -> Response:
    """Show everybody else who sent this text, and what they added or left out, the first sender first."""
    letter = public_letter(slug, lambda now: url_for(".same", slug=now, comment_id=comment_id))
    head = comment_by_id(visible_comment(letter.slug, comment_id).id)
    others, page, pages = folded_into(head.id, small_number(request.args.get("page", "")) or 1)
    if head.state != CommentState.PUBLISHED or not others:
        raise NotFound(_("Nobody else sent the text of this comment."))
    numbers = {b.pid: b.number for b in current_blocks(letter) if b.pid and b.number}
    return make_response(
        render_template(
            "public/comments/campaign.html",
            letter=letter,
            head=head,
            anchors=anchors_of(letter, [head], numbers).get(head.id, []),
            fold=folds([head.id]).get(head.id, Fold(0, {})),
            others=[(other, changed_words(head.body, other.body)) for other in others],
            page=page,
            pages=pages,
        )
    )
