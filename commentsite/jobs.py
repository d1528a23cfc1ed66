"""What time brings: messages to send, letters to publish, addresses to forget."""

import smtplib
import ssl
import threading
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, render_template

from commentsite import clock, retention
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.heads import is_due, prepare, sign_head
from commentsite.comments.afterwards import forget_addresses, forget_unconfirmed
from commentsite.config import MailServer, Settings
from commentsite.db import db, transaction
from commentsite.letters.afterwards import close_due
from commentsite.letters.publishing import publish_when_due, unschedule
from commentsite.letters.queries import scheduled_until
from commentsite.notifications.delivery import Outgoing, deliver
from commentsite.notifications.services import forget_messages
from commentsite.web.identity import Runtime

PAUSE = 2.0  # seconds between passes


def run_once(app: Flask) -> int:
    """Do one pass and return how many things were done; one kind of work that fails stops no other."""
    runtime: Runtime = app.extensions["commentsite"]
    send, render = _sender(runtime.settings), _render(runtime.settings)
    work: tuple[Callable[[], int], ...] = (
        lambda: deliver(vault=runtime.vault, render=render, send=send),
        lambda: _publish_due(app),
        _in_transaction(lambda: close_due(clock.now())),
        _in_transaction(lambda: forget_unconfirmed(clock.now() - retention.UNCONFIRMED, by=SYSTEM)),
        _in_transaction(lambda: forget_addresses(clock.now() - retention.ADDRESSES)),
        _in_transaction(lambda: forget_messages(clock.now() - retention.MESSAGES)),
        lambda: _sign_log(runtime.settings.log_key),
    )
    done, failed = 0, None
    with app.app_context():
        for step in work:
            try:
                done += step()
            except Exception as problem:  # noqa: BLE001  # told below, once the others are done
                failed = problem
            finally:
                db.session.remove()
    if failed is not None:
        raise failed
    return done


def _in_transaction(step: Callable[[], int]) -> Callable[[], int]:
    def inside() -> int:
        with transaction():
            return step()

    return inside


def _sign_log(kept: Path) -> int:
    """Sign the log once a day when it has grown; no work that anybody waits for, so it counts as none."""
    if is_due(clock.now()):
        while _in_transaction(prepare)():
            pass
        with transaction():
            sign_head(SYSTEM.label, kept)
    return 0


def _publish_due(app: Flask) -> int:
    """Publish each letter by itself; one that cannot be goes back to its editors and holds up nobody."""
    now, published = clock.now(), 0
    for slug in scheduled_until(now):
        try:
            with transaction():
                published += publish_when_due(slug, now)
        except Exception:
            app.logger.exception("a scheduled letter could not be published")
            with transaction():
                unschedule(slug)
    return published


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Do pass after pass until told to stop; what fails is logged and tried again."""
    while not stop.is_set():
        try:
            run_once(app)
        except Exception:  # the worker outlives a database that is away
            app.logger.exception("a pass of the worker failed")
        stop.wait(PAUSE)


def _render(settings: Settings) -> Callable[[str, dict[str, str]], tuple[str, str]]:
    def render(kind: str, context: dict[str, str]) -> tuple[str, str]:
        text = render_template(f"mail/{kind}.txt", base_url=settings.base_url, **context)
        subject, _, body = text.strip().partition("\n")
        return " ".join("".join(c if c.isprintable() else " " for c in subject).split())[
            :200
        ], body.strip() + "\n"

    return render


def _sender(settings: Settings) -> Callable[[Outgoing], None]:
    def send(outgoing: Outgoing) -> None:
        message = _message(outgoing, settings)
        if settings.mail is None:
            _keep(message, outgoing, settings.instance / "mail")
        else:
            _hand_over(message, settings.mail)

    return send


def _message(outgoing: Outgoing, settings: Settings) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_sender
    message["To"] = outgoing.to
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
    (folder / f"{clock.now():%Y%m%d-%H%M%S}-{outgoing.message_id[:8]}.eml").write_bytes(
        message.as_bytes()
    )


def _hand_over(message: EmailMessage, server: MailServer) -> None:
    checked = ssl.create_default_context()  # without it smtplib trusts any certificate
    with (
        smtplib.SMTP_SSL(server.host, server.port, timeout=20, context=checked)
        if server.tls == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=20)
    ) as connection:
        if server.tls == "starttls":
            connection.starttls(context=checked)
        if server.user:
            connection.login(server.user, server.password or "")
        connection.send_message(message)
