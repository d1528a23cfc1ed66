"""Accept a comment: check it against its letter, and store it durably.

Nothing here needs to be serialized with other requests except the insertion itself. So `prepare_submission`
does all checks and computations without a transaction, and `store_submission` then runs the three or four
statements that must be atomic. Everything else happens to the stored comment (see `examination`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import Event, enqueue_events
from commentsite.comments.commitment import hash_words
from commentsite.comments.emails.models import SubscriptionScope
from commentsite.comments.hashing import hash_email
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.sanitizer import SANITIZER_VERSION
from commentsite.comments.screening.models import Examination
from commentsite.comments.screening.queries import find_free_repetition
from commentsite.comments.states import CommentState, LanguageSource, Stance
from commentsite.comments.submission import Submission
from commentsite.db.base import Base
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters.comment_window import CommentWindow, get_current_window
from commentsite.letters.models import Letter
from commentsite.letters.queries import CommentableLetter
from commentsite.letters.text.queries import list_current_paragraph_ids
from commentsite.site.queries import Site
from commentsite.text.plain_text import clean_line


@dataclass(frozen=True)
class PreparedSubmission:
    """The rows of a comment that is ready to be stored, and the token of its author's receipt page."""

    receipt_token: str
    comment: dict[str, Any]
    targets: list[dict[str, Any]]
    examination: dict[str, Any]


def prepare_submission(
    letter: Letter | CommentableLetter,
    submission: Submission,
    *,
    site: Site,
    encryption: Encryption,
) -> PreparedSubmission:
    """Check a comment and build its rows. It reads from the database and writes nothing.

    Raises NotAllowed when the letter or the site takes no comments, and Invalid when the parent
    comment or a paragraph does not belong to the letter.
    """
    window = _check_open(letter, site)
    parent = _load_parent(letter, submission.parent_id)
    targets = _build_targets(letter, submission)
    receipt_token = tokens.new_token()
    now = clock.now()
    comment = {
        "letter_id": letter.id,
        "letter_version": letter.version_number,
        "name": clean_line(submission.name),
        "is_pseudonym": submission.is_pseudonym,
        "email_sealed": encryption.encrypt(submission.email),
        "email_hash": hash_email(encryption, submission.email),
        "network_address_hash": encryption.keyed_hash("address", submission.network_address)
        if submission.network_address
        else None,
        "stakeholder_group": submission.stakeholder_group,
        "organisation": clean_line(submission.organisation),
        "capacity": submission.capacity,
        "kind": submission.kind,
        "stance": submission.stance,
        "quote_as": submission.quote_as,
        "language": submission.language,
        "language_source": LanguageSource.AUTHOR if submission.language else LanguageSource.UNKNOWN,
        "form_language": submission.form_language,
        "subscription_scope": SubscriptionScope.REPLIES
        if submission.notify_of_replies
        else SubscriptionScope.NONE,
        "state": CommentState.RECEIVED,
        "is_late": window.is_late,
        "body": submission.clean_body,
        "body_html": submission.body_html,
        "words_salt": tokens.new_salt(),
        "body_hash": submission.body_hash,
        "repetition": 0,
        "sanitizer_version": SANITIZER_VERSION,
        "rules_version": site.rulebook.version,
        "submitted_at": now,
        "changed_at": now,
        "receipt_hash": tokens.hash_token(receipt_token),
        "receipt_sealed": encryption.encrypt(receipt_token),
        **_place_in_thread(parent),
    }
    examination = {
        "letter_id": letter.id,
        "is_honeypot_filled": bool(submission.honeypot),
        "form_age": submission.form_age,
        "is_burst": submission.is_burst,
    }
    return PreparedSubmission(receipt_token, comment, targets, examination)


def store_submission(prepared: PreparedSubmission, *, by: Actor) -> int:
    """Store one comment in the transaction of the session, and return its id.

    Raises Conflict when the same address has already sent the same text to the letter.
    """
    [result] = store_submissions(session().connection(), [prepared], by=by)
    if isinstance(result, Conflict):
        raise result
    return result


def store_submissions(
    connection: Connection, submissions: Sequence[PreparedSubmission], *, by: Actor
) -> list[int | Conflict]:
    """Store comments in the transaction of a connection. Return for each its id, or why it was not stored."""
    ids = _insert_comments(connection, [prepared.comment for prepared in submissions])
    results: list[int | Conflict] = []
    stored = []
    for prepared in submissions:
        comment_id = ids.get(prepared.comment["receipt_hash"]) or _insert_again(
            connection, prepared.comment
        )
        if comment_id is None:
            msg = "You have already sent this comment. It is not lost: a moderator reads every comment."
            results.append(Conflict(msg))
        else:
            results.append(comment_id)
            stored.append((comment_id, prepared))
    if stored:
        _insert_companions(connection, stored)
        events = [_build_event(comment_id, prepared, by) for comment_id, prepared in stored]
        enqueue_events(connection, events)
    return results


_COMMENT = Base.metadata.tables[Comment.__tablename__]
_COLUMNS = {attr.key: attr.columns[0].name for attr in Comment.__mapper__.column_attrs}
_INSERT_TARGET = insert(Base.metadata.tables[CommentTarget.__tablename__])
_INSERT_EXAMINATION = insert(Base.metadata.tables[Examination.__tablename__])


def _build_insert(dialect: Any, table: Table) -> Insert:
    statement: Insert = dialect.insert(table).on_conflict_do_nothing(
        index_elements=["letter_id", "email_hash", "body_hash", "repetition"]
    )
    return statement.returning(table.c.receipt_hash, table.c.id)


# They run for each comment, so they are built once.
_INSERT_COMMENT = {
    "sqlite": _build_insert(sqlite, _COMMENT),
    "postgresql": _build_insert(postgresql, _COMMENT),
}


def _insert_comments(connection: Connection, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Insert comments, and return their ids by receipt hash without those that are there already."""
    statement = _INSERT_COMMENT[connection.dialect.name]
    values = [{_COLUMNS[name]: value for name, value in row.items()} for row in rows]
    rows_stored = connection.execute(statement, values)
    return {row.receipt_hash: row.id for row in rows_stored}


def _insert_again(connection: Connection, row: dict[str, Any]) -> int | None:
    """Insert a comment with a text that its address has sent before, if that is allowed."""
    repetition = find_free_repetition(
        connection, row["letter_id"], row["email_hash"], row["body_hash"]
    )
    if repetition is None:
        return None
    row["repetition"] = repetition
    return _insert_comments(connection, [row]).get(row["receipt_hash"])


def _insert_companions(
    connection: Connection, stored: list[tuple[int, PreparedSubmission]]
) -> None:
    targets = [
        {"comment_id": comment_id, **target}
        for comment_id, prepared in stored
        for target in prepared.targets
    ]
    if targets:
        connection.execute(_INSERT_TARGET, targets)
    examinations = [
        {"comment_id": comment_id, **prepared.examination} for comment_id, prepared in stored
    ]
    connection.execute(_INSERT_EXAMINATION, examinations)


def _build_event(comment_id: int, prepared: PreparedSubmission, by: Actor) -> Event:
    row = prepared.comment
    words = (row["words_salt"], row["name"], row["organisation"], row["body"])
    details = {
        "state": str(row["state"]),
        "letter": row["letter_id"],
        "content_hash": hash_words(*words),
    }
    return Event(by.label, "comment.submitted", f"comment:{comment_id}", details)


def _check_open(letter: Letter | CommentableLetter, site: Site) -> CommentWindow:
    window = get_current_window(letter)
    if not window.is_open:
        msg = "This letter takes no more comments. Your text is still in the form, so that you can copy it."
        raise NotAllowed(msg)
    if site.closed_until(clock.now()):
        msg = "This site takes no comments at the moment. Your text is still in the form. Send it later."
        raise NotAllowed(msg)
    return window


def _load_parent(letter: Letter | CommentableLetter, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = session().get(Comment, parent_id, populate_existing=True)
    if parent is None or parent.letter_id != letter.id or parent.state != CommentState.PUBLISHED:
        msg = (
            "The comment that you reply to is no longer on this page. "
            "Send your comment without it, or choose another."
        )
        raise Invalid(msg, field="parent")
    return parent


def _build_targets(
    letter: Letter | CommentableLetter, submission: Submission
) -> list[dict[str, Any]]:
    pids = dict.fromkeys([*submission.paragraphs, *submission.paragraph_stances])
    if not pids:
        return []
    if not set(pids) <= list_current_paragraph_ids(letter):
        msg = "A paragraph that you chose is no longer in the letter. Choose again."
        raise Invalid(msg, field="paragraphs")
    return [
        {
            "position": position,
            "pid": pid,
            "stance": submission.paragraph_stances.get(pid, Stance.NONE),
        }
        for position, pid in enumerate(pids)
    ]


def _place_in_thread(parent: Comment | None) -> dict[str, int | None]:
    if parent is None:
        return {"replied_to_id": None, "parent_id": None, "root_id": None}
    # A reply to a duplicate is shown under the comment that represents the duplicate.
    parent_id = parent.representative_id or parent.id
    return {
        "replied_to_id": parent.id if parent.representative_id else None,
        "parent_id": parent_id,
        "root_id": parent.root_id or parent_id,
    }
