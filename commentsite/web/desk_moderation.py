"""The queue, one comment as a case, and the decision about one or many."""

from dataclasses import asdict, replace
from typing import Any

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite import retention
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.keys import hash_email
from commentsite.comments.marking import cut
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.letters.queries import letters_by_name
from commentsite.moderation import queries
from commentsite.moderation.policy import Verdict
from commentsite.moderation.queue import (
    MOST_COUNTED,
    PENDING,
    WAITING,
    QueuePage,
    View,
    counts,
    permalink_in,
)
from commentsite.moderation.queue import queue as read_queue
from commentsite.moderation.services import decide as decide_comment
from commentsite.moderation.services import keep as keep_comment
from commentsite.plain import small_number
from commentsite.web import case_votes
from commentsite.web.case_votes import place_asked
from commentsite.web.errors import sentence, status_of
from commentsite.web.identity import current_actor, current_site, require_staff, runtime
from commentsite.web.reasons import verdicts_in_words, why_held
from commentsite.web.vocabulary import STATES

bp = Blueprint("desk_moderation", __name__, url_prefix="/desk/moderation")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def queue() -> AnyResponse:
    """Show one view of the queue with its oldest case open; a pasted address leads to its case."""
    pasted = permalink_in(request.args.get("q", ""))
    if pasted is not None:
        return redirect(url_for(".case", comment_id=pasted, _anchor="case"), 303)
    return _page(None)


@bp.get("/<int:comment_id>")
def case(comment_id: int) -> Response:
    """Show one comment as a case, beside the list it belongs to."""
    return _page(comment_id)


@bp.post("/decisions")
def decide() -> AnyResponse:
    """Carry out a verdict on one comment or many, each by itself, and go on to the next case."""
    chosen = [_named(item) for item in request.form.getlist("comment")]
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise Invalid("Choose what to do with it.", field="verdict") from None
    if not chosen:
        raise Invalid("Choose at least one comment.", field="comment")
    for comment_id, version in chosen:
        try:
            _decide_one(comment_id, version, verdict)
        except SiteError as error:
            if len(chosen) == 1 and not isinstance(error, NotFound):
                return _page(comment_id, error)
            flash(f"{comment_id}: {sentence(error)}")
    view = _view()
    following = _found(view, after=chosen[-1][0], limit=1).cases
    following = following or _found(view, limit=1).cases
    if not following:
        return redirect(url_for("desk_moderation.queue", **_said(view)), 303)
    there = _said(view) | {"comment_id": following[0].comment.id}
    return redirect(url_for("desk_moderation.case", **there, _anchor="case"), 303)


@bp.post("/<int:comment_id>/keep")
def keep(comment_id: int) -> AnyResponse:
    """Close the reports of a comment that stays."""
    with transaction():
        keep_comment(comment_id, by=current_actor(), vault=runtime().vault)
    flash(_("The reports are closed; the comment stays."))
    return redirect(url_for("desk_moderation.queue", **_said(_view())), 303)


def _decide_one(comment_id: int, version: int, verdict: Verdict) -> None:
    with transaction():
        decided = decide_comment(
            comment_id,
            version,
            verdict,
            reason=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            facts=request.form.get("facts", ""),
            place=place_asked(),
            seen_rules=small_number(request.form.get("rules", "")),
            by=current_actor(),
            vault=runtime().vault,
        )
    file = queries.case(comment_id)
    if not decided.is_settling:
        flash(_("%(name)s: kept. It waits for somebody else.", name=file.comment.name))
        return
    flash(_("%(state)s: %(name)s", state=STATES[str(file.comment.state)], name=file.comment.name))


def _named(item: str) -> tuple[int, int]:
    comment_id, _at, version = item.partition("@")
    number, shown = small_number(comment_id), small_number(version)
    if number is None or shown is None:
        raise Invalid("The page was damaged on its way. Load it again and repeat.", field="comment")
    return number, shown


def _page(comment_id: int | None, error: SiteError | None = None) -> Response:
    actor = current_actor()
    view = _view()
    after = request.args.get("after", "")
    shown = queries.case(comment_id) if comment_id is not None else None
    if shown is not None:
        actor.require(Permission.MODERATE, shown.letter.id)
    if shown is not None and "state" not in request.args:
        view = replace(view, state=str(shown.comment.state))
    found = _found(view, after=small_number(after))
    if shown is None and found.cases:
        shown = queries.case(found.cases[0].comment.id)
    page = render_template(
        "desk/queue.html",
        actor=actor,
        counts=counts(actor.letters),
        most=MOST_COUNTED,
        found=found,
        file=shown,
        filters=view,
        said=_said(view),
        letters=letters_by_name(actor.letters),
        reasons=current_site().rules.clauses,
        **(case_votes.about(shown, actor, runtime().vault) if shown else {}),
        evidence=_evidence(shown.comment) if shown else "",
        why_held=why_held,
        kept_days=retention.ADDRESSES.days,
        cut=cut,
        held=case_votes.held_of(shown.comment) if shown else [],
        same_address=verdicts_in_words(shown.same_address) if shown else "",
        address=_address(shown.comment, actor) if shown else ("", ""),
        problem=sentence(error) if error else "",
        wrong=error.field if isinstance(error, Invalid) else "",
        on_case=comment_id is not None,
        typed=request.form,
    )
    return make_response(page, status_of(error) if error else 200)


def _found(view: View, *, after: int | None = None, limit: int = 50) -> QueuePage:
    asked = view.q.strip()
    is_address = "@" in asked and " " not in asked
    return read_queue(
        view,
        after=after,
        limit=limit,
        email_hash=hash_email(runtime().vault, asked) if is_address else "",
        moderator_id=current_actor().user_id,
        letters=current_actor().letters,
    )


def _view() -> View:
    usual = asdict(PENDING)
    asked = {name: request.args.get(name, text)[:200] for name, text in usual.items()}
    if asked["state"] not in set(CommentState):
        asked["state"] = usual["state"]
    if asked["waiting"] not in WAITING:
        asked["waiting"] = ""
    return View(**asked)


def _said(view: View) -> dict[str, Any]:
    """Return what an address has to say of a view, the usual left out."""
    usual = asdict(PENDING)
    return {name: text for name, text in asdict(view).items() if text != usual[name]}


def _evidence(comment: Comment) -> str:
    sealed = comment.delegation_evidence_sealed
    return (runtime().vault.open(sealed) if sealed else None) or ""


def _address(comment: Comment, actor: Actor) -> tuple[str, str]:
    """Return the commenter's address masked, and whole only for those who may see it."""
    email = runtime().vault.open(comment.email_sealed) if comment.email_sealed else None
    if not email:
        return "", ""
    local, _at, host = email.rpartition("@")
    return f"{local[:1]}…@{host}", email if actor.can(Permission.SEE_ADDRESSES) else ""
