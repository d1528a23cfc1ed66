"""Uses of comments, sign-off by holders and inquiries, by their services, on both databases."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import (
    READER,
    ROLE_PERMISSIONS,
    SYSTEM,
    Actor,
    Permission,
    RoleName,
)
from commentsite.audit.models import AuditEntry
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.errors import Conflict, NotAllowed, NotFound
from commentsite.letters.queries import get_any_letter
from commentsite.summaries.answers import queries as answer_queries
from commentsite.summaries.answers import services as answers
from commentsite.summaries.holders import queries as holder_queries
from commentsite.summaries.holders import services as holders
from commentsite.summaries.holders.policy import hash_position_text
from commentsite.summaries.inquiries import queries as inquiry_queries
from commentsite.summaries.inquiries import services as inquiries
from commentsite.summaries.inquiries.services import InquiryDraft
from commentsite.summaries.models import (
    CommentUseRecord,
    Inquiry,
    Position,
    PositionComment,
    PositionHolder,
)
from commentsite.summaries.queries import get_summary_for_update
from tests.support.audit import verify_records
from tests.support.factories import (
    mark_published,
    outbox_kinds,
    publish_sample_letter,
    store_numbered_comment,
)
from tests.support.records import store_holder, store_record, store_version


@pytest.fixture
def record(any_app):
    return store_record()


def locked(record):
    return get_summary_for_update(record.letter_id)


def store_published(app, number, **changes):
    comment_id = store_numbered_comment(app, number, **changes).id
    mark_published(comment_id)
    with transaction():
        confirm_email(get_comment_for_update(comment_id), by=READER)
    return comment_id


def test_uses_are_counted_listed_and_told_once(any_app, encryption, record):
    ids = [store_published(any_app, number, email="ada@example.org") for number in range(1, 4)]
    letter_ids = [record.letter_id]
    with transaction():
        position = session().query(Position).first()
        session().add(
            PositionComment(
                position_id=position.id, comment_id=ids[0], comment_version=1, quotation="Text",
                added_at=clock.now(),
            )
        )  # fmt: skip
        assert answers.mark_comments(locked(record), ids[1:], "merged", "", by=SYSTEM) == 2
    with transaction():
        assert answers.mark_comments(locked(record), ids[1:], "merged", "", by=SYSTEM) == 0
        assert answers.mark_comments(locked(record), ids[2:], "", "", by=SYSTEM) == 1
    counts = answer_queries.count_by_use(record.id, letter_ids)
    assert counts == {"quoted": 1, "merged": 1, "": 1}
    for use, number in zip(("quoted", "merged", ""), ids, strict=True):
        rows, more = answer_queries.load_comment_rows(record.id, letter_ids, use)
        assert ([row.id for row in rows], more) == ([number], None)
    assert not answer_queries.has_uses_to_derive()  # before it is published
    assert answer_queries.list_mailboxes_to_notify(clock.now()) == []
    store_version(record.id)
    with transaction():
        assert answers.derive_uses() == 1
    assert not answer_queries.has_uses_to_derive()
    [mailbox] = answer_queries.list_mailboxes_to_notify(clock.now())
    before = outbox_kinds().count("comment.used")
    for _ in range(2):
        with transaction():
            answers.notify_authors(mailbox, encryption)
    assert outbox_kinds().count("comment.used") == before + 1
    with transaction():
        session().delete(session().query(PositionComment).one())
    with transaction():
        assert answers.derive_uses() == 1
    assert session().query(CommentUseRecord).count() == 1
    assert verify_records() == []


def test_nobody_else_changes_a_record(any_app, encryption, record):
    publish_sample_letter("other")
    other = store_record("other")
    holder = store_holder(session().query(Position).order_by(Position.id).first())
    comment = store_published(any_app, 1)
    permissions = ROLE_PERMISSIONS[RoleName.EDITOR]
    limited = Actor("user:9", permissions, 9, "N", letter_ids=frozenset({other.letter_id}))
    moderator = Actor("user:8", frozenset({Permission.MODERATE}), 8, "M")
    asked = {"email": "h@x.example", "contact_name": "", "encryption": encryption}
    for by in (limited, moderator, READER):
        for act in (
            lambda by: answers.mark_comments(locked(record), [comment], "merged", "", by=by),
            lambda by: holders.ask_holder(locked(record), holder, by=by, **asked),
            lambda by: inquiries.reject_inquiry(locked(record), 1, by=by),
        ):
            with pytest.raises(NotAllowed), transaction():
                act(by)
    with pytest.raises(NotFound), transaction():  # of another record
        holders.ask_holder(locked(other), holder, by=SYSTEM, **asked)
    with pytest.raises(NotFound):
        holder_queries.get_case("not-a-token")


def test_an_answer_is_about_one_text_and_its_address_is_deleted(any_app, encryption, record):
    position = session().query(Position).order_by(Position.id).first()
    holder_id = store_holder(position)
    asked = {"contact_name": "Hanna", "by": SYSTEM, "encryption": encryption}
    with transaction():
        holders.ask_holder(locked(record), holder_id, email="head@open.example", **asked)
    holder = session().get(PositionHolder, holder_id)
    assert b"head@open.example" not in holder.email_sealed
    token = encryption.decrypt(holder.token_sealed)
    assert token not in holder.token_hash
    answer = {
        "sign_off": "fair",
        "note": "",
        "is_name_agreed": False,
        "shown_hash": hash_position_text(position.title, position.body),
        "by": READER,
    }
    with transaction():
        holders.answer_request(token, **answer)
    with pytest.raises(Conflict), transaction():  # it has answered
        holders.ask_holder(locked(record), holder_id, email="", **asked)
    with transaction():
        session().get(Position, position.id).body = "Another text."
    with pytest.raises(Conflict), transaction():
        holders.answer_request(token, **answer)
    entries = session().query(AuditEntry).filter(AuditEntry.action.startswith("summary.")).all()
    assert [entry.action for entry in entries] == ["summary.holder_asked", "summary.signed_off"]
    assert "Hanna" not in str([entry.details for entry in entries])
    with clock.freeze_at(clock.now() + timedelta(days=400)), transaction():
        assert holders.purge_addresses(clock.now() - timedelta(days=365)) == 1
    assert holder_queries.filter_without_email({holder_id, 99}) == {holder_id, 99}
    assert verify_records() == []


def test_an_inquiry_waits_is_counted_and_loses_its_address(any_app, encryption, record):
    letter = get_any_letter("hello")
    draft = InquiryDraft("Ines", "ines@example.org", "ACA", "", "It is wrong.")
    sent = {"by": READER, "encryption": encryption}
    with pytest.raises(NotAllowed), transaction():  # nothing is published
        inquiries.submit_inquiry(letter, draft, **sent)
    store_version(record.id)
    with transaction():
        inquiry = inquiries.submit_inquiry(get_any_letter("hello"), draft, **sent)
    with pytest.raises(Conflict), transaction():
        inquiries.submit_inquiry(get_any_letter("hello"), draft, **sent)
    assert inquiry_queries.find_unanswered(None)[0::2] == (1, "hello")
    assert inquiry_queries.find_unanswered({record.letter_id + 1})[0] == 0
    assert inquiry_queries.list_public_inquiries(record.id) == []
    acted = {"by": SYSTEM, "encryption": encryption}
    with transaction():
        inquiries.publish_inquiry(locked(record), inquiry.id, **acted)
    with transaction():
        inquiries.answer_inquiry(
            locked(record), inquiry.id, result="not_changed", answer="It is right.", **acted
        )
    assert outbox_kinds()[-2:] == ["inquiry.published", "inquiry.answered"]
    assert inquiry_queries.find_unanswered(None) == (0, None, "")
    assert [i.id for i in inquiry_queries.list_public_inquiries(record.id)] == [inquiry.id]
    with clock.freeze_at(clock.now() + timedelta(days=31)), transaction():
        assert inquiries.purge_addresses(clock.now() - timedelta(days=30)) == 1
    assert session().get(Inquiry, inquiry.id).email_sealed is None
    log = str([entry.details for entry in session().query(AuditEntry)])
    assert not re.search(r"Ines|ines@|It is", log)
    assert verify_records() == []
