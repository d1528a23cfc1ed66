"""Name the sites that may show comments, and give the lines that they put into their pages."""

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
from markupsafe import escape
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.embedding.queries import list_page_threads
from commentsite.letters.queries import list_newest_letters
from commentsite.site.embed_origins import remove_embed_origin, set_embed_origin
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_embed", __name__, url_prefix="/desk/embed")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
LISTED_LETTERS, LISTED_PAGES = 50, 100


@bp.get("/")
def edit() -> Response:
    return _render_page()


@bp.post("/")
def add() -> AnyResponse:
    """Allow an origin, or change whether its own pages may have comments."""
    form = request.form
    try:
        with transaction():
            origin = set_embed_origin(
                form.get("origin", ""), has_pages="has_pages" in form, by=current_actor()
            )
    except SiteError as error:
        return _render_page(error)
    flash(_("%(origin)s may show comments.", origin=origin))
    return redirect(url_for("desk_embed.edit"), 303)


@bp.get("/remove")
def leave_action() -> AnyResponse:
    """Lead to the page. A browser gets here when a steward had to sign in again, or reloads an error."""
    return redirect(url_for("desk_embed.edit"), 303)


@bp.post("/remove")
def remove() -> AnyResponse:
    origin = request.form.get("origin", "")
    try:
        with transaction():
            remove_embed_origin(origin, by=current_actor())
    except SiteError as error:
        return _render_page(error)
    flash(
        _(
            "%(origin)s may not show comments any more. Those that were sent from it stay.",
            origin=origin,
        )
    )
    return redirect(url_for("desk_embed.edit"), 303)


def _render_page(error: SiteError | None = None) -> Response:
    letters = list_newest_letters(LISTED_LETTERS, include_slug=request.args.get("letter", ""))
    titles = {row.slug: row.title for row in letters}
    slug = request.args.get("letter", "")
    slug = slug if slug in titles else next(iter(titles), "")
    q = request.args.get("q", "")[:200]
    page = render_template(
        "desk/admin/embed.html",
        actor=current_actor(),
        origins=current_site().embed_origins,
        letters=letters,
        chosen=slug,
        letter_snippet=_build_letter_snippet(slug, titles[slug]) if slug else "",
        page_snippet=_build_page_snippet(),
        pages=list_page_threads(limit=LISTED_PAGES, q=q),
        q=q,
        max_pages=LISTED_PAGES,
        typed=request.form.get("origin", ""),
        has_pages="has_pages" in request.form,
        problem=translate_error(error) if error else "",
    )
    return make_response(page, get_status(error) if error else 200)


def _build_letter_snippet(slug: str, title: str) -> str:
    base = runtime().settings.base_url
    label = _("Comments on “%(title)s”", title=title)
    return (
        f'<script src="{base}/embed.js" data-letter="{slug}" data-title="{escape(label)}" async></script>\n'
        f'<noscript><a href="{base}/letters/{slug}#comments">{escape(label)}</a></noscript>'
    )


def _build_page_snippet() -> str:
    base, page = runtime().settings.base_url, "https://blog.example/the-page"
    return (
        f'<script src="{base}/embed.js" data-url="{page}" data-title="{_("Comments")}" async></script>\n'
        f'<noscript><a href="{base}/embed/pages?url={page}">{_("Comments")}</a></noscript>'
    )
