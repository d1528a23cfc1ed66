"""Record the email addresses of a letter's authors, so that their comments get the author badge."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.affiliation.services import add_author_address, remove_author_address
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.queries import get_any_letter
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters.metadata import render_stored_metadata
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_author_addresses", __name__, url_prefix="/desk/letters/<slug>")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.post("/author-addresses")
def update(slug: str) -> AnyResponse:
    """Remove the address whose id the field `remove` holds, else add the address in `email`.

    An address that is refused stays in the form.
    """
    by, encryption = current_actor(), runtime().encryption
    removed_id = parse_id(request.form.get("remove", ""))
    email = request.form.get("email", "").strip()
    try:
        with transaction():
            letter = get_any_letter(slug)
            if removed_id is not None:
                remove_author_address(letter, removed_id, by=by, encryption=encryption)
                message = _("Saved. The address is removed.")
            else:
                add_author_address(letter, email, by=by, encryption=encryption)
                message = _("Saved. The address is added.")
    except SiteError as error:
        return render_stored_metadata(get_any_letter(slug), error)
    flash(message)
    return redirect(
        url_for("desk_letter_metadata.edit", slug=slug, _anchor="author-addresses"), 303
    )
