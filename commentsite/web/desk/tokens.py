"""Create and revoke the tokens with which programs use the API. Stewards see and revoke those of all staff."""

from collections.abc import Iterable
from dataclasses import dataclass
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
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts import api_tokens
from commentsite.accounts.api_tokens import TokenScope
from commentsite.accounts.models import ApiToken
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import list_tokens
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

DEFAULT_DAYS = "90"
bp = Blueprint("desk_tokens", __name__, url_prefix="/desk/tokens")
bp.before_request(require_staff(Permission.MODERATE))

SCOPE_LABELS: dict[TokenScope, Any] = {
    TokenScope.READ_QUEUE: _l("Read the moderation queue"),
    TokenScope.DECIDE: _l("Decide on comments"),
    TokenScope.WRITE_LETTERS: _l("Write letters: create drafts and change letters"),
    TokenScope.PUBLISH_LETTERS: _l("Publish letters, and open and close them for comments"),
}


@dataclass(frozen=True)
class TokenView:
    """A token as the page lists it."""

    row: ApiToken
    owner: str
    scopes: tuple[str, ...]
    is_expired: bool
    is_own: bool


@bp.get("/")
def index() -> Response:
    return _render_page()


@bp.post("/")
def create() -> Response:
    """Create a token and show it, once. The answer is the only page that ever holds it."""
    form = request.form
    try:
        with transaction():
            token = api_tokens.create_token(
                form.get("name", ""),
                form.getlist("scopes"),
                parse_id(form.get("days", "").strip()),
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _render_page(error=error)
    return _render_page(token=token)


@bp.get("/<int:token_id>/revoke")
def leave_action(token_id: int) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when staff had to sign in again, or reload an error."""
    return redirect(url_for("desk_tokens.index"), 303)


@bp.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> AnyResponse:
    with transaction():
        name = api_tokens.revoke_token(token_id, by=current_actor()).name
    flash(_("The token “%(name)s” is revoked.", name=name))
    return redirect(url_for("desk_tokens.index"), 303)


def _render_page(*, token: str = "", error: SiteError | None = None) -> Response:
    actor = current_actor()
    shows_all = actor.can_everywhere(Permission.MANAGE_PEOPLE)
    rows = list_tokens(None if shows_all else actor.user_id)
    views = [_build_view(row, owner, is_own=row.staff_id == actor.user_id) for row, owner in rows]
    is_typed = error is not None
    page = render_template(
        "desk/tokens.html",
        actor=actor,
        token=token,
        own_tokens=[view for view in views if view.is_own],
        other_tokens=[view for view in views if not view.is_own],
        shows_all=shows_all,
        scopes=[(scope, SCOPE_LABELS[scope]) for scope in api_tokens.list_offered_scopes(actor)],
        values={
            "name": request.form.get("name", "") if is_typed else "",
            "days": request.form.get("days", "") if is_typed else DEFAULT_DAYS,
            "scopes": request.form.getlist("scopes") if is_typed else [],
        },
        problem=translate_error(error) if error else "",
        wrong=(error.field or "") if error else "",
        max_days=api_tokens.MAX_DAYS,
    )
    return make_response(page, get_status(error) if error else 200)


def _build_view(row: ApiToken, owner: str, *, is_own: bool) -> TokenView:
    return TokenView(
        row=row,
        owner=owner,
        scopes=tuple(_label_scopes(row.scopes)),
        is_expired=api_tokens.is_expired(row),
        is_own=is_own,
    )


def _label_scopes(scopes: Iterable[str]) -> list[str]:
    return [str(SCOPE_LABELS[scope]) for scope in TokenScope if scope in scopes]
