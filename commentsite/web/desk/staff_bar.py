"""The bar that public pages show to staff.

A public page is the same for every reader, so it cannot hold the bar. The script of the desk leaves a mark in the
browser (static/js/staff_mark.js). Where a public page finds the mark, its script asks here for the bar and adds it
at the edge of the window (static/js/staff_bar.js).
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template, request
from flask_security import current_user

from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import has_second_factor
from commentsite.db.pagination import MAX_COUNT
from commentsite.letters.queries import find_slug_owner
from commentsite.moderation.queue.queries import count_pending_since
from commentsite.web.context import current_actor, current_site
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("staff_bar", __name__)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@bp.get("/desk/bar")
def show() -> Response:
    """Answer with the bar for the page of a letter (`?letter=`) or another page.

    204 means that nobody is signed in, so that the script forgets its mark.
    """
    actor = current_actor()
    if not actor.can(Permission.MODERATE) or _lacks_second_factor():
        return Response(status=204)
    slug = request.args.get("letter", "")
    letter_id = find_slug_owner(slug) if slug else None
    page = render_template(
        "desk/staff_bar.html",
        actor=actor,
        slug=slug,
        can_edit=letter_id is not None and actor.can(Permission.WRITE_LETTERS, letter_id),
        waiting=_describe_waiting(count_pending_since(ALWAYS, actor.letter_ids)),
    )
    return make_response(page)


def _lacks_second_factor() -> bool:
    return current_site().staff_need_second_factor and not has_second_factor(current_user)


def _describe_waiting(count: int) -> str:
    if count > MAX_COUNT:  # counting stops there
        return _("More than %(n)s waiting", n=format_number(MAX_COUNT))
    return ngettext("%(num)d waiting", "%(num)d waiting", count)
