"""Comments inside the pages of other sites: those of a letter, or those of a page elsewhere.

The pages are public: no cookie, the same for every reader. Only origins that the settings name may show them.
"""

from functools import partial

from flask import Response, current_app, make_response, render_template, request, url_for
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.comments.queries import get_comment_by_receipt
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.letters import queries as letter_queries
from commentsite.letters.embedding.queries import (
    find_page_letter,
    find_page_slug,
    find_page_url,
    hash_page_url,
)
from commentsite.letters.embedding.services import describe_page, ensure_page_letter
from commentsite.letters.language_tags import normalise_language
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_commentable_letter, get_public_letter
from commentsite.letters.states import LetterState
from commentsite.text.page_addresses import canonicalise_page_url
from commentsite.web.caching.page_cache import PageArguments, cached_page
from commentsite.web.context import current_site
from commentsite.web.embed.frame import allow_named_origins, list_origins_for_script
from commentsite.web.embed.page import EmbedAddresses, render_embedded
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.rate_limits import PREVIEW_LIMIT, SUBMISSION_LIMIT
from commentsite.web.public.comments.submit import (
    FormPage,
    preview_comment,
    receive_comment,
    render_rate_limited,
)
from commentsite.web.public.letters.comment_form import build_sent_form
from commentsite.web.public.letters.page import (
    canonical_letter_arguments,
    get_letter_or_redirect,
    letter_page_version,
)

bp = LanguageBlueprint("embed", __name__)
csrf.exempt(bp)  # there is no session; the form carries its own signed token
bp.after_request(allow_named_origins)


# Letters


@bp.get("/embed/letters/<slug>")
@cached_page(letter_page_version, canonical_letter_arguments)
def letter(slug: str) -> Response:
    """Show the comments of a letter and the form, without the letter."""
    found = get_letter_or_redirect(slug, lambda new_slug: url_for("embed.letter", slug=new_slug))
    status = 410 if found.state == LetterState.WITHDRAWN else 200
    addresses = _address_letter(found.slug)
    return render_embedded(found, addresses=addresses, subject=found.id, status=status)


@bp.post("/embed/letters/<slug>/comments")
@limiter.limit(SUBMISSION_LIMIT)
def submit_to_letter(slug: str) -> AnyResponse:
    """Store a comment on a letter, and show the address of its receipt."""
    return receive_comment(_load_letter_form(slug))


@bp.post("/embed/letters/<slug>/comments/preview")
@limiter.limit(PREVIEW_LIMIT)
def preview_on_letter(slug: str) -> Response:
    return preview_comment(_load_letter_form(slug))


# Pages elsewhere


def _page_version() -> str | None:
    """Return the stamp of the comments of a page, or None while it has none."""
    try:
        slug = find_page_slug(_read_page()[0])
    except NotFound:
        return None
    return letter_page_version(slug) if slug else None


def _page_arguments(stamp: str) -> PageArguments:
    url, _origin = _read_page()
    slug = find_page_slug(url) or ""
    arguments = canonical_letter_arguments(stamp, slug)
    return PageArguments(
        {**arguments.values, "url": url, "lang": _read_language()}, is_kept=arguments.is_kept
    )


@bp.get("/embed/pages")
@cached_page(_page_version, _page_arguments)
def page() -> Response:
    """Show the comments of a page elsewhere and the form. Nothing is stored."""
    url, _origin = _read_page()
    found = find_page_letter(url) or _build_new_letter(url)
    return render_embedded(
        found, addresses=_address_page(url, found.slug), subject=_page_subject(url)
    )


@bp.post("/embed/pages/comments")
@limiter.limit(SUBMISSION_LIMIT)
def submit_to_page() -> AnyResponse:
    """Store a comment on a page elsewhere. The first one makes its letter."""
    return receive_comment(_load_page_form())


@bp.post("/embed/pages/comments/preview")
@limiter.limit(PREVIEW_LIMIT)
def preview_on_page() -> Response:
    return preview_comment(_load_page_form())


@bp.get("/receipts/<token>/sent")
def sent(token: str) -> Response:
    """Show inside a frame that a comment was sent, with the address of its receipt, which opens outside."""
    comment = get_comment_by_receipt(token)
    found = letter_queries.get_letter(comment.letter_id)
    if found.is_page and (url := find_page_url(found)):
        back_url = url_for("embed.page", url=url, lang=found.language)
    else:
        back_url = url_for("embed.letter", slug=found.slug)
    page = render_template(
        "embed/sent.html",
        letter=found,
        token=token,
        back_url=back_url,
        origins=list_origins_for_script(),
    )
    return make_response(page)


@bp.errorhandler(RateLimitExceeded)
def _render_rate_limited(_error: RateLimitExceeded) -> AnyResponse:
    slug = (request.view_args or {}).get("slug")
    try:
        return render_rate_limited(_load_letter_form(slug) if slug else _load_page_form())
    except (NotFound, RequestEntityTooLarge) as error:
        return current_app.make_response(current_app.handle_user_exception(error))


def _load_letter_form(slug: str) -> FormPage:
    found = get_commentable_letter(slug)
    current_site(version=found.site_version)
    return FormPage(
        letter=found,
        form=build_sent_form(found.id),
        render=partial(render_embedded, addresses=_address_letter(found.slug), subject=found.id),
        load_letter=lambda: get_public_letter(found.slug),
        make_letter=lambda: found,
        receipt="embed.sent",
    )


def _load_page_form() -> FormPage:
    url, origin = _read_page()
    found = find_page_letter(url)
    subject, language = _page_subject(url), _read_language()
    slug = found.slug if found else ""

    def make_letter() -> Letter:
        if found is not None:
            return found
        with transaction():
            ensure_page_letter(url, origin, language)
        return find_page_letter(url) or _build_new_letter(url)

    return FormPage(
        letter=found or _build_new_letter(url),
        form=build_sent_form(subject),
        render=partial(render_embedded, addresses=_address_page(url, slug), subject=subject),
        load_letter=lambda: find_page_letter(url) or _build_new_letter(url),
        make_letter=make_letter,
        receipt="embed.sent",
    )


def _address_letter(slug: str) -> EmbedAddresses:
    return EmbedAddresses(
        show=url_for("embed.letter", slug=slug),
        submit=url_for("embed.submit_to_letter", slug=slug),
        preview=url_for("embed.preview_on_letter", slug=slug),
        full=url_for("letters.show", slug=slug),
    )


def _address_page(url: str, slug: str) -> EmbedAddresses:
    language = _read_language()
    return EmbedAddresses(
        show=url_for("embed.page"),
        submit=url_for("embed.submit_to_page"),
        preview=url_for("embed.preview_on_page"),
        full=url_for("letters.show", slug=slug) if slug else "",
        parameters=(("url", url), *((("lang", language),) if language else ())),
    )


def _read_page() -> tuple[str, str]:
    """Return the canonical address of the page that the request names, and its origin. Raises NotFound."""
    try:
        url, origin = canonicalise_page_url(request.args.get("url", ""))
    except ValueError:
        msg = "The address names no page. It needs “?url=” with the address of one."
        raise NotFound(msg) from None
    if not current_site().embed_origins.get(origin):
        msg = "This site takes no comments on pages of %(origin)s."
        raise NotFound(msg, origin=origin)
    return url, origin


def _read_language() -> str:
    return normalise_language(request.args.get("lang", "")[:40])


def _page_subject(url: str) -> str:
    """Return the subject of the form's token. It stays the same when the first comment makes the letter."""
    return f"page:{hash_page_url(url)[:32]}"


def _build_new_letter(url: str) -> Letter:
    """Return the letter that the first comment would make. It is not stored."""
    return Letter(
        id=0,
        slug="",
        state=LetterState.PUBLISHED,
        title=describe_page(url),
        language=_read_language() or "en",
        version_number=1,
        page_version=0,
        published_comment_count=0,
        comments_open=True,
        grace_hours=0,
        published_at=clock.now(),
        is_page=True,
        authors=[],
    )
