"""Fill an empty site with demo data: letters, comments and decisions over some weeks.

Letters, comments, corrections and staff are files beside this module. Each becomes a list of
events with a time relative to now. The events run in the order of their times, by the
application's own services and with the clock frozen, so that the demo has a plausible history and
a valid audit log.
"""

import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
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
from commentsite.accounts.queries import build_actor
from commentsite.accounts.services import add_staff
from commentsite.comments.affiliation.queries import is_author_address
from commentsite.comments.affiliation.services import add_author_address
from commentsite.comments.author_actions import withdraw_comment
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.examination import examine_comments
from commentsite.comments.hashing import hash_email
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.states import CommentState
from commentsite.comments.submission import Submission
from commentsite.comments.submit import prepare_submission, store_submission
from commentsite.db.session import transaction
from commentsite.demo.appeals import seed_appeals
from commentsite.demo.pages import seed_pages
from commentsite.demo.quality_reviews import seed_quality_reviews
from commentsite.demo.records import seed_record
from commentsite.demo.rules import backdate_first_version, publish_second_version
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.letters import queries as letter_queries
from commentsite.letters.editing import LetterContent, save_working_copy
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.services import import_letter
from commentsite.letters.publication.corrections import publish_correction
from commentsite.letters.publication.services import publish_letter, send_to_review
from commentsite.letters.states import ChangeKind
from commentsite.letters.text import queries as text_queries
from commentsite.moderation.appeals.queries import list_rejected_comment_ids
from commentsite.moderation.decisions.policy import Verdict, requires_rule
from commentsite.moderation.decisions.services import decide
from commentsite.site.queries import Site, load_site
from commentsite.summaries.objections import services as objections
from commentsite.summaries.states import ObjectionStatus

DATA_FOLDER = Path(__file__).parent
VERDICTS_BY_STATE = {
    "published": ["publish"],
    "returned": ["return"],
    "refused": ["refuse"],
    "spam": ["spam"],
    "restricted": ["publish", "restrict"],
    "withdrawn": ["publish"],
}
#: Time, a number that keeps events of the same time in order, and the action.
DemoEvent = tuple[datetime, int, Callable[[], None]]
ShowProgress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class DemoLogin:
    """The credentials of a demo user."""

    role: str
    email: str
    password: str


def seed_demo(
    encryption: Encryption,
    show_progress: ShowProgress = lambda _label, _length: nullcontext(lambda _: None),
) -> list[DemoLogin]:
    """Fill an empty site and return the credentials. Raises Conflict when it has letters already.

    `show_progress` is called with a label and the number of steps.
    """
    if letter_queries.count_letters():
        msg = "This site already has letters. Demo data can only fill an empty site."
        raise Conflict(msg)
    logins, moderators = _add_staff()
    now = clock.now()
    order = count()
    events: list[DemoEvent] = []
    for file in sorted((DATA_FOLDER / "letters").glob("*.md")):
        events += _build_letter_events(file, now, order, moderators, encryption)
    events += _build_correction_events(now, order)
    events.append((now - timedelta(hours=5), next(order), _add_drafts))
    backdate_first_version(min(moment for moment, _, _ in events))
    events.append((now - timedelta(hours=50), next(order), publish_second_version))
    with show_progress("Writing", len(events)) as advance:
        for moment, _, event in sorted(events, key=lambda e: e[:2]):
            with clock.freeze_at(moment):
                event()
            advance(1)
    seed_appeals(list_rejected_comment_ids(), encryption)
    seed_quality_reviews(moderators, encryption)
    seed_pages()
    with clock.freeze_at(now - timedelta(hours=2)):
        seed_record()
    return logins


def _add_staff() -> tuple[list[DemoLogin], list[User]]:
    logins, users = [], []
    with (DATA_FOLDER / "staff.toml").open("rb") as file:
        rows = tomllib.load(file)["staff"]
    for row in rows:
        password = tokens.new_password()
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
        logins.append(DemoLogin(row["role"], row["email"], password))
    return logins, users


def _build_letter_events(
    file: Path, now: datetime, order: "count[int]", moderators: list[User], encryption: Encryption
) -> list[DemoEvent]:
    """Build the events of one letter: its publication, its comments and the decisions on them."""
    draft = read_letter_file(file.name, file.read_bytes())
    comments_file = DATA_FOLDER / "comments" / f"{draft.slug}.toml"
    rows: list[dict[str, Any]] = (
        tomllib.loads(comments_file.read_text(encoding="utf-8"))["comment"]
        if comments_file.is_file()
        else []
    )
    # A translation has no comments and must be published after the original letter.
    oldest_hours = max(
        (row["hours_ago"] for row in rows), default=100 if draft.translation_of else 300
    )

    def publish() -> None:
        with transaction():
            publish_letter(import_letter(draft, by=SYSTEM).slug, by=SYSTEM)

    events: list[DemoEvent] = [(now - timedelta(hours=oldest_hours + 20), next(order), publish)]
    ids: dict[str, int] = {}
    for index, row in enumerate(rows):
        submitted_at = now - timedelta(hours=float(row["hours_ago"]))
        moderator = build_actor(moderators[index % 2])

        # Default arguments bind the values of this iteration.
        def submit(row: dict[str, Any] = row) -> None:
            ids[row["key"]] = _submit_comment(draft.slug, row, ids, encryption)

        decided_at = submitted_at + timedelta(minutes=9 if row["hours_ago"] > 1 else 1)
        later = min(submitted_at + timedelta(hours=48), now)
        events.append((submitted_at, next(order), submit))
        verdicts = VERDICTS_BY_STATE.get(row.get("state", "published"), [])
        for verdict, moment in zip(verdicts, (decided_at, later), strict=False):

            def moderate(
                row: dict[str, Any] = row, by: Actor = moderator, verdict: str = verdict
            ) -> None:
                _decide_comment(ids[row["key"]], row, verdict, by, encryption)

            events.append((moment, next(order), moderate))
        if row.get("state") == "withdrawn":

            def withdraw(row: dict[str, Any] = row) -> None:
                with transaction():
                    withdraw_comment(get_comment_for_update(ids[row["key"]]), by=READER)

            events.append((later, next(order), withdraw))
        if "objection" in row:

            def object_to_letter(row: dict[str, Any] = row) -> None:
                _record_objection(
                    draft.slug, ids[row["key"]], row, build_actor(moderators[2]), encryption
                )

            events.append((later, next(order), object_to_letter))
    return events


def _build_correction_events(now: datetime, order: "count[int]") -> list[DemoEvent]:
    with (DATA_FOLDER / "corrections.toml").open("rb") as file:
        rows = tomllib.load(file)["correction"]

    def correct(row: dict[str, Any]) -> None:
        with transaction():
            letter = letter_queries.get_any_letter(row["slug"])
            text = text_queries.get_current_version(letter).source_text
            corrected = text.replace(row["find"], row["replace"])
            content = LetterContent(letter.title, letter.standfirst, letter.editors_note, corrected)
            save_working_copy(row["slug"], 0, content, by=SYSTEM)
            publish_correction(row["slug"], ChangeKind(row["change"]), row["note"], by=SYSTEM)

    return [
        (now - timedelta(hours=row["hours_ago"]), next(order), partial(correct, row))
        for row in rows
    ]


def _add_drafts() -> None:
    for file in sorted((DATA_FOLDER / "drafts").glob("*.md")):
        with transaction():
            draft = read_letter_file(file.name, file.read_bytes())
            send_to_review(import_letter(draft, by=SYSTEM).slug, by=SYSTEM)


def _submit_comment(
    slug: str, row: dict[str, Any], ids: dict[str, int], encryption: Encryption
) -> int:
    site = load_site()
    # Only under this setting does a comment wait for its address to be confirmed.
    if row.get("state") == "awaiting_email":
        site = Site(**{**site.__dict__, "email_confirmation": "before_queue"})
    with transaction():
        letter = letter_queries.get_public_letter(slug)
        pids = {block.number: block.pid for block in text_queries.list_current_blocks(letter)}
        if row.get("is_author") and not is_author_address(
            letter.id, hash_email(encryption, row["email"])
        ):
            add_author_address(letter, row["email"], by=SYSTEM, encryption=encryption)
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
            parent_id=ids.get(row.get("reply_to", "")),
            notify_of_replies=False,
            honeypot="",
            form_age=120.0,
            network_address=None,
            is_pseudonym=row.get("pseudonym", False),
            quote_as=row.get("quote_as", "group"),
            paragraph_stances={
                pid: stance for n, stance in row.get("own", {}).items() if (pid := pids.get(int(n)))
            },
        )
        prepared = prepare_submission(letter, submission, site=site, encryption=encryption)
        comment_id = store_submission(prepared, by=READER)
        comment = get_comment_for_update(comment_id)
        comment.language = row.get("language", "")
        examine_comments([comment_id], letter, site=site, encryption=encryption)
        if row.get("confirmed") or row.get("is_author"):
            confirm_email(comment, by=READER)
        return comment.id


def _record_objection(
    slug: str, comment_id: int, row: dict[str, Any], editor: Actor, encryption: Encryption
) -> None:
    """Let the author object. With an answer in the file, the editor answers and the author reacts."""
    with transaction():
        objection = objections.record_objection(get_comment_for_update(comment_id), by=READER)
    if not row["objection"]:
        return
    with transaction():
        objections.answer_objection(
            slug,
            objection.id,
            text=row["objection"],
            status=ObjectionStatus.ADDRESSED,
            by=editor,
            encryption=encryption,
        )
    with transaction():
        comment = get_comment_for_update(comment_id)
        objections.react_to_answer(comment, is_satisfied=False, text=row["reaction"], by=READER)


def _decide_comment(
    comment_id: int, row: dict[str, Any], verdict: str, by: Actor, encryption: Encryption
) -> None:
    cites_rule = requires_rule(Verdict(verdict))
    with transaction():
        comment = get_comment_for_update(comment_id)
        if comment.state == CommentState.SPAM and verdict == Verdict.SPAM:
            return  # screening has already marked it as spam
        decide(
            comment.id,
            comment.version,
            Verdict(verdict),
            by=by,
            encryption=encryption,
            rule=row.get("reason", "R5") if cites_rule else "",
            note=row.get("note", "") if cites_rule else "",
        )
