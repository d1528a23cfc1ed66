"""The text of a letter and the empty comment form under it, as cached fragments."""

from collections.abc import Mapping

from flask import request
from markupsafe import Markup

from commentsite.comments.models import Comment
from commentsite.comments.queries import get_public_comment
from commentsite.comments.sanitizer import render_comment_html
from commentsite.errors import NotFound
from commentsite.letters.models import Block, Letter
from commentsite.letters.states import LetterState
from commentsite.web.caching.fragments import Fragment, cached_fragment, load_macro
from commentsite.web.http.form_tokens import COMMENT_FORM
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.comment_form import CommentForm, empty_form


def render_letter_text(
    letter: Letter, blocks: list[Block], counts: Mapping[str, int], *, is_open: bool
) -> Markup:
    """Return the text with the comment count and the comment link beside each paragraph.

    `counts` is by paragraph id. The text of a withdrawn letter is empty.
    """
    if letter.state == LetterState.WITHDRAWN:
        return Markup()
    key = (
        "letter text",
        letter.slug,
        letter.language,
        is_open,
        frozenset(counts.items()),
        tuple((b.kind, b.pid, b.number, b.position, b.language, b.html) for b in blocks),
    )
    macro = load_macro("components/letter_text.html", "prose")
    return cached_fragment(key, lambda: Fragment(macro(letter, blocks, counts, is_open))).html


def render_form_fields(
    letter: Letter,
    blocks: list[Block],
    form: CommentForm | None,
    *,
    problem: str = "",
    preview: bool = False,
) -> tuple[str, Markup]:
    """Return the form's token and the HTML of its fields, filled as the reader sent them or empty.

    The token is separate because it is new on each page, and the fields of an empty form are cached.
    """
    macro = load_macro("components/comment_form.html", "fields")
    parent = _find_parent(letter, form)
    if form is not None:
        preview_html = render_comment_html(form.body.data or "") if preview else ""
        token = str(form.form_token.current_token)
        return token, macro(form, letter, blocks, problem, preview_html, parent)
    wanted = request.args.get("on", "")
    paragraph = wanted if any(wanted == block.pid for block in blocks if block.number) else ""

    def render_empty() -> Fragment:
        return Fragment(macro(empty_form(letter.id, paragraph), letter, blocks, answered=parent))

    token = COMMENT_FORM.sign(letter.id)
    if paragraph or parent:
        # One form for each paragraph and each comment would fill the cache, and few are read twice.
        return token, render_empty().html
    numbers = tuple((b.pid, b.number) for b in blocks if b.number)
    key = ("comment form", letter.id, letter.slug, numbers)
    return token, cached_fragment(key, render_empty).html


def _find_parent(letter: Letter, form: CommentForm | None) -> Comment | None:
    """Return the published comment that the reader wants to answer, if there is one."""
    wanted = (form.parent.data or "") if form else request.args.get("reply_to", "")
    comment_id = parse_id(wanted)
    if comment_id is None:
        return None
    try:
        comment = get_public_comment(letter.slug, comment_id)
    except NotFound:
        return None
    return comment if comment.state == "published" else None
