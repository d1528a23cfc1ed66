"""Manage webhooks: their addresses, events and secrets, and the log of what was sent."""

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
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Conflict, SiteError
from commentsite.notifications.models import MessageState
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.webhooks import queries as webhook_queries
from commentsite.webhooks import services as webhook_services
from commentsite.webhooks.delivery import LOG_TTL, RETRY_DELAYS
from commentsite.webhooks.models import Webhook, WebhookDelivery
from commentsite.webhooks.states import TEST_EVENT, AttemptError, EventType, WebhookState

bp = Blueprint("desk_webhooks", __name__, url_prefix="/desk/webhooks")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
ROWS_PER_PAGE = 50

EVENT_LABELS = {
    EventType.LETTER_PUBLISHED: _l("A letter is published"),
    EventType.LETTER_CORRECTED: _l("A letter has a new version"),
    EventType.LETTER_SUPERSEDED: _l("A letter is replaced by another one"),
    EventType.LETTER_WITHDRAWN: _l("A letter is withdrawn"),
    EventType.COMMENT_PUBLISHED: _l("A comment is published"),
    EventType.COMMENT_REPLIED: _l("A reply to a comment is published"),
    EventType.COMMENT_RESTRICTED: _l("A moderator removes a published comment"),
    EventType.COMMENT_REMOVED: _l("A comment is public no longer for another reason"),
    TEST_EVENT: _l("Test"),
}
STATE_LABELS = {
    WebhookState.ACTIVE: _l("Turned on"),
    WebhookState.PAUSED: _l("Paused"),
    WebhookState.DISABLED: _l("Switched off: its receiver stayed broken"),
}
DELIVERY_LABELS = {
    MessageState.WAITING: _l("Waits"),
    MessageState.LEASED: _l("Is being sent"),
    MessageState.SENT: _l("Delivered"),
    MessageState.FAILED: _l("Given up"),
}
ERROR_LABELS = {
    AttemptError.TIMEOUT: _l("The receiver did not answer in time."),
    AttemptError.NOT_FOUND: _l("The host name has no address."),
    AttemptError.FORBIDDEN_ADDRESS: _l(
        "The host is in a private network, which the settings of the installation do not allow."
    ),
    AttemptError.NEEDS_HTTPS: _l("The address must begin with https://."),
    AttemptError.CERTIFICATE: _l("The certificate of the receiver is not valid."),
    AttemptError.CONNECTION: _l("The receiver refused or closed the connection."),
    AttemptError.PROTOCOL: _l("The answer of the receiver is not HTTP."),
    AttemptError.UNDECRYPTABLE: _l(
        "The secret cannot be decrypted: the encryption key is missing."
    ),
    AttemptError.SWITCHED_OFF: _l("The webhook was off."),
    AttemptError.WORKER_LOST: _l("The worker stopped while sending."),
}


@dataclass(frozen=True)
class WebhookView:
    """An endpoint as a page shows it."""

    webhook: Webhook
    state: str
    is_active: bool
    is_disabled: bool
    failed: int  # deliveries in the log that were given up
    previous_secret_until: datetime | None  # None once only one secret is valid


@dataclass(frozen=True)
class DeliveryView:
    """A line of the log."""

    id: int
    event: str
    event_id: str
    happened_at: datetime
    state: str
    result: str
    attempts: int
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    can_resend: bool


@bp.get("/")
def index() -> Response:
    return _render_index()


@bp.post("/")
def create() -> AnyResponse:
    """Add a webhook and show its secret, once."""
    form = request.form
    try:
        with transaction():
            webhook, secret = webhook_services.create_webhook(
                form.get("name", ""),
                form.get("url", ""),
                form.getlist("event_types"),
                by=current_actor(),
                encryption=runtime().encryption,
                networks=runtime().settings.webhook_networks,
            )
            webhook_id = webhook.id
    except SiteError as error:
        return _render_index(error)
    return _render_secret(webhook_id, secret, is_new=True)


@bp.get("/<int:webhook_id>")
def show(webhook_id: int) -> Response:
    """Show a webhook with its log."""
    return _render_webhook(webhook_id)


@bp.post("/<int:webhook_id>")
def change(webhook_id: int) -> AnyResponse:
    form = request.form
    try:
        with transaction():
            webhook_services.change_webhook(
                webhook_id,
                form.get("name", ""),
                form.get("url", ""),
                form.getlist("event_types"),
                by=current_actor(),
                networks=runtime().settings.webhook_networks,
            )
    except SiteError as error:
        return _render_webhook(webhook_id, error)
    flash(_("The webhook is saved."))
    return redirect(url_for("desk_webhooks.show", webhook_id=webhook_id), 303)


@bp.post("/<int:webhook_id>/secret")
def rotate(webhook_id: int) -> AnyResponse:
    """Make a new secret and show it, once."""
    with transaction():
        _webhook, secret = webhook_services.rotate_secret(
            webhook_id, by=current_actor(), encryption=runtime().encryption
        )
    return _render_secret(webhook_id, secret, is_new=False)


@bp.post("/<int:webhook_id>/test")
def test(webhook_id: int) -> AnyResponse:
    return _act(
        webhook_id,
        lambda: webhook_services.send_test_event(webhook_id, by=current_actor()),
        _("A test is sent within a few seconds. Its result appears in the log below."),
    )


@bp.post("/<int:webhook_id>/pause")
def pause(webhook_id: int) -> AnyResponse:
    return _act(
        webhook_id,
        lambda: webhook_services.pause_webhook(webhook_id, by=current_actor()),
        _("The webhook is paused. Nothing is sent."),
    )


@bp.post("/<int:webhook_id>/resume")
def resume(webhook_id: int) -> AnyResponse:
    return _act(
        webhook_id,
        lambda: webhook_services.resume_webhook(webhook_id, by=current_actor()),
        _("The webhook is on. It sends what happens from now on."),
    )


@bp.get("/<int:webhook_id>/delete")
def confirm_deletion(webhook_id: int) -> Response:
    page = render_template(
        "desk/admin/webhook_deletion.html",
        actor=current_actor(),
        webhook=webhook_queries.get_webhook(webhook_id),
    )
    return make_response(page)


@bp.post("/<int:webhook_id>/delete")
def delete(webhook_id: int) -> AnyResponse:
    with transaction():
        webhook_services.delete_webhook(webhook_id, by=current_actor())
    flash(_("The webhook and its log are deleted."))
    return redirect(url_for("desk_webhooks.index"), 303)


@bp.get("/<int:webhook_id>/secret")
@bp.get("/<int:webhook_id>/test")
@bp.get("/<int:webhook_id>/pause")
@bp.get("/<int:webhook_id>/resume")
@bp.get("/<int:webhook_id>/log/<int:delivery_id>")
def leave_action(webhook_id: int, delivery_id: int = 0) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when a steward had to sign in again, or reloads an error."""
    return redirect(url_for("desk_webhooks.show", webhook_id=webhook_id), 303)


@bp.post("/<int:webhook_id>/log/<int:delivery_id>")
def resend(webhook_id: int, delivery_id: int) -> AnyResponse:
    """Send an event of the log again."""
    return _act(
        webhook_id,
        lambda: webhook_services.resend(webhook_id, delivery_id, by=current_actor()),
        _("The event is sent again within a few seconds."),
    )


def _act(webhook_id: int, act: Callable[[], object], message: str) -> AnyResponse:
    try:
        with transaction():
            act()
    except Conflict as error:
        return _render_webhook(webhook_id, error)
    flash(message)
    return redirect(url_for("desk_webhooks.show", webhook_id=webhook_id), 303)


def _render_index(error: SiteError | None = None) -> Response:
    failed = webhook_queries.count_failed_by_webhook()
    page = render_template(
        "desk/admin/webhooks.html",
        actor=current_actor(),
        webhooks=[_describe(webhook, failed) for webhook in webhook_queries.list_webhooks()],
        values=_read_values(),
        chosen=request.form.getlist("event_types") or [event.value for event in EventType],
        **_describe_error(error),
        event_labels=_list_event_choices(),
        is_plain_http_allowed=bool(runtime().settings.webhook_networks),
    )
    return make_response(page, get_status(error) if error else 200)


def _render_webhook(webhook_id: int, error: SiteError | None = None) -> Response:
    webhook = webhook_queries.get_webhook(webhook_id)
    rows = webhook_queries.list_log(
        webhook_id,
        limit=ROWS_PER_PAGE + 1,
        before_id=parse_id(request.args.get("before", "")),
    )
    is_typed = error is not None and "name" in request.form
    page = render_template(
        "desk/admin/webhook.html",
        actor=current_actor(),
        view=_describe(webhook, webhook_queries.count_failed_by_webhook()),
        values=_read_values() if is_typed else {"name": webhook.name, "url": webhook.url},
        chosen=request.form.getlist("event_types") if is_typed else webhook.event_types,
        log=[_describe_delivery(row, webhook) for row in rows[:ROWS_PER_PAGE]],
        older_than=rows[ROWS_PER_PAGE - 1].id if len(rows) > ROWS_PER_PAGE else None,
        days=LOG_TTL.days,
        attempts=len(RETRY_DELAYS) + 1,
        **_describe_error(error),
        event_labels=_list_event_choices(),
        is_plain_http_allowed=bool(runtime().settings.webhook_networks),
    )
    return make_response(page, get_status(error) if error else 200)


def _render_secret(webhook_id: int, secret: str, *, is_new: bool) -> Response:
    page = render_template(
        "desk/admin/webhook_secret.html",
        actor=current_actor(),
        webhook=webhook_queries.get_webhook(webhook_id),
        secret=secret,
        is_new=is_new,
        hours=int(webhook_services.PREVIOUS_SECRET_TTL.total_seconds()) // 3600,
    )
    return make_response(page)


def _read_values() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("name", "url")}


def _describe_error(error: SiteError | None) -> dict[str, object]:
    problem, field = (translate_error(error), error.field or "") if error else ("", "")
    return {"problem": problem, "wrong": field, "problems": {field: problem} if field else {}}


def _list_event_choices() -> list[tuple[str, str]]:
    return [(event.value, str(EVENT_LABELS[event])) for event in EventType]


def _describe(webhook: Webhook, failed: dict[int, int]) -> WebhookView:
    until = webhook.previous_secret_until
    return WebhookView(
        webhook=webhook,
        state=str(STATE_LABELS[WebhookState(webhook.state)]),
        is_active=webhook.state == WebhookState.ACTIVE,
        is_disabled=webhook.state == WebhookState.DISABLED,
        failed=failed.get(webhook.id, 0),
        previous_secret_until=until if until and until > clock.now() else None,
    )


def _describe_delivery(row: WebhookDelivery, webhook: Webhook) -> DeliveryView:
    state = MessageState(row.state)
    is_finished = state in {MessageState.SENT, MessageState.FAILED}
    return DeliveryView(
        id=row.id,
        event=str(EVENT_LABELS.get(row.event.type, row.event.type)),
        event_id=row.event.public_id,
        happened_at=row.event.created_at,
        state=str(DELIVERY_LABELS[state]),
        result=_describe_result(row),
        attempts=row.attempts,
        last_attempt_at=row.last_attempt_at,
        next_attempt_at=row.next_attempt_at
        if state is MessageState.WAITING and row.attempts
        else None,
        can_resend=is_finished and webhook.state == WebhookState.ACTIVE,
    )


def _describe_result(row: WebhookDelivery) -> str:
    if row.last_status is not None:
        return str(
            _(
                "Answered with status %(status)d in %(milliseconds)d ms.",
                status=row.last_status,
                milliseconds=row.last_milliseconds or 0,
            )
        )
    return str(ERROR_LABELS.get(AttemptError(row.last_error), "")) if row.last_error else ""
