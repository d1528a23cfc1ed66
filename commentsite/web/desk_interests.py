"""Say in the desk that a letter or a comment is too near to somebody to decide about it."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db import transaction
from commentsite.errors import Invalid
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import interests
from commentsite.moderation.queries import case
from commentsite.plain import small_number
from commentsite.web.identity import current_actor, require_staff

bp = Blueprint("desk_interests", __name__, url_prefix="/desk")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("/moderation/<int:comment_id>/interest")
def on_case(comment_id: int) -> AnyResponse:
    """Keep oneself from deciding about a comment, or about every comment on its letter."""
    by, words = current_actor(), request.form.get("words", "")
    letter_id = case(comment_id).letter.id if request.form.get("about") == "letter" else None
    with transaction():
        interests.declare_interest(
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
        declared = interests.take_back(interest_id, by=by)
    flash(_("It is taken back."))
    if declared.staff_id == by.user_id:
        return redirect(url_for("desk_me.show", _anchor="interests"), 303)
    there = url_for("desk_people.person", user_id=declared.staff_id, _anchor="interests")
    return redirect(there, 303)


def _declare(staff_id: int) -> None:
    letter_id = small_number(request.form.get("letter", ""))
    if letter_id is None:
        msg = "Choose a letter."
        raise Invalid(msg, field="letter")
    with transaction():
        interests.declare_interest(
            staff_id, request.form.get("words", ""), by=current_actor(), letter_id=letter_id
        )
    flash(_("Noted for “%(title)s”.", title=letter_by_id(letter_id).title))
