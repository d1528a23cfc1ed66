"""Say in the desk that a letter or a comment is too near to somebody to decide about it."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.letters.queries import get_letter
from commentsite.moderation.conflicts import services as conflicts
from commentsite.moderation.queue.case_file import load_case_file
from commentsite.web.context import current_actor, require_staff
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_interests", __name__, url_prefix="/desk")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("/moderation/<int:comment_id>/interest")
def on_case(comment_id: int) -> AnyResponse:
    """Keep oneself from deciding about a comment, or about every comment on its letter."""
    by, words = current_actor(), request.form.get("words", "")
    letter_id = (
        load_case_file(comment_id).letter.id if request.form.get("about") == "letter" else None
    )
    with transaction():
        conflicts.declare_conflict(
            by.user_id or 0,
            words,
            by=by,
            letter_id=letter_id,
            comment_id=None if letter_id else comment_id,
        )
    flash(_("Noted. Somebody else decides."))
    there = url_for("desk_moderation.case", comment_id=comment_id, _anchor="case")
    return redirect(there, 303)


@bp.post("/me/interests")
def mine() -> AnyResponse:
    """Keep oneself from deciding about comments on a letter."""
    _declare(current_actor().user_id or 0)
    return redirect(url_for("desk_me.show", _anchor="interests"), 303)


@bp.post("/people/<int:user_id>/interests")
def of_somebody(user_id: int) -> AnyResponse:
    """Keep somebody from deciding about comments on a letter."""
    current_actor().require_everywhere(Permission.MANAGE_PEOPLE)
    _declare(user_id)
    return redirect(url_for("desk_people.person", user_id=user_id, _anchor="interests"), 303)


@bp.post("/interests/<int:interest_id>/take-back")
def take_back(interest_id: int) -> AnyResponse:
    """Let oneself, or as a steward somebody, decide again."""
    by = current_actor()
    with transaction():
        declared = conflicts.withdraw_declaration(interest_id, by=by)
    flash(_("It is taken back."))
    if declared.staff_id == by.user_id:
        return redirect(url_for("desk_me.show", _anchor="interests"), 303)
    there = url_for("desk_people.person", user_id=declared.staff_id, _anchor="interests")
    return redirect(there, 303)


def _declare(staff_id: int) -> None:
    letter_id = parse_id(request.form.get("letter", ""))
    if letter_id is None:
        msg = "Choose a letter."
        raise Invalid(msg, field="letter")
    with transaction():
        conflicts.declare_conflict(
            staff_id, request.form.get("words", ""), by=current_actor(), letter_id=letter_id
        )
    flash(_("Noted for “%(title)s”.", title=get_letter(letter_id).title))
