"""What the site says about itself: rules, privacy, the public books."""

from flask import Blueprint, Response, make_response, render_template

from commentsite import retention
from commentsite.audit.queries import head
from commentsite.comments.queries import books
from commentsite.moderation.policy import REASONS, RULES_VERSION
from commentsite.web.cache import cached_page
from commentsite.web.identity import current_site, runtime

bp = Blueprint("pages", __name__)


@bp.get("/rules")
@cached_page(lambda: str(current_site().version))
def rules() -> Response:
    """Show the clauses a refusal can name."""
    return make_response(
        render_template("pages/rules.html", clauses=list(REASONS.values()), version=RULES_VERSION)
    )


@bp.get("/privacy")
@cached_page(lambda: f"{current_site().version}.{_asked()}")
def privacy() -> Response:
    """Show what is stored and for how long, and who is asked about words."""
    return make_response(
        render_template("pages/privacy.html", table=retention.TABLE, asked=_asked())
    )


@bp.get("/transparency")
@cached_page(lambda: f"{head()[0]}.{current_site().version}")
def transparency() -> Response:
    """Show how many comments are in each state, and where the log ends."""
    counted = books()
    seq, digest = head()
    return make_response(
        render_template(
            "pages/transparency.html",
            books=counted,
            total=sum(counted.values()),
            seq=seq,
            digest=digest,
        )
    )


def _asked() -> str:
    service = runtime().settings.akismet
    return service.host if service else ""
