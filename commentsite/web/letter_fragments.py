"""The text of a letter and the form under it, each drawn once for the values it is made of."""

from collections.abc import Mapping

from flask import request
from markupsafe import Markup

from commentsite.comments.models import Comment
from commentsite.comments.queries import visible_comment
from commentsite.comments.sanitizer import comment_html
from commentsite.errors import NotFound
from commentsite.letters.models import Block, Letter
from commentsite.letters.states import LetterState
from commentsite.plain import small_number
from commentsite.web.comment_form import CommentForm, empty_form
from commentsite.web.form_token import new_token
from commentsite.web.fragments import Fragment, fragment, macro


def draw_prose(
    letter: Letter, blocks: list[Block], counts: Mapping[str, int], *, is_open: bool
) -> Markup:
    """Return the text with, beside each paragraph, how many comments speak to it and the way to add one.

    Nothing of a letter that was withdrawn.
    """
    if letter.state == LetterState.WITHDRAWN:
        return Markup()
    made_of = (
        "prose",
        letter.slug,
        letter.language,
        is_open,
        frozenset(counts.items()),
        tuple((b.kind, b.pid, b.number, b.position, b.language, b.html) for b in blocks),
    )
    draw = macro("components/letter_text.html", "prose")
    return fragment(made_of, lambda: Fragment(draw(letter, blocks, counts, is_open))).html


def draw_fields(
    letter: Letter,
    blocks: list[Block],
    form: CommentForm | None,
    *,
    problem: str = "",
    preview: bool = False,
) -> tuple[str, Markup]:
    """Return the token of the form and all else that is in it, as it was typed or as nobody has filled it in yet."""
    draw = macro("components/form.html", "fields")
    answered = _answered(letter, form)
    if form is not None:
        seen = comment_html(form.body.data or "") if preview else ""
        token = str(form.form_token.current_token)
        return token, draw(form, letter, blocks, problem, seen, answered)
    asked = request.args.get("on", "")
    on = asked if any(asked == block.pid for block in blocks if block.number) else ""

    def empty() -> Fragment:
        return Fragment(draw(empty_form(letter.id, on), letter, blocks, answered=answered))

    if on or answered:  # there are as many of these as comments and paragraphs, each asked for once
        return new_token(letter.id), empty().html
    numbers = tuple((b.pid, b.number) for b in blocks if b.number)
    return new_token(letter.id), fragment(("form", letter.id, letter.slug, numbers), empty).html


def _answered(letter: Letter, form: CommentForm | None) -> Comment | None:
    wanted = (form.parent.data or "") if form else request.args.get("reply_to", "")
    number = small_number(wanted)
    if number is None:
        return None
    try:
        found = visible_comment(letter.slug, number)
    except NotFound:
        return None
    return found if found.state == "published" else None
