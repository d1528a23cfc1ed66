"""The moderation rules: the version in force and every earlier one."""

from flask import Response, make_response, render_template

from commentsite.site.queries import get_rulebook, list_rules_versions
from commentsite.site.rulebook import Rulebook
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.rendering.rule_diff import diff_rulebooks

bp = LanguageBlueprint("rules", __name__)


@bp.get("/rules")
@cached_page(lambda: str(current_site().version))
def show() -> Response:
    return _render_rulebook(current_site().rulebook)


@bp.get("/rules/<int:version>")
@cached_page(lambda version: f"{version}.{current_site().version}")
def show_version(version: int) -> Response:
    """Show one version of the rules. A decision links to the version that was in force at its time."""
    return _render_rulebook(get_rulebook(version))


def _render_rulebook(rulebook: Rulebook) -> Response:
    current = current_site().rulebook
    is_current = rulebook.version == current.version
    next_version = None if is_current else get_rulebook(rulebook.version + 1)
    page = render_template(
        "public/site/rules.html",
        rulebook=rulebook,
        current=current,
        is_current=is_current,
        next_version=next_version,
        changes=diff_rulebooks(rulebook, next_version.all_clauses) if next_version else [],
        history=list_rules_versions(),
    )
    return make_response(page)
