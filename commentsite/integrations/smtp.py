"""Send emails through the configured mail server, or write them to files if there is none."""

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import (
    Address,
    BaseHeader,
    HeaderRegistry,
    UniqueAddressHeader,
    UnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from email_validator import validate_email

from commentsite import clock
from commentsite.errors import ConfigurationError
from commentsite.notifications.delivery import OutgoingEmail
from commentsite.text.hosts import encode_host

STORED_EMAIL_NAME = re.compile(r"(\d{8}-\d{6})-.*?(?:-(comment|subscriber)-(\d+))?\.eml")
TIMESTAMP_FORMAT = "%Y%m%d-%H%M%S"
PRIVATE_FILE_MODE = 0o600
NOT_A_MAIL_URL = (
    "COMMENTSITE_MAIL_URL is not the URL of a mail server. "
    "Use a URL like smtp://user:password@host:587?tls=starttls."
)


@dataclass(frozen=True)
class MailServer:
    """The mail server of the settings, and the sender address of the site."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str  # "starttls", "tls" or "none"
    sender: str
    ehlo_name: str  # by which the site introduces itself


def parse_mail_url(url: str, default_sender: str) -> MailServer | None:
    """Parse a setting such as `smtp://user:password@host:587?tls=starttls`, or return None if it is empty.

    Raises ConfigurationError when it is not the URL of a mail server, or would send a password
    unencrypted.
    """
    if not url:
        return None
    parts = _split_mail_url(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = options.get("tls", "tls" if parts.scheme == "smtps" else "none")
    if (
        parts.scheme not in {"smtp", "smtps"}
        or not parts.hostname
        or tls not in {"starttls", "tls", "none"}
    ):
        raise ConfigurationError(NOT_A_MAIL_URL)
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if not f"{user}{password}".isascii():
        msg = "COMMENTSITE_MAIL_URL has a user name or password beyond ASCII, which SMTP cannot send. Choose others."
        raise ConfigurationError(msg)
    is_local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.password and tls == "none" and not is_local:
        msg = (
            "COMMENTSITE_MAIL_URL would send the password unencrypted. "
            "Add ?tls=starttls or ?tls=tls."
        )
        raise ConfigurationError(msg)
    return MailServer(
        host=_encode_server_name(parts.hostname),
        port=parts.port or {"tls": 465, "starttls": 587}.get(tls, 25),
        user=user,
        password=password,
        tls=tls,
        sender=_encode_sender(options.get("from", default_sender)),
        ehlo_name=_format_ehlo_name(default_sender.rpartition("@")[2]),
    )


def _split_mail_url(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number raises here
    except ValueError:
        raise ConfigurationError(NOT_A_MAIL_URL) from None
    return parts


def _encode_server_name(name: str) -> str:
    try:
        return encode_host(name)
    except ValueError:
        raise ConfigurationError(NOT_A_MAIL_URL) from None


def _encode_sender(text: str) -> str:
    """Return the sender with its domain in ASCII. Raises ConfigurationError if it is no address."""
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    try:
        return str(Address(display_name=name, addr_spec=f"{local}@{_encode_mail_domain(domain)}"))
    except (ValueError, HeaderParseError):
        msg = (
            f"The sender “{text}” in COMMENTSITE_MAIL_URL is not an address that every mail server takes. "
            "Use ?from=letters@example.org, with ASCII letters before the @."
        )
        raise ConfigurationError(msg) from None


def _encode_mail_domain(domain: str) -> str:
    return domain if domain.startswith("[") else encode_host(domain)


def _format_ehlo_name(domain: str) -> str:
    """Return a domain as it is, and a network address in brackets (RFC 5321, 4.1.3)."""
    try:
        return f"[{ip_address(domain)}]"
    except ValueError:
        return domain


def build_sender(
    server: MailServer | None, folder: Path, *, sender_address: str, base_url: str
) -> Callable[[OutgoingEmail], None]:
    """Return the function that sends one email.

    Without a mail server the email is written to `folder` as a file, so that an installation can
    be tried before it has one.
    """

    def send(outgoing: OutgoingEmail) -> None:
        message = build_email(outgoing, sender_address, base_url)
        if server is None:
            _store_email(message, outgoing, folder)
        else:
            with connect(server) as connection:
                _transmit(connection, message, _encode_domain(outgoing.to))

    return send


class UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """A header with a URL, which is neither folded nor encoded. Mail programs do not find it otherwise."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


MAX_LINE_LENGTH = 78  # characters of a line of a header (RFC 5322, 2.1.1)


class SubjectHeader(UnstructuredHeader, BaseHeader):
    """A subject that arrives as it was written (see `_encode_words`)."""

    def fold(self, *, policy: Policy) -> str:
        if str(self).isascii():
            return str(super().fold(policy=policy))
        return f"{self.name}: {_encode_words(self.name, str(self), policy)}{policy.linesep}"


class SenderHeader(UniqueAddressHeader, BaseHeader):  # type: ignore[misc]  # as the registry joins them
    """The sender, with a name that arrives as it was written."""

    def fold(self, *, policy: Policy) -> str:
        (sender,) = self.addresses
        line = f"{self.name}: {sender}{policy.linesep}"
        name = sender.display_name
        if not name or (name.isascii() and len(line) <= MAX_LINE_LENGTH):
            return line
        name = _encode_words(self.name, name, policy)
        return f"{self.name}: {name}{policy.linesep} <{sender.addr_spec}>{policy.linesep}"


def _encode_words(header: str, text: str, policy: Policy) -> str:
    """Return a text as encoded words (RFC 2047), its spaces included.

    The policies of the library encode each word beyond ASCII alone, and may lose or double the space
    between two of them where a line ends. They drop the quotes of a name that is folded (Python 3.11).
    """
    return Header(text, "utf-8", header_name=header).encode(linesep=policy.linesep)


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", SubjectHeader)
_HEADERS.map_to_type("from", SenderHeader)
_HEADERS.map_to_type("list-unsubscribe", UnfoldedHeader)
# Not every server takes 8-bit text, so it is encoded as quoted-printable or base64.
EMAIL_POLICY = SMTP.clone(header_factory=_HEADERS, cte_type="7bit")


def purge_stored_emails(
    folder: Path, before: datetime, finders: Mapping[str, Callable[[set[int]], set[int]]]
) -> int:
    """Delete stored emails that are older than a moment, or about an object whose address is deleted.

    `finders` has a function for "comment" and one for "subscriber". It gets ids and returns those without an address.
    Return the number of deleted files.
    """
    matches = [(path, STORED_EMAIL_NAME.fullmatch(path.name)) for path in folder.glob("*.eml")]
    stored = [(path, match[1], (match[2], int(match[3] or 0))) for path, match in matches if match]
    without_address = {
        (kind, found)
        for kind, find in finders.items()
        if (ids := {number for _path, _time, (of, number) in stored if of == kind})
        for found in find(ids)
    }
    expired = [
        path
        for path, timestamp, about in stored
        if timestamp < f"{before:{TIMESTAMP_FORMAT}}" or about in without_address
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


def build_email(outgoing: OutgoingEmail, sender_address: str, base_url: str) -> EmailMessage:
    """Return the message with its headers: plain text, and HTML as an alternative to it."""
    content, host = outgoing.content, urlsplit(base_url).hostname
    message = EmailMessage(policy=EMAIL_POLICY)
    message["From"] = _name_sender(sender_address, content.sender_name)
    if content.reply_to:
        message["Reply-To"] = Address(addr_spec=_encode_domain(content.reply_to))
    message["To"] = Address(addr_spec=_encode_domain(outgoing.to))  # parsed as a single address
    message["Subject"] = content.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{outgoing.message_id}@{host}>"
    if outgoing.thread:
        # Mail programs show emails together that refer to one message, even if none of them has it.
        message["In-Reply-To"] = message["References"] = f"<{outgoing.thread}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    if outgoing.unsubscribe_path:  # one-click unsubscription, RFC 8058
        message["List-Unsubscribe"] = f"<{base_url}{outgoing.unsubscribe_path}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content.text)
    if content.html:
        message.add_alternative(content.html, subtype="html")
    return message


def _name_sender(address: str, site_title: str) -> Address:
    """Return the sender with the name in the settings of the installation, or else the title of the site."""
    name, addr_spec = parseaddr(address)
    return Address(display_name=name or site_title, addr_spec=addr_spec)


def _transmit(connection: smtplib.SMTP, message: EmailMessage, recipient: str) -> None:
    """Send the bytes of a message. `send_message` of the library would change lines that begin with "From "."""
    sender = parseaddr(str(message["From"]))[1]
    if recipient.isascii():
        connection.sendmail(sender, [recipient], message.as_bytes())
        return
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError
    content = message.as_bytes(policy=EMAIL_POLICY.clone(utf8=True))
    connection.sendmail(sender, [recipient], content, ("SMTPUTF8", "BODY=8BITMIME"))


def _store_email(message: EmailMessage, outgoing: OutgoingEmail, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    # The name contains the comment, so that the purge finds the file when the comment is erased.
    about = outgoing.about.replace(":", "-")
    timestamp = f"{clock.now():{TIMESTAMP_FORMAT}}"
    name = "-".join(filter(None, (timestamp, outgoing.message_id[:8], about)))
    descriptor = os.open(
        folder / f"{name}.eml", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE_MODE
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())


@contextmanager
def connect(server: MailServer, timeout: int = 20) -> Iterator[smtplib.SMTP]:
    """Connect to a mail server, with TLS and authentication as configured. The timeout is in seconds."""
    tls_context = ssl.create_default_context()  # without one, smtplib accepts any certificate
    with (
        smtplib.SMTP_SSL(
            server.host, server.port, server.ehlo_name, timeout=timeout, context=tls_context
        )
        if server.tls == "tls"
        else smtplib.SMTP(server.host, server.port, server.ehlo_name, timeout=timeout)
    ) as connection:
        if server.tls == "starttls":
            connection.starttls(context=tls_context)
        if server.user:
            connection.login(server.user, server.password or "")
        yield connection
