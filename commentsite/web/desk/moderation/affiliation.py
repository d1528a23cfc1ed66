"""Verify that a comment speaks for an organisation, and correct which comments belong to one campaign."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.affiliation import services as affiliation_services
from commentsite.comments.campaigns import services as campaign_services
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import transaction
from commentsite.moderation.conflicts.queries import check_no_conflict
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("moderation_affiliation", __name__, url_prefix="/desk/moderation/<int:comment_id>")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("/delegation/verify")
def verify_delegation(comment_id: int) -> AnyResponse:
    by = current_actor()
    by.require(Permission.WRITE_LETTERS)
    with transaction():
        affiliation_services.verify_delegation(
            _get_comment_without_conflict(comment_id),
            request.form.get("evidence", ""),
            by=by,
            encryption=runtime().encryption,
        )
    flash(_("The delegation is verified. Readers see this beside the comment."))
    return _redirect_to_case(comment_id)


@bp.post("/delegation/revoke")
def revoke_delegation(comment_id: int) -> AnyResponse:
    by = current_actor()
    by.require(Permission.WRITE_LETTERS)
    with transaction():
        affiliation_services.revoke_delegation(_get_comment_without_conflict(comment_id), by=by)
    flash(_("The verification is revoked. Readers no longer see it."))
    return _redirect_to_case(comment_id)


@bp.post("/campaign/add")
def add_to_campaign(comment_id: int) -> AnyResponse:
    """Mark a comment as the text of a similar comment with changes, so that readers see both as one."""
    with transaction():
        campaign_services.add_to_campaign(
            _get_comment_without_conflict(comment_id), by=current_actor()
        )
    flash(_("The comment is part of the campaign. Readers see its text once."))
    return _redirect_to_case(comment_id)


@bp.post("/campaign/remove")
def remove_from_campaign(comment_id: int) -> AnyResponse:
    """Mark a comment as a text of its own."""
    with transaction():
        campaign_services.remove_from_campaign(
            _get_comment_without_conflict(comment_id), by=current_actor()
        )
    flash(_("The comment is not part of the campaign any more."))
    return _redirect_to_case(comment_id)


# The public contract lists the two addresses below, with the action in the field `act`. They stay for programs
# that use them. The pages of this site use the four addresses above.


@bp.post("/delegation")
def change_delegation(comment_id: int) -> AnyResponse:
    if request.form.get("act") == "doubt":
        return revoke_delegation(comment_id)
    return verify_delegation(comment_id)


@bp.post("/campaign")
def change_campaign(comment_id: int) -> AnyResponse:
    if request.form.get("act") == "part":
        return remove_from_campaign(comment_id)
    return add_to_campaign(comment_id)


def _get_comment_without_conflict(comment_id: int) -> Comment:
    """Return a comment, locked. Raises NotAllowed when the actor has a conflict of interest."""
    comment = get_comment_for_update(comment_id)
    check_no_conflict(comment, current_actor(), runtime().encryption)
    return comment


def _redirect_to_case(comment_id: int) -> AnyResponse:
    return redirect(url_for("moderation_case.show", comment_id=comment_id, _anchor="case"), 303)
