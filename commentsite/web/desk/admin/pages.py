"""Write the pages besides letters: About, Contact, Imprint and others, and choose where the site links to them."""

from dataclasses import dataclass
from datetime import datetime

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
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters.language_tags import parse_language
from commentsite.letters.slugs import slugify
from commentsite.letters.text.paragraphs import render_document
from commentsite.site.pages import queries as page_queries
from commentsite.site.pages.models import Page, PageVersion
from commentsite.site.pages.services import PageDraft, change_page, create_page, delete_page
from commentsite.site.pages.states import Placement
from commentsite.text.diff import DiffSegment, diff_words
from commentsite.text.plain_text import clean_multiline, clean_single_line
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.errors import add_field_error, get_status
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import PLACEMENT_LABELS
from commentsite.web.rendering.language_names import list_language_choices

bp = Blueprint("desk_pages", __name__, url_prefix="/desk/pages")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))


class PageForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The fields of a page. `version` is that of the page the form is based on, empty for a new one."""

    version = HiddenField()
    title = StringField(_l("Title"))
    slug = StringField(_l("Address"))
    source_text = TextAreaField(_l("Text"))
    language = SelectField(_l("Language"), validate_choice=False)
    placement = RadioField(
        _l("Link to this page"),
        choices=[SelectChoice(value=key, label=label) for key, label in PLACEMENT_LABELS.items()],
        validate_choice=False,
    )
    position = StringField(_l("Place among the other pages"))
    is_public = BooleanField(_l("Public"))


@dataclass(frozen=True)
class Change:
    """A version of a page, and the words that changed since the one before."""

    number: int
    saved_at: datetime
    saved_by: str
    title: list[DiffSegment]
    text: list[DiffSegment]


@bp.get("/")
def index() -> Response:
    page = render_template(
        "desk/admin/pages.html", actor=current_actor(), pages=page_queries.list_pages()
    )
    return make_response(page)


@bp.get("/new")
def new() -> Response:
    """Offer an empty form. `?title=` fills in a title."""
    title = clean_single_line(request.args.get("title", ""))[:120]
    form = PageForm(
        formdata=None,
        data={
            "title": title,
            "language": current_site().language,
            "placement": Placement.MENU,
        },
    )
    return _render_form(form)


@bp.post("/new")
def create() -> AnyResponse:
    """Store a new page, or show how it will look if the button for the preview was pressed."""
    form = PageForm()
    if "preview" in request.form:
        return _render_form(form, is_preview=True)
    try:
        draft = _read_draft(form)
        with transaction():
            page = create_page(draft, by=current_actor())
            page_id = page.id
    except SiteError as error:
        return _render_form(form, error=error)
    flash(_describe_saved(draft))
    return redirect(url_for("desk_pages.edit", page_id=page_id), 303)


@bp.get("/<int:page_id>")
def edit(page_id: int) -> Response:
    page = page_queries.get_page(page_id)
    return _render_form(PageForm(formdata=None, data=_read_stored(page)), page=page)


@bp.post("/<int:page_id>")
def update(page_id: int) -> AnyResponse:
    page, form = page_queries.get_page(page_id), PageForm()
    if "preview" in request.form:
        return _render_form(form, page=page, is_preview=True)
    try:
        draft = _read_draft(form)
        seen_version = parse_id(form.version.data or "") or 0
        with transaction():
            change_page(page_id, seen_version, draft, by=current_actor())
    except SiteError as error:
        page = page_queries.get_page(page_id)
        if error.field is None:  # the page then shows the change of the other steward
            form.version.data = page.version
        return _render_form(form, page=page, error=error)
    flash(_describe_saved(draft))
    return redirect(url_for("desk_pages.edit", page_id=page_id), 303)


@bp.get("/<int:page_id>/versions/<int:number>")
def show_version(page_id: int, number: int) -> Response:
    """Show an earlier version as readers saw it, and its Markdown."""
    version = page_queries.get_page_version(page_id, number)
    page = render_template(
        "desk/admin/page_version.html",
        actor=current_actor(),
        page=page_queries.get_page(page_id),
        version=version,
        html=render_document(version.source_text),
    )
    return make_response(page)


@bp.post("/<int:page_id>/delete")
def delete(page_id: int) -> AnyResponse:
    with transaction():
        title = delete_page(page_id, by=current_actor())
    flash(_("The page “%(title)s” is deleted.", title=title))
    return redirect(url_for("desk_pages.index"), 303)


@bp.get("/<int:page_id>/delete")
def confirm_deletion(page_id: int) -> Response:
    page = page_queries.get_page(page_id)
    return make_response(
        render_template("desk/admin/page_deletion.html", actor=current_actor(), page=page)
    )


def _read_draft(form: PageForm) -> PageDraft:
    """Return the page of the form. Raises Invalid.

    Without an address it is made of the title, and of a number if the title has no letter from a to z.
    """
    title = clean_single_line(form.title.data or "")
    typed = (form.slug.data or "").strip().strip("/").removeprefix("pages/")
    slug = slugify(typed) if typed else slugify(title) or _number_slug()
    position = (form.position.data or "").strip()
    if position and parse_id(position) is None:
        msg = "Enter a number."
        raise Invalid(msg, field="position")
    return PageDraft(
        title=title,
        slug=slug,
        source_text=clean_multiline(form.source_text.data or "").strip(),
        language=parse_language(form.language.data or "") or current_site().language,
        placement=form.placement.data or Placement.NONE,
        position=parse_id(position) if position else None,
        is_public=bool(form.is_public.data),
    )


def _number_slug() -> str:
    number = page_queries.find_last_position() + 1
    while page_queries.find_page_by_slug(f"page-{number}"):
        number += 1
    return f"page-{number}"


def _describe_saved(draft: PageDraft) -> str:
    if draft.is_public:
        return _("“%(title)s” is saved and public.", title=draft.title)
    return _("“%(title)s” is saved as a draft. Readers do not see it.", title=draft.title)


def _read_stored(page: Page) -> dict[str, object]:
    return {
        "version": page.version,
        "title": page.title,
        "slug": page.slug,
        "source_text": page.source_text,
        "language": page.language,
        "placement": page.placement,
        "position": page.position,
        "is_public": page.is_public,
    }


def _find_last_change(versions: list[PageVersion]) -> Change | None:
    if len(versions) < 2:
        return None
    after, before = versions[:2]
    return Change(
        number=after.number,
        saved_at=after.saved_at,
        saved_by=after.saved_by_name,
        title=diff_words(before.title, after.title),
        text=diff_words(before.source_text, after.source_text),
    )


def _render_form(
    form: PageForm,
    *,
    page: Page | None = None,
    error: SiteError | None = None,
    is_preview: bool = False,
) -> Response:
    form.language.choices = list_language_choices(form.language.data or "")
    versions = page_queries.list_page_versions(page.id) if page else []
    problem = add_field_error(form, error) if error else ""
    text = clean_multiline(form.source_text.data or "")
    rendered = render_template(
        "desk/admin/page.html",
        actor=current_actor(),
        form=form,
        page=page,
        problem=problem,
        versions=versions,
        last_change=_find_last_change(versions),
        preview=render_document(text) if is_preview else "",
        is_preview=is_preview,
    )
    return make_response(rendered, get_status(error) if error else 200)
