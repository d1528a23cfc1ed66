"""The pages besides letters, such as About and Contact."""

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from commentsite.errors import NotFound
from commentsite.letters.text.paragraphs import render_document
from commentsite.site.pages import queries as page_queries
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint

bp = LanguageBlueprint("pages", __name__)


@bp.get("/pages/<slug>")
@cached_page(lambda **_: str(current_site().version))
def show(slug: str) -> Response:
    """Show a public page. A former slug redirects to the present one."""
    page = page_queries.find_page_by_slug(slug)
    if page is None:
        page = page_queries.find_page_by_former_slug(slug)
        if page is not None and page.is_public:
            return redirect(url_for("pages.show", slug=page.slug), 301)
    if page is None or not page.is_public:
        msg = "There is no such page."
        raise NotFound(msg)
    html = render_document(page.source_text)
    return make_response(render_template("public/site/page.html", page=page, html=html))
