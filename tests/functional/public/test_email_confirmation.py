"""Readers are asked to confirm their email address."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.emails.confirmation import report_not_mine
from commentsite.comments.models import Comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.worker import tasks
from tests.support.clients import submit
from tests.support.factories import update_site_settings
from tests.support.smtp import mail_folder


@pytest.mark.parametrize("remove", [report_not_mine, erase_comment])
def test_confirmation_is_requested_again_when_the_comment_with_the_first_request_goes(
    app, client, remove
):
    update_site_settings(app, email_confirmation="before_queue")
    for n in range(3):
        submit(client, body=f"Number {n} of three.")
    tasks.run_pass(app)
    tomorrow = clock.now() + timedelta(hours=25)
    with clock.freeze_at(tomorrow):
        tasks.run_pass(app)
    with app.app_context():
        asked = [c.id for c in session().query(Comment) if c.confirmation_due_at]
        assert asked == []
        with transaction(), clock.freeze_at(tomorrow):
            remove(get_comment_for_update(2), by=READER)
    with app.app_context():
        assert session().get(Comment, 3).confirmation_due_at is not None
    before = set(mail_folder(app).glob("*.eml"))
    with clock.freeze_at(tomorrow + timedelta(hours=25)):
        tasks.run_pass(app)
    [mail] = set(mail_folder(app).glob("*.eml")) - before
    assert "/confirm/" in mail.read_text()
