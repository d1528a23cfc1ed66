"""What the site says about itself: rules, privacy, the public books."""

from flask import Blueprint, Response, make_response, render_template

from commentsite import retention
from commentsite.moderation.quality.agreement import MIN_CASES
from commentsite.moderation.transparency.figures import merge_rows
from commentsite.moderation.transparency.queries import (
    load_report_version,
    load_transparency_report,
)
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.site.queries import get_rulebook, list_rules_versions
from commentsite.site.rulebook import Rulebook
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.rendering.charts import columns
from commentsite.web.rendering.rule_diff import changes

bp = Blueprint("pages", __name__)
MOST_MONTHS = (
    24  # each in its own line; those before are joined, and stand in the table for machines
)
ORDER = (
    "published",
    "pending",
    "awaiting_email",
    "returned",
    "refused",
    "restricted",
    "spam",
    "withdrawn",
)


@bp.get("/rules")
@cached_page(lambda: str(current_site().version))
def rules() -> Response:
    """Show the clauses a refusal can name."""
    return _rules_page(current_site().rulebook)


@bp.get("/rules/<int:version>")
@cached_page(lambda version: f"{version}.{current_site().version}")
def rules_version(version: int) -> Response:
    """Show one version of the rules, in force or not, as decisions of its time name them."""
    return _rules_page(get_rulebook(version))


@bp.get("/privacy")
@cached_page(lambda: f"{current_site().version}.{_asked()}")
def privacy() -> Response:
    """Show what is stored and for how long, and who is asked about words."""
    return make_response(
        render_template("public/site/privacy.html", table=retention.RETENTION_RULES, asked=_asked())
    )


@bp.get("/transparency")
@cached_page(lambda: f"{load_report_version()}.{current_site().version}")
def transparency() -> Response:
    """Show what became of everything that was sent, how long it took, and where the log ends."""
    books = load_transparency_report()
    older = books.months[MOST_MONTHS:]
    return make_response(
        render_template(
            "public/site/transparency.html",
            books=books,
            problems=find_inconsistencies(books),
            months=[
                *books.months[:MOST_MONTHS],
                *([merge_rows("", older)] if older else []),
            ],
            columns=columns(books.months, ORDER),
            order=ORDER,
            rules=current_site().rulebook,
            fewest=MIN_CASES,
        )
    )


def _rules_page(rules: Rulebook) -> Response:
    now = current_site().rulebook
    after = get_rulebook(rules.version + 1) if rules.version < now.version else None
    page = render_template(
        "public/site/rules.html",
        rules=rules,
        now=now,
        after=after,
        changes=changes(rules, after.all_clauses) if after else [],
        history=list_rules_versions(),
    )
    return make_response(page)


def _asked() -> str:
    service = runtime().settings.akismet
    return service.host if service else ""
