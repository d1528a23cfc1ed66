"""A letter and its translation side by side, paragraph by paragraph."""

import re
from dataclasses import dataclass

from flask import Response, abort, make_response, redirect, render_template, url_for

from commentsite.errors import NotFound
from commentsite.letters.models import Letter
from commentsite.letters.queries import find_current_slug, find_related_letters, get_public_letter
from commentsite.letters.states import LetterRelation, LetterState
from commentsite.letters.text.alignment import BlockPair, align_blocks
from commentsite.letters.text.queries import BlockRow, list_current_blocks
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.public.letters.page import (
    count_comments,
    get_letter_or_redirect,
    letter_page_version,
)
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.language_names import get_own_name

bp = LanguageBlueprint("beside", __name__)
_FOOTNOTE_ID = re.compile(r'\b(id="|href="#)(fn)')


@dataclass(frozen=True)
class TextColumn:
    """One of the two letters, and its place: the original, or a translation."""

    letter: Letter
    is_original: bool
    language_name: str
    counts: dict[str, int]  # published comments by paragraph id
    id_prefix: str  # of its footnotes, which have the same numbers in both texts


@dataclass(frozen=True)
class Cell:
    """The part of a row in one language. Without a block, `missing` says so."""

    column: TextColumn
    block: BlockRow | None
    html: str
    comment_count: int
    comments_url: str
    missing: str


@dataclass(frozen=True)
class Row:
    """The same part of both texts."""

    label: str  # of a numbered paragraph, in the first text that has it
    cells: tuple[Cell, Cell]


def _page_version(slug: str, other_slug: str) -> str | None:
    stamps = letter_page_version(slug), letter_page_version(other_slug)
    return " ".join(stamp for stamp in stamps if stamp) if all(stamps) else None


@bp.get("/letters/<slug>/beside/<other_slug>")
@cached_page(_page_version)
def show(slug: str, other_slug: str) -> Response:
    """Show two letters in two columns, of which one is a translation of the other or both of a third."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("beside.show", slug=new_slug, other_slug=other_slug)
    )
    other = _get_counterpart(letter, other_slug)
    columns = _build_column(letter, "a-"), _build_column(other, "b-")
    pairs = align_blocks(list_current_blocks(letter), list_current_blocks(other))
    page = render_template(
        "public/letters/beside.html",
        columns=columns,
        rows=[_build_row(pair, columns) for pair in pairs],
        swap_url=url_for("beside.show", slug=other.slug, other_slug=letter.slug),
    )
    return make_response(page)


def _get_counterpart(letter: Letter, slug: str) -> Letter:
    """Return the letter at the second address. Raises NotFound unless the two have one original."""
    relations = {LetterRelation.ORIGINAL, LetterRelation.TRANSLATION}
    related = {one.slug for one in find_related_letters(letter) if one.relation in relations}
    if slug not in related and (new_slug := find_current_slug(slug)) in related:
        abort(redirect(url_for("beside.show", slug=letter.slug, other_slug=new_slug), 301))
    if slug in related:
        other = get_public_letter(slug)
        if LetterState.WITHDRAWN not in {letter.state, other.state}:
            return other
    msg = "There are no two letters at this address of which one is a translation of the other."
    raise NotFound(msg)


def _build_column(letter: Letter, id_prefix: str) -> TextColumn:
    return TextColumn(
        letter=letter,
        is_original=letter.translation_of_id is None,
        language_name=get_own_name(letter.language),
        counts=count_comments(letter).by_paragraph,
        id_prefix=id_prefix,
    )


def _build_row(pair: BlockPair, columns: tuple[TextColumn, TextColumn]) -> Row:
    first, second = pair
    labels = [block.label for block in pair if block and block.number and block.label]
    return Row(
        label=labels[0] if labels else "",
        cells=(_build_cell(columns[0], first, second), _build_cell(columns[1], second, first)),
    )


def _build_cell(column: TextColumn, block: BlockRow | None, counterpart: BlockRow | None) -> Cell:
    if block is None:
        is_paragraph = bool(counterpart and counterpart.number)
        missing = _("This text has no such paragraph.") if is_paragraph else _("Not in this text.")
        return Cell(column, None, "", 0, "", str(missing))
    count = column.counts.get(block.pid or "", 0)
    url = url_for("paragraphs.show", slug=column.letter.slug, pid=block.pid) if count else ""
    html = _FOOTNOTE_ID.sub(rf"\g<1>{column.id_prefix}\g<2>", block.html)
    return Cell(column, block, html, count, url, "")
