"""Submit a comment, preview it, and redirect its permanent address to the page that shows it.

The form can stand on the page of a letter, or inside a page of another site. A `FormPage` says where it stands, and
everything else is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from flask import Response, current_app, redirect, request, url_for
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.campaigns.queries import find_duplicate_page
from commentsite.comments.queries import get_public_comment
from commentsite.comments.submit import prepare_submission
from commentsite.comments.threads.queries import (
    find_reply_on_letter_page,
    find_reply_page_start,
    find_thread_page_number,
)
from commentsite.errors import NotFound, SiteError
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.models import Letter
from commentsite.letters.queries import (
    CommentableLetter,
    find_current_slug,
    get_commentable_letter,
    get_public_letter,
)
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.client_address import client_address
from commentsite.web.http.comment_limits import (
    count_accepted,
    count_failed,
    find_accepted_limit,
    find_address_limit,
    find_failed_limit,
)
from commentsite.web.http.cross_site import is_sent_from_elsewhere
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.rate_limits import PREVIEW_LIMIT, SUBMISSION_LIMIT, exceeds_burst_limit
from commentsite.web.public.letters.comment_form import CommentForm, build_sent_form
from commentsite.web.public.letters.page import render_letter_page
from commentsite.web.rendering.filters import format_moment
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

bp = LanguageBlueprint("comments", __name__)
csrf.exempt(bp)  # there is no session; the form carries its own signed token
MAX_REQUEST_BYTES = 256 * 1024


class RenderPage(Protocol):
    """Render the page of a letter with a form as it was sent."""

    def __call__(
        self,
        letter: Letter,
        form: CommentForm,
        *,
        status: int = 200,
        problem: str = "",
        preview: bool = False,
    ) -> Response: ...


@dataclass(frozen=True)
class FormPage:
    """The page that a comment was sent from.

    `load_letter` reads the whole letter for the page after an error. `make_letter` returns the letter that takes
    the comment, and `receipt` is the endpoint that shows what happened to it.
    """

    letter: Letter | CommentableLetter
    form: CommentForm
    render: RenderPage
    load_letter: Callable[[], Letter]
    make_letter: Callable[[], Letter | CommentableLetter]
    receipt: str = "receipts.show"

    def show_again(
        self, *, status: int = 200, problem: str = "", preview: bool = False
    ) -> Response:
        """Show the page with the form as it was sent."""
        return self.render(
            self.load_letter(), self.form, status=status, problem=problem, preview=preview
        )


@bp.post("/letters/<slug>/comments")
@limiter.limit(SUBMISSION_LIMIT)
def submit(slug: str) -> AnyResponse:
    """Store a comment and redirect to its receipt. An error shows the page again with the typed text."""
    return receive_comment(_load_form_page(slug))


@bp.post("/letters/<slug>/comments/preview")
@limiter.limit(PREVIEW_LIMIT)
def preview(slug: str) -> Response:
    """Show the comment as it would be published, above the form. Nothing is stored."""
    return preview_comment(_load_form_page(slug))


def receive_comment(page: FormPage) -> AnyResponse:
    """Store the comment of a form and redirect to its receipt, or show the form again with what is wrong."""
    letter_id, form = page.letter.id, page.form
    if refusal := _refuse(page):
        return refusal
    if not form.validate():
        count_failed(letter_id)
        return page.show_again(status=422)
    if limit := find_address_limit(form.email.data or ""):
        return _render_limit(
            page,
            limit.until,
            _(
                "Your network has sent %(number)d comments under this email address in %(period)s. You can send this"
                " one again at %(when)s. It is still here.",
                number=limit.number,
                period=_format_period(limit.period),
                when=_format_end(limit.until),
            ),
        )
    try:
        letter = page.make_letter()
        letter_id = letter.id  # the transaction expires the letter
        submission = form.to_submission(
            network_address=client_address(), is_burst=exceeds_burst_limit(letter_id)
        )
        prepared = prepare_submission(
            letter, submission, site=current_site(), encryption=runtime().encryption
        )
        runtime().shared_commit.store(prepared, by=READER)
    except SiteError as error:
        count_failed(letter_id)
        return page.show_again(status=get_status(error), problem=translate_error(error))
    count_accepted(letter_id, submission.email, form.form_token.data or "")
    return redirect(url_for(page.receipt, token=prepared.receipt_token), 303)


def preview_comment(page: FormPage) -> Response:
    """Show the form of a page again, with its comment as it would be published.

    With `clear`, show the form without its paragraphs, or without the comment that it replies to.
    """
    if refusal := _reject_too_large(page) or _reject_other_site(page):
        return refusal
    cleared = request.form.get("clear", "")
    page.form.clear(cleared)
    return page.show_again(preview=not cleared)


def render_rate_limited(page: FormPage) -> Response:
    """Show when the comment can be sent. The form keeps the typed text."""
    reset = limiter.current_limit.reset_at if limiter.current_limit else 0
    until = datetime.fromtimestamp(reset, UTC) if reset else clock.now() + timedelta(minutes=10)
    return _render_limit(
        page,
        until,
        _(
            "Very many requests have come from your network. You can send this comment at %(when)s."
            " Your text is still in the form.",
            when=_format_end(until),
        ),
    )


def _refuse(page: FormPage) -> Response | None:
    """Return the page of a letter that takes no comment, or none from this sender, before the form is read."""
    letter = page.letter
    if error_page := _reject_too_large(page) or _reject_other_site(page):
        return error_page
    if not get_current_window(letter).is_open:
        return page.show_again(
            status=403,
            problem=_(
                "This letter no longer accepts comments. Your text is still in the form, so that you can copy it."
            ),
        )
    if closed := current_site().closed_until(clock.now()):
        return page.show_again(
            status=403,
            problem=_(
                "This site accepts no comments until %(when)s. Your text is still in the form. Send it then.",
                when=format_moment(closed),
            ),
        )
    if limit := find_accepted_limit(letter.id):
        return _render_limit(
            page,
            limit.until,
            _(
                "Your network has sent %(number)d comments in %(period)s. You can send this one again at %(when)s."
                " It is still here. Many people can share a network.",
                number=limit.number,
                period=_format_period(limit.period),
                when=_format_end(limit.until),
            ),
        )
    if limit := find_failed_limit(letter.id):
        return _render_limit(
            page,
            limit.until,
            _(
                "Your network has sent %(number)d forms with mistakes in %(period)s. You can send this one again at"
                " %(when)s. It is still here.",
                number=limit.number,
                period=_format_period(limit.period),
                when=_format_end(limit.until),
            ),
        )
    return None


@bp.get("/letters/<slug>/comments/<int:comment_id>")
def permalink(slug: str, comment_id: int) -> AnyResponse:
    """Redirect to the page of the letter, or of the campaign, that shows the comment."""
    slug = find_current_slug(slug) or slug
    comment = get_public_comment(slug, comment_id)
    if comment.representative_id is not None:
        return redirect(
            url_for(
                "campaigns.show",
                slug=slug,
                comment_id=comment.representative_id,
                page=find_duplicate_page(comment),
                _anchor=f"comment-{comment_id}",
            ),
            303,
        )
    page, anchor = find_thread_page_number(comment), f"comment-{comment_id}"
    if comment.root_id is not None:
        start = find_reply_page_start(comment.root_id, comment_id - 1)
        if start or not find_reply_on_letter_page(comment, page):
            address = url_for(
                "threads.show",
                slug=slug,
                comment_id=comment.root_id,
                after=start or None,
                _anchor=anchor,
            )
            return redirect(address, 303)
    number = page if page > 1 else None
    return redirect(url_for("letters.show", slug=slug, page=number, _anchor=anchor), 303)


@bp.errorhandler(RateLimitExceeded)
def _render_rate_limited(_error: RateLimitExceeded) -> AnyResponse:
    try:
        return render_rate_limited(_load_form_page((request.view_args or {})["slug"]))
    except (NotFound, RequestEntityTooLarge) as error:
        return current_app.make_response(current_app.handle_user_exception(error))


def _render_limit(page: FormPage, until: datetime, problem: str) -> Response:
    response = page.show_again(status=429, problem=problem)
    response.headers["Retry-After"] = str(max(1, int((until - clock.now()).total_seconds())))
    return response


def _format_period(period: timedelta) -> str:
    hours, minutes = divmod(int(period.total_seconds()) // 60, 60)
    if minutes:
        return ngettext("%(num)d minute", "%(num)d minutes", hours * 60 + minutes)
    return ngettext("%(num)d hour", "%(num)d hours", hours)


def _format_end(until: datetime) -> str:
    is_soon = until - clock.now() < timedelta(hours=12)
    return _("%(time)s UTC", time=f"{until:%H:%M}") if is_soon else format_moment(until)


def _load_form_page(slug: str) -> FormPage:
    # The reader may have opened the form before the letter got a new address. A redirect would lose the typed text.
    letter = get_commentable_letter(slug)
    current_site(version=letter.site_version)  # saves the query for the version
    return FormPage(
        letter=letter,
        form=build_sent_form(letter.id),
        render=render_letter_page,
        load_letter=lambda: get_public_letter(letter.slug),
        make_letter=lambda: letter,
    )


def _reject_too_large(page: FormPage) -> Response | None:
    if (request.content_length or 0) <= MAX_REQUEST_BYTES:
        return None
    return page.show_again(
        status=413,
        problem=_("Your comment is too long. The limit is 10,000 characters."),
    )


def _reject_other_site(page: FormPage) -> Response | None:
    if not is_sent_from_elsewhere():
        return None
    return page.show_again(
        status=403,
        problem=_(
            "This comment was sent from a page of another site. If you wrote it, send it from here."
            " Your text is still in the form."
        ),
    )
