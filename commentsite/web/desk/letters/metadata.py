"""What is said about a letter: who wrote it, on what occasion, and by whose leave it is published."""

import re
from datetime import date
from typing import Any

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.affiliation import services as affiliation
from commentsite.comments.affiliation.queries import list_author_addresses as author_addresses_of
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.letters import editing, permissions
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft
from commentsite.letters.editing import LetterMetadata
from commentsite.letters.models import Letter
from commentsite.letters.states import PermissionMethod, PermissionScope
from commentsite.letters.text import queries as text_queries
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_letter_record", __name__, url_prefix="/desk/letters/<slug>")
bp.before_request(require_staff(Permission.WRITE_LETTERS))
LINES = ("occasion", "addressee", "body_concerned", "source", "licence", "translator")


@bp.route("/record", methods=["GET", "POST"])
def record(slug: str) -> AnyResponse:
    """Show the entries, or take changed ones over."""
    if request.method == "GET":
        letter = letter_queries.get_any_letter(slug)
        return _record_page(letter, _as_stored(letter), [a.__dict__ for a in letter.authors])
    typed = {name: request.form.get(name, "").strip() for name in request.form}
    authors = _authors_typed()
    try:
        said = _said(typed, authors)
        version = typed.get("record_version", "")
        with transaction():
            editing.change_metadata(slug, parse_id(version) or 0, said, by=current_actor())
    except SiteError as error:
        letter = letter_queries.get_any_letter(slug)
        return _record_page(letter, typed, authors, error)
    flash(_("The entries are saved, and stand on the letter’s page."))
    return redirect(url_for("desk_letter_record.record", slug=slug), 303)


@bp.route("/permission", methods=["GET", "POST"])
def permission(slug: str) -> AnyResponse:
    """Show the permissions of a letter, or record another."""
    if request.method == "GET":
        return _permission_page(slug, {"scopes": ["publish"], "how": "email"})
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in request.form}
    typed["scopes"] = request.form.getlist("scopes")
    file = request.files.get("evidence")
    try:
        with transaction():
            permissions.add_permission(
                slug,
                by=current_actor(),
                encryption=runtime().encryption,
                scopes=tuple(typed["scopes"]),
                given_by=typed.get("given_by", ""),
                method=typed.get("how", ""),
                given_on=_day(typed, "given_on"),
                statement=typed.get("statement", ""),
                evidence=file.read() if file else b"",
                evidence_name=(file.filename or "") if file else "",
            )
    except SiteError as error:
        return _permission_page(slug, typed, error)
    flash(_("The permission is recorded."))
    return redirect(url_for("desk_letter_record.permission", slug=slug), 303)


@bp.post("/permission/<int:permission_id>/take-back")
def take_back(slug: str, permission_id: int) -> AnyResponse:
    """Record that somebody took their leave back."""
    with transaction():
        letter = permissions.revoke_permission(slug, permission_id, by=current_actor())
    is_withdrawn = letter.state == "withdrawn"
    flash(
        _("Recorded. The letter is withdrawn, since nobody else allows it.")
        if is_withdrawn
        else _("Recorded.")
    )
    return redirect(url_for("desk_letter_record.permission", slug=slug), 303)


@bp.post("/author-addresses")
def author_addresses(slug: str) -> AnyResponse:
    """Record an address from which an author answers, or forget one."""
    by, removed = current_actor(), parse_id(request.form.get("remove", ""))
    email = request.form.get("email", "").strip()
    try:
        with transaction():
            letter = letter_queries.get_any_letter(slug)
            if removed is not None:
                affiliation.remove_author_address(
                    letter, removed, by=by, encryption=runtime().encryption
                )
            else:
                affiliation.add_author_address(
                    letter, email, by=by, encryption=runtime().encryption
                )
    except SiteError as error:
        flash(sentence(error))
    return redirect(url_for("desk_letter_record.record", slug=slug, _anchor="answers"), 303)


@bp.get("/original/<int:number>")
def original(slug: str, number: int) -> Response:
    """Hand out the file a version came from, byte for byte."""
    version = text_queries.get_version(letter_queries.get_any_letter(slug), number)
    if version.original is None:
        msg = "No file is kept for this version."
        raise NotFound(msg)
    return _file(version.original, version.original_name or "letter")


@bp.get("/permission/<int:permission_id>/evidence")
def evidence(slug: str, permission_id: int) -> Response:
    """Hand out the evidence."""
    found = letter_queries.get_permission(letter_queries.get_any_letter(slug), permission_id)
    content = permissions.decrypt_evidence(
        found, by=current_actor(), encryption=runtime().encryption
    )
    return _file(content, found.evidence_name or "evidence")


def _file(content: bytes, name: str) -> Response:
    """Answer with a file that no browser opens by itself."""
    response = Response(content, mimetype="application/octet-stream")
    safe = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response


def _as_stored(letter: Letter) -> dict[str, str]:
    stored = {name: str(getattr(letter, name)) for name in (*LINES, "language", "record_version")}
    stored["topics"] = ", ".join(letter.topics)
    for name in ("date_written", "date_received"):
        stored[name] = value.isoformat() if (value := getattr(letter, name)) else ""
    original = (
        letter_queries.get_letter(letter.translation_of_id) if letter.translation_of_id else None
    )
    stored["translation_of"] = original.slug if original else ""
    return stored


def _authors_typed() -> list[dict[str, str]]:
    columns = {
        name: request.form.getlist(f"author_{field}")
        for name, field in (
            ("name", "name"),
            ("stakeholder_group", "group"),
            ("capacity", "capacity"),
            ("organisation", "organisation"),
        )
    }
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=False)
        if row[0].strip()
    ]


def _said(typed: dict[str, str], authors: list[dict[str, str]]) -> LetterMetadata:
    language = typed.get("language", "")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        msg = "Write the language as a code, like en, fr or zh-Hant."
        raise Invalid(msg, field="language")
    topics = tuple(t for part in typed.get("topics", "").split(",") if (t := part.strip().lower()))
    return LetterMetadata(
        **{name: typed.get(name, "") for name in LINES},
        language=language,
        topics=topics[:12],
        date_written=_day(typed, "date_written"),
        date_received=_day(typed, "date_received"),
        translation_of=typed.get("translation_of", ""),
        authors=tuple(
            AuthorDraft(
                row["name"].strip(),
                row["stakeholder_group"],
                row["capacity"],
                row["organisation"].strip(),
            )
            for row in authors
        ),
    )


def _day(typed: dict[str, Any], name: str) -> date | None:
    text = typed.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        msg = "This is not a date. Write it like 2018-01-31."
        raise Invalid(msg, field=name) from None


def _record_page(
    letter: Letter,
    typed: dict[str, str],
    authors: list[dict[str, Any]],
    error: SiteError | None = None,
) -> Response:
    page = render_template(
        "desk/letters/metadata.html",
        actor=current_actor(),
        letter=letter,
        typed=typed,
        authors=authors,
        answering=author_addresses_of(letter.id),
        problem=sentence(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, status_of(error) if error else 200)


def _permission_page(slug: str, typed: dict[str, Any], error: SiteError | None = None) -> Response:
    letter = letter_queries.get_any_letter(slug)
    page = render_template(
        "desk/letters/permissions.html",
        actor=current_actor(),
        letter=letter,
        permissions=letter_queries.list_permissions(letter),
        typed=typed,
        scopes=list(PermissionScope),
        ways=list(PermissionMethod),
        problem=sentence(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, status_of(error) if error else 200)
