"""Earlier versions of a letter, and the differences between two versions."""

from dataclasses import dataclass
from itertools import groupby

from flask import Response, make_response, render_template, request, url_for

from commentsite.errors import NotFound
from commentsite.letters.models import Letter, LetterVersion, ParagraphLink
from commentsite.letters.states import LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.list_marks import add_list_marks
from commentsite.letters.text.version_diff import (
    BlockChange,
    BlockChangeKind,
    VersionBlock,
    diff_versions,
)
from commentsite.text.diff import DiffKind, DiffSegment
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import MAX_ID
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

bp = LanguageBlueprint("versions", __name__, url_prefix="/letters/<slug>")


GAP = "gap"  # the kind of a row in place of blocks that are left out


@dataclass(frozen=True)
class DiffRow:
    """One block of the comparison, as the template prints it."""

    kind: str  # of the block, or GAP
    change: str  # "same", "edited", "moved", "new" or "gone"; a class of the stylesheet
    label: str | None  # of the paragraph, in the later version if it is there
    mark: str  # the change in words, empty if the highlighted text says enough
    segments: list[DiffSegment]


ONLY_CHANGES = "changes"  # the value of ?only=


def _canonical_arguments(_stamp: str, **_address: object) -> PageArguments:
    return PageArguments({"only": ONLY_CHANGES if _shows_only_changes() else ""})


def _shows_only_changes() -> bool:
    return request.args.get("only") == ONLY_CHANGES


@bp.get("/versions/<int:number>")
@cached_page(letter_page_version)
def show(slug: str, number: int) -> Response:
    """Show the text of one version."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("versions.show", slug=new_slug, number=number)
    )
    version = _get_public_version(letter, number)
    page = render_template(
        "public/letters/version.html",
        letter=letter,
        version=version,
        is_current=version.number == letter.version_number,
        previous=number - 1 if number > 1 else None,
        next=number + 1 if number < letter.version_number else None,
    )
    return make_response(page)


@bp.get("/changes/<int:before>/<int:after>")
@cached_page(letter_page_version, _canonical_arguments)
def compare(slug: str, before: int, after: int) -> Response:
    """Show the differences between two versions word by word, with or without what stayed the same."""
    letter = get_letter_or_redirect(
        slug,
        lambda new_slug: url_for("versions.compare", slug=new_slug, before=before, after=after),
    )
    old, new = _get_public_version(letter, before), _get_public_version(letter, after)
    # The links lead from a version to the next one only.
    links = text_queries.get_paragraph_links(new) if after == before + 1 else {}
    labels = {block.pid: block.label for block in new.blocks if block.pid and block.label}
    rows = [
        build_diff_row(change, links.get(change.key), labels)
        for change in diff_versions(_list_blocks(old), _list_blocks(new))
    ]
    address = url_for("versions.compare", slug=letter.slug, before=before, after=after)
    page = render_template(
        "public/letters/version_diff.html",
        letter=letter,
        before=old,
        after=new,
        rows=leave_out_unchanged(rows) if _shows_only_changes() else rows,
        only_changes=_shows_only_changes(),
        whole_url=address,
        changes_url=f"{address}?only={ONLY_CHANGES}",
    )
    return make_response(page)


def build_diff_row(
    change: BlockChange, link: ParagraphLink | None, labels: dict[str, str]
) -> DiffRow:
    """Return a row of the comparison.

    `link` tells where the text of a paragraph went, and `labels` are the paragraph labels of the later
    version by paragraph id.
    """
    return DiffRow(
        kind=change.kind,
        change=change.change,
        label=change.new_label or change.old_label,
        mark=_describe_change(change, link, labels),
        segments=_separate_words(change.segments),
    )


def leave_out_unchanged(rows: list[DiffRow]) -> list[DiffRow]:
    """Replace each run of unchanged blocks by a row that says how long it is."""
    kept: list[DiffRow] = []
    for change, run in groupby(rows, lambda row: row.change == BlockChangeKind.SAME):
        blocks = list(run)
        if not change:
            kept += blocks
            continue
        text = ngettext("%(num)d unchanged part", "%(num)d unchanged parts", len(blocks))
        kept.append(DiffRow(GAP, BlockChangeKind.SAME, None, str(text), []))
    return kept


def _separate_words(segments: list[DiffSegment]) -> list[DiffSegment]:
    """Set a space between removed and added words, which would otherwise read as one word."""
    separated: list[DiffSegment] = []
    for segment in segments:
        previous = separated[-1] if separated else None
        if (
            previous
            and (previous.kind, segment.kind) == (DiffKind.OLD, DiffKind.NEW)
            and not previous.text[-1:].isspace()
            and not segment.text[:1].isspace()
        ):
            separated.append(DiffSegment(DiffKind.SAME, " "))
        separated.append(segment)
    return separated


def _describe_change(
    change: BlockChange, link: ParagraphLink | None, labels: dict[str, str]
) -> str:
    if change.change == "new":
        return str(_("Added text"))
    if change.change == "moved":
        return str(_("Moved from paragraph %(n)s", n=change.old_label))
    if change.change == "gone":
        if link and link.target_pid in labels:
            return str(_("Removed: the text is now in paragraph %(n)s", n=labels[link.target_pid]))
        return str(_("Removed text"))
    return str(_("Split into several paragraphs")) if link and link.relation == "split" else ""


def _get_public_version(letter: Letter, number: int) -> LetterVersion:
    version = text_queries.get_version(letter, number) if number <= MAX_ID else None
    if version is None or version.published_at is None or letter.state == LetterState.WITHDRAWN:
        msg = "This letter has no such version."
        raise NotFound(msg)
    return version


def _list_blocks(version: LetterVersion) -> list[VersionBlock]:
    # Only numbered paragraphs have an id. Other blocks are the same one if they have the same text.
    return [
        VersionBlock(
            block.pid or f"{block.kind} {block.text}",
            block.kind,
            block.label,
            add_list_marks(block.html, block.text),
        )
        for block in version.blocks
    ]
