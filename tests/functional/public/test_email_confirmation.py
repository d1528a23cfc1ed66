"""Readers are asked to confirm their email address."""

from datetime import timedelta

import pytest

from commentsite import clock, jobs
from commentsite.accounts.permissions import READER
from commentsite.comments import afterwards
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_for_update
from commentsite.db import session, transaction
from tests.support.clients import submit
from tests.support.factories import update_site_settings
from tests.support.smtp import mail_folder


@pytest.mark.parametrize("way", ["disown", "erase_comment"])
def test_confirmation_is_requested_again_when_the_comment_with_the_first_request_goes(
    app, client, way
):
    update_site_settings(app, email_confirmation="before_queue")
    for n in range(3):
        submit(client, body=f"Number {n} of three.")
    jobs.run_once(app)
    tomorrow = clock.now() + timedelta(hours=25)
    with clock.at(tomorrow):
        jobs.run_once(app)
    with app.app_context():
        asked = [c.id for c in session().query(Comment) if c.ask_at]
        assert asked == []
        with transaction(), clock.at(tomorrow):
            getattr(afterwards, way)(comment_for_update(2), by=READER)
    with app.app_context():
        assert session().get(Comment, 3).ask_at is not None
    before = set(mail_folder(app).glob("*.eml"))
    with clock.at(tomorrow + timedelta(hours=25)):
        jobs.run_once(app)
    [mail] = set(mail_folder(app).glob("*.eml")) - before
    assert "/confirm/" in mail.read_text()
