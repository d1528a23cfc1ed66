"""Hand a message over: to the mail server of the settings, or into a file where there is none."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from email_validator import validate_email

from commentsite import clock
from commentsite.config import Settings
from commentsite.mail_server import MailServer
from commentsite.notifications.delivery import Outgoing

KEPT = re.compile(r"(\d{8}-\d{6})-.*?(?:-comment-(\d+))?\.eml")
STAMP = "%Y%m%d-%H%M%S"


def sender(settings: Settings) -> Callable[[Outgoing], None]:
    """Return how messages leave this installation: to its mail server, or into files."""

    def send(outgoing: Outgoing) -> None:
        message = _message(outgoing, settings)
        if settings.mail is None:
            _keep(message, outgoing, settings.instance / "mail")
        else:
            with connected(settings.mail) as connection:
                connection.send_message(message)

    return send


class OneLink(UnstructuredHeader, BaseHeader):
    """A header that holds an address: never folded and never encoded, or no mail program finds it."""

    def fold(self, *, policy: Policy) -> str:
        """Return it as it stands."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", OneLink)
POLICY = SMTP.clone(header_factory=_HEADERS)


def forget_kept(
    folder: Path, before: datetime, without_address: Callable[[set[int]], set[int]]
) -> int:
    """Delete the messages that were kept as files before a moment, or are about a comment whose address is deleted.

    `without_address` tells which of some comments these are. Return how many files there were.
    """
    found = [(path, KEPT.fullmatch(path.name)) for path in folder.glob("*.eml")]
    kept = [(path, match[1], int(match[2] or 0)) for path, match in found if match]
    gone = without_address({about for _path, _at, about in kept if about}) if kept else set()
    old = [path for path, at, about in kept if at < f"{before:{STAMP}}" or about in gone]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _on_the_wire(address: str) -> str:
    """Return an address with the name of its host as mail servers write it (IDNA), where that is possible."""
    if address.isascii():
        return address
    checked = validate_email(address, check_deliverability=False, test_environment=True)
    return checked.ascii_email or checked.normalized


def _message(outgoing: Outgoing, settings: Settings) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = settings.mail_sender
    message["To"] = Address(addr_spec=_on_the_wire(outgoing.to))  # one, whatever stands in it
    message["Subject"] = outgoing.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{outgoing.message_id}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    if outgoing.unsubscribe:  # one click, RFC 8058
        message["List-Unsubscribe"] = f"<{settings.base_url}{outgoing.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(outgoing.text)
    return message


def _keep(message: EmailMessage, outgoing: Outgoing, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    about = outgoing.about.replace(":", "-")  # the file says whose erasure ends it
    name = "-".join(filter(None, (f"{clock.now():{STAMP}}", outgoing.message_id[:8], about)))
    (folder / f"{name}.eml").write_bytes(message.as_bytes())


@contextmanager
def connected(server: MailServer, seconds: int = 20) -> Iterator[smtplib.SMTP]:
    """Speak with a mail server, encrypted and signed in as the settings say."""
    checked = ssl.create_default_context()  # without it smtplib trusts any certificate
    with (
        smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=checked)
        if server.tls == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=seconds)
    ) as connection:
        if server.tls == "starttls":
            connection.starttls(context=checked)
        if server.user:
            connection.login(server.user, server.password or "")
        yield connection
