"""Send a comment, look at it first, and find it again."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask_babel import gettext as _
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.campaigns.queries import find_duplicate_page
from commentsite.comments.queries import get_public_comment
from commentsite.comments.submit import submit_comment
from commentsite.comments.threads.queries import find_thread_page_number
from commentsite.db.session import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.letters.comment_window import current_window
from commentsite.letters.models import Letter
from commentsite.letters.queries import find_by_any_slug, find_current_slug, get_public_letter
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.client_address import client_address
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.rate_limits import (
    COMMENT_LIMIT,
    EMAIL_LIMIT,
    is_burst,
    is_email_missing,
    typed_email,
)
from commentsite.web.public.letters.comment_form import CommentForm, comment_form
from commentsite.web.public.letters.page import render_letter_page
from commentsite.web.rendering.filters import longdate, moment

bp = Blueprint("comments", __name__)
csrf.exempt(bp)  # there is no session here; the form carries its own signed token
MOST_SENT = 256 * 1024


@bp.post("/letters/<slug>/comments")
@limiter.limit(COMMENT_LIMIT)
@limiter.limit(EMAIL_LIMIT, key_func=typed_email, exempt_when=is_email_missing)
def submit(slug: str) -> AnyResponse:
    """Take a comment in, or show the page again with what is wrong and everything typed."""
    letter, form = _letter_and_form(slug)
    if too_large := _too_large(letter, form):
        return too_large
    if not current_window(letter).is_open:
        return render_letter_page(
            letter,
            form,
            status=403,
            problem=_(
                "This letter takes no more comments. What you wrote is still here, so that you can keep it."
            ),
        )
    if closed := current_site().closed_until(clock.now()):
        return render_letter_page(
            letter,
            form,
            status=403,
            problem=_(
                "This site takes no comments until %(when)s. What you wrote is still here; send it then.",
                when=moment(closed),
            ),
        )
    if not form.validate():
        return render_letter_page(letter, form, status=422)
    submission = form.submission(
        letter_id=letter.id,
        address=client_address(),
        is_burst=is_burst(letter.id),
        ask_outside=runtime().settings.akismet is not None,
    )
    try:
        with transaction():
            submitted = submit_comment(
                letter, submission, by=READER, site=current_site(), encryption=runtime().encryption
            )
    except SiteError as error:
        return render_letter_page(
            get_public_letter(letter.slug), form, status=status_of(error), problem=sentence(error)
        )
    return redirect(url_for("receipts.show", token=submitted.receipt_token), 303)


@bp.post("/letters/<slug>/comments/preview")
@limiter.limit("60 per 10 minutes")
def preview(slug: str) -> Response:
    """Show the form again with the comment as it would be published; store nothing."""
    letter, form = _letter_and_form(slug)
    return _too_large(letter, form) or render_letter_page(letter, form, preview=True)


@bp.get("/letters/<slug>/comments/<int:comment_id>")
def permalink(slug: str, comment_id: int) -> AnyResponse:
    """Lead to the page of the letter on which the comment stands."""
    slug = find_current_slug(slug) or slug
    comment = get_public_comment(slug, comment_id)
    if comment.representative_id is not None:
        return redirect(
            url_for(
                "campaigns.same",
                slug=slug,
                comment_id=comment.representative_id,
                page=find_duplicate_page(comment),
                _anchor=f"comment-{comment_id}",
            ),
            303,
        )
    page = find_thread_page_number(comment)
    number = page if page > 1 else None
    return redirect(
        url_for("letters.show", slug=slug, page=number, _anchor=f"comment-{comment_id}"), 303
    )


@bp.errorhandler(RateLimitExceeded)
def _too_many(error: RateLimitExceeded) -> AnyResponse:
    """Say when the comment can be sent, and keep it in the form until then."""
    try:
        letter, form = _letter_and_form((request.view_args or {})["slug"])
    except (NotFound, RequestEntityTooLarge) as problem:
        return current_app.make_response(current_app.handle_user_exception(problem))
    now = clock.now()
    reset = limiter.current_limit.reset_at if limiter.current_limit else now.timestamp() + 600
    wait = max(1, int(reset - now.timestamp()))
    at = datetime.fromtimestamp(reset, UTC)
    when = f"{at:%H:%M} UTC" if wait < 12 * 3600 else f"{longdate(at)}, {at:%H:%M} UTC"
    words = _(
        "You have sent many comments in a short time. You can send this one again at %(when)s; it is still here.",
        when=when,
    )
    response = render_letter_page(letter, form, status=429, problem=words)
    response.headers["Retry-After"] = str(wait)
    del error
    return response


def _letter_and_form(slug: str) -> tuple[Letter, CommentForm]:
    # A form may have been opened before the letter got another address; nothing typed is lost.
    letter = find_by_any_slug(slug) or get_public_letter(slug)
    return letter, comment_form(letter.id)


def _too_large(letter: Letter, form: CommentForm) -> Response | None:
    if (request.content_length or 0) <= MOST_SENT:
        return None
    return render_letter_page(
        letter,
        form,
        status=413,
        problem=_("That is too large to take. A comment has at most 10,000 characters."),
    )
