"""The pages of one thread: a comment and those replies that the page of the letter has no room for."""

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.comments.queries import get_public_comment
from commentsite.comments.threads.queries import (
    find_reply_page_start,
    find_thread_page_number,
    load_reply_page,
)
from commentsite.comments.threads.tree import build_threads, flatten_to_three_levels
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.text.queries import list_current_blocks
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.comment_view import build_thread_items, render_comments
from commentsite.web.public.letters.page import (
    get_letter_or_redirect,
    letter_page_version,
    load_thread_context,
)

bp = LanguageBlueprint("threads", __name__)


def _canonical_arguments(_stamp: str, slug: str, comment_id: int) -> PageArguments:  # noqa: ARG001  # the values of the address
    start = _find_start(comment_id)
    return PageArguments({"after": str(start) if start else ""})


def _find_start(root_id: int) -> int:
    after = parse_id(request.args.get("after", ""))
    return find_reply_page_start(root_id, after) if after else 0


@bp.get("/letters/<slug>/comments/<int:comment_id>/replies")
@cached_page(letter_page_version, _canonical_arguments)
def show(slug: str, comment_id: int) -> AnyResponse:
    """Show the first comment of a thread and one page of its replies, the oldest first."""
    letter = get_letter_or_redirect(
        slug,
        lambda new_slug: url_for(
            ".show", slug=new_slug, comment_id=comment_id, after=request.args.get("after")
        ),
    )
    comment = get_public_comment(letter.slug, comment_id)
    if comment.root_id is not None or comment.representative_id is not None:
        return redirect(url_for("comments.permalink", slug=letter.slug, comment_id=comment_id), 303)
    replies = load_reply_page(comment.id, _find_start(comment.id))
    is_open = get_current_window(letter).is_open and not current_site().closed_until(clock.now())
    thread = flatten_to_three_levels(build_threads(replies.comments))
    context = load_thread_context(
        letter,
        list_current_blocks(letter),
        replies.comments,
        is_open=is_open,
    ).at(url_for("letters.show", slug=letter.slug))
    items = build_thread_items(thread, render_comments(thread, context))
    page: Response = make_response(
        render_template(
            "public/letters/thread.html",
            letter=letter,
            comment=comment,
            item=items[0] if items else None,
            letter_page=find_thread_page_number(comment),
            previous=replies.previous,
            next=replies.next,
        )
    )
    return page
