"""Tell the demo's story: letters come in, people answer, moderators decide, over some weeks."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from flask_security import hash_password

from commentsite import clock, tokens
from commentsite.accounts.models import User
from commentsite.accounts.permissions import READER, SYSTEM, Actor, RoleName
from commentsite.accounts.queries import actor_for
from commentsite.accounts.services import add_staff
from commentsite.comments.afterwards import confirm_email, withdraw_comment
from commentsite.comments.keys import hash_email
from commentsite.comments.queries import comment_for_update
from commentsite.comments.services import submit_comment
from commentsite.comments.speakers import is_author_address
from commentsite.comments.states import CommentState
from commentsite.comments.submission import Submission
from commentsite.comments.voices import add_author_address
from commentsite.db import transaction
from commentsite.demo.objections import object_to
from commentsite.demo.readings import read_again
from commentsite.demo.rules import begin, publish_second
from commentsite.errors import Conflict
from commentsite.letters import history
from commentsite.letters import queries as letters
from commentsite.letters.afterwards import correct_letter
from commentsite.letters.editing import Wording, save_working_copy
from commentsite.letters.intake import read_letter
from commentsite.letters.publishing import publish_letter, send_to_review
from commentsite.letters.services import import_letter
from commentsite.letters.states import ChangeKind
from commentsite.moderation.appeal_cases import decided_against
from commentsite.moderation.policy import Verdict
from commentsite.moderation.services import decide
from commentsite.site.queries import Site, current_site
from commentsite.vault import Vault

HERE = Path(__file__).parent
VERDICTS = {
    "published": ["publish"],
    "returned": ["return"],
    "refused": ["refuse"],
    "spam": ["spam"],
    "restricted": ["publish", "restrict"],
    "withdrawn": ["publish"],
}
Event = tuple[datetime, int, Callable[[], None]]


@dataclass(frozen=True)
class Person:
    """A sign-in of the demo."""

    role: str
    email: str
    password: str


def fill(vault: Vault) -> list[Person]:
    """Fill an empty site and return its sign-ins. Raises Conflict when it has letters already."""
    if letters.count_letters():
        msg = "This site has letters already; the demo only fills an empty one."
        raise Conflict(msg)
    people, moderators = _staff()
    now = clock.now()
    order = count()
    events: list[Event] = []
    for file in sorted((HERE / "letters").glob("*.md")):
        events += _story(file, now, order, moderators, vault)
    events += _corrections(now, order)
    events.append((now - timedelta(hours=5), next(order), _drafts))
    begin(min(moment for moment, _, _ in events))
    events.append((now - timedelta(hours=50), next(order), publish_second))
    for moment, _, event in sorted(events, key=lambda e: e[:2]):
        with clock.at(moment):
            event()
    object_to(decided_against(), vault)
    read_again(moderators, vault)
    return people


def _staff() -> tuple[list[Person], list[User]]:
    people, users = [], []
    with (HERE / "staff.toml").open("rb") as file:
        rows = tomllib.load(file)["staff"]
    for row in rows:
        password = tokens.password()
        hashed = hash_password(password)
        with transaction():
            users.append(
                add_staff(
                    by=SYSTEM,
                    email=row["email"],
                    name=row["name"],
                    role=RoleName(row["role"]),
                    password_hash=hashed,
                    group=row["group"],
                    organisation=row.get("organisation", ""),
                )
            )
        people.append(Person(row["role"], row["email"], password))
    return people, users


def _story(
    file: Path, now: datetime, order: "count[int]", moderators: list[User], vault: Vault
) -> list[Event]:
    draft = read_letter(file.name, file.read_bytes())
    comments_file = HERE / "comments" / f"{draft.slug}.toml"
    rows: list[dict[str, Any]] = (
        tomllib.loads(comments_file.read_text(encoding="utf-8"))["comment"]
        if comments_file.is_file()
        else []
    )
    # A translation comes after what it translates.
    first = max((row["hours_ago"] for row in rows), default=100 if draft.translation_of else 300)

    def publish() -> None:
        with transaction():
            publish_letter(import_letter(draft, by=SYSTEM).slug, by=SYSTEM)

    events: list[Event] = [(now - timedelta(hours=first + 20), next(order), publish)]
    ids: dict[str, int] = {}
    for index, row in enumerate(rows):
        sent = now - timedelta(hours=float(row["hours_ago"]))
        moderator = actor_for(moderators[index % 2])

        def send(row: dict[str, Any] = row) -> None:
            ids[row["key"]] = _send(draft.slug, row, ids, vault)

        read = sent + timedelta(minutes=9 if row["hours_ago"] > 1 else 1)
        later = min(sent + timedelta(hours=48), now)
        events.append((sent, next(order), send))
        verdicts = VERDICTS.get(row.get("state", "published"), [])
        for verdict, moment in zip(verdicts, (read, later), strict=False):

            def settle(
                row: dict[str, Any] = row, by: Actor = moderator, verdict: str = verdict
            ) -> None:
                _settle(ids[row["key"]], row, verdict, by, vault)

            events.append((moment, next(order), settle))
        if row.get("state") == "withdrawn":

            def withdraw(row: dict[str, Any] = row) -> None:
                with transaction():
                    withdraw_comment(comment_for_update(ids[row["key"]]), by=READER)

            events.append((later, next(order), withdraw))
    return events


def _corrections(now: datetime, order: "count[int]") -> list[Event]:
    with (HERE / "corrections.toml").open("rb") as file:
        rows = tomllib.load(file)["correction"]

    def correct(row: dict[str, Any]) -> None:
        with transaction():
            letter = letters.any_letter_by_slug(row["slug"])
            text = history.current_version(letter).source_text
            words = text.replace(row["find"], row["replace"])
            wording = Wording(letter.title, letter.standfirst, letter.editors_note, words)
            save_working_copy(row["slug"], 0, wording, by=SYSTEM)
            correct_letter(row["slug"], ChangeKind(row["change"]), row["note"], by=SYSTEM)

    return [
        (now - timedelta(hours=row["hours_ago"]), next(order), partial(correct, row))
        for row in rows
    ]


def _drafts() -> None:
    for file in sorted((HERE / "drafts").glob("*.md")):
        with transaction():
            draft = read_letter(file.name, file.read_bytes())
            send_to_review(import_letter(draft, by=SYSTEM).slug, by=SYSTEM)


def _send(slug: str, row: dict[str, Any], ids: dict[str, int], vault: Vault) -> int:
    site = current_site()
    if row.get("state") == "awaiting_email":
        site = Site(**{**site.__dict__, "email_confirmation": "before_queue"})
    with transaction():
        letter = letters.letter_by_slug(slug)
        pids = {block.number: block.pid for block in letters.current_blocks(letter)}
        if row.get("is_author") and not is_author_address(
            letter.id, hash_email(vault, row["email"])
        ):
            add_author_address(letter, row["email"], by=SYSTEM, vault=vault)
        submission = Submission(
            name=row["name"],
            email=row["email"],
            stakeholder_group=row["group"],
            organisation=row.get("organisation", ""),
            capacity=row.get("capacity", "personal"),
            body=row["body"].strip(),
            kind=row.get("kind", "general"),
            paragraphs=tuple(
                pid for number in row.get("paragraphs", []) if (pid := pids.get(number))
            ),
            stance=row.get("stance", "none"),
            parent=ids.get(row.get("reply_to", "")),
            notify=False,
            nickname="",
            form_age=120.0,
            address=None,
            is_pseudonym=row.get("pseudonym", False),
            own_stances={
                pid: stance for n, stance in row.get("own", {}).items() if (pid := pids.get(int(n)))
            },
        )
        comment = submit_comment(letter, submission, by=READER, site=site, vault=vault).comment
        comment.language = row.get("language", "")
        if row.get("confirmed") or row.get("is_author"):
            confirm_email(comment, by=READER)
        return comment.id


def _settle(comment_id: int, row: dict[str, Any], verdict: str, by: Actor, vault: Vault) -> None:
    is_reasoned = verdict in {"refuse", "return", "restrict"}
    with transaction():
        comment = comment_for_update(comment_id)
        if comment.state == CommentState.SPAM and verdict == "spam":
            return  # the screening saw it first
        decide(
            comment.id,
            comment.version,
            Verdict(verdict),
            by=by,
            vault=vault,
            reason=row.get("reason", "R5") if is_reasoned else "",
            note=row.get("note", "") if is_reasoned else "",
        )
