"""Many comments at once: what was chosen, how many that are, what became of each, and back again for a while."""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.moderation import batches, chosen
from commentsite.moderation.batches import MOST
from commentsite.moderation.policy import Verdict, needs_reason
from commentsite.moderation.queue import matching
from commentsite.moderation.undo import is_undoable, undo
from commentsite.web.deciding import decide_next, said_with
from commentsite.web.desk_view import asked_view, chosen_items, email_hash_of, said_of
from commentsite.web.errors import sentence, status_of
from commentsite.web.identity import current_actor, current_site, require_staff, runtime
from commentsite.web.veil import veiled

bp = Blueprint("desk_many", __name__, url_prefix="/desk/moderation/many")
bp.before_request(require_staff(Permission.MODERATE))
OFFERED = (Verdict.PUBLISH, Verdict.RETURN, Verdict.REFUSE, Verdict.RESTRICT, Verdict.SPAM)


@bp.post("/")
def choose() -> AnyResponse:
    """Keep what was ticked, or everything the view shows as it is now, and show how much that is."""
    actor = current_actor()
    if request.form.get("all"):
        view = asked_view()
        found = matching(
            view,
            email_hash=email_hash_of(view),
            moderator_id=actor.user_id,
            letters=actor.letters,
            limit=MOST + 1,
        )
    else:
        found = chosen_items()
    with transaction():
        batch = batches.freeze(found, matching=len(found), by=actor)
    return redirect(url_for(".show", key=batch.key, **said_of(asked_view())), 303)


@bp.get("/<key>")
def show(key: str) -> Response:
    """Show what was chosen, or what became of it."""
    return _page(key)


@bp.post("/<key>")
def go_on(key: str) -> AnyResponse:
    """Decide about the next hundred, each by itself, with what comes of it."""
    try:
        verdict = Verdict(request.form.get("verdict", ""))
        is_begun = bool(chosen.batch(key, current_actor().user_id).verdict)
        rules = current_site().rules.clauses
        if not is_begun and needs_reason(verdict) and request.form.get("reason") not in rules:
            msg = "Choose the rule it rests on. The author is told."
            raise Invalid(msg, field="reason")  # shown like every other mistake
        with transaction():
            batch = batches.begin(key, verdict, said_with(), by=current_actor())
    except ValueError:
        return _page(key, Invalid("Choose what to do with them.", field="verdict"))
    except NotFound:
        raise
    except SiteError as error:
        return _page(key, error)
    decide_next(batch)
    return redirect(url_for(".show", key=key, **said_of(asked_view())), 303)


@bp.post("/<key>/undo")
def take_back(key: str) -> AnyResponse:
    """Take back whatever of it can still be taken back."""
    actor, done = current_actor(), 0
    for number in batches.undoable(chosen.batch(key, actor.user_id), actor, is_undoable):
        try:
            with transaction():
                undo(number, by=actor, vault=runtime().vault)
        except SiteError as error:
            flash(sentence(error))
        else:
            done += 1
    flash(ngettext("%(num)d is undone.", "%(num)d are undone.", done))
    return redirect(url_for(".show", key=key, **said_of(asked_view())), 303)


def _page(key: str, error: SiteError | None = None) -> Response:
    actor = current_actor()
    batch = chosen.batch(key, actor.user_id)
    numbers = [number for number, _version in batch.items]
    made = {d.id: d for d in chosen.decisions([d for _n, d, _s in batch.results if d])}
    left = (batch.undo_until - clock.now()).total_seconds() if batch.undo_until else 0.0
    page = render_template(
        "desk/moderation/bulk.html",
        actor=actor,
        batch=batch,
        comments={c.id: c for c in veiled(chosen.comments_of(batch).values())},
        decided=made,
        makeup=chosen.makeup(numbers),
        most=MOST,
        left=batches.next_of(batch),
        undoable=len(batches.undoable(batch, actor, is_undoable)),
        seconds=max(0, round(left)),
        offered=OFFERED,
        reasons=current_site().rules.clauses,
        said=said_of(asked_view()),
        typed=request.form,
        problem=sentence(error) if error else "",
        wrong=error.field if isinstance(error, Invalid) else "",
    )
    return make_response(page, status_of(error) if error else 200)
