"""Save the texts of a record of positions.

Each text has a form of its own, which names the revision that it is based on. A save on top of an
outdated revision answers 409 and shows both texts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Conflict, SiteError
from commentsite.letters.models import Letter
from commentsite.summaries.alternatives import queries as alternative_queries
from commentsite.summaries.alternatives import services as alternatives
from commentsite.summaries.models import Summary
from commentsite.summaries.positions import queries, services
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letters.record.page import (
    keep_typed,
    load_record,
    read_revision,
    redirect_to_place,
    render_page,
    wants_json,
)
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.filters import format_clock_time
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_record_texts", __name__, url_prefix="/desk/letters/<slug>/positions")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@dataclass(frozen=True)
class ConflictField:
    """A field of a text that two editors saved, with what each of them wrote."""

    name: str
    label: str
    mine: str
    theirs: str
    is_long: bool = True


@dataclass(frozen=True)
class TextConflict:
    """Two versions of a text, and the revision on top of which one of them can be saved."""

    id: str  # of the text on the page
    title: str
    address: str  # of the form that saves it
    revision: int
    fields: tuple[ConflictField, ...]
    hidden: tuple[tuple[str, str], ...] = ()


@bp.post("/texts/<name>")
def save_text(slug: str, name: str) -> AnyResponse:
    """Save one of the texts of the record itself."""
    values = _read_values("text")

    def save() -> int:
        return services.save_text(slug, name, read_revision(), values["text"], by=current_actor())

    def find_conflict(summary: Summary) -> TextConflict:
        text = ConflictField("text", _("Text"), values["text"], getattr(summary, name))
        revision = services.get_text_revision(summary, name)
        address = url_for("desk_record_texts.save_text", slug=slug, name=name)
        return TextConflict(
            f"text-{name}", _("Two versions of one text"), address, revision, (text,)
        )

    return _save(slug, f"text-{name}", save, find_conflict)


@bp.post("/questions/<int:question_id>")
def save_question(slug: str, question_id: int) -> AnyResponse:
    values, pids = _read_values("question"), request.form.getlist("paragraphs")

    def save() -> int:
        return services.save_question(
            slug, question_id, read_revision(), values["question"], pids, by=current_actor()
        )

    def find_conflict(summary: Summary) -> TextConflict:
        question = queries.get_question(summary, question_id)
        text = ConflictField(
            "question", _("Question"), values["question"], question.text, is_long=False
        )
        address = url_for("desk_record_texts.save_question", slug=slug, question_id=question_id)
        return TextConflict(
            f"question-{question_id}",
            _("Two versions of one question"),
            address,
            question.revision,
            (text,),
            tuple(("paragraphs", pid) for pid in pids),
        )

    return _save(slug, f"question-{question_id}", save, find_conflict)


@bp.post("/<int:position_id>")
def save_position(slug: str, position_id: int) -> AnyResponse:
    values = _read_values("title", "body")

    def save() -> int:
        return services.save_position(
            slug,
            position_id,
            read_revision(),
            values["title"],
            values["body"],
            by=current_actor(),
        )

    def find_conflict(summary: Summary) -> TextConflict:
        position = queries.get_position(summary, position_id)
        return TextConflict(
            f"position-{position_id}",
            _("Two versions of one position"),
            url_for("desk_record_texts.save_position", slug=slug, position_id=position_id),
            position.revision,
            (
                ConflictField("title", _("Title"), values["title"], position.title, is_long=False),
                ConflictField("body", _("Text"), values["body"], position.body),
            ),
        )

    return _save(slug, f"position-{position_id}", save, find_conflict)


@bp.post("/alternatives/<int:alternative_id>")
def save_alternative(slug: str, alternative_id: int) -> AnyResponse:
    values = _read_values("text")

    def save() -> int:
        return alternatives.save_alternative(
            slug, alternative_id, read_revision(), values["text"], by=current_actor()
        )

    def find_conflict(summary: Summary) -> TextConflict:
        row = alternative_queries.get_alternative(summary, alternative_id)
        return TextConflict(
            f"alternative-{alternative_id}",
            _("Two versions of one wording"),
            url_for("desk_record_texts.save_alternative", slug=slug, alternative_id=alternative_id),
            row.revision,
            (ConflictField("text", _("Wording"), values["text"], row.text),),
        )

    return _save(slug, f"alternative-{alternative_id}", save, find_conflict)


def _save(
    slug: str,
    form_id: str,
    save: Callable[[], int],
    find_conflict: Callable[[Summary], TextConflict],
) -> AnyResponse:
    """Save a text, and answer with a page or with JSON. A conflict shows both texts."""
    if request.form.get("keep") == "theirs":
        return redirect_to_place(slug, form_id)
    try:
        with transaction():
            revision = save()
    except Conflict as error:
        letter, summary = load_record(slug)
        if summary is None:
            raise
        return _render_conflict(letter, find_conflict(summary), error)
    except SiteError as error:
        if wants_json():
            return make_response(jsonify(problem=translate_error(error)), get_status(error))
        return render_page(slug, error, keep_typed(form_id))
    if wants_json():
        saved = _("Saved %(time)s", time=format_clock_time(clock.now()))
        return jsonify(revision=revision, saved=saved)
    flash(_("Saved. Readers see it once the record is published."))
    return redirect_to_place(slug, form_id)


def _render_conflict(letter: Letter, conflict: TextConflict, error: Conflict) -> Response:
    problem = translate_error(error)
    if wants_json():
        part = render_template("desk/letters/record/conflict_part.html", conflict=conflict)
        return make_response(jsonify(problem=problem, conflict=part), 409)
    page = render_template(
        "desk/letters/record/conflict.html",
        actor=current_actor(),
        letter=letter,
        conflict=conflict,
        conflict_problem=problem,
    )
    return make_response(page, 409)


def _read_values(*names: str) -> dict[str, str]:
    """Return the fields of a text. On the page of a conflict, `keep` says which version is meant."""
    kept = request.form.get("keep", "")
    prefix = f"{kept}." if kept else ""
    return {name: request.form.get(f"{prefix}{name}", "").replace("\r\n", "\n") for name in names}
