"""The register of objections to a letter at the desk: record and answer them."""

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
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.models import Comment
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.summaries.consensus.builder import cut_excerpt
from commentsite.summaries.objections import queries as objection_queries
from commentsite.summaries.objections import services as objections
from commentsite.summaries.objections.policy import may_answer
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import get_group_label
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.objection_view import (
    EXCERPT_LENGTH,
    ObjectionView,
    build_objection_views,
)

bp = Blueprint("desk_letter_objections", __name__, url_prefix="/desk/letters/<slug>/objections")
bp.before_request(require_staff(Permission.WRITE_LETTERS))

MAX_SUGGESTIONS = 50


@dataclass(frozen=True)
class ObjectionRow:
    """An objection with its form. After an error the form keeps what the editor typed."""

    view: ObjectionView
    response: str
    status: str
    error: str
    wrong: str  # the name of the field with the error


@dataclass(frozen=True)
class Suggestion:
    """A published comment that opposes and is not recorded as an objection."""

    id: int
    name: str
    group: str
    excerpt: str
    language: str
    url: str


@bp.get("")
def index(slug: str) -> Response:
    return _render_page(slug)


@bp.post("")
def record(slug: str) -> AnyResponse:
    """Record a published comment as an objection, by its number."""
    number = parse_id(request.form.get("comment", "").strip().lstrip("#"))
    try:
        with transaction():
            objections.record_numbered_comment(slug, number or 0, by=current_actor())
    except SiteError as error:
        return _render_page(slug, error)
    flash(_("The objection is recorded. Until it is answered, the text is not called agreed."))
    return redirect(url_for("desk_letter_objections.index", slug=slug), 303)


@bp.post("/<int:objection_id>")
def answer(slug: str, objection_id: int) -> AnyResponse:
    try:
        with transaction():
            objections.answer_objection(
                slug,
                objection_id,
                text=request.form.get("response", ""),
                status=request.form.get("status", ""),
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _render_page(slug, error, objection_id)
    flash(_("The answer is public. The author of the objection can react to it."))
    return redirect(url_for("desk_letter_objections.index", slug=slug), 303)


def _render_page(
    slug: str, error: SiteError | None = None, objection_id: int | None = None
) -> Response:
    actor, letter = current_actor(), letter_queries.get_any_letter(slug)
    labels = {b.pid: b.label for b in list_current_blocks(letter) if b.pid and b.label}
    registered = objection_queries.list_objections([letter.id])
    problem = translate_error(error) if error else ""
    rows = []
    for view in build_objection_views(registered, letter.slug, labels):
        is_sent = error is not None and view.id == objection_id
        rows.append(
            ObjectionRow(
                view,
                request.form.get("response", "") if is_sent else view.response,
                request.form.get("status", "") if is_sent else view.status,
                problem if is_sent else "",
                error.field or "" if error and is_sent else "",
            )
        )
    page = render_template(
        "desk/letters/objections.html",
        actor=actor,
        letter=letter,
        rows=rows,
        suggestions=_list_suggestions(letter),
        may_answer=may_answer(letter, actor),
        typed=request.form.get("comment", "") if error and objection_id is None else "",
        problem=problem,
        wrong=_find_wrong_field(error, objection_id),
    )
    return make_response(page, get_status(error) if error else 200)


def _find_wrong_field(error: SiteError | None, objection_id: int | None) -> str:
    """Return the id of the form field that the summary of the error links to."""
    field = error.field if error else None
    if not field:
        return ""
    return field if objection_id is None else f"{field}-{objection_id}"


def _list_suggestions(letter: Letter) -> list[Suggestion]:
    comments = objection_queries.list_opposing_comments(letter.id, MAX_SUGGESTIONS)
    return [_build_suggestion(comment, letter) for comment in comments]


def _build_suggestion(comment: Comment, letter: Letter) -> Suggestion:
    return Suggestion(
        comment.id,
        comment.name,
        get_group_label(comment.stakeholder_group),
        cut_excerpt(comment.body, EXCERPT_LENGTH),
        comment.language,
        url_for("comments.permalink", slug=letter.slug, comment_id=comment.id),
    )
