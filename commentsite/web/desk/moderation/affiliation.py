"""Say in the desk whose voice a comment is, and which comments are one text."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.affiliation import services as affiliation
from commentsite.comments.campaigns import services as campaigns
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import transaction
from commentsite.moderation.conflicts.queries import check_no_conflict
from commentsite.web.context import current_actor, require_staff, runtime

bp = Blueprint("desk_voices", __name__, url_prefix="/desk")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("/moderation/<int:comment_id>/delegation")
def delegation(comment_id: int) -> AnyResponse:
    """Verify that somebody speaks for an organisation, or take that back."""
    by = current_actor()
    by.require(Permission.WRITE_LETTERS)
    with transaction():
        comment = _without_conflict(comment_id)
        if request.form.get("act") == "doubt":
            affiliation.revoke_delegation(comment, by=by)
        else:
            evidence = request.form.get("evidence", "")
            affiliation.verify_delegation(comment, evidence, by=by, encryption=runtime().encryption)
    flash(_("Noted, and shown beside the comment."))
    return _back(comment_id)


@bp.post("/moderation/<int:comment_id>/campaign")
def campaign(comment_id: int) -> AnyResponse:
    """Say that a comment is the text of others with changes, or a text of its own."""
    with transaction():
        comment = _without_conflict(comment_id)
        if request.form.get("act") == "part":
            campaigns.remove_from_campaign(comment, by=current_actor())
        else:
            campaigns.add_to_campaign(comment, by=current_actor())
    flash(_("Noted."))
    return _back(comment_id)


def _without_conflict(comment_id: int) -> Comment:
    """Return a comment, locked. Raises NotAllowed when the actor has a conflict of interest."""
    comment = get_comment_for_update(comment_id)
    check_no_conflict(comment, current_actor(), runtime().encryption)
    return comment


def _back(comment_id: int) -> AnyResponse:
    there = url_for("desk_moderation.case", comment_id=comment_id, _anchor="case")
    return redirect(there, 303)
