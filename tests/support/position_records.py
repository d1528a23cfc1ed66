"""Records of positions as rows, and their published versions, for tests that do not write or publish them."""

import re
import time
from unittest import mock

from commentsite import clock
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_any_letter
from commentsite.site.queries import load_site
from commentsite.summaries.compilation.builder import SiteGroups, build_report
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.inquiries.policy import INQUIRY_WINDOW
from commentsite.summaries.models import (
    Position,
    PositionHolder,
    Question,
    Summary,
    SummaryVersion,
)
from commentsite.summaries.report.serialisation import (
    convert_report,
    hash_document,
    pack_contributors,
)
from commentsite.summaries.states import HolderKind, Outcome
from tests.support.clients import fetch_page

INQUIRIES = "/letters/hello/summary/inquiries"
TITLES = ("The library pays", "The users pay")
TEXTS = (
    "The room stays free, and the library pays for it out of its budget.",
    "The room is kept by those who use it, and each pays a small fee.",
)


def store_record(slug: str = "hello") -> Summary:
    """Store a record with a question and two positions on it, without holders."""
    now = clock.now()
    with transaction():
        summary = Summary(letter_id=get_any_letter(slug).id, created_at=now, changed_at=now)
        summary.questions = [
            Question(
                position=0,
                text="Who pays for the quiet room?",
                positions=[
                    Position(title=title, body=text, created_at=now, changed_at=now)
                    for title, text in zip(TITLES, TEXTS, strict=True)
                ],
            )
        ]
        session().add(summary)
    return summary


def store_holder(position: Position, kind: HolderKind = HolderKind.ORGANISATION, **fields) -> int:
    """Store a holder of a position and return its id."""
    given = {"name": "Open Networks", "stakeholder_group": "CIV"} | fields
    with transaction():
        holder = PositionHolder(position_id=position.id, kind=kind, **given)
        session().add(holder)
        session().flush()
        return holder.id


def publish_record(summary_id: int) -> int:
    """Store the next version of a record, without the conditions for publishing. Return its number."""
    with transaction():
        summary = session().get_one(Summary, summary_id)
        summary.outcome = Outcome.NO_REPORT
        number = (summary.published_version or 0) + 1
        session().flush()
        groups = tuple(load_site().groups)
        built = build_report(
            summary_id,
            groups=SiteGroups(groups, groups),
            cut_off=clock.now(),
            version=number,
        )
        content = convert_report(built.report)
        contributors = pack_contributors(stream_contributors(built.contributors))
        session().add(
            SummaryVersion(
                summary_id=summary_id,
                number=number,
                outcome=built.report.outcome,
                language=built.report.language,
                content=content,
                contributors=contributors,
                sha256=hash_document(content, contributors),
                published_by="Edda Editor",
                published_at=built.report.built_at,
                inquiries_until=built.report.built_at + INQUIRY_WINDOW,
            )
        )
        summary.published_version = number
        bump_page_version(session().get_one(Letter, summary.letter_id))
    return number


def ask_for_correction(client, *, age: float = 30, headers=None, **changes):
    """Send the form of an inquiry, which was served some seconds ago, and return the response."""
    now = time.time

    def earlier():
        return now() - age

    with mock.patch.object(time, "time", earlier):
        page = fetch_page(client, INQUIRIES)
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    fields = {
        "name": "Ines Inquirer",
        "email": "ines@example.org",
        "stakeholder_group": "ACA",
        "organisation": "",
        "body": "The second sentence is not what paragraph 3 says.",
        "form_token": token[1] if token else "",
        "nickname": "",
    }
    return client.post(INQUIRIES, data=fields | changes, headers=headers)
