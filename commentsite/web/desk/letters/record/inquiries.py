"""The inquiries about a record of positions at the desk: read them for spam, and answer them."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
from commentsite.summaries.inquiries import queries as inquiry_queries
from commentsite.summaries.inquiries import services as inquiries
from commentsite.summaries.inquiries.policy import find_answer_deadline, is_overdue
from commentsite.summaries.models import Inquiry, Summary
from commentsite.summaries.states import InquiryResult, InquiryState
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.filters import format_day
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import INQUIRY_RESULT_LABELS, INQUIRY_STATE_LABELS

bp = Blueprint(
    "desk_record_inquiries", __name__, url_prefix="/desk/letters/<slug>/positions/inquiries"
)
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@dataclass(frozen=True)
class AnswerForm:
    """The form of an answer, as it was sent. Empty where another inquiry was answered."""

    result: str = ""
    answer: str = ""
    problem: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class InquiryCase:
    """An inquiry with what an editor can do about it."""

    inquiry: Inquiry
    status: str
    look: str  # a CSS class
    due: str  # until when it is answered, in words; "" once it is
    is_overdue: bool
    can_publish: bool
    can_answer: bool
    can_erase_name: bool
    form: AnswerForm = field(default_factory=AnswerForm)


@bp.get("")
def index(slug: str) -> Response:
    return _render_page(slug)


@bp.post("/<int:inquiry_id>/publish")
def publish(slug: str, inquiry_id: int) -> AnyResponse:
    def act(summary: Summary) -> None:
        inquiries.publish_inquiry(
            summary, inquiry_id, by=current_actor(), encryption=runtime().encryption
        )

    message = _("The inquiry is public. Its sender is told by email.")
    return _act(slug, inquiry_id, act, message)


@bp.post("/<int:inquiry_id>/spam")
def reject(slug: str, inquiry_id: int) -> AnyResponse:
    def act(summary: Summary) -> None:
        inquiries.reject_inquiry(summary, inquiry_id, by=current_actor())

    return _act(slug, inquiry_id, act, _("The inquiry is marked as spam."))


@bp.post("/<int:inquiry_id>/answer")
def answer(slug: str, inquiry_id: int) -> AnyResponse:
    def act(summary: Summary) -> None:
        inquiries.answer_inquiry(
            summary,
            inquiry_id,
            result=request.form.get("result", ""),
            answer=request.form.get("answer", ""),
            by=current_actor(),
            encryption=runtime().encryption,
        )

    message = _("The answer is public. The person who asked is told by email.")
    return _act(slug, inquiry_id, act, message)


@bp.post("/<int:inquiry_id>/erase-name")
def erase_name(slug: str, inquiry_id: int) -> AnyResponse:
    def act(summary: Summary) -> None:
        inquiries.erase_name(summary, inquiry_id, by=current_actor())

    return _act(slug, inquiry_id, act, _("Name, organisation and address are deleted."))


def _act(slug: str, inquiry_id: int, act: Callable[[Summary], None], message: str) -> AnyResponse:
    letter = letter_queries.get_any_letter(slug)
    try:
        with transaction():
            act(summary_queries.get_summary_for_update(letter.id))
    except NotFound:
        raise
    except SiteError as error:
        form = AnswerForm(
            request.form.get("result", ""),
            request.form.get("answer", ""),
            translate_error(error),
            error.field or "",
        )
        return _render_page(slug, {inquiry_id: form}, status=get_status(error))
    flash(message)
    anchor = f"inquiry-{inquiry_id}"
    return redirect(url_for("desk_record_inquiries.index", slug=slug, _anchor=anchor), 303)


def _render_page(
    slug: str, forms: dict[int, AnswerForm] | None = None, *, status: int = 200
) -> Response:
    letter = letter_queries.get_any_letter(slug)
    summary = summary_queries.find_summary(letter.id)
    forms = forms or {}
    page = render_template(
        "desk/letters/record/inquiries.html",
        actor=current_actor(),
        letter=letter,
        cases=[
            _build_case(inquiry, forms.get(inquiry.id, AnswerForm()))
            for inquiry in (inquiry_queries.list_inquiries(summary.id) if summary else [])
        ],
        results=list(InquiryResult),
        inquiry_problem=next((form.problem for form in forms.values()), ""),
        problem_anchor=next((f"inquiry-{inquiry_id}" for inquiry_id in forms), ""),
    )
    return make_response(page, status)


def _build_case(inquiry: Inquiry, form: AnswerForm) -> InquiryCase:
    is_late = is_overdue(inquiry)
    is_open = inquiry.closed_at is None
    return InquiryCase(
        inquiry=inquiry,
        status=str(INQUIRY_RESULT_LABELS[inquiry.result])
        if inquiry.result
        else str(INQUIRY_STATE_LABELS[inquiry.state]),
        look=_choose_look(inquiry),
        due=_describe_term(find_answer_deadline(inquiry), is_late=is_late) if is_open else "",
        is_overdue=is_late,
        can_publish=inquiry.state == InquiryState.WAITING,
        can_answer=is_open,
        can_erase_name=bool(inquiry.name) and inquiry.state != InquiryState.SPAM,
        form=form,
    )


def _choose_look(inquiry: Inquiry) -> str:
    looks = {InquiryState.ANSWERED: "good", InquiryState.SPAM: "stop"}
    return looks.get(inquiry.state, "wait")


def _describe_term(deadline: datetime, *, is_late: bool) -> str:
    day = format_day(deadline)
    if is_late:
        return _("Overdue since %(day)s", day=day)
    return _("Answer by %(day)s", day=day)
