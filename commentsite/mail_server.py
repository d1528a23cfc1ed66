"""Where messages are handed over, as one setting says it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from commentsite.errors import Unsafe


@dataclass(frozen=True)
class MailServer:
    """Where messages are handed over, and on whose behalf."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str  # "starttls", "tls" or "none"
    sender: str


def mail_server(text: str, sender: str) -> MailServer | None:
    """Return the server a setting names; None where there is none.

    Raises Unsafe, with the remedy, for what is no mail server, or would show a password.
    """
    if not text:
        return None
    parts = urlsplit(text)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = options.get("tls", "tls" if parts.scheme == "smtps" else "none")
    if (
        parts.scheme not in {"smtp", "smtps"}
        or not parts.hostname
        or tls not in {"starttls", "tls", "none"}
    ):
        msg = "COMMENTSITE_MAIL_URL is not a mail server. Write smtp://user:password@host:587?tls=starttls."
        raise Unsafe(msg)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.password and tls == "none" and not local:
        msg = "COMMENTSITE_MAIL_URL would send the password unencrypted. Add ?tls=starttls or ?tls=tls."
        raise Unsafe(msg)
    return MailServer(
        host=parts.hostname,
        port=parts.port or {"tls": 465, "starttls": 587}.get(tls, 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        sender=options.get("from", sender),
    )
