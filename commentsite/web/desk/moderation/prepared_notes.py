"""Keep the list of notes that moderators choose for refusals and returns, and offer it in their forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.language_tags import is_same_language
from commentsite.letters.queries import list_published_languages
from commentsite.moderation.models import PreparedNote
from commentsite.moderation.prepared_notes import queries as note_queries
from commentsite.moderation.prepared_notes import services as note_services
from commentsite.moderation.prepared_notes.services import NoteInput
from commentsite.site.rulebook import Clause
from commentsite.text.collation import collation_key
from commentsite.text.languages import INTERFACE_LANGUAGES
from commentsite.text.plain_text import clean_multiline, clean_single_line
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.errors import add_field_error, get_status
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.default_texts import translate_default_text
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.language_names import get_translated_name

bp = Blueprint("moderation_prepared_notes", __name__, url_prefix="/desk/moderation/notes")
bp.before_request(require_staff(Permission.MODERATE))


class PreparedNoteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The fields of one prepared note. `services` validates them."""

    title = StringField(_l("Title"))
    text = TextAreaField(_l("Text for the author"))
    rule = SelectField(_l("Rule"), validate_choice=False)
    language = SelectField(_l("Language of the text"), validate_choice=False)
    version = HiddenField()


@dataclass(frozen=True)
class NoteChoice:
    """A prepared note as an option of the list in a form. `rule` is "" for a retired rule too."""

    id: int
    title: str
    text: str
    rule: str
    is_in_language: bool  # of the letter, or in no particular language


@dataclass(frozen=True)
class NoteRow:
    """A prepared note in the list of all."""

    id: int
    title: str
    text: str
    language: str
    clause: Clause | None


@bp.get("/")
def index() -> Response:
    """List all prepared notes. Every moderator may read them."""
    return _render_index()


@bp.route("/new", methods=["GET", "POST"])
def add() -> AnyResponse:
    current_actor().require_everywhere(Permission.EDIT_RULES)
    form = _build_form()
    if not form.is_submitted():
        return _render_form(form)
    try:
        with transaction():
            note_services.add_prepared_note(_read_input(form), by=current_actor())
    except SiteError as error:
        return _render_form(form, None, get_status(error), add_field_error(form, error))
    flash(_("The note is saved. Moderators can choose it from now on."))
    return redirect(url_for(".index"), 303)


@bp.route("/<int:note_id>", methods=["GET", "POST"])
def edit(note_id: int) -> AnyResponse:
    current_actor().require_everywhere(Permission.EDIT_RULES)
    note = note_queries.find_prepared_note(note_id)
    form = _build_form(note)
    if not form.is_submitted():
        return _render_form(form, note_queries.get_prepared_note(note_id))
    if note is None:
        text = _(
            "Another steward deleted this note. What you typed is still here: save it as a new note."
        )
        return _render_form(form, None, 409, text)
    try:
        with transaction():
            note_services.change_prepared_note(
                note_id,
                parse_id(form.version.data or "") or 0,
                _read_input(form),
                by=current_actor(),
            )
    except SiteError as error:
        return _render_form(form, note, get_status(error), add_field_error(form, error))
    flash(_("The note is saved."))
    return redirect(url_for(".index"), 303)


@bp.post("/<int:note_id>/delete")
def delete(note_id: int) -> AnyResponse:
    """Delete a note. Its text stays in the page that follows, to be saved again."""
    with transaction():
        note = note_queries.get_prepared_note(note_id)
        deleted = NoteInput(note.title, note.text, note.rule, note.language)
        note_services.delete_prepared_note(note_id, by=current_actor())
    flash(_("The note “%(title)s” is deleted.", title=deleted.title))
    return _render_index(deleted)


def list_note_choices(language: str = "") -> list[NoteChoice]:
    """Return the prepared notes for the list in a form, those in the language of the letter first."""
    rules = current_site().rulebook.active_clauses
    choices = [
        NoteChoice(
            id=note.id,
            title=note.title,
            text=note.text,
            rule=note.rule if note.rule in rules else "",
            is_in_language=not (note.language and language)
            or is_same_language(note.language, language),
        )
        for note in note_queries.list_prepared_notes()
    ]
    return sorted(choices, key=lambda choice: not choice.is_in_language)


def fill_in_note(typed: Mapping[str, str]) -> dict[str, str]:
    """Return typed fields with the text and the rule of the note that the form names.

    A browser with scripts fills them in by itself. The text follows a note that was typed before.
    """
    fields = dict(typed.items())
    chosen = parse_id(fields.get("prepared_note", ""))
    if chosen is None:
        return fields
    note = note_queries.find_prepared_note(chosen)
    if note is None:
        flash(_("This note was deleted. Choose another. What you typed is still here."), "error")
        return fields
    written = fields.get("note", "").strip()
    if note.text not in written:
        fields["note"] = f"{written}\n\n{note.text}".strip()
    if note.rule in current_site().rulebook.active_clauses:
        fields["reason"] = note.rule
    return fields


def _build_form(note: PreparedNote | None = None) -> PreparedNoteForm:
    form = PreparedNoteForm(obj=note)
    rules = current_site().rulebook
    form.rule.choices = [SelectChoice(value="", label=_("Any rule"))] + [
        SelectChoice(
            value=code,
            label=_(
                "Rule %(n)d, %(title)s", n=clause.number, title=translate_default_text(clause.title)
            ),
        )
        for code, clause in rules.active_clauses.items()
    ]
    if note and note.rule and note.rule not in rules.active_clauses:
        form.rule.choices.append(
            SelectChoice(value=note.rule, label=_("Retired rule %(code)s", code=note.rule))
        )
    # The languages of the interface can be chosen before a letter in them is published.
    codes = {*INTERFACE_LANGUAGES, *list_published_languages(), form.language.data or ""} - {""}
    names = {code: get_translated_name(code) or code for code in codes}
    sorted_codes = sorted(codes, key=lambda code: collation_key(names[code]))
    form.language.choices = [SelectChoice(value="", label=_("Any language"))] + [
        SelectChoice(value=code, label=_capitalise(names[code])) for code in sorted_codes
    ]
    return form


def _capitalise(name: str) -> str:
    return name[:1].upper() + name[1:]


def _read_input(form: PreparedNoteForm) -> NoteInput:
    return NoteInput(
        title=clean_single_line(form.title.data or ""),
        text=clean_multiline(form.text.data or ""),
        rule=form.rule.data or "",
        language=form.language.data or "",
    )


def _render_index(deleted: NoteInput | None = None) -> Response:
    rulebook = current_site().rulebook
    actor = current_actor()
    html = render_template(
        "desk/moderation/prepared_notes.html",
        actor=actor,
        can_edit=actor.can_everywhere(Permission.EDIT_RULES),
        deleted=deleted,
        notes=[
            NoteRow(
                id=note.id,
                title=note.title,
                text=note.text,
                language=get_translated_name(note.language) or note.language,
                clause=rulebook.find_clause(note.rule) if note.rule else None,
            )
            for note in note_queries.list_prepared_notes()
        ],
    )
    return make_response(html)


def _render_form(
    form: PreparedNoteForm,
    note: PreparedNote | None = None,
    status: int = 200,
    error_text: str = "",
) -> Response:
    html = render_template(
        "desk/moderation/prepared_note.html",
        actor=current_actor(),
        form=form,
        note=note,
        form_url=url_for(".edit", note_id=note.id) if note else url_for(".add"),
        error_text=error_text,
    )
    return make_response(html, status)
