"""Readers find published records of positions by the words of their editors, on both databases."""

import re

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import session, transaction
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.letters.queries import get_public_letter
from commentsite.summaries.models import PositionHolder, SummaryVersion
from commentsite.summaries.search.services import (
    continue_rebuild,
    is_index_outdated,
    start_rebuild,
)
from tests.support import records
from tests.support.clients import fetch_page

FOUND = (
    "Quiet rooms",  # the title of the letter
    "no report",  # the outcome, in the language of the page
    "record of positions room",  # the kind of the text, with a word of it
    "agreed proposals only",  # the title of a position
    '"so that readers can judge"',  # the text of a position
    "Forty people wrote",  # the overview
    "opn networks",  # an organisation that an editor named as a holder
)
NOT_FOUND = (
    '"keep the whole list"',  # words of a comment that the record quotes
    '"Reader 0"',  # the name of its author
    "agreed text",  # the outcome of another record
)


def find(client, query, **filters):
    """Return the addresses of the records that a search finds."""
    session().rollback()
    answer = client.get("/search", query_string={"q": query, **filters})
    section = re.search(r'<h2 id="records-h".*?</section>', answer.text, re.DOTALL)
    return re.findall(r'href="(/letters/[^/]+/summary)"', section[0] if section else "")


@pytest.fixture
def published(any_app):
    summary_id = records.seed_consultation()
    with transaction():
        get_public_letter("annex").title = "Quiet rooms in libraries"
        holder = session().query(PositionHolder).filter_by(kind="group").first()
        holder.kind, holder.name = "organisation", "Opn Networks"
    records.publish_record(summary_id)


def test_a_record_is_found_by_its_own_words_and_not_by_those_of_comments(any_app, published):
    client = any_app.test_client()
    assert [query for query in FOUND if not find(client, query)] == []
    assert [query for query in NOT_FOUND if find(client, query)] == []
    page = fetch_page(client, "/search?q=no+report&kind=records")
    assert "1 record of positions" in page
    assert "Record of positions. <mark>No</mark> <mark>report</mark>." in page
    assert find(client, "quiet", group="CIV") == ["/letters/annex/summary"]
    assert find(client, "quiet", group="MED") == []
    with transaction():
        withdraw_letter("annex", "The author asked for it.", by=SYSTEM)
    assert find(client, "quiet") == []


def test_the_index_of_records_is_built_again(any_app, published):
    client = any_app.test_client()
    with transaction():
        session().query(SummaryVersion).one().language = "sw"
        session().execute(text("DELETE FROM search_record"))
    assert find(client, "judge") == []
    with transaction():
        start_rebuild()
    while is_index_outdated():
        with transaction():
            continue_rebuild()
    assert find(client, "judge") == ["/letters/annex/summary"]
    # A filter by language keeps the records that are written in it.
    assert find(client, "judge", language="sw") == ["/letters/annex/summary"]
    assert find(client, "judge", language="en") == []
