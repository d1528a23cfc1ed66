"""Send a test message at once, and say in words what happened."""

import smtplib
import ssl
from dataclasses import dataclass

from commentsite import tokens
from commentsite.integrations.smtp import build_sender
from commentsite.notifications.delivery import OutgoingEmail, RenderedEmail
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.web.context import runtime
from commentsite.web.rendering.i18n import gettext as _


@dataclass(frozen=True)
class EmailTest:
    """The result of a test. `is_sent` means that a mail server accepted the message."""

    sentence: str
    is_sent: bool = False
    is_failed: bool = False


def send_test_email(recipient: str, title: str) -> EmailTest:
    """Hand a test message to the mail server, or write it to a file if the settings name none.

    `title` is that of the site. It waits for the mail server, so no transaction may be open.
    """
    try:
        address = normalize_email(recipient)
    except InvalidEmail as error:
        return EmailTest(_(error.message), is_failed=True)
    settings = runtime().settings
    send = build_sender(
        settings.mail_server,
        settings.instance / "mail",
        sender_address=settings.mail_sender,
        base_url=settings.base_url,
    )
    try:
        send(_build_message(address, title))
    except (OSError, smtplib.SMTPException) as error:
        return EmailTest(_explain_failure(error, address), is_failed=True)
    if settings.mail_server is None:
        return EmailTest(
            _(
                "No mail server is set, so the test message to %(address)s was written to a file in the folder "
                "instance/mail. To send emails, set COMMENTSITE_MAIL_URL and start the site again.",
                address=address,
            )
        )
    sentence = _(
        "The mail server %(host)s accepted the test message to %(address)s. If it does not arrive within a few "
        "minutes, look among the unwanted messages.",
        host=settings.mail_server.host,
        address=address,
    )
    return EmailTest(sentence, is_sent=True)


def _build_message(address: str, title: str) -> OutgoingEmail:
    text = _(
        "This is a test message of %(title)s at %(url)s.\n\nIt arrived, so the site can send emails.\n",
        title=title,
        url=runtime().settings.base_url,
    )
    return OutgoingEmail(
        to=address,
        content=RenderedEmail(
            subject=_("Test message of %(title)s", title=title), text=text, sender_name=title
        ),
        message_id=tokens.new_token(),
    )


def _explain_failure(error: Exception, address: str) -> str:
    server = runtime().settings.mail_server
    if server is None:
        return _(
            "The message could not be written to the folder instance/mail. Check its permissions."
        )
    where = f"{server.host}:{server.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _(
            "The mail server %(server)s rejects the user name or the password. Check COMMENTSITE_MAIL_URL.",
            server=where,
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _(
            "The mail server %(server)s does not accept messages to %(address)s.",
            server=where,
            address=address,
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _(
            "The mail server %(server)s does not accept the sender of this site. Add ?from= with an address that it "
            "accepts to COMMENTSITE_MAIL_URL.",
            server=where,
        )
    if isinstance(error, ssl.SSLError):
        return _(
            "The mail server %(server)s has no certificate that this machine trusts, so nothing was sent.",
            server=where,
        )
    return _(
        "The mail server %(server)s does not answer as expected (%(error)s). Check COMMENTSITE_MAIL_URL.",
        server=where,
        error=type(error).__name__,
    )
