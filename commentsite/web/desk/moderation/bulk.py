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
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.moderation.bulk import queries as bulk_queries
from commentsite.moderation.bulk import services as bulk
from commentsite.moderation.bulk.services import MAX_BATCH_SIZE, ItemResult
from commentsite.moderation.decisions.policy import Verdict, requires_rule
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.undo import can_undo, undo_decision
from commentsite.moderation.models import Batch
from commentsite.moderation.queue.queries import list_matching_comments
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.moderation.anonymise import veiled
from commentsite.web.desk.moderation.queue_filters import (
    asked_view,
    chosen_items,
    email_hash_of,
    said_of,
)
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id


def decide_next(batch: Batch) -> None:
    """Carry the verdict of a batch out on its next hundred, in a transaction each."""
    for number, version in bulk.next_chunk(batch):
        try:
            with transaction():
                decided = _decide(batch, number, version)
                bulk.record_result(batch.key, ItemResult(number, decided), by=current_actor())
        except SiteError as error:
            with transaction():
                bulk.record_result(
                    batch.key, ItemResult(number, None, sentence(error)), by=current_actor()
                )


def said_with() -> dict[str, str]:
    """Return what was typed with the verdict."""
    return {name: request.form.get(name, "") for name in ("reason", "note", "facts", "rules")}


def _decide(batch: Batch, number: int, version: int) -> int:
    return decide(
        number,
        version,
        Verdict(batch.verdict),
        rule=batch.decision_fields.get("reason", ""),
        note=batch.decision_fields.get("note", ""),
        facts=batch.decision_fields.get("facts", ""),
        seen_rules_version=parse_id(batch.decision_fields.get("rules", "")),
        undo_until=batch.undo_until,
        by=current_actor(),
        encryption=runtime().encryption,
    ).id


bp = Blueprint("desk_many", __name__, url_prefix="/desk/moderation/many")


bp.before_request(require_staff(Permission.MODERATE))


OFFERED = (Verdict.PUBLISH, Verdict.RETURN, Verdict.REFUSE, Verdict.RESTRICT, Verdict.SPAM)


@bp.post("/")
def choose() -> AnyResponse:
    """Keep what was ticked, or everything the view shows as it is now, and show how much that is."""
    actor = current_actor()
    if request.form.get("all"):
        view = asked_view()
        found = list_matching_comments(
            view,
            email_hash=email_hash_of(view),
            moderator_id=actor.user_id,
            letter_ids=actor.letter_ids,
            limit=MAX_BATCH_SIZE + 1,
        )
    else:
        found = chosen_items()
    with transaction():
        batch = bulk.create_batch(found, matching_count=len(found), by=actor)
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
        is_begun = bool(bulk_queries.load_batch(key, current_actor().user_id).verdict)
        rules = current_site().rulebook.active_clauses
        if not is_begun and requires_rule(verdict) and request.form.get("reason") not in rules:
            msg = "Choose the rule it rests on. The author is told."
            raise Invalid(msg, field="reason")  # shown like every other mistake
        with transaction():
            batch = bulk.start_batch(key, verdict, said_with(), by=current_actor())
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
    for number in bulk.list_undoable_decision_ids(
        bulk_queries.load_batch(key, actor.user_id), actor, can_undo
    ):
        try:
            with transaction():
                undo_decision(number, by=actor, encryption=runtime().encryption)
        except SiteError as error:
            flash(sentence(error))
        else:
            done += 1
    flash(ngettext("%(num)d is undone.", "%(num)d are undone.", done))
    return redirect(url_for(".show", key=key, **said_of(asked_view())), 303)


def _page(key: str, error: SiteError | None = None) -> Response:
    actor = current_actor()
    batch = bulk_queries.load_batch(key, actor.user_id)
    numbers = [number for number, _version in batch.items]
    made = {
        d.id: d for d in bulk_queries.list_decisions_by_id([d for _n, d, _s in batch.results if d])
    }
    left = (batch.undo_until - clock.now()).total_seconds() if batch.undo_until else 0.0
    page = render_template(
        "desk/moderation/bulk.html",
        actor=actor,
        batch=batch,
        comments={c.id: c for c in veiled(bulk_queries.load_batch_comments(batch).values())},
        decided=made,
        makeup=bulk_queries.summarise_comments(numbers),
        most=MAX_BATCH_SIZE,
        left=bulk.next_chunk(batch),
        undoable=len(bulk.list_undoable_decision_ids(batch, actor, can_undo)),
        seconds=max(0, round(left)),
        offered=OFFERED,
        reasons=current_site().rulebook.active_clauses,
        said=said_of(asked_view()),
        typed=request.form,
        problem=sentence(error) if error else "",
        wrong=error.field if isinstance(error, Invalid) else "",
    )
    return make_response(page, status_of(error) if error else 200)
