"""The private page on which the holder of a position says whether its text is fair.

The token in its address is the permission. There is no session, and the form carries a token bound to it.
"""

from dataclasses import dataclass

from flask import Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import READER
from commentsite.db.session import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.letters.queries import get_letter
from commentsite.letters.text.paragraphs import render_document
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.holders import queries as holder_queries
from commentsite.summaries.holders.policy import (
    hash_position_text,
    is_answer_final,
    is_outdated,
)
from commentsite.summaries.holders.queries import HolderCase
from commentsite.summaries.holders.services import MAX_NOTE_LENGTH, answer_request
from commentsite.summaries.models import Position
from commentsite.summaries.queries import VersionFacts
from commentsite.summaries.states import HolderKind, SignOff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import is_receipt_form_fresh, sign_receipt_form
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.rendering.filters import format_moment, get_group_label
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("holders", __name__, url_prefix="/positions/<token>")
csrf.exempt(bp)
ACTION_LIMIT = "30 per 10 minutes"


@dataclass(frozen=True)
class ShownPosition:
    title: str
    html: Markup
    is_own: bool


@dataclass(frozen=True)
class HolderPage:
    """The private page of a holder. `answer`, `note` and `is_name_agreed` fill the form."""

    title: str  # of the letter
    letter_slug: str
    language: str  # of the texts
    holder: str  # in whose name the answer is given
    question: str
    positions: tuple[ShownPosition, ...]  # the holder's own first
    text_hash: str
    status: str  # a sentence about the answer so far, or ""
    status_look: str  # a CSS class
    can_answer: bool
    term: str  # until when the answer can be changed, as a sentence
    can_agree_to_name: bool
    answer: str
    note: str
    is_name_agreed: bool
    max_note_length: int = MAX_NOTE_LENGTH


@bp.get("")
def show(token: str) -> Response:
    return _render_page(token)


@bp.post("")
@limiter.limit(ACTION_LIMIT)
def answer(token: str) -> AnyResponse:
    """Store the answer. An error shows the page again with what was typed."""
    if not is_receipt_form_fresh(token):
        problem = _("This page was open for too long. Your answer is still here. Send it again.")
        return _render_page(token, problem, status=422)
    try:
        with transaction():
            answer_request(
                token,
                sign_off=request.form.get("sign_off", ""),
                note=request.form.get("note", ""),
                shown_hash=request.form.get("text_hash", ""),
                is_name_agreed=request.form.get("print_name") == "1",
                by=READER,
            )
    except NotFound:
        raise
    except SiteError as error:
        return _render_page(
            token, translate_error(error), status=get_status(error), wrong=error.field or ""
        )
    return redirect(url_for("holders.show", token=token, saved=1), 303)


def _render_page(token: str, problem: str = "", *, status: int = 200, wrong: str = "") -> Response:
    page = render_template(
        "public/records/holder.html",
        token=token,
        form_token=sign_receipt_form(token),
        view=_build_page(holder_queries.get_case(token)),
        problem=problem,
        wrong=wrong,
        saved=request.args.get("saved") == "1" and not problem,
    )
    return make_response(page, status)


def _build_page(case: HolderCase) -> HolderPage:
    holder, letter = case.holder, get_letter(case.summary.letter_id)
    text_hash = hash_position_text(case.position.title, case.position.body)
    latest = summary_queries.find_latest_version(case.summary.id)
    is_final = is_answer_final(holder, text_hash, latest.published_at if latest else None)
    status, look = _describe_status(case, text_hash)
    is_typed = request.method == "POST"
    is_person = holder.kind == HolderKind.PERSON
    return HolderPage(
        title=letter.title,
        letter_slug=letter.slug,
        language=case.summary.language,
        holder=get_group_label(holder.stakeholder_group)
        if holder.kind == HolderKind.GROUP
        else holder.name,
        question=case.question.text,
        positions=_list_positions(case),
        text_hash=text_hash,
        status=status,
        status_look=look,
        can_answer=not is_final,
        term=_describe_term(latest, is_final=is_final),
        can_agree_to_name=is_person,
        answer=request.form.get("sign_off", "") if is_typed else _current_answer(case, text_hash),
        note=request.form.get("note", "") if is_typed else holder.sign_off_note,
        is_name_agreed=request.form.get("print_name") == "1" if is_typed else holder.is_name_agreed,
    )


def _current_answer(case: HolderCase, text_hash: str) -> str:
    # An answer about an earlier text is not chosen in advance for the new one.
    return "" if is_outdated(case.holder, text_hash) else str(case.holder.sign_off)


def _list_positions(case: HolderCase) -> tuple[ShownPosition, ...]:
    own = [position for position in case.question.positions if position.id == case.position.id]
    others = [position for position in case.question.positions if position.id != case.position.id]
    return tuple(
        _build_text(position, is_own=position.id == case.position.id) for position in own + others
    )


def _build_text(position: Position, *, is_own: bool) -> ShownPosition:
    html = Markup(render_document(position.body))  # noqa: S704  # sanitised
    return ShownPosition(position.title, html, is_own)


def _describe_status(case: HolderCase, text_hash: str) -> tuple[str, str]:
    holder = case.holder
    if holder.sign_off == SignOff.NONE or holder.signed_at is None:
        return "", ""
    when = format_moment(holder.signed_at)
    if is_outdated(holder, text_hash):
        sentence = _(
            "You answered about an earlier text on %(when)s. It has changed since.", when=when
        )
        return sentence, "wait"
    if holder.sign_off == SignOff.FAIR:
        return _("You said on %(when)s that the text is fair.", when=when), "good"
    return _("You said on %(when)s that the text is not fair.", when=when), "stop"


def _describe_term(latest: VersionFacts | None, *, is_final: bool) -> str:
    if latest is None:
        return _("You can change your answer on this page until the record is published.")
    if is_final:
        return _("The record is published with your answer, so it cannot be changed any more.")
    return _(
        "Version %(n)d of the record is published. Your answer appears beside it, as given afterwards.",
        n=latest.number,
    )
