"""Comments: those of a letter, a single one, and a new one, under the rules and limits of the form."""

from functools import cached_property
from typing import Any

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.listing.queries import (
    get_public_comment_with_slug,
    list_public_comments,
)
from commentsite.comments.models import Comment
from commentsite.comments.states import Stance
from commentsite.comments.submit import prepare_submission
from commentsite.errors import SiteError
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.queries import CommentableLetter, get_commentable_letter
from commentsite.moderation.queue.queries import NEWEST_FIRST
from commentsite.web.api.answers import answer_readers, cut_page
from commentsite.web.api.blueprint import bp, document_problem, respond
from commentsite.web.api.cursors import decode_position, encode_position
from commentsite.web.api.representations import show_comment
from commentsite.web.api.schemas import (
    CommentPageSchema,
    CommentQuerySchema,
    CommentSchema,
    FormSchema,
    NewCommentSchema,
    ReceiptSchema,
)
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.client_address import client_address
from commentsite.web.http.comment_limits import (
    ReachedLimit,
    count_accepted,
    count_failed,
    find_accepted_limit,
    find_address_limit,
    find_failed_limit,
)
from commentsite.web.http.cross_site import is_sent_from_elsewhere
from commentsite.web.http.extensions import limiter
from commentsite.web.http.form_tokens import COMMENT_FORM, MIN_COMMENT_AGE
from commentsite.web.http.problems import build_problem
from commentsite.web.http.rate_limits import SUBMISSION_LIMIT, exceeds_burst_limit
from commentsite.web.public.comments.submit import MAX_REQUEST_BYTES
from commentsite.web.public.letters.comment_form import CommentForm
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.default_texts import list_group_labels
from commentsite.web.rendering.filters import absolute_url
from commentsite.web.rendering.i18n import gettext as _

ETAG_DOC = {"ETag": {"schema": {"type": "string"}}}


class SentComment(CommentForm):
    """The comment form, filled from the members of a JSON body."""

    def __init__(self, letter: CommentableLetter, data: dict[str, Any]) -> None:
        """Fill the form. `data` is what NewCommentSchema has loaded."""
        self._targets: list[dict[str, str]] = data["paragraphs"]
        super().__init__(formdata=MultiDict(_list_fields(data)), meta={"csrf_context": letter.id})

    @cached_property
    def paragraph_stances(self) -> dict[str, str]:
        """Return the positions that differ from "none", by paragraph id."""
        return {
            target["id"]: target["stance"]
            for target in self._targets
            if target["stance"] != Stance.NONE
        }


@bp.get("/letters/<slug>/comments")
@bp.arguments(CommentQuerySchema, location="query")
@bp.response(200, CommentPageSchema, headers=ETAG_DOC)
@bp.alt_response(301, description="The letter has another address now.")
@bp.alt_response(304, description="The answer is the one whose ETag the request has.")
@document_problem(404, "There is no letter at this address.")
@document_problem(422, "A parameter is not valid.")
@bp.doc(operationId="listComments", tags=["Comments"])
def list_comments(query: dict[str, Any], slug: str) -> Response:
    """List the comments on a letter that are or once were published."""
    after, stamp = decode_position(query["cursor"]), letter_page_version(slug)
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("api.list_comments", slug=new_slug, _external=True)
    )

    def build() -> dict[str, Any]:
        rows = list_public_comments(
            letter.id,
            after=after,
            newest_first=query["sort"] == NEWEST_FIRST,
            limit=query["limit"] + 1,
        )
        comments, next_cursor = cut_page(rows, query["limit"], _build_cursor)
        return {
            "items": [show_comment(comment, letter.slug) for comment in comments],
            "next": next_cursor,
        }

    return answer_readers(stamp, build, query)


@bp.get("/comments/<int:comment_id>")
@bp.response(200, CommentSchema, headers=ETAG_DOC)
@bp.alt_response(304, description="The answer is the one whose ETag the request has.")
@document_problem(404, "There is no comment at this address.")
@bp.doc(operationId="getComment", tags=["Comments"])
def get_comment(comment_id: int) -> Response:
    """Return a comment that is or once was published."""
    comment, slug = get_public_comment_with_slug(comment_id)
    return answer_readers(letter_page_version(slug), lambda: show_comment(comment, slug))


@bp.get("/letters/<slug>/form")
@bp.response(200, FormSchema)
@document_problem(404, "There is no letter at this address.")
@bp.doc(operationId="getCommentForm", tags=["Comments"])
def get_form(slug: str) -> Response:
    """Return what a new comment needs: a form token, and the codes of the stakeholder groups.

    Fetch it when a person begins to write. A comment that is sent less than two seconds later is refused.
    """
    letter = get_commentable_letter(slug)
    site = current_site(version=letter.site_version)
    is_open = get_current_window(letter).is_open and not site.closed_until(clock.now())
    groups = [
        {"code": code, "label": label} for code, label in list_group_labels(site.offered_groups)
    ]
    response = respond(
        {
            "form_token": COMMENT_FORM.sign(letter.id),
            "min_age": MIN_COMMENT_AGE,
            "max_age": COMMENT_FORM.max_age,
            "comments_open": is_open,
            "stakeholder_groups": groups,
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/letters/<slug>/comments")
@limiter.limit(SUBMISSION_LIMIT)
@bp.arguments(NewCommentSchema)
@bp.response(201, ReceiptSchema, headers={"Location": {"schema": {"type": "string"}}})
@document_problem(403, "The letter or the site takes no comments.")
@document_problem(404, "There is no letter at this address.")
@document_problem(409, "The same text was sent from the same address before.")
@document_problem(413, "The request is too large.")
@document_problem(415, "The body is not JSON.")
@document_problem(422, "A member is missing or not valid.")
@document_problem(
    429, "Too many comments have come from the network. Retry-After says how long to wait."
)
@bp.doc(operationId="createComment", tags=["Comments"])
def create_comment(data: dict[str, Any], slug: str) -> Response:
    """Send a comment, as the form on the page of the letter does.

    It takes the same way: checks, confirmation of the email address, moderation. The answer has the address
    of its author's private page.
    """
    letter = get_commentable_letter(slug)
    current_site(version=letter.site_version)
    if refusal := _refuse(letter):
        return refusal
    form = SentComment(letter, data)
    if not form.validate():
        count_failed(letter.id)
        return _refuse_form(form)
    if limit := find_address_limit(form.email.data or ""):
        return _refuse_for_now(
            limit, _("Many comments under this email address have come from your network.")
        )
    letter_id = letter.id
    submission = form.to_submission(
        network_address=client_address(), is_burst=exceeds_burst_limit(letter_id)
    )
    try:
        prepared = prepare_submission(
            letter, submission, site=current_site(), encryption=runtime().encryption
        )
        comment_id = runtime().shared_commit.store(prepared, by=READER)
    except SiteError as error:
        count_failed(letter_id)
        return build_problem(get_status(error), translate_error(error), error.field or "")
    count_accepted(letter_id, submission.email, form.form_token.data or "")
    receipt = absolute_url(url_for("receipts.show", token=prepared.receipt_token))
    response = respond({"id": comment_id, "receipt": receipt}, 201)
    response.headers["Location"] = receipt
    response.headers["Cache-Control"] = "no-store"
    return response


def _refuse(letter: CommentableLetter) -> Response | None:
    """Return why a letter takes no comment, or none from this sender, before the form is read."""
    if (request.content_length or 0) > MAX_REQUEST_BYTES:
        return build_problem(413, _("Your comment is too long. The limit is 10,000 characters."))
    if is_sent_from_elsewhere():
        return build_problem(403, _("This comment was sent from a page of another site."))
    if not get_current_window(letter).is_open:
        return build_problem(403, _("This letter no longer accepts comments."))
    if closed := current_site().closed_until(clock.now()):
        when = closed.isoformat(timespec="seconds")
        return build_problem(403, _("This site accepts no comments until %(when)s.", when=when))
    return _refuse_over_limit(letter.id)


def _refuse_over_limit(letter_id: int) -> Response | None:
    if limit := find_accepted_limit(letter_id):
        return _refuse_for_now(limit, _("Several comments have come from your network."))
    if limit := find_failed_limit(letter_id):
        return _refuse_for_now(
            limit, _("Very many forms with mistakes have come from your network.")
        )
    return None


def _refuse_form(form: SentComment) -> Response:
    """Name every mistake. The token of the next attempt is the one that was sent while that lasts."""
    errors = [
        {"field": name, "detail": str(sentence)}
        for name, sentences in form.errors.items()
        if name and name != "form_token"
        for sentence in sentences
    ]
    if form.form_token.errors:
        sentence = _(
            "This form token cannot be used. Send the comment with the token of this answer, two seconds after it "
            "was made at the earliest and seven days at the latest. A network can send 20 comments with one token."
        )
        errors.append({"field": "form_token", "detail": sentence})
    return build_problem(
        422,
        _("Some members of this request are not valid."),
        errors=errors,
        form_token=form.form_token.current_token,
    )


def _refuse_for_now(limit: ReachedLimit, sentence: str) -> Response:
    response = build_problem(429, sentence)
    seconds = max(1, int((limit.until - clock.now()).total_seconds()))
    response.headers["Retry-After"] = str(seconds)
    return response


def _list_fields(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the members as the browser would send the fields of the form."""
    names = ("form_token", "name", "email", "stakeholder_group", "organisation", "capacity")
    sent = [
        (name, data[name])
        for name in (*names, "body", "kind", "stance", "quote_as", "language", "nickname")
    ]
    sent += [("paragraphs", target["id"]) for target in data["paragraphs"]]
    if data["parent"] is not None:
        sent.append(("parent", str(data["parent"])))
    if data["is_pseudonym"]:
        sent.append(("pseudonym", "yes"))
    if data["notify"]:
        sent.append(("notify", "yes"))
    return sent


def _build_cursor(comment: Comment) -> str:
    return encode_position(comment.published_at or comment.submitted_at, comment.id)
