"""The queue, one comment as a case, and the decision about one or many."""

from dataclasses import replace

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.letters.queries import find_current_slug
from commentsite.moderation.bulk import services as bulk
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide as decide_comment
from commentsite.moderation.decisions.services import dismiss_reports as keep_comment
from commentsite.moderation.decisions.undo import UNDO_WINDOW, undo_decision
from commentsite.moderation.queue.search_input import parse_comment_url, parse_letter_url
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.moderation.bulk import decide_next, said_with
from commentsite.web.desk.moderation.case_votes import place_asked
from commentsite.web.desk.moderation.queue_filters import asked_view, chosen_items, said_of
from commentsite.web.desk.moderation.queue_page import found_in, page
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_moderation", __name__, url_prefix="/desk/moderation")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def queue() -> AnyResponse:
    """Show one view of the queue with its oldest case open; a pasted address leads to its case, or to its letter's."""
    q = request.args.get("q", "")
    pasted = parse_comment_url(q)
    if pasted is not None:
        return redirect(url_for(".case", comment_id=pasted, _anchor="case"), 303)
    if slug := parse_letter_url(q):
        slug = find_current_slug(slug) or slug
        return redirect(url_for(".queue", **said_of(replace(asked_view(), q="", letter=slug))), 303)
    return page(None)


@bp.get("/<int:comment_id>")
def case(comment_id: int) -> Response:
    """Show one comment as a case, beside the list it belongs to."""
    return page(comment_id)


@bp.post("/decisions")
def decide() -> AnyResponse:
    """Carry out a verdict on one comment or many, each by itself, and go on to the next case."""
    chosen = chosen_items()
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise Invalid("Choose what to do with it.", field="verdict") from None
    if not chosen:
        raise Invalid("Choose at least one comment.", field="comment")
    if len(chosen) > 1:
        return _decide_many(chosen, verdict)
    [(comment_id, version)] = chosen
    try:
        decision = _decide_one(comment_id, version, verdict)
    except NotFound:
        raise
    except SiteError as error:
        return page(comment_id, error)
    return _onward(comment_id, done=decision)


@bp.post("/decisions/<int:decision_id>/undo")
def take_back(decision_id: int) -> AnyResponse:
    """Take back what was decided a moment ago, and show the case again."""
    with transaction():
        comment = undo_decision(decision_id, by=current_actor(), encryption=runtime().encryption)
        number = comment.id
    flash(_("Undone. It is as it was."))
    return redirect(url_for(".case", comment_id=number, _anchor="case"), 303)


@bp.post("/<int:comment_id>/keep")
def keep(comment_id: int) -> AnyResponse:
    """Close the reports of a comment that stays."""
    with transaction():
        keep_comment(comment_id, by=current_actor(), encryption=runtime().encryption)
    flash(_("The reports are closed; the comment stays."))
    return redirect(url_for("desk_moderation.queue", **said_of(asked_view())), 303)


def _decide_many(chosen: list[tuple[int, int]], verdict: Verdict) -> AnyResponse:
    with transaction():
        key = bulk.create_batch(chosen, matching_count=len(chosen), by=current_actor()).key
        batch = bulk.start_batch(key, verdict, said_with(), by=current_actor())
    decide_next(batch)
    return redirect(url_for("desk_many.show", key=key, **said_of(asked_view())), 303)


def _onward(comment_id: int, *, done: int) -> AnyResponse:
    """Lead to the case that comes after one, with what was done and the way back."""
    view = asked_view()
    following = found_in(view, after=comment_id, limit=1).cases or found_in(view, limit=1).cases
    there = said_of(view) | {"done": done}
    if not following:
        return redirect(url_for("desk_moderation.queue", **there), 303)
    there |= {"comment_id": following[0].comment.id}
    return redirect(url_for("desk_moderation.case", **there, _anchor="case"), 303)


def _decide_one(comment_id: int, version: int, verdict: Verdict) -> int:
    with transaction():
        return decide_comment(
            comment_id,
            version,
            verdict,
            rule=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            facts=request.form.get("facts", ""),
            redaction=place_asked(),
            seen_rules_version=parse_id(request.form.get("rules", "")),
            undo_until=clock.now() + UNDO_WINDOW,
            by=current_actor(),
            encryption=runtime().encryption,
        ).id
