"""The workbench of a record of positions: comments on one side, questions and positions on the other.

Each text has a form of its own, which names the revision that it is based on. A save on top of an
outdated revision answers 409 and shows both texts. The script that saves while the editor types, and
the one that adds comments by keyboard or by dragging, accept JSON and get parts of the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import load_shortcuts
from commentsite.accounts.shortcuts import ShortcutAction
from commentsite.db.session import transaction
from commentsite.errors import Conflict, SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.alternatives import queries as alternative_queries
from commentsite.summaries.alternatives import services as alternatives
from commentsite.summaries.models import Summary
from commentsite.summaries.positions import queries, services
from commentsite.summaries.positions.policy import MIN_LENGTH_RATIO
from commentsite.summaries.positions.queries import CommentChoice
from commentsite.text.scripts import UNSPACED
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.desk.letters.record_view import (
    build_comment_view,
    build_position_view,
    build_record_view,
    describe_unused,
)
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import format_clock_time

MAX_QUERY_LENGTH = 200

bp = Blueprint("desk_record", __name__, url_prefix="/desk/letters/<slug>/positions")
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


@dataclass(frozen=True)
class TypedForm:
    """The form that was refused, so that the page shows it with what was typed."""

    id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, form_id: str, name: str, stored: str = "") -> str:
        """Return what was typed into a field of the refused form, or the stored text."""
        return self.values.get(name, stored) if form_id == self.id else stored

    def is_open(self, form_id: str) -> bool:
        return form_id == self.id


NOTHING_TYPED = TypedForm()


# --- The page


@bp.get("")
def show(slug: str) -> Response:
    return _render_page(slug)


@bp.post("")
def start(slug: str) -> AnyResponse:
    try:
        with transaction():
            services.create_summary(slug, by=current_actor())
    except SiteError as error:
        return _render_page(slug, error)
    flash(_("The record is begun. Add the first question."))
    return _redirect(slug, "questions")


# --- Texts with a revision


@bp.post("/texts/<name>")
def save_text(slug: str, name: str) -> AnyResponse:
    """Save one of the texts of the record itself."""
    values = _read_values("text")

    def save() -> int:
        return services.save_text(slug, name, _read_revision(), values["text"], by=current_actor())

    def find_conflict(summary: Summary) -> TextConflict:
        text = ConflictField("text", _("Text"), values["text"], getattr(summary, name))
        revision = services.get_text_revision(summary, name)
        address = url_for("desk_record.save_text", slug=slug, name=name)
        return TextConflict(
            f"text-{name}", _("Two versions of one text"), address, revision, (text,)
        )

    return _save(slug, f"text-{name}", save, find_conflict)


@bp.post("/questions/<int:question_id>")
def save_question(slug: str, question_id: int) -> AnyResponse:
    values, pids = _read_values("question"), request.form.getlist("paragraphs")

    def save() -> int:
        return services.save_question(
            slug, question_id, _read_revision(), values["question"], pids, by=current_actor()
        )

    def find_conflict(summary: Summary) -> TextConflict:
        question = queries.get_question(summary, question_id)
        text = ConflictField(
            "question", _("Question"), values["question"], question.text, is_long=False
        )
        address = url_for("desk_record.save_question", slug=slug, question_id=question_id)
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
            _read_revision(),
            values["title"],
            values["body"],
            by=current_actor(),
        )

    def find_conflict(summary: Summary) -> TextConflict:
        position = queries.get_position(summary, position_id)
        return TextConflict(
            f"position-{position_id}",
            _("Two versions of one position"),
            url_for("desk_record.save_position", slug=slug, position_id=position_id),
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
            slug, alternative_id, _read_revision(), values["text"], by=current_actor()
        )

    def find_conflict(summary: Summary) -> TextConflict:
        row = alternative_queries.get_alternative(summary, alternative_id)
        return TextConflict(
            f"alternative-{alternative_id}",
            _("Two versions of one wording"),
            url_for("desk_record.save_alternative", slug=slug, alternative_id=alternative_id),
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
        return _redirect(slug, form_id)
    try:
        with transaction():
            revision = save()
    except Conflict as error:
        letter, summary = _load_record(slug)
        if summary is None:
            raise
        return _render_conflict(letter, find_conflict(summary), error)
    except SiteError as error:
        if _wants_json():
            return make_response(jsonify(problem=translate_error(error)), get_status(error))
        return _render_page(slug, error, _keep_typed(form_id))
    if _wants_json():
        saved = _("Saved %(time)s", time=format_clock_time(clock.now()))
        return jsonify(revision=revision, saved=saved)
    flash(_("Saved. Readers see it once the record is published."))
    return _redirect(slug, form_id)


def _render_conflict(letter: Letter, conflict: TextConflict, error: Conflict) -> Response:
    problem = translate_error(error)
    if _wants_json():
        part = render_template("desk/letters/record_conflict_part.html", conflict=conflict)
        return make_response(jsonify(problem=problem, conflict=part), 409)
    page = render_template(
        "desk/letters/record_conflict.html",
        actor=current_actor(),
        letter=letter,
        conflict=conflict,
        conflict_problem=problem,
    )
    return make_response(page, 409)


# --- Choices of the record


@bp.post("/outcome")
def choose_outcome(slug: str) -> AnyResponse:
    return _act(
        slug,
        "outcome",
        lambda: services.choose_outcome(
            slug, _read_revision(), request.form.get("outcome", ""), by=current_actor()
        ),
        _("The outcome is chosen."),
    )


@bp.post("/order")
def choose_order(slug: str) -> AnyResponse:
    return _act(
        slug,
        "order",
        lambda: services.choose_order(
            slug, _read_revision(), request.form.get("order_rule", ""), by=current_actor()
        ),
        _("The order is chosen."),
    )


@bp.post("/language")
def choose_language(slug: str) -> AnyResponse:
    return _act(
        slug,
        "language-form",
        lambda: services.choose_language(
            slug, _read_revision(), request.form.get("language", ""), by=current_actor()
        ),
        _("The language is chosen."),
    )


@bp.post("/letters")
def set_letters(slug: str) -> AnyResponse:
    """Choose the further letters of the consultation, one on each line."""
    slugs = request.form.get("letters", "").split()
    return _act(
        slug,
        "letters",
        lambda: services.set_letters(slug, _read_revision(), slugs, by=current_actor()),
        _("The letters of the consultation are saved."),
    )


# --- Questions


@bp.post("/questions")
def add_question(slug: str) -> AnyResponse:
    return _act(
        slug,
        "new-question",
        lambda: services.add_question(
            slug,
            request.form.get("question", ""),
            request.form.getlist("paragraphs"),
            by=current_actor(),
        ),
        _("The question is added. Add the positions on it."),
        anchor="questions",
    )


@bp.post("/questions/<int:question_id>/move")
def move_question(slug: str, question_id: int) -> AnyResponse:
    is_up = request.form.get("direction") == "up"
    return _act(
        slug,
        f"question-{question_id}",
        lambda: services.move_question(slug, question_id, is_up=is_up, by=current_actor()),
        "",
    )


@bp.post("/questions/<int:question_id>/delete")
def delete_question(slug: str, question_id: int) -> AnyResponse:
    return _act(
        slug,
        f"question-{question_id}",
        lambda: services.delete_question(slug, question_id, by=current_actor()),
        _("The question is deleted."),
        anchor="questions",
    )


@bp.post("/questions/<int:question_id>/add")
def add_position(slug: str, question_id: int) -> AnyResponse:
    return _act(
        slug,
        f"new-position-{question_id}",
        lambda: services.add_position(
            slug, question_id, request.form.get("title", ""), by=current_actor()
        ),
        _("The position is added."),
        anchor=f"question-{question_id}",
    )


@bp.post("/<int:position_id>/delete")
def delete_position(slug: str, position_id: int) -> AnyResponse:
    return _act(
        slug,
        f"position-{position_id}",
        lambda: services.delete_position(slug, position_id, _read_revision(), by=current_actor()),
        _("The position is deleted."),
        anchor="questions",
    )


# --- Holders


@bp.post("/<int:position_id>/holders")
def add_holder(slug: str, position_id: int) -> AnyResponse:
    return _act(
        slug,
        f"holder-{position_id}",
        lambda: services.add_holder(
            slug,
            position_id,
            kind=request.form.get("kind", ""),
            group=_read_group(),
            name=request.form.get("name", ""),
            comment_id=_read_comment(),
            by=current_actor(),
        ),
        _("The holder is added."),
        anchor=f"position-{position_id}",
    )


@bp.post("/<int:position_id>/holders/<int:holder_id>/remove")
def remove_holder(slug: str, position_id: int, holder_id: int) -> AnyResponse:
    return _act(
        slug,
        f"holder-{position_id}",
        lambda: services.remove_holder(slug, position_id, holder_id, by=current_actor()),
        _("The holder is removed."),
        anchor=f"position-{position_id}",
    )


# --- Comments of positions


@bp.post("/comments")
def add_comment(slug: str) -> AnyResponse:
    """Let a position rest on a comment, with a quotation if the form has one."""
    position_id, comment_id = _read_position(), _read_comment() or 0
    quotation = request.form.get("quotation", "")

    def add() -> None:
        if quotation.strip() or request.form.get("quote"):
            services.quote_comment(slug, position_id, comment_id, quotation, by=current_actor())
        else:
            services.add_comment(slug, position_id, comment_id, by=current_actor())

    return _change_evidence(slug, position_id, comment_id, add)


@bp.post("/comments/remove")
def remove_comment(slug: str) -> AnyResponse:
    position_id, comment_id = _read_position(), _read_comment() or 0
    return _change_evidence(
        slug,
        position_id,
        comment_id,
        lambda: services.remove_comment(slug, position_id, comment_id, by=current_actor()),
    )


def _change_evidence(
    slug: str, position_id: int, comment_id: int, change: Callable[[], object]
) -> AnyResponse:
    """Change the comments of a position, and answer with the changed parts of the page, or lead back to it."""
    is_at_position = request.form.get("back") == "position"
    form_id = f"quotation-{position_id}-{comment_id}" if is_at_position else f"comment-{comment_id}"
    try:
        with transaction():
            change()
    except SiteError as error:
        if _wants_json():
            return make_response(jsonify(problem=translate_error(error)), get_status(error))
        error.field = form_id
        return _render_page(slug, error, _keep_typed(form_id))
    if not _wants_json():
        return _redirect(slug, f"position-{position_id}" if is_at_position else form_id)
    letter, summary = _load_record(slug)
    if summary is None:
        return make_response(jsonify(problem=_("This letter has no record of positions.")), 404)
    comment, positions = build_comment_view(summary, comment_id)
    parts = {"letter": letter, "typed": NOTHING_TYPED, "actor": current_actor()}
    return jsonify(
        comment=render_template(
            "desk/letters/record_comment_part.html", view=comment, positions=positions, **parts
        )
        if comment
        else "",
        evidence=render_template(
            "desk/letters/record_evidence_part.html",
            view=build_position_view(summary, position_id),
            **parts,
        ),
        unused=describe_unused(summary, summary_queries.list_letter_ids(summary)),
    )


# --- Alternatives


@bp.post("/alternatives")
def add_alternative(slug: str) -> AnyResponse:
    return _act(
        slug,
        "new-alternative",
        lambda: alternatives.add_alternative(
            slug,
            pid=request.form.get("paragraph", ""),
            text=request.form.get("text", ""),
            group=_read_group(),
            name=request.form.get("name", "") if request.form.get("agreed") else "",
            comment_id=_read_comment(),
            by=current_actor(),
        ),
        _("The wording is added."),
        anchor="alternatives",
    )


@bp.post("/alternatives/<int:alternative_id>/status")
def change_alternative(slug: str, alternative_id: int) -> AnyResponse:
    return _act(
        slug,
        f"alternative-{alternative_id}",
        lambda: alternatives.change_status(
            slug, alternative_id, request.form.get("status", ""), by=current_actor()
        ),
        _("Saved."),
    )


@bp.post("/alternatives/<int:alternative_id>/promote")
def promote_alternative(slug: str, alternative_id: int) -> AnyResponse:
    question_id = parse_id(request.form.get("question", "")) or 0
    return _act(
        slug,
        f"alternative-{alternative_id}",
        lambda: alternatives.promote_alternative(
            slug, alternative_id, question_id, request.form.get("title", ""), by=current_actor()
        ),
        _("The wording is a position of its own now."),
        anchor=f"question-{question_id}",
    )


# --- Parts


def _act(
    slug: str, form_id: str, action: Callable[[], object], notice: str, *, anchor: str = ""
) -> AnyResponse:
    """Run an action in a transaction, and lead back to its place on the page."""
    try:
        with transaction():
            action()
    except SiteError as error:
        return _render_page(slug, error, _keep_typed(form_id))
    if notice:
        flash(notice)
    return _redirect(slug, anchor or form_id)


def _redirect(slug: str, anchor: str) -> AnyResponse:
    """Lead back to the page as the editor had filtered it."""
    chosen = _read_choice(request.form, prefix="f-")
    values = {name: value for name, value in chosen.__dict__.items() if value}
    after = parse_id(request.form.get("f-after", ""))
    return redirect(
        url_for("desk_record.show", slug=slug, after=after, _anchor=anchor, **values), 303
    )


def _load_record(slug: str) -> tuple[Letter, Summary | None]:
    """Return the letter and its record, if the actor may work on all of its letters."""
    letter, actor = letter_queries.get_any_letter(slug), current_actor()
    summary = summary_queries.find_summary(letter.id)
    if summary is not None and actor.letter_ids is not None:
        for letter_id in summary_queries.list_letter_ids(summary):
            actor.require(Permission.WRITE_LETTERS, letter_id)
    return letter, summary


def _render_page(
    slug: str, error: SiteError | None = None, typed: TypedForm = NOTHING_TYPED
) -> Response:
    letter, summary = _load_record(slug)
    common = {
        "actor": current_actor(),
        "letter": letter,
        "problem": translate_error(error) if error else "",
        "wrong": (error.field or "") if error else "",
        "typed": typed,
    }
    if summary is None:
        other = next(iter(summary_queries.find_records_with(letter.id)), None)
        page = render_template(
            "desk/letters/record_start.html",
            other=letter_queries.get_letter(other.letter_id) if other else None,
            comments=sum(queries.count_by_group([letter.id]).values()),
            **common,
        )
    else:
        source: Mapping[str, str] = request.args if request.method == "GET" else request.form
        prefix = "" if request.method == "GET" else "f-"
        page = render_template(
            "desk/letters/record.html",
            record=build_record_view(
                summary,
                _read_choice(source, prefix),
                parse_id(source.get(f"{prefix}after", "")),
                current_site(),
            ),
            unspaced=UNSPACED,
            min_length_ratio=MIN_LENGTH_RATIO,
            keys=_load_keys(),
            **common,
        )
    return add_retry_after(make_response(page, get_status(error) if error else 200), error)


@dataclass(frozen=True)
class MovingKeys:
    """The keys that choose a comment, as this member of staff set them for the queue."""

    next: str
    previous: str
    are_off: bool


def _load_keys() -> MovingKeys:
    shortcuts = load_shortcuts(current_actor().user_id)
    keys = shortcuts.by_action
    return MovingKeys(keys[ShortcutAction.NEXT], keys[ShortcutAction.PREVIOUS], shortcuts.is_off)


def _read_choice(source: Mapping[str, str], prefix: str = "") -> CommentChoice:
    return CommentChoice(
        **{
            name: source.get(f"{prefix}{name}", "")[:MAX_QUERY_LENGTH].strip()
            for name in ("paragraph", "group", "stance", "use", "q")
        }
    )


def _read_values(*names: str) -> dict[str, str]:
    """Return the fields of a text. On the page of a conflict, `keep` says which version is meant."""
    kept = request.form.get("keep", "")
    prefix = f"{kept}." if kept else ""
    return {name: request.form.get(f"{prefix}{name}", "").replace("\r\n", "\n") for name in names}


def _keep_typed(form_id: str) -> TypedForm:
    return TypedForm(form_id, request.form.to_dict())


def _read_revision() -> int:
    return parse_id(request.form.get("revision", "")) or 0


def _read_position() -> int:
    return parse_id(request.form.get("position", "")) or 0


def _read_comment() -> int | None:
    return parse_id(request.form.get("comment", ""))


def _read_group() -> str:
    """Return the chosen stakeholder group, or an empty string if the site has no such group."""
    code = request.form.get("group", "")
    return code if code in current_site().groups else ""


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
