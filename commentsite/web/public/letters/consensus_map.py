"""The live consensus map of a letter: how the stakeholder groups stand to each paragraph."""

from flask import Response, make_response, render_template, url_for

from commentsite.errors import NotFound
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_current_blocks
from commentsite.summaries.consensus.builder import build_map_and_totals
from commentsite.summaries.consensus.policy import (
    MIN_PEOPLE,
    MIN_PEOPLE_FOR_SHARE,
    list_missing_groups,
)
from commentsite.summaries.objections.queries import list_objections
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.consensus_certainty import build_certainty_view
from commentsite.web.rendering.consensus_map import MapLetter, build_map_view
from commentsite.web.rendering.objection_view import build_objection_views

bp = LanguageBlueprint("consensus_map", __name__)


@bp.get("/letters/<slug>/map")
@cached_page(letter_page_version)
def show(slug: str) -> Response:
    """Show the map with its objections, and how sure its figures are."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("consensus_map.show", slug=new_slug)
    )
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn, so there is no map of the positions on it."
        raise NotFound(msg)
    site = current_site()
    rows, totals = build_map_and_totals([letter.id], tuple(site.groups))
    not_heard, too_few = list_missing_groups(tuple(site.offered_groups), totals.people_by_group)
    letters = {letter.id: MapLetter(letter.slug, letter.title, letter.language)}
    labels = {b.pid: b.label for b in list_current_blocks(letter) if b.pid and b.label}
    page = render_template(
        "public/letters/consensus_map.html",
        letter=letter,
        map=build_map_view(rows, letters, groups_not_heard=not_heard, groups_too_few=too_few),
        certainty=build_certainty_view(rows, totals, tuple(site.offered_groups)),
        totals=totals,
        objections=build_objection_views(list_objections([letter.id]), letter.slug, labels),
        min_people=MIN_PEOPLE,
        min_people_for_share=MIN_PEOPLE_FOR_SHARE,
    )
    return make_response(page)
