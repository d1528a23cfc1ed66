"""Asking readers to confirm their email address, on both databases."""

from commentsite.db.session import session, transaction
from commentsite.site.queries import find_settings
from tests.support.factories import count_comments_by_state, count_messages, store_comment


def test_several_comments_from_one_address_lead_to_one_confirmation_email_a_day(any_app):
    with transaction():
        row = find_settings()
        row.email_confirmation, row.version = "before_queue", row.version + 1
    for n in range(3):
        store_comment(any_app, body=f"Comment {n}, to be confirmed.")
    session().rollback()
    assert (
        count_comments_by_state()["awaiting_email"],
        count_messages(kind="comment.confirm"),
    ) == (3, 1)
