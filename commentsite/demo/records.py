"""Publish the record of positions of one demo letter."""

import tomllib
from pathlib import Path
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment
from commentsite.comments.states import QuoteConsent
from commentsite.db.session import session, transaction
from commentsite.demo.queries import map_comments_by_name, map_paragraph_ids
from commentsite.letters import queries as letter_queries
from commentsite.site.queries import load_site
from commentsite.summaries.compilation.builder import SiteGroups
from commentsite.summaries.holders.policy import hash_position_text
from commentsite.summaries.models import (
    Position,
    PositionComment,
    PositionHolder,
    Question,
    Summary,
)
from commentsite.summaries.publication.services import publish_version
from commentsite.summaries.states import HolderKind, Outcome, SignOff

FILE = Path(__file__).parent / "records.toml"


def seed_record() -> None:
    """Write the record from its file and publish its first version."""
    with FILE.open("rb") as file:
        given = tomllib.load(file)
    site = load_site()
    with transaction():
        letter = letter_queries.get_letter_for_update(given["letter"])
        comments = map_comments_by_name(letter.id)
        pids = map_paragraph_ids(letter)
        now = clock.now()
        summary = Summary(
            letter_id=letter.id,
            language=given["language"],
            outcome=Outcome(given["outcome"]),
            outcome_note=given["outcome_note"],
            overview=given["overview"].strip(),
            comments_summary=given["comments_summary"].strip(),
            analysis=given["analysis"].strip(),
            omissions=given["omissions"],
            limits=given["limits"].strip(),
            created_at=now,
            changed_at=now,
            questions=[
                Question(
                    position=number,
                    text=row["text"],
                    pids=[pids[paragraph] for paragraph in row["paragraphs"]],
                    positions=[_build_position(position, comments) for position in row["position"]],
                )
                for number, row in enumerate(given["question"])
            ],
        )
        session().add(summary)
        session().flush()
        groups = SiteGroups(tuple(site.groups), tuple(site.offered_groups))
        publish_version(summary.id, by=SYSTEM, groups=groups)


def _build_position(row: dict[str, Any], comments: dict[str, Comment]) -> Position:
    title, body, now = row["title"], row["body"].strip(), clock.now()
    for quotation in row["quotations"]:
        comments[quotation["name"]].quote_as = QuoteConsent.NAME
    groups = [
        PositionHolder(kind=HolderKind.GROUP, stakeholder_group=code, asked_at=now)
        for code in row["groups"]
    ]
    people = [
        PositionHolder(
            kind=HolderKind.PERSON,
            stakeholder_group=comments[name].stakeholder_group,
            name=name,
            comment_id=comments[name].id,
            asked_at=now,
            sign_off=SignOff.FAIR,
            signed_hash=hash_position_text(title, body),
            signed_at=now,
        )
        for name in row["people"]
    ]
    return Position(
        title=title,
        body=body,
        created_at=now,
        changed_at=now,
        holders=[*groups, *people],
        comments=[
            PositionComment(
                comment_id=comments[quotation["name"]].id,
                comment_version=comments[quotation["name"]].version,
                quotation=quotation.get("words", ""),
                added_at=now,
            )
            for quotation in row["quotations"]
        ],
    )
