"""Hand a message over: to the mail server of the settings, or into a file where there is none."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from email_validator import validate_email

from commentsite import clock
from commentsite.errors import ConfigurationError
from commentsite.notifications.delivery import OutgoingEmail


@dataclass(frozen=True)
class MailServer:
    """Where messages are handed over, and on whose behalf."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str  # "starttls", "tls" or "none"
    sender: str


def parse_mail_url(url: str, default_sender: str) -> MailServer | None:
    """Return the server a setting names; None where there is none.

    Raises Unsafe, with the remedy, for what is no mail server, or would show a password.
    """
    if not url:
        return None
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = options.get("tls", "tls" if parts.scheme == "smtps" else "none")
    if (
        parts.scheme not in {"smtp", "smtps"}
        or not parts.hostname
        or tls not in {"starttls", "tls", "none"}
    ):
        msg = "COMMENTSITE_MAIL_URL is not a mail server. Write smtp://user:password@host:587?tls=starttls."
        raise ConfigurationError(msg)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.password and tls == "none" and not local:
        msg = "COMMENTSITE_MAIL_URL would send the password unencrypted. Add ?tls=starttls or ?tls=tls."
        raise ConfigurationError(msg)
    return MailServer(
        host=parts.hostname,
        port=parts.port or {"tls": 465, "starttls": 587}.get(tls, 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        sender=options.get("from", default_sender),
    )


STORED_EMAIL_NAME = re.compile(r"(\d{8}-\d{6})-.*?(?:-comment-(\d+))?\.eml")
TIMESTAMP_FORMAT = "%Y%m%d-%H%M%S"


def build_sender(
    server: MailServer | None, folder: Path, *, sender_address: str, base_url: str
) -> Callable[[OutgoingEmail], None]:
    """Return the function that sends one email.

    Without a mail server the email is written to `folder` as a file, so that an installation can
    be tried before it has one.
    """

    def send(outgoing: OutgoingEmail) -> None:
        message = _build_email(outgoing, sender_address, base_url)
        if server is None:
            _store_email(message, outgoing, folder)
        else:
            with connect(server) as connection:
                connection.send_message(message)

    return send


class UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """A header that holds an address: never folded and never encoded, or no mail program finds it."""

    def fold(self, *, policy: Policy) -> str:
        """Return it as it stands."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()


_HEADERS.map_to_type("list-unsubscribe", UnfoldedHeader)


EMAIL_POLICY = SMTP.clone(header_factory=_HEADERS)


def purge_stored_emails(
    folder: Path, before: datetime, find_comments_without_address: Callable[[set[int]], set[int]]
) -> int:
    """Delete the messages that were kept as files before a moment, or are about a comment whose address is deleted.

    `without_address` tells which of some comments these are. Return how many files there were.
    """
    found = [(path, STORED_EMAIL_NAME.fullmatch(path.name)) for path in folder.glob("*.eml")]
    kept = [(path, match[1], int(match[2] or 0)) for path, match in found if match]
    gone = (
        find_comments_without_address({about for _path, _at, about in kept if about})
        if kept
        else set()
    )
    old = [path for path, at, about in kept if at < f"{before:{TIMESTAMP_FORMAT}}" or about in gone]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _encode_domain(address: str) -> str:
    """Return an address with the name of its host as mail servers write it (IDNA), where that is possible."""
    if address.isascii():
        return address
    checked = validate_email(address, check_deliverability=False, test_environment=True)
    return checked.ascii_email or checked.normalized


def _build_email(outgoing: OutgoingEmail, sender_address: str, base_url: str) -> EmailMessage:
    message = EmailMessage(policy=EMAIL_POLICY)
    message["From"] = sender_address
    message["To"] = Address(addr_spec=_encode_domain(outgoing.to))  # one, whatever stands in it
    message["Subject"] = outgoing.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{outgoing.message_id}@{urlsplit(base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    if outgoing.unsubscribe_path:  # one click, RFC 8058
        message["List-Unsubscribe"] = f"<{base_url}{outgoing.unsubscribe_path}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(outgoing.text)
    return message


def _store_email(message: EmailMessage, outgoing: OutgoingEmail, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    about = outgoing.about.replace(":", "-")  # the file says whose erasure ends it
    name = "-".join(
        filter(None, (f"{clock.now():{TIMESTAMP_FORMAT}}", outgoing.message_id[:8], about))
    )
    (folder / f"{name}.eml").write_bytes(message.as_bytes())


@contextmanager
def connect(server: MailServer, timeout: int = 20) -> Iterator[smtplib.SMTP]:
    """Speak with a mail server, encrypted and signed in as the settings say."""
    checked = ssl.create_default_context()  # without it smtplib trusts any certificate
    with (
        smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=checked)
        if server.tls == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=timeout)
    ) as connection:
        if server.tls == "starttls":
            connection.starttls(context=checked)
        if server.user:
            connection.login(server.user, server.password or "")
        yield connection
