"""Staff home: what waits for me."""

from flask import Blueprint, Response, make_response, render_template

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import messages_of
from commentsite.moderation.queue import counts, queue
from commentsite.notifications.queries import count_failed
from commentsite.paging import MOST_COUNTED
from commentsite.site.intake import on_now
from commentsite.web.identity import current_actor, current_site, require_staff
from commentsite.web.veil import veiled_page

bp = Blueprint("desk_home", __name__)
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/desk/")
def home() -> Response:
    """Show what waits, the oldest first."""
    actor = current_actor()
    return make_response(
        render_template(
            "desk/home.html",
            actor=actor,
            counts=counts(actor.letters),
            most=MOST_COUNTED,
            waiting=veiled_page(queue(limit=5, letters=actor.letters)),
            failed=count_failed(),
            rhythm=messages_of(actor.user_id),
            switched=on_now(current_site().switches, clock.now()),
        )
    )
