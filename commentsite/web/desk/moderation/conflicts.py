"""Declare conflicts of interest: from a case, from one's own profile, or as a steward for another moderator."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.queries import get_comment
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.letters.queries import get_letter
from commentsite.moderation.conflicts import services as conflict_services
from commentsite.web.context import current_actor, require_staff
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("moderation_conflicts", __name__, url_prefix="/desk")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("/moderation/<int:comment_id>/interest/comment")
def declare_for_comment(comment_id: int) -> AnyResponse:
    """Exclude this moderator from deciding about one comment."""
    _declare(current_actor().user_id, comment_id=comment_id)
    flash(_("Your conflict of interest is recorded. Another moderator decides about this comment."))
    return _redirect_to_case(comment_id)


@bp.post("/moderation/<int:comment_id>/interest/letter")
def declare_for_letter_of_comment(comment_id: int) -> AnyResponse:
    """Exclude this moderator from deciding about any comment on the letter of this one."""
    _declare(current_actor().user_id, letter_id=get_comment(comment_id).letter_id)
    flash(
        _(
            "Your conflict of interest is recorded. Other moderators decide about comments on this letter."
        )
    )
    return _redirect_to_case(comment_id)


@bp.post("/moderation/<int:comment_id>/interest")
def declare_from_case(comment_id: int) -> AnyResponse:
    """Serve the address that names comment or letter in the field `about`.

    It stays for programs that use it. The pages of this site use the two addresses above.
    """
    if request.form.get("about") == "letter":
        return declare_for_letter_of_comment(comment_id)
    return declare_for_comment(comment_id)


@bp.post("/me/interests")
def declare_own() -> AnyResponse:
    """Exclude this moderator from deciding about comments on the chosen letter."""
    _declare_for_chosen_letter(current_actor().user_id)
    return _redirect_to_own_profile()


@bp.post("/people/<int:user_id>/interests")
def declare_for_staff(user_id: int) -> AnyResponse:
    """Exclude another member of staff from deciding about comments on the chosen letter."""
    current_actor().require_everywhere(Permission.MANAGE_PEOPLE)
    _declare_for_chosen_letter(user_id)
    return _redirect_to_person(user_id)


@bp.post("/interests/<int:interest_id>/take-back")
def withdraw(interest_id: int) -> AnyResponse:
    """Withdraw a declaration, so that the moderator may decide again."""
    by = current_actor()
    with transaction():
        declaration = conflict_services.withdraw_declaration(interest_id, by=by)
    flash(_("The declared conflict of interest is withdrawn."))
    if declaration.staff_id == by.user_id:
        return _redirect_to_own_profile()
    return _redirect_to_person(declaration.staff_id)


def _declare(
    staff_id: int | None, *, letter_id: int | None = None, comment_id: int | None = None
) -> None:
    with transaction():
        conflict_services.declare_conflict(
            staff_id or 0,
            request.form.get("words", ""),
            by=current_actor(),
            letter_id=letter_id,
            comment_id=comment_id,
        )


def _declare_for_chosen_letter(staff_id: int | None) -> None:
    letter_id = parse_id(request.form.get("letter", ""))
    if letter_id is None:
        msg = "Choose a letter."
        raise Invalid(msg, field="letter")
    _declare(staff_id, letter_id=letter_id)
    title = get_letter(letter_id).title
    flash(_("The conflict of interest with “%(title)s” is recorded.", title=title))


def _redirect_to_case(comment_id: int) -> AnyResponse:
    return redirect(url_for("moderation_case.show", comment_id=comment_id, _anchor="case"), 303)


def _redirect_to_own_profile() -> AnyResponse:
    return redirect(url_for("desk_profile.show", _anchor="interests"), 303)


def _redirect_to_person(user_id: int) -> AnyResponse:
    return redirect(url_for("desk_people.show", user_id=user_id, _anchor="interests"), 303)
