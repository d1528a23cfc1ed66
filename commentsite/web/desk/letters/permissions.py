"""Record the permissions to publish, translate or archive a letter, with their evidence."""

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
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters import permissions
from commentsite.letters import queries as letter_queries
from commentsite.letters.states import (
    UNPUBLISHED_STATES,
    LetterState,
    PermissionMethod,
    PermissionScope,
)
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters.form_values import (
    build_download,
    read_date,
    read_text_fields,
    read_upload,
)
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_permissions", __name__, url_prefix="/desk/letters/<slug>/permission")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("")
def index(slug: str) -> Response:
    """List the permissions of a letter, and offer a form to record another.

    The first permission usually comes from the first author, whose name the form proposes.
    """
    letter = letter_queries.get_any_letter(slug)
    is_first = not letter_queries.list_permissions(letter)
    typed = {
        "scopes": [PermissionScope.PUBLISH],
        "how": PermissionMethod.EMAIL,
        "given_by": letter.authors[0].name if is_first and letter.authors else "",
    }
    return _render_page(slug, typed)


@bp.post("")
def create(slug: str) -> AnyResponse:
    typed: dict[str, Any] = read_text_fields()
    typed["scopes"] = request.form.getlist("scopes")
    evidence_name, evidence = read_upload("evidence")
    try:
        with transaction():
            permissions.add_permission(
                slug,
                by=current_actor(),
                encryption=runtime().encryption,
                scopes=tuple(typed["scopes"]),
                given_by=typed.get("given_by", ""),
                method=typed.get("how", ""),
                given_on=read_date("given_on"),
                statement=typed.get("statement", ""),
                evidence=evidence,
                evidence_name=evidence_name,
            )
    except SiteError as error:
        return _render_page(slug, typed, error)
    flash(_("Saved. The permission is recorded."))
    # An editor who prepares a letter goes on with what is still missing.
    is_unpublished = letter_queries.get_any_letter(slug).state in UNPUBLISHED_STATES
    endpoint = "desk_letter_publishing.show" if is_unpublished else "desk_letter_permissions.index"
    return redirect(url_for(endpoint, slug=slug), 303)


@bp.post("/<int:permission_id>/take-back")
def revoke(slug: str, permission_id: int) -> AnyResponse:
    """Record that its giver withdrew a permission. Without another, the letter is withdrawn too."""
    with transaction():
        letter = permissions.revoke_permission(slug, permission_id, by=current_actor())
    if letter.state == LetterState.WITHDRAWN:
        flash(
            _(
                "The permission is marked as withdrawn. It was the last permission to publish the "
                "letter, so the letter is withdrawn too."
            )
        )
    else:
        flash(_("The permission is marked as withdrawn."))
    return redirect(url_for("desk_letter_permissions.index", slug=slug), 303)


@bp.get("/<int:permission_id>/evidence")
def download_evidence(slug: str, permission_id: int) -> Response:
    permission = letter_queries.get_permission(letter_queries.get_any_letter(slug), permission_id)
    content = permissions.decrypt_evidence(
        permission, by=current_actor(), encryption=runtime().encryption
    )
    return build_download(content, permission.evidence_name or "evidence")


def _render_page(slug: str, typed: dict[str, Any], error: SiteError | None = None) -> Response:
    letter = letter_queries.get_any_letter(slug)
    page = render_template(
        "desk/letters/permissions.html",
        actor=current_actor(),
        letter=letter,
        permissions=letter_queries.list_permissions(letter),
        typed=typed,
        scopes=list(PermissionScope),
        methods=list(PermissionMethod),
        problem=translate_error(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, get_status(error) if error else 200)
