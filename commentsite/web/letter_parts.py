"""The text of a letter and the form under it, each drawn once for the values it is made of."""

from collections.abc import Mapping

from flask import request
from markupsafe import Markup

from commentsite.comments.models import Comment
from commentsite.comments.queries import visible_comment
from commentsite.comments.sanitizer import comment_html
from commentsite.errors import NotFound
from commentsite.letters.models import Block, Letter
from commentsite.plain import small_number
from commentsite.web.comment_form import CommentForm, empty_form
from commentsite.web.form_token import new_token
from commentsite.web.parts import Part, macro, parts, surroundings


def draw_prose(
    letter: Letter, blocks: list[Block], counts: Mapping[str, int], *, is_open: bool
) -> Markup:
    """Return the text with, beside each paragraph, how many comments speak to it and the way to add one."""
    made_of = (
        *(letter.slug, letter.language, is_open, tuple(counts.items())),
        tuple((b.kind, b.pid, b.number, b.position, b.language, b.html) for b in blocks),
    )
    draw = macro("components/letter_text.html", "prose")
    return (
        parts()
        .find(
            ("prose", made_of, surroundings()),
            lambda: Part(draw(letter, blocks, counts, is_open)),
        )
        .html
    )


def draw_fields(
    letter: Letter,
    blocks: list[Block],
    form: CommentForm | None,
    *,
    problem: str = "",
    preview: bool = False,
) -> tuple[str, Markup]:
    """Return the token of the form and all else that is in it, as it was typed or as nobody has filled it in yet."""
    draw, answered = macro("components/form.html", "fields"), _answered(letter, form)
    if form is not None:
        seen = comment_html(form.body.data or "") if preview else ""
        token = str(form.form_token.current_token)
        return token, draw(form, letter, blocks, problem, seen, answered)
    numbers = tuple((b.pid, b.number) for b in blocks if b.number)
    asked = request.args.get("on", "")
    on = asked if any(asked == pid for pid, _ in numbers) else ""
    answers = (answered.id, answered.name) if answered else None
    kept = parts().find(
        ("form", letter.id, letter.slug, numbers, on, answers, surroundings()),
        lambda: Part(draw(empty_form(letter.id, on), letter, blocks, answered=answered)),
    )
    return new_token(letter.id), kept.html


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
