"""Create sites, letters, staff and comments by the application's own services, without HTTP."""

import io
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import docx
from flask import current_app, request
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select, text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM, Actor, RoleName
from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.accounts.services import add_staff
from commentsite.app import create_app
from commentsite.audit.models import PrivateAuditEntry
from commentsite.comments.examination import examine_comments
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.states import CommentState
from commentsite.comments.submission import Submission
from commentsite.comments.submit import prepare_submission, store_submission
from commentsite.comments.subscribers.models import ReaderSubscription, Subscriber
from commentsite.comments.transitions import change_state
from commentsite.db.session import db, session, transaction
from commentsite.encryption import Encryption
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.importing.services import import_letter
from commentsite.letters.publication.comment_settings import (
    set_email_confirmation,
    set_moderation_mode,
)
from commentsite.letters.publication.services import publish_letter
from commentsite.letters.queries import get_public_letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.notifications.models import Message
from commentsite.site.queries import find_settings, load_site
from commentsite.worker.tasks import TASKS, run_tasks
from tests.support.shared_work import compiled_templates, share_compiled_statements

SECRET = "a-secret-for-tests-only-0123456789abcdef"
PASSWORD = "correct-horse-battery"
TEXT = "Dear all\n\nThe first paragraph says what happened.\n\nThe second says why it matters.\n\nThe third asks for an answer.\n\nWith regards\n"


class ClosingClient(FlaskClient):
    """A test client that closes the temporary file in which Werkzeug puts a large upload."""

    def open(self, *args, **kwargs):
        response = super().open(*args, **kwargs)
        upload = response.request.environ["wsgi.input"]
        if not isinstance(upload, io.BytesIO):
            upload.close()
        return response


_apps: list = []


def make_app(instance: Path, template: Path | None = None, **settings: str):
    """Create an application on a copy of a migrated database, or on none.

    Its connections are closed after the test, by the fixture `close_connections`.
    """
    if template is not None:
        instance.mkdir(parents=True, exist_ok=True)
        shutil.copy(template, instance / "commentsite.db")
    app = create_app({"INSTANCE": str(instance), "SECRET_KEY": SECRET, **settings})
    app.config["TESTING"] = False
    app.test_client_class = ClosingClient
    app.after_request(examine_at_once)
    _apps.append(app)
    app.jinja_env.bytecode_cache = compiled_templates
    with app.app_context():
        for engine in db.engines.values():
            share_compiled_statements(engine)
    return app


def examine_at_once(response):
    """Do the part of the worker that follows a comment, before the response is sent.

    A running site does it within a second. Tests of that time take this function away.
    """
    endpoints = {"comments.submit", "embed.submit_to_letter", "embed.submit_to_page"}
    if request.endpoint in endpoints and response.status_code == 303:
        examine_received(current_app._get_current_object())
    return response


def examine_received(app) -> None:
    """Examine the comments that were received, as the worker does."""
    names = {"examine_comments", "number_audit_entries"}
    _count, failed = run_tasks(app, [task for task in TASKS if task.name in names])
    assert not failed


def detect_languages(app) -> None:
    """Detect the languages of comments, as the worker does each minute."""
    _count, failed = run_tasks(app, [task for task in TASKS if task.name == "detect_languages"])
    assert not failed


def close_apps() -> None:
    """Close the connections of all applications that make_app created."""
    while _apps:
        with _apps.pop().app_context():
            close_database()


def close_database() -> None:
    """Return the session's connection and close the pools, for the application whose context is pushed."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def encryption_of(app):
    return app.extensions["commentsite"].encryption


def publish_sample_letter(slug: str = "hello", **changes) -> None:
    """Publish a letter of three numbered paragraphs between a greeting and a close."""
    draft = LetterDraft(
        title=changes.pop("title", "Hello"),
        slug=slug,
        source_text=TEXT,
        authors=changes.pop(
            "authors", (AuthorDraft("Amina Author", "CIV", "delegate", "Open Networks"),)
        ),
        standfirst="A short letter.",
        original=TEXT.encode(),
        permission=PermissionDraft(given_by="Amina Author"),
        **changes,
    )
    with transaction():
        publish_draft(draft)


def publish_draft(draft: LetterDraft) -> None:
    """Publish a letter with the author, the language and the date that publication needs."""
    complete = replace(
        draft,
        authors=draft.authors or (AuthorDraft("Amina Author", "CIV"),),
        language=draft.language or draft.detected_language or "en",
        date_received=draft.date_received or date(2026, 1, 31),
    )
    publish_letter(import_letter(complete, by=SYSTEM).slug, by=SYSTEM)


def make_word_file(paragraphs, title: str = "A record") -> bytes:
    document = docx.Document()
    document.add_heading(title, 0)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def update_site_settings(app, **settings) -> None:
    """Write columns of the site's settings directly."""
    with app.app_context(), transaction():
        row = find_settings()
        for name, value in settings.items():
            setattr(row, name, value)
        row.version += 1


def add_staff_member(
    app, role="moderator", email="mod@staff.example", name="Mona Moderator", group="TEC"
) -> None:
    """Add a member of staff who can sign in with PASSWORD."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            add_staff(
                by=SYSTEM, email=email, name=name, role=RoleName(role), password_hash=hashed,
                group=group,
            )  # fmt: skip


def create_actor(name: str, group="CIV", organisation="", role="moderator") -> Actor:
    """Add a member of staff who never signs in, and return the actor for calls of services."""
    with transaction():
        user = add_staff(
            by=SYSTEM, email=f"{name.lower()}@staff.example", name=f"{name} Moderator",
            role=RoleName(role), password_hash="x", group=group, organisation=organisation,
        )  # fmt: skip
        number = user.id
    return build_actor(get_staff_member(number))


def submission(**changes) -> Submission:
    """Return a valid submission, as a form would send it."""
    given = {
        "name": "Ada",
        "email": "Ada@Example.org",
        "stakeholder_group": "CIV",
        "organisation": "",
        "capacity": "personal",
        "body": "A considered answer.",
        "kind": "general",
        "paragraphs": (),
        "stance": "none",
        "parent_id": None,
        "notify_of_replies": False,
        "honeypot": "",
        "form_age": 60.0,
        "network_address": "192.0.2.7",
    }
    return Submission(**given | changes)


class StoredComment(NamedTuple):
    """A comment, and the token of its author's receipt page."""

    comment: Comment
    receipt_token: str


def submit_by_service(
    sent: Submission, encryption: Encryption, slug: str = "hello", *, examine: bool = True
) -> StoredComment:
    """Submit and examine a comment by the services. The caller opens the transaction."""
    letter, site = get_public_letter(slug), load_site()
    prepared = prepare_submission(letter, sent, site=site, encryption=encryption)
    comment_id = store_submission(prepared, by=READER)
    if examine:
        examine_comments([comment_id], letter, site=site, encryption=encryption)
    return StoredComment(get_comment(comment_id), prepared.receipt_token)


def store_comment(app, slug: str = "hello", **changes):
    """Submit and examine a comment by the services, each in a transaction, as a site does."""
    has_external_check = changes.pop("has_external_check", False)
    with transaction():
        stored = submit_by_service(submission(**changes), encryption_of(app), slug, examine=False)
    with transaction():
        examine_comments(
            [stored.comment.id], get_public_letter(slug), site=load_site(), encryption=encryption_of(app),
            has_external_check=has_external_check,
        )  # fmt: skip
    return stored


def store_numbered_comment(app, number: int, slug: str = "hello", **changes):
    """Store a comment whose name, address and text hold a number, so that no two are alike."""
    given = {
        "name": f"Name {number}",
        "email": f"n{number}@example.org",
        "body": f"Text number {number}",
        "network_address": None,
    }
    return store_comment(app, slug, **given | changes).comment


def store_numbered_comments(app, count: int, first: int = 0) -> None:
    """Store as many comments, outside any application context."""
    with app.app_context():
        for number in range(first, first + count):
            store_numbered_comment(
                app, number, name=f"Reader {number}", email=f"r{number}@example.org",
                body=f"Thought number {number} about this letter.",
            )  # fmt: skip


def comment_states(app) -> list[str]:
    """Return the state of each comment, in the order of their numbers."""
    with app.app_context():
        return [str(c.state) for c in session().query(Comment).order_by(Comment.id)]


def count_comments_by_state() -> Counter[str]:
    """Count the comments in each state, on all letters."""
    return Counter(str(state) for state in session().scalars(select(Comment.state)))


def list_private_actions() -> list[str]:
    """Return the actions of the entries that the public log keeps back, the oldest first."""
    query = select(PrivateAuditEntry.action).order_by(PrivateAuditEntry.seq)
    return list(session().scalars(query))


def outbox_kinds() -> list[str]:
    """Return the kinds of all messages in the outbox, the oldest first."""
    kinds = session().execute(select(Message.kind).order_by(Message.id)).scalars().all()
    session().rollback()
    return list(kinds)


def count_messages(**where) -> int:
    """Count messages in the outbox by the values of their columns."""
    session().rollback()
    return session().query(Message).filter_by(**where).count()


def require_email_confirmation(app, slug: str, how: str) -> None:
    """Let a letter ask for confirmation of email addresses in its own way."""
    with app.app_context(), transaction():
        set_email_confirmation(slug, how, by=SYSTEM)


def require_agreement(mode: str, slug: str = "hello") -> None:
    """Let decisions about a letter's comments need one moderator, two, or two of different groups."""
    with transaction():
        set_moderation_mode(slug, mode, by=SYSTEM)


def mark_published(comment_id: int) -> None:
    """Publish a comment without a moderator's decision."""
    with transaction():
        change_state(
            get_comment_for_update(comment_id), CommentState.PUBLISHED, by=SYSTEM,
            action="comment.decided",
        )  # fmt: skip


def copy_as_replies(count: int) -> None:
    """Copy the only comment as replies to itself, with the ids and the names "Reader" 2 to count + 1."""
    own = {"id": "n", "parent_id": "1", "root_id": "1", "body_html": "'<p>Reply ' || n || '.</p>'",
           "receipt_hash": "'r' || n", "repetition": "n", "name": "'Reader ' || n"}  # fmt: skip
    columns = [column.name for column in Comment.__table__.columns]
    values = ", ".join(own.get(name, name) for name in columns)
    counted = f"WITH RECURSIVE counted(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counted WHERE n <= {count})"
    insert = f"INSERT INTO comment ({', '.join(columns)}) {counted} SELECT {values} FROM comment, counted"
    session().execute(text(insert))


def record_decision(
    app, comment_id: int, verdict, *, by=SYSTEM, version=None, reason="R5", note=""
):
    """Decide a comment by the service; without a version, the newest is meant.

    A refusal and a removal say why.
    """
    with transaction():
        newest = get_comment_for_update(comment_id).version
        return decide(
            comment_id, newest if version is None else version, Verdict(verdict), rule=reason,
            note=note, facts="" if note else "It breaks this rule.", by=by, encryption=encryption_of(app),
        )  # fmt: skip


def cast_vote(app, comment_id, verdict, by, *, version=1, reason="R2", note="") -> bool:
    """Decide as one of several moderators; return whether this vote settled the comment."""
    return record_decision(
        app, comment_id, verdict, by=by, version=version, reason=reason, note=note
    ).is_applied


def store_subscriber(app, email: str, letter_id: int | None = None) -> None:
    """Store a confirmed subscription to new letters, or to the comments on a letter, in an open transaction."""
    subscriber = Subscriber(
        email_sealed=encryption_of(app).encrypt(email),
        email_hash=email,
        token_sealed=encryption_of(app).encrypt(email),
        token_hash=email,
        created_at=clock.now(),
    )
    session().add(subscriber)
    session().flush()
    now = clock.now()
    session().add(
        ReaderSubscription(
            subscriber_id=subscriber.id,
            letter_id=letter_id,
            frequency="hourly",
            created_at=now,
            confirmed_at=now,
            notified_until=now,
            next_at=now,
        )
    )
