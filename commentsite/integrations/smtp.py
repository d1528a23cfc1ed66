"""Send emails through the configured mail server, or write them to files if there is none."""

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

STORED_EMAIL_NAME = re.compile(r"(\d{8}-\d{6})-.*?(?:-comment-(\d+))?\.eml")
TIMESTAMP_FORMAT = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class MailServer:
    """The mail server of the settings, and the sender address of the site."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str  # "starttls", "tls" or "none"
    sender: str


def parse_mail_url(url: str, default_sender: str) -> MailServer | None:
    """Parse a setting such as `smtp://user:password@host:587?tls=starttls`, or return None if it is empty.

    Raises ConfigurationError when it is not the URL of a mail server, or would send a password
    unencrypted.
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
        msg = (
            "COMMENTSITE_MAIL_URL is not the URL of a mail server. "
            "Use a URL like smtp://user:password@host:587?tls=starttls."
        )
        raise ConfigurationError(msg)
    is_local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.password and tls == "none" and not is_local:
        msg = (
            "COMMENTSITE_MAIL_URL would send the password unencrypted. "
            "Add ?tls=starttls or ?tls=tls."
        )
        raise ConfigurationError(msg)
    return MailServer(
        host=parts.hostname,
        port=parts.port or {"tls": 465, "starttls": 587}.get(tls, 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        sender=options.get("from", default_sender),
    )


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
    """A header with a URL, which is neither folded nor encoded. Mail programs do not find it otherwise."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", UnfoldedHeader)
EMAIL_POLICY = SMTP.clone(header_factory=_HEADERS)


def purge_stored_emails(
    folder: Path, before: datetime, find_comments_without_address: Callable[[set[int]], set[int]]
) -> int:
    """Delete stored emails that are older than a moment, or about a comment whose address is deleted.

    `find_comments_without_address` gets the ids of comments and returns those without an address.
    Return the number of deleted files.
    """
    matches = [(path, STORED_EMAIL_NAME.fullmatch(path.name)) for path in folder.glob("*.eml")]
    stored = [(path, match[1], int(match[2] or 0)) for path, match in matches if match]
    comment_ids = {comment_id for _path, _timestamp, comment_id in stored if comment_id}
    without_address = find_comments_without_address(comment_ids) if stored else set()
    expired = [
        path
        for path, timestamp, comment_id in stored
        if timestamp < f"{before:{TIMESTAMP_FORMAT}}" or comment_id in without_address
    ]
    for path in expired:
        path.unlink(missing_ok=True)
    return len(expired)


def _encode_domain(address: str) -> str:
    """Return an address with its domain in ASCII (IDNA), if the part before the @ is ASCII too."""
    if address.isascii():
        return address
    validated = validate_email(address, check_deliverability=False, test_environment=True)
    return validated.ascii_email or validated.normalized


def _build_email(outgoing: OutgoingEmail, sender_address: str, base_url: str) -> EmailMessage:
    message = EmailMessage(policy=EMAIL_POLICY)
    message["From"] = sender_address
    message["To"] = Address(addr_spec=_encode_domain(outgoing.to))  # parsed as a single address
    message["Subject"] = outgoing.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{outgoing.message_id}@{urlsplit(base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    if outgoing.unsubscribe_path:  # one-click unsubscription, RFC 8058
        message["List-Unsubscribe"] = f"<{base_url}{outgoing.unsubscribe_path}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(outgoing.text)
    return message


def _store_email(message: EmailMessage, outgoing: OutgoingEmail, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    # The name contains the comment, so that the purge finds the file when the comment is erased.
    about = outgoing.about.replace(":", "-")
    timestamp = f"{clock.now():{TIMESTAMP_FORMAT}}"
    name = "-".join(filter(None, (timestamp, outgoing.message_id[:8], about)))
    (folder / f"{name}.eml").write_bytes(message.as_bytes())


@contextmanager
def connect(server: MailServer, timeout: int = 20) -> Iterator[smtplib.SMTP]:
    """Connect to a mail server, with TLS and authentication as configured. The timeout is in seconds."""
    tls_context = ssl.create_default_context()  # without one, smtplib accepts any certificate
    with (
        smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=tls_context)
        if server.tls == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=timeout)
    ) as connection:
        if server.tls == "starttls":
            connection.starttls(context=tls_context)
        if server.user:
            connection.login(server.user, server.password or "")
        yield connection
