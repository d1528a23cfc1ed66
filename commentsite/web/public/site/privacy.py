"""The privacy page: which data the site stores, for how long, and which external service reads comments."""

from flask import Response, make_response, render_template

from commentsite import retention
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.http.languages import LanguageBlueprint

bp = LanguageBlueprint("privacy", __name__)


@bp.get("/privacy")
@cached_page(lambda: f"{current_site().version}.{_external_check_host()}")
def show() -> Response:
    page = render_template(
        "public/site/privacy.html",
        retention_rules=retention.RETENTION_RULES,
        external_check_host=_external_check_host(),
    )
    return make_response(page)


def _external_check_host() -> str:
    """Return the host of the service that checks comments for spam, or an empty string."""
    service = runtime().settings.akismet
    return service.host if service else ""
