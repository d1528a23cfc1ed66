"""Staff home: what waits for me."""

from flask import Blueprint, Response, make_response, render_template

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import load_digest_schedule
from commentsite.db.pagination import MAX_COUNT
from commentsite.moderation.queue.queries import count_by_filter, load_queue_page
from commentsite.notifications.queries import count_failed_messages
from commentsite.site.premoderation import active_switches
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.desk.moderation.anonymise import veiled_page

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
            counts=count_by_filter(actor.letter_ids),
            most=MAX_COUNT,
            waiting=veiled_page(load_queue_page(limit=5, letter_ids=actor.letter_ids)),
            failed=count_failed_messages(),
            rhythm=load_digest_schedule(actor.user_id),
            switched=active_switches(current_site().active_switches, clock.now()),
        )
    )
