"""Edit the source and the authors of a letter, and download the file it was imported from."""

from dataclasses import replace

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.affiliation.queries import list_author_addresses
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.letters import editing
from commentsite.letters import queries as letter_queries
from commentsite.letters.editing import LetterMetadata
from commentsite.letters.language_tags import UNDETERMINED, parse_language
from commentsite.letters.models import Letter
from commentsite.letters.text import queries as text_queries
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letter_choices import (
    LetterChoices,
    build_letter_choices,
    is_letter_search,
)
from commentsite.web.desk.letters.author_rows import (
    AuthorRow,
    build_author_rows,
    change_rows,
    is_row_change,
    list_authors,
    read_author_rows,
)
from commentsite.web.desk.letters.form_values import (
    build_download,
    read_date,
    read_text_fields,
)
from commentsite.web.desk.letters.language_choices import build_language_choices
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_metadata", __name__, url_prefix="/desk/letters/<slug>")
bp.before_request(require_staff(Permission.WRITE_LETTERS))
MAX_TOPICS = 12
TEXT_FIELDS = ("occasion", "addressee", "body_concerned", "source", "licence", "translator")


@bp.get("/record")
def edit(slug: str) -> Response:
    return render_stored_metadata(letter_queries.get_any_letter(slug))


@bp.post("/record")
def update(slug: str) -> AnyResponse:
    """Save the form, or add or remove an author, or look for the original of a translation.

    A form based on an older version of the letter is refused and keeps its input.
    """
    typed, authors = read_text_fields(), read_author_rows()
    if is_row_change() or is_letter_search():
        authors = change_rows(authors) if is_row_change() else authors
        return _render_page(letter_queries.get_any_letter(slug), typed, authors)
    try:
        metadata = _build_metadata(typed, authors)
        version = parse_id(typed.get("record_version", "")) or 0
        with transaction():
            editing.change_metadata(slug, version, metadata, by=current_actor())
    except SiteError as error:
        return _render_page(letter_queries.get_any_letter(slug), typed, authors, error)
    flash(_("Saved. Readers see the details on the letter’s page."))
    return redirect(url_for("desk_letter_metadata.edit", slug=slug), 303)


@bp.get("/original/<int:number>")
def download_original(slug: str, number: int) -> Response:
    """Send the imported file of a version, byte for byte as it was received."""
    version = text_queries.get_version(letter_queries.get_any_letter(slug), number)
    if version.original is None:
        msg = "This version has no file."
        raise NotFound(msg)
    return build_download(version.original, version.original_name or "letter.md")


def render_stored_metadata(letter: Letter, error: SiteError | None = None) -> Response:
    """Render the page with the stored values. `error` belongs to another form on it."""
    return _render_page(letter, _read_stored(letter), build_author_rows(letter.authors), error)


def _read_stored(letter: Letter) -> dict[str, str]:
    """Return the values of the form as they are stored."""
    names = (*TEXT_FIELDS, "language", "record_version")
    stored = {name: str(getattr(letter, name)) for name in names}
    if letter.language == UNDETERMINED:
        stored["language"] = ""
    stored["topics"] = ", ".join(letter.topics)
    for name in ("date_written", "date_received"):
        day = getattr(letter, name)
        stored[name] = day.isoformat() if day else ""
    original_id = letter.translation_of_id
    original = letter_queries.get_letter(original_id) if original_id else None
    stored["translation_of"] = original.slug if original else ""
    return stored


def _build_metadata(typed: dict[str, str], authors: list[AuthorRow]) -> LetterMetadata:
    language = parse_language(typed.get("language", ""))
    if not language:
        msg = "Choose the language of the letter."
        raise Invalid(msg, field="language")
    topics = (topic.strip().lower() for topic in typed.get("topics", "").split(","))
    return LetterMetadata(
        **{name: typed.get(name, "") for name in TEXT_FIELDS},
        language=language,
        topics=tuple(topic for topic in topics if topic)[:MAX_TOPICS],
        date_written=read_date("date_written"),
        date_received=read_date("date_received"),
        translation_of=typed.get("translation_of", ""),
        authors=list_authors(authors),
    )


def _build_originals(letter: Letter, slug: str) -> LetterChoices:
    """Offer the letters that this one can be a translation of, and the chosen one first."""
    chosen = letter_queries.find_by_current_slug(slug) if slug else None
    choices = build_letter_choices({chosen.id} if chosen else ())
    offered = [choice for choice in choices.offered if choice.id != letter.id]
    return replace(choices, offered=offered)


def _render_page(
    letter: Letter,
    typed: dict[str, str],
    authors: list[AuthorRow],
    error: SiteError | None = None,
) -> Response:
    page = render_template(
        "desk/letters/metadata.html",
        actor=current_actor(),
        letter=letter,
        typed=typed,
        rows=authors,
        languages=build_language_choices(typed.get("language", ""), letter.language),
        originals=_build_originals(letter, typed.get("translation_of", "")),
        author_addresses=list_author_addresses(letter.id),
        problem=translate_error(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, get_status(error) if error else 200)
