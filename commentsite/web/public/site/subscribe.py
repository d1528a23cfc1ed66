"""Subscribe by email: the form, and the private page of a mailbox where its owner confirms, changes and ends."""

from dataclasses import dataclass

from email_validator import EmailNotValidError
from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, Form, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from commentsite import retention
from commentsite.comments.subscribers.models import DigestFrequency, ReaderSubscription
from commentsite.comments.subscribers.queries import get_subscriber, list_subscriptions
from commentsite.comments.subscribers.services import (
    MAX_TOPIC_LENGTH,
    SubscriptionRequest,
    change_subscription,
    confirm_subscriptions,
    end_all_subscriptions,
    end_subscription,
    request_subscription,
)
from commentsite.db.session import transaction
from commentsite.errors import NotAllowed, NotFound, SiteError
from commentsite.letters.models import Letter
from commentsite.letters.queries import (
    get_letter_list_version,
    get_public_letter,
    get_titles,
    list_topics,
)
from commentsite.letters.states import LetterState
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.tokens import hash_token
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.cross_site import is_sent_from_elsewhere
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.languages import LanguageBlueprint, current_language
from commentsite.web.http.parameters import parse_id
from commentsite.web.http.rate_limits import SUBSCRIBE_LIMITS, limit_by_network
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("subscribe", __name__)
csrf.exempt(bp)  # there is no session; the token in the address is the permission
CHANGE_LIMIT = "60 per 10 minutes"
FREQUENCIES = [
    SelectChoice(DigestFrequency.DAILY.value, _l("Once a day")),
    SelectChoice(DigestFrequency.HOURLY.value, _l("At most once an hour")),
]


class SubscribeForm(Form):  # type: ignore[misc]  # WTForms is not typed
    email = EmailField(_l("Email address"))
    topic = SelectField(_l("Topic"), validate_choice=False)
    frequency = RadioField(
        _l("How often"),
        choices=FREQUENCIES,
        default=DigestFrequency.DAILY.value,
        validate_choice=False,
    )


@dataclass(frozen=True)
class SubscriptionView:
    """One subscription as the private page shows it."""

    id: int
    title: str  # of the letter, empty for new letters
    topic: str
    frequency: str
    is_confirmed: bool
    is_named: bool  # the email with the link was about this one


@bp.get("/subscribe")
@cached_page(
    lambda: f"{get_letter_list_version()}.{current_site().version}", arguments=("letter", "topic")
)
def new() -> Response:
    """Show the form, for new letters or with `?letter=` for the comments on a letter."""
    letter = _find_letter()
    return _render_form(SubscribeForm(topic=request.args.get("topic", "")), letter)


@bp.post("/subscribe")
@limit_by_network(SUBSCRIBE_LIMITS)
def create() -> AnyResponse:
    """Store the subscription and send the email to confirm it. The answer is the same for every address."""
    letter, form = _find_letter(), SubscribeForm(request.form)
    if is_sent_from_elsewhere():
        msg = "This form was sent from a page of another site. If you want to subscribe, send it from here."
        return _render_form(form, letter, NotAllowed(msg))
    if request.form.get("nickname"):  # readers do not see this field; programs fill it in
        return redirect(url_for("subscribe.requested"), 303)
    try:
        email = normalize_email(form.email.data or "")
    except (InvalidEmail, EmailNotValidError) as problem:
        form.email.errors = [_(getattr(problem, "message", InvalidEmail.message))]
        return _render_form(form, letter, status=422)
    try:
        with transaction():
            request_subscription(
                email,
                SubscriptionRequest(
                    letter=letter,
                    topic="" if letter else _read_topic(),
                    frequency=_read_frequency(),
                    language=current_language(),
                ),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _render_form(form, letter, error)
    return redirect(url_for("subscribe.requested"), 303)


@bp.get("/subscribe/requested")
@cached_page(lambda: str(current_site().version))
def requested() -> Response:
    """Say what happens next."""
    return make_response(render_template("public/site/subscribe_requested.html"))


@bp.get("/subscriptions/<token>")
def show(token: str) -> Response:
    """Show the subscriptions of a mailbox. Programs that check mail follow links, so this changes nothing."""
    return _render_subscriptions(token)


@bp.post("/subscriptions/<token>")
@limiter.limit(CHANGE_LIMIT)
def change(token: str) -> AnyResponse:
    """Confirm, change or end subscriptions. A mail program ends one with a single request (RFC 8058)."""
    ended_id = parse_id(request.args.get("end", ""))
    action = request.form.get("action", "")
    try:
        with transaction():
            match action:
                case "confirm":
                    confirm_subscriptions(token, _read_ids(), language=current_language())
                case "change":
                    change_subscription(
                        token,
                        next(iter(_read_ids()), 0),
                        topic=_read_topic(),
                        frequency=_read_frequency(),
                        language=current_language(),
                    )
                case "end_all":
                    end_all_subscriptions(token)
                case _ if ended_id or _read_ids():
                    end_subscription(token, ended_id or min(_read_ids()))
                case _:
                    end_all_subscriptions(token)
    except NotFound:
        if action in {"confirm", "change"}:
            raise
        return _render_ended()  # it ended before, and a mail program asks again
    except SiteError as error:
        return _render_subscriptions(token, error)
    if action in {"confirm", "change"}:
        return redirect(url_for("subscribe.show", token=token, done=action), 303)
    return _render_ended(token)


def _render_form(
    form: SubscribeForm, letter: Letter | None, error: SiteError | None = None, *, status: int = 200
) -> Response:
    topics = list_topics()
    form.topic.choices = [SelectChoice("", _("All topics")), *(SelectChoice(t, t) for t in topics)]
    page = render_template(
        "public/site/subscribe.html",
        form=form,
        letter=letter,
        has_topics=bool(topics) and letter is None,
        problem=translate_error(error) if error else "",
        days=retention.UNCONFIRMED_SUBSCRIPTION_TTL.days,
    )
    return make_response(page, get_status(error) if error else status)


def _render_subscriptions(token: str, error: SiteError | None = None) -> Response:
    subscriptions = list_subscriptions(get_subscriber(hash_token(token)).id)
    titles = get_titles({s.letter_id for s in subscriptions if s.letter_id is not None})
    named_id = parse_id(request.args.get("end", ""))
    views = [_build_view(s, titles, named_id) for s in subscriptions]
    done = {
        "confirm": _("Your subscription is confirmed."),
        "change": _("Your choice is saved."),
    }
    page = render_template(
        "public/site/subscriptions.html",
        token=token,
        waiting=[view for view in views if not view.is_confirmed],
        active=[view for view in views if view.is_confirmed],
        topics=list_topics(),
        frequencies=FREQUENCIES,
        named=next((view for view in views if view.is_named and view.is_confirmed), None),
        done=done.get(request.args.get("done", ""), ""),
        problem=translate_error(error) if error else "",
    )
    return make_response(page, get_status(error) if error else 200)


def _render_ended(token: str = "") -> Response:
    try:
        has_others = bool(list_subscriptions(get_subscriber(hash_token(token)).id))
    except NotFound:
        has_others = False
    page = render_template("public/site/subscription_ended.html", token=token if has_others else "")
    return make_response(page)


def _build_view(
    subscription: ReaderSubscription, titles: dict[int, str], named_id: int | None
) -> SubscriptionView:
    return SubscriptionView(
        id=subscription.id,
        title=titles.get(subscription.letter_id or 0, ""),
        topic=subscription.topic,
        frequency=subscription.frequency,
        is_confirmed=subscription.confirmed_at is not None,
        is_named=subscription.id == named_id,
    )


def _find_letter() -> Letter | None:
    """Return the letter in `?letter=` or in the form. Raises NotFound if it is not published."""
    slug = request.values.get("letter", "")
    if not slug:
        return None
    letter = get_public_letter(slug)
    if letter.state == LetterState.WITHDRAWN:
        raise NotFound(_("This letter was withdrawn, and no longer takes subscriptions."))
    return letter


def _read_topic() -> str:
    return request.form.get("topic", "").strip()[:MAX_TOPIC_LENGTH]


def _read_frequency() -> DigestFrequency:
    sent = request.form.get("frequency", "")
    return DigestFrequency(sent) if sent in set(DigestFrequency) else DigestFrequency.DAILY


def _read_ids() -> set[int]:
    return {number for text in request.form.getlist("subscription") if (number := parse_id(text))}
