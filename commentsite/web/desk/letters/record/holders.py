"""Ask the holders of positions whether the texts are fair, and see their answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.letters import queries as letter_queries
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.holders import queries as holder_queries
from commentsite.summaries.holders.policy import hash_position_text, is_named, is_outdated
from commentsite.summaries.holders.services import ask_holder, remind_holder
from commentsite.summaries.models import Position, PositionHolder, Question, Summary
from commentsite.summaries.states import HolderKind, SignOff
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.public.records.words import name_holder
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import HOLDER_KIND_LABELS

bp = Blueprint("desk_record_holders", __name__, url_prefix="/desk/letters/<slug>/positions/holders")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@dataclass(frozen=True)
class HolderForm:
    """The form by which a holder is asked, as it was sent. Empty where another holder's was sent."""

    email: str = ""
    contact_name: str = ""
    problem: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class HolderRow:
    """A holder with the state of their sign-off, and the actions that are possible."""

    id: int
    name: str
    kind: str
    status: str
    look: str  # a CSS class: "good", "wait", "stop" or "quiet"
    since: datetime | None  # of the status
    note: str
    has_answered: bool  # about the text as it stands
    is_asked: bool
    can_remind: bool
    is_author: bool  # of a comment, whose address is known
    is_name_agreed: bool
    is_unnamed: bool  # a person without a comment, who has not agreed to be named
    form: HolderForm


@dataclass(frozen=True)
class PositionRow:
    question: str
    title: str
    body: str
    holders: tuple[HolderRow, ...]


@bp.get("")
def index(slug: str) -> Response:
    return _render_page(slug)


@bp.post("/<int:holder_id>/ask")
def ask(slug: str, holder_id: int) -> AnyResponse:
    email, contact_name = request.form.get("email", ""), request.form.get("contact_name", "")

    def act(summary: Summary) -> None:
        ask_holder(
            summary,
            holder_id,
            email=email,
            contact_name=contact_name,
            by=current_actor(),
            encryption=runtime().encryption,
        )

    return _act(slug, holder_id, act, _("The holder is asked by email."))


@bp.post("/<int:holder_id>/remind")
def remind(slug: str, holder_id: int) -> AnyResponse:
    def act(summary: Summary) -> None:
        remind_holder(summary, holder_id, by=current_actor(), encryption=runtime().encryption)

    return _act(slug, holder_id, act, _("The reminder is sent."))


def _act(slug: str, holder_id: int, act: Callable[[Summary], None], message: str) -> AnyResponse:
    letter = letter_queries.get_any_letter(slug)
    try:
        with transaction():
            act(summary_queries.get_summary_for_update(letter.id))
    except NotFound:
        raise
    except SiteError as error:
        form = HolderForm(
            request.form.get("email", ""),
            request.form.get("contact_name", ""),
            translate_error(error),
            error.field or "",
        )
        return _render_page(slug, {holder_id: form}, status=get_status(error))
    flash(message)
    address = url_for("desk_record_holders.index", slug=slug, _anchor=f"holder-{holder_id}")
    return redirect(address, 303)


def _render_page(
    slug: str, forms: dict[int, HolderForm] | None = None, *, status: int = 200
) -> Response:
    letter = letter_queries.get_any_letter(slug)
    summary = summary_queries.find_summary(letter.id)
    rows = holder_queries.list_positions(summary.id) if summary else []
    page = render_template(
        "desk/letters/record/holders.html",
        actor=current_actor(),
        letter=letter,
        has_record=summary is not None,
        positions=[_build_position(*row, forms or {}) for row in rows],
        holder_problem=next((form.problem for form in (forms or {}).values()), ""),
        problem_anchor=next((f"holder-{holder_id}" for holder_id in forms or {}), ""),
    )
    return make_response(page, status)


def _build_position(
    question: Question, position: Position, forms: dict[int, HolderForm]
) -> PositionRow:
    text_hash = hash_position_text(position.title, position.body)
    return PositionRow(
        question.text,
        position.title,
        position.body,
        tuple(
            build_holder_row(holder, text_hash, forms.get(holder.id, HolderForm()))
            for holder in position.holders
        ),
    )


def build_holder_row(
    holder: PositionHolder, text_hash: str, form: HolderForm | None = None
) -> HolderRow:
    """Return a holder for the desk. `text_hash` is that of the position as it stands."""
    status, look, since = _describe_status(holder, text_hash)
    has_answered = holder.sign_off != SignOff.NONE and not is_outdated(holder, text_hash)
    is_asked = holder.asked_at is not None
    return HolderRow(
        id=holder.id,
        name=_name_holder(holder),
        kind=str(HOLDER_KIND_LABELS[holder.kind]),
        status=status,
        look=look,
        since=since,
        note=holder.sign_off_note,
        has_answered=has_answered,
        is_asked=is_asked,
        can_remind=is_asked
        and holder.token_sealed is not None
        and holder.reminded_at is None
        and not has_answered,
        is_author=holder.comment_id is not None,
        is_name_agreed=holder.is_name_agreed,
        is_unnamed=holder.comment_id is None and not is_named(holder, None),
        form=form or HolderForm(),
    )


def _name_holder(holder: PositionHolder) -> str:
    if holder.kind != HolderKind.GROUP and not holder.name:
        return _("A person whose comment is deleted")
    return name_holder(holder.kind, holder.name, holder.stakeholder_group)


def _describe_status(holder: PositionHolder, text_hash: str) -> tuple[str, str, datetime | None]:
    if is_outdated(holder, text_hash):
        return _describe_outdated(holder)
    if holder.sign_off == SignOff.FAIR:
        return _("Says that the text is fair"), "good", holder.signed_at
    if holder.sign_off == SignOff.UNFAIR:
        return _("Says that the text is not fair"), "stop", holder.signed_at
    if holder.reminded_at:
        return _("Was reminded, and has not answered"), "wait", holder.reminded_at
    if holder.asked_at:
        return _("Was asked, and has not answered"), "wait", holder.asked_at
    return _("Not asked yet"), "quiet", None


def _describe_outdated(holder: PositionHolder) -> tuple[str, str, datetime | None]:
    if holder.asked_at and holder.signed_at and holder.asked_at > holder.signed_at:
        return _("Answered about an earlier text, and was asked again"), "wait", holder.asked_at
    return _("Answered about an earlier text. Ask again"), "wait", holder.signed_at
