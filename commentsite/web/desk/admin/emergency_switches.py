"""What helps in a flood: hold everything, confirmed addresses only, closed; each until a moment."""

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

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.site.emergency_switches import switch_off, switch_on
from commentsite.site.premoderation import MAX_SWITCH_HOURS, active_switches
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_switchboard", __name__, url_prefix="/desk/switchboard")
bp.before_request(require_staff(Permission.USE_EMERGENCY_SWITCHES))


@bp.get("/")
def index() -> Response:
    """Show what is on, and until when."""
    return _page()


@bp.post("/")
def switch() -> AnyResponse:
    """Put one switch on or off."""
    kind = request.form.get("kind", "")
    try:
        with transaction():
            if request.form.get("act") == "off":
                switch_off(kind, by=current_actor())
            else:
                hours = parse_id(request.form.get("hours", ""))
                switch_on(kind, hours, request.form.get("reason", ""), by=current_actor())
    except SiteError as error:
        return _page(error)
    flash(_("Done. It holds from now on."))
    return redirect(url_for("desk_switchboard.index"), 303)


def _page(error: SiteError | None = None) -> Response:
    page = render_template(
        "desk/admin/emergency_switches.html",
        actor=current_actor(),
        on={
            switch.kind.value: switch
            for switch in active_switches(current_site().active_switches, clock.now())
        },
        most=MAX_SWITCH_HOURS,
        typed=request.form,
        problem=sentence(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, status_of(error) if error else 200)
