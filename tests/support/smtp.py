"""A real SMTP server with a mailbox, and the mail that a site without one writes to files."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from commentsite.worker import tasks
from tests.support.servers import free_port


class Mailbox:
    """Keep each message byte for byte, or refuse recipients: for now (`is_away`) or for good (`refuses`)."""

    def __init__(self):
        self.envelopes, self.refuses, self.is_away = [], False, False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        if self.is_away:
            return "451 come back later"
        if self.refuses:
            return "550 no such mailbox: " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        self.envelopes.append(envelope)
        return "250 OK"

    def parsed(self) -> list[EmailMessage]:
        return [message_from_bytes(e.content, policy=default) for e in self.envelopes]


class PlainServer(Controller):
    """An SMTP server without SMTPUTF8, as many still are."""

    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=False, data_size_limit=10_000_000)


@contextmanager
def run_mail_server(port: int | None = None) -> Iterator[Mailbox]:
    """Run an SMTP server; the mailbox's `url` is a value for MAIL_URL, and `server` can be stopped."""
    mailbox = Mailbox()
    mailbox.server = PlainServer(mailbox, hostname="127.0.0.1", port=port or free_port())
    mailbox.url = f"smtp://127.0.0.1:{mailbox.server.port}"
    mailbox.server.start()
    try:
        yield mailbox
    finally:
        if mailbox.server.loop.is_running():
            mailbox.server.stop()


def mail_folder(app) -> Path:
    return app.extensions["commentsite"].settings.instance / "mail"


def read_mail(app, to: str = "") -> list[EmailMessage]:
    """Let the worker send what is due, and return all messages to an address, the oldest first."""
    tasks.run_pass(app)
    files = sorted(mail_folder(app).glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [message for message in messages if not to or message["To"] == to]


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a message."""
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def read_mail_text(app, to: str = "") -> str:
    """Return the text of all messages to an address, joined."""
    return "\n".join(map(text_of, read_mail(app, to)))


def find_confirmation_link(app, to: str = "", receipt: str = "") -> str:
    """Return the newest link by which a reader confirms an address, for one receipt or for any."""
    pattern = (re.escape(receipt) or r"/receipts/[^/\s]+") + r"/confirm/\S+"
    return re.findall(pattern, read_mail_text(app, to))[-1]
