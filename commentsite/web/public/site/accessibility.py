"""The accessibility statement: conformance with WCAG 2.2, how it was tested, known limits, and a contact.

The model is the statement of the European Union (Implementing Decision (EU) 2018/1523) and the generator of the W3C.
docs/accessibility.md records the result of the review for each criterion.
"""

from datetime import date, timedelta

from flask import Response, make_response, render_template

from commentsite.retention import SESSION_TTL
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint

bp = LanguageBlueprint("accessibility", __name__)

LAST_REVIEW = date(2026, 11, 29)  # of all criteria by hand
ORCA_VERSION = "43.1"  # the screen reader of that review
AXE_VERSION = "4.12"  # of the checker in the automatic tests


@bp.get("/accessibility")
@cached_page(lambda: str(current_site().version))
def show() -> Response:
    page = render_template(
        "public/site/accessibility.html",
        last_review=LAST_REVIEW,
        orca_version=ORCA_VERSION,
        axe_version=AXE_VERSION,
        session_hours=SESSION_TTL // timedelta(hours=1),
    )
    return make_response(page)
