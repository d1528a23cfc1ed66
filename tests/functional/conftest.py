"""A site with a real mail server, for whatever is told by message."""

from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from commentsite.db import db
from tests.conftest import free_port, make_app, publish_hello


class Mailbox:
    """Keep what arrives, byte for byte; refuse where told to, for now or for good."""

    def __init__(self):
        self.envelopes, self.refuses, self.is_away = [], False, False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.is_away:
            return "451 come back later"
        if self.refuses:
            return "550 no such mailbox: " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"

    def parsed(self):
        return [message_from_bytes(e.content, policy=default) for e in self.envelopes]


class PlainServer(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=False, data_size_limit=10_000_000)


@pytest.fixture
def mailbox():
    box = Mailbox()
    box.server = PlainServer(box, hostname="127.0.0.1", port=free_port())
    box.server.start()
    yield box
    box.server.stop()


@pytest.fixture
def site(tmp_path, template_database, mailbox):
    url = f"smtp://127.0.0.1:{mailbox.server.port}?from=letters@example.org"
    more = {"MAIL_URL": url, "RATELIMIT_ENABLED": "false", "BASE_URL": "http://127.0.0.1:8000"}
    app = make_app(tmp_path / "instance", template_database, **more)
    with app.app_context():
        publish_hello()
    yield app
    with app.app_context():
        db.engine.dispose()
