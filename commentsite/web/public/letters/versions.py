"""Earlier versions of a letter, and what changed between two: nothing published is ever unsaid."""

from flask import Blueprint, Response, make_response, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.errors import NotFound
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.states import LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.version_diff import VersionBlock, diff_versions
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.public.letters.page import letter_stamp, public_letter

bp = Blueprint("versions", __name__, url_prefix="/letters/<slug>")


@bp.get("/versions/<int:number>")
@cached_page(letter_stamp)
def show(slug: str, number: int) -> AnyResponse:
    """Show the words of one version."""
    letter = public_letter(slug, lambda now: url_for("versions.show", slug=now, number=number))
    version = _public_version(letter, number)
    page = render_template(
        "public/letters/version.html",
        letter=letter,
        version=version,
        versions=text_queries.list_versions(letter),
    )
    return make_response(page)


@bp.get("/changes/<int:before>/<int:after>")
@cached_page(letter_stamp)
def changed(slug: str, before: int, after: int) -> Response:
    """Show word by word what changed between two versions."""
    letter = public_letter(
        slug, lambda now: url_for("versions.changed", slug=now, before=before, after=after)
    )
    old, new = _public_version(letter, before), _public_version(letter, after)
    return make_response(
        render_template(
            "public/letters/version_diff.html",
            letter=letter,
            before=old,
            after=new,
            rows=diff_versions(_passages(old), _passages(new)),
            links=text_queries.get_paragraph_links(new) if after == before + 1 else {},
            numbers={block.pid: block.number for block in new.blocks if block.pid},
        )
    )


def _public_version(letter: Letter, number: int) -> LetterVersion:
    version = text_queries.get_version(letter, number) if number < 2**31 else None
    if version is None or version.published_at is None or letter.state == LetterState.WITHDRAWN:
        msg = "There is no such version of this letter."
        raise NotFound(msg)
    return version


def _passages(version: LetterVersion) -> list[VersionBlock]:
    return [
        VersionBlock(
            block.pid or f"{block.kind} {block.text}", block.kind, block.number, block.text
        )
        for block in version.blocks
    ]
