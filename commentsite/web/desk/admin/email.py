"""Show how the site sends emails and at which address it is reached, and send a test message."""

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
from commentsite.site.services import record_mail_test
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.checklist import has_public_address
from commentsite.web.email_tests import send_test_email
from commentsite.web.http.rate_limits import REPORT_LIMITS, limit_by_network

bp = Blueprint("desk_email", __name__, url_prefix="/desk/settings/email")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))


@bp.get("/")
def show() -> Response:
    actor = current_actor()
    page = render_template(
        "desk/admin/email.html",
        actor=actor,
        server=runtime().settings.mail_server,
        sender=runtime().settings.mail_sender,
        base_url=runtime().settings.base_url,
        is_address_public=has_public_address(),
        recipient=request.args.get("to", actor.email),
    )
    return make_response(page)


@bp.post("/")
@limit_by_network(REPORT_LIMITS, methods=["POST"])
def send() -> AnyResponse:
    """Send a test message and say what happened."""
    recipient = request.form.get("to", "").strip()
    result = send_test_email(recipient, current_site().title)
    if result.is_sent:
        with transaction():
            record_mail_test()
    category = "error" if result.is_failed else "message" if result.is_sent else "info"
    flash(result.sentence, category)
    return redirect(url_for("desk_email.show", to=recipient), 303)
