"""What moderators do about a case besides deciding it: note something, say that they are at it, ask who wrote it."""

from datetime import datetime

from flask import Blueprint, Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid
from commentsite.moderation import anonymity, claims
from commentsite.moderation.queue import notes
from commentsite.moderation.queue.queries import count_pending_since
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.moderation.queue_filters import asked_view, said_of
from commentsite.web.errors import sentence

bp = Blueprint("desk_case", __name__, url_prefix="/desk/moderation")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("/<int:comment_id>/notes")
def note(comment_id: int) -> AnyResponse:
    """Add a note for the other moderators; one that cannot be taken is shown again."""
    typed = request.form.get("words", "")
    try:
        with transaction():
            notes.add_note(comment_id, typed, by=current_actor())
    except Invalid as error:
        flash(sentence(error))
        return _back(comment_id, noted=typed[: notes.MAX_NOTE_LENGTH] if typed.strip() else None)
    return _back(comment_id)


@bp.post("/<int:comment_id>/claim")
def claim(comment_id: int) -> AnyResponse:
    """Say that this person is at it now; a script asks for an answer it can read."""
    by_script = request.headers.get("Accept") == "application/json"
    try:
        with transaction():
            taken = "take_over" in request.form
            claims.claim_case(comment_id, by=current_actor(), take_over=taken)
    except Conflict as error:
        if by_script:
            answer = jsonify(said=sentence(error))
            answer.status_code = 409
            return answer
        flash(sentence(error))
    return jsonify(said="") if by_script else _back(comment_id)


@bp.post("/<int:comment_id>/reveal")
def reveal(comment_id: int) -> AnyResponse:
    """Tell a steward who wrote it, once; the log keeps that it was asked."""
    with transaction():
        found = anonymity.reveal_author(comment_id, by=current_actor())
        who = ", ".join(filter(None, (found.name, found.organisation)))
    flash(_("%(who)s wrote this. The log says that you asked.", who=who or _("somebody erased")))
    return _back(comment_id)


@bp.get("/news.json")
def news() -> Response:
    """Say how many comments have come since a moment, among those this person looks after."""
    try:
        since = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        since = clock.now()
    if since.tzinfo is None:
        since = clock.now()
    return jsonify(new=count_pending_since(since, current_actor().letter_ids))


def _back(comment_id: int, **more: str | None) -> AnyResponse:
    there = {**said_of(asked_view()), "comment_id": comment_id, "_anchor": "case", **more}
    return redirect(url_for("desk_moderation.case", **there), 303)
