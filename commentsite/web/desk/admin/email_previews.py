"""Show stewards each kind of email with sample data, and send them one."""

from email.message import EmailMessage

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
from commentsite.accounts.queries import get_staff_member
from commentsite.comments.subscribers.queries import count_confirmed
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.integrations.smtp import build_email
from commentsite.notifications.delivery import RenderedEmail, build_outgoing
from commentsite.notifications.outbox import enqueue_message
from commentsite.text.languages import INTERFACE_LANGUAGES, find_interface_language
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.admin.email_samples import SAMPLES, EmailSample
from commentsite.web.http.languages import get_site_language
from commentsite.web.rendering.emails import build_email_renderer
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_email_previews", __name__, url_prefix="/desk/messages/preview")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
#: The HTML part may use the styles at its elements. It runs and loads nothing, and only the preview frames it.
HTML_PART_POLICY = (
    "default-src 'none'; style-src-attr 'unsafe-inline'; frame-ancestors 'self'; sandbox"
)
PREVIEW_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAX_SENT_PER_DAY = 20  # of one kind to one member of staff
SHOWN_HEADERS = (
    "From",
    "Reply-To",
    "To",
    "Subject",
    "References",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
)


@bp.get("/")
def index() -> Response:
    """List the kinds of emails, each with its subject."""
    rows = [(sample, _render(sample, get_site_language()).subject) for sample in SAMPLES]
    to_letters, to_comments = count_confirmed()
    page = render_template(
        "desk/admin/email_previews.html",
        actor=current_actor(),
        rows=rows,
        to_letters=to_letters,
        to_comments=to_comments,
    )
    return make_response(page)


@bp.get("/<name>")
def show(name: str) -> Response:
    """Show the headers and both parts of one email, in the language of `?language=` or else in that of the site."""
    sample, language = _find_sample(name), _read_language()
    message = _build_message(sample, language)
    headers = [(header, str(message[header])) for header in SHOWN_HEADERS if message[header]]
    page = render_template(
        "desk/admin/email_preview.html",
        actor=current_actor(),
        sample=sample,
        headers=headers,
        email=_render(sample, language),
        language=language,
        languages=INTERFACE_LANGUAGES,
        address=_get_own_address(),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response


@bp.get("/<name>/html")
def html_part(name: str) -> Response:
    """Answer with the HTML part alone, as a page that can do nothing."""
    response = make_response(_render(_find_sample(name), _read_language()).html)
    response.headers["Content-Security-Policy"] = HTML_PART_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.post("/<name>/send")
def send(name: str) -> AnyResponse:
    """Send the sample to the steward's own address."""
    sample, address, language = _find_sample(name), _get_own_address(), _read_language()
    with transaction():
        is_sent = enqueue_message(
            sample.kind,
            address,
            encryption=runtime().encryption,
            limit_per_day=MAX_SENT_PER_DAY,
            **dict(sample.context) | {"language": language},
        )
    if is_sent:
        flash(_("This email is on its way to %(address)s.", address=address))
    else:
        flash(
            _(
                "You sent yourself this email %(n)d times today. Try again tomorrow.",
                n=MAX_SENT_PER_DAY,
            )
        )
    return redirect(url_for("desk_email_previews.show", name=name, language=language), 303)


def _find_sample(name: str) -> EmailSample:
    found = next((sample for sample in SAMPLES if sample.name == name), None)
    if found is None:
        raise NotFound(_("There is no email of this name."))
    return found


def _read_language() -> str:
    return find_interface_language(request.args.get("language", "")) or get_site_language()


def _render(sample: EmailSample, language: str) -> RenderedEmail:
    context = dict(sample.context) | {"language": language}
    return build_email_renderer(runtime().settings)(sample.kind, context)


def _build_message(sample: EmailSample, language: str) -> EmailMessage:
    settings = runtime().settings
    outgoing = build_outgoing(
        sample.kind,
        _render(sample, language),
        to=_get_own_address(),
        message_id="sample",
        about="comment:12",
        unsubscribe_path=sample.context.get("unsubscribe", ""),
    )
    return build_email(outgoing, settings.mail_sender, settings.base_url)


def _get_own_address() -> str:
    return get_staff_member(current_actor().user_id or 0).email
