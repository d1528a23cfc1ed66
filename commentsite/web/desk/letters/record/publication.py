"""Publish the next version of a record of positions once no condition is missing.

The draft is built from all comments of the consultation, which takes a second or two on a large one.
So its conditions stand on a page of their own, and the workbench stays fast.
"""

from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.compilation.builder import build_report
from commentsite.summaries.models import Summary
from commentsite.summaries.publication import queries as publication_queries
from commentsite.summaries.publication.policy import list_obstacles
from commentsite.summaries.publication.services import publish_version
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.public.records.pages import get_site_groups
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_record_publication", __name__, url_prefix="/desk/letters/<slug>/positions")
bp.before_request(require_staff(Permission.WRITE_LETTERS))

#: The part of the workbench where an editor mends a condition, by the field of its error.
_PLACES = {
    "overview": ("overview", _l("Overview")),
    "limits": ("limits", _l("Limits")),
    "outcome": ("outcome", _l("Outcome")),
    "quotations": ("questions", _l("Quotations")),
    "equal_space": ("questions", _l("Equal space")),
    "positions": ("questions", _l("Positions")),
}
_QUESTIONS = ("questions", _l("Questions"))


@dataclass(frozen=True)
class MissingCondition:
    """A condition that the draft does not meet, and the address where it is mended."""

    name: str
    sentence: str
    address: str


@bp.get("/publication")
def show(slug: str) -> Response:
    return _render_page(slug)


@bp.post("/publication")
def publish(slug: str) -> AnyResponse:
    letter, summary = load_record(slug)
    try:
        with transaction():
            version = publish_version(
                summary.id,
                by=current_actor(),
                groups=get_site_groups(),
                change_note=request.form.get("change_note", ""),
            )
    except SiteError as error:
        return _render_page(slug, error)
    flash(_("Version %(number)d of the record is published.", number=version.number))
    return redirect(url_for("desk_record_publication.show", slug=letter.slug), 303)


def load_record(slug: str) -> tuple[Letter, Summary]:
    """Return the letter and its record, if the actor may work on all of its letters. Raises NotFound."""
    letter, actor = letter_queries.get_any_letter(slug), current_actor()
    summary = summary_queries.find_summary(letter.id)
    if summary is None:
        msg = "This letter has no record of positions."
        raise NotFound(msg)
    for letter_id in summary_queries.list_letter_ids(summary):
        actor.require(Permission.WRITE_LETTERS, letter_id)
    return letter, summary


def _render_page(slug: str, error: SiteError | None = None) -> Response:
    letter, summary = load_record(slug)
    built = build_report(summary.id, groups=get_site_groups(), cut_off=clock.now())
    obstacles = list_obstacles(built.report, lost_quotations=built.lost_quotations)
    page = render_template(
        "desk/letters/record/publication.html",
        actor=current_actor(),
        letter=letter,
        summary=summary,
        missing=[_describe(obstacle, slug) for obstacle in obstacles],
        versions=publication_queries.list_versions(summary.id),
        change_note=request.form.get("change_note", ""),
        problem=translate_error(error) if error else "",
        wrong="change_note" if error and error.field == "change_note" else "",
    )
    return make_response(page, get_status(error) if error else 200)


def _describe(obstacle: SiteError, slug: str) -> MissingCondition:
    if obstacle.field == "objections":
        return MissingCondition(
            _("Objections"),
            translate_error(obstacle),
            url_for("desk_letter_objections.index", slug=slug),
        )
    place, name = _PLACES.get(obstacle.field or "", _QUESTIONS)
    return MissingCondition(
        str(name), translate_error(obstacle), url_for("desk_record.show", slug=slug, _anchor=place)
    )
