"""The public register of inquiries about a record of positions, and the form to ask for a correction."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import (
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import lazy_gettext as _l
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, Form, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.db.session import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.letters.models import Letter
from commentsite.letters.queries import find_current_slug, get_public_letter
from commentsite.summaries.inquiries.services import (
    MAX_BODY_LENGTH,
    InquiryDraft,
    submit_inquiry,
)
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.text.plain_text import clean_line, clean_text
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.cross_site import is_sent_from_elsewhere
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import INQUIRY_FORM, MIN_COMMENT_AGE
from commentsite.web.http.languages import LanguageBlueprint, current_language
from commentsite.web.http.rate_limits import INQUIRY_LIMITS, limit_by_network
from commentsite.web.public.letters.page import get_letter_or_redirect
from commentsite.web.public.records.inquiry_view import build_register
from commentsite.web.rendering.default_texts import list_group_labels
from commentsite.web.rendering.i18n import format_number
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("record_inquiries", __name__, url_prefix="/letters/<slug>/summary/inquiries")
csrf.exempt(bp)  # there is no session; the form carries a token that is signed for its record
MAX_REQUEST_BYTES = 128 * 1024


class InquiryForm(Form):  # type: ignore[misc]  # WTForms is not typed
    """The form to ask for a correction."""

    body = TextAreaField(
        _l("What should be corrected?"), [InputRequired(_l("Write what should be corrected."))]
    )
    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Enter a name. It may be a pseudonym.")),
            Length(max=80, message=_l("Shorten the name to at most 80 characters.")),
        ],
    )
    email = EmailField(
        _l("Email address"), [InputRequired(_l("Enter an email address. It is never shown."))]
    )
    stakeholder_group = SelectField(_l("Stakeholder group"), validate_choice=False)
    organisation = StringField(
        _l("Organisation"),
        [
            Length(
                max=120,
                message=_l("Shorten the name of the organisation to at most 120 characters."),
            )
        ],
    )

    def validate_body(self, field: TextAreaField) -> None:
        text = clean_text(field.data or "")
        if len(text) < 2:
            raise ValidationError(_("Write at least two characters."))
        if len(text) > MAX_BODY_LENGTH:
            raise ValidationError(
                _(
                    "Your text has %(n)s characters. The limit is 5,000. Shorten it.",
                    n=format_number(len(text)),
                )
            )

    def validate_name(self, field: StringField) -> None:
        # InputRequired accepts a name of invisible characters.
        if not clean_line(field.data or ""):
            raise ValidationError(_("Enter a name. It may be a pseudonym."))

    def validate_email(self, field: EmailField) -> None:
        try:
            normalize_email(field.data or "")
        except InvalidEmail as error:
            raise ValidationError(_(error.message)) from None

    def validate_stakeholder_group(self, field: SelectField) -> None:
        if field.data not in current_site().offered_groups:
            raise ValidationError(
                _("Choose a stakeholder group. “Prefer not to say” is one of them.")
            )


@bp.get("")
def show(slug: str) -> AnyResponse:
    """Show all inquiries with their answers, and the form while a correction can be asked for."""
    letter = get_letter_or_redirect(slug, lambda new: url_for("record_inquiries.show", slug=new))
    return _render_page(letter, _build_form({}), sent=request.args.get("sent") == "1")


@bp.post("")
@limit_by_network(INQUIRY_LIMITS)
def create(slug: str) -> AnyResponse:
    """Store an inquiry, or show the page again with the typed text."""
    letter = _find_letter(slug)
    form = _build_form(request.form)
    register = build_register(letter)
    if register is None:
        raise NotFound(_("This letter has no record of positions yet."))
    if (request.content_length or 0) > MAX_REQUEST_BYTES:
        problem = _("Your text is too long. The limit is 5,000 characters.")
        return _render_page(letter, form, problem, status=413)
    if is_sent_from_elsewhere():
        problem = _(
            "This form was sent from a page of another site. If you wrote it, send it from here."
            " Your text is still in the form."
        )
        return _render_page(letter, form, problem, status=403)
    if not register.is_open:
        problem = _(
            "The time to ask for a correction of this record is over. Your text is still here."
        )
        return _render_page(letter, form, problem, status=403)
    problem = _check_token(letter)
    if not form.validate() or problem:
        return _render_page(letter, form, problem, status=422)
    draft = InquiryDraft(
        name=form.name.data or "",
        email=normalize_email(form.email.data or ""),
        stakeholder_group=form.stakeholder_group.data,
        organisation=form.organisation.data or "",
        body=form.body.data or "",
        form_language=current_language(),
        is_trapped=bool(request.form.get("nickname")),
    )
    try:
        with transaction():
            submit_inquiry(letter, draft, by=READER, encryption=runtime().encryption)
    except SiteError as error:
        return _render_page(letter, form, translate_error(error), status=get_status(error))
    address = url_for("record_inquiries.show", slug=letter.slug, sent=1, _anchor="sent")
    return redirect(address, 303)


@bp.errorhandler(RateLimitExceeded)
def _render_rate_limited(_error: RateLimitExceeded) -> AnyResponse:
    try:
        letter = _find_letter(str((request.view_args or {})["slug"]))
        form = _build_form(request.form)
    except (NotFound, RequestEntityTooLarge) as error:
        return current_app.make_response(current_app.handle_user_exception(error))
    reset = limiter.current_limit.reset_at if limiter.current_limit else 0
    until = datetime.fromtimestamp(reset, UTC) if reset else clock.now() + timedelta(hours=1)
    problem = _(
        "Many requests have come from your network. You can send this one again at %(time)s UTC."
        " It is still here.",
        time=f"{until:%H:%M}",
    )
    response = _render_page(letter, form, problem, status=429)
    response.headers["Retry-After"] = str(max(1, int((until - clock.now()).total_seconds())))
    return response


def _find_letter(slug: str) -> Letter:
    # The reader may have opened the form before the letter got a new address.
    return get_public_letter(find_current_slug(slug) or slug)


def _build_form(data: Any) -> InquiryForm:
    form = InquiryForm(data or None)
    form.stakeholder_group.choices = [
        SelectChoice(value=code, label=label)
        for code, label in [
            ("", _("Choose one")),
            *list_group_labels(current_site().offered_groups),
        ]
    ]
    return form


def _check_token(letter: Letter) -> str:
    """Return what is wrong with the age of the form, or an empty string."""
    age = INQUIRY_FORM.age(request.form.get("form_token", ""), letter.id)
    if age is None or not INQUIRY_FORM.is_fresh(age):
        return _("This form has been open for too long. Send it again. Your text is still here.")
    if age < MIN_COMMENT_AGE:
        return _(
            "The form was sent faster than a person can type. Send it again. Your text is still here."
        )
    return ""


def _choose_token(letter: Letter) -> str:
    """Return the token that was sent, so that a correction is never too fast, or a new one."""
    sent = request.form.get("form_token", "")
    age = INQUIRY_FORM.age(sent, letter.id) if sent else None
    if age is not None and 0 <= age <= INQUIRY_FORM.max_age / 2:
        return sent
    return INQUIRY_FORM.sign(letter.id)


def _render_page(
    letter: Letter,
    form: InquiryForm,
    problem: str = "",
    *,
    status: int = 200,
    sent: bool = False,
) -> Response:
    register = build_register(letter)
    if register is None:
        raise NotFound(_("This letter has no record of positions yet."))
    page = render_template(
        "public/records/inquiries.html",
        letter=letter,
        register=register,
        form=form,
        form_token=_choose_token(letter),
        problem=problem,
        sent=sent,
        max_length=MAX_BODY_LENGTH,
    )
    return make_response(page, status)
