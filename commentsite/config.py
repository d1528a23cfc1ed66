"""Settings of an installation, read once from the environment and instance/settings.toml.

Whatever is unknown, malformed or unsafe stops the start with a sentence that says what to do.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from commentsite import tokens
from commentsite.comments.akismet import Service, service_at
from commentsite.errors import Unsafe
from commentsite.mail_server import MailServer, mail_server

PREFIX = "COMMENTSITE_"
NAMES = frozenset(
    {
        "DATABASE_URL",
        "DATABASE_READ_URL",
        "DATABASE_POOL",
        "DATABASE_STATEMENT_SECONDS",
        "DATABASE_LOCK_SECONDS",
        "DATABASE_POOLER",
        "REDIS_URL",
        "SECRET_KEY",
        "BASE_URL",
        "MAIL_URL",
        "TRUSTED_PROXIES",
        "RATELIMIT_ENABLED",
        "AKISMET_URL",
        "AKISMET_KEY",
        "INSTANCE",
        "METRICS_ALLOW",
    },
)
KNOWN_WEAK = frozenset({"secret", "changeme", "change-me", "dev", "password", "test"})
SHORTEST_SECRET = 32

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Settings:
    """What one installation decided; the same for as long as the process lives."""

    instance: Path
    database_url: str
    read_url: str | None  # a replica for what is public
    pool: int  # connections each process holds
    has_pooler: bool  # one that pools transactions stands before PostgreSQL
    statement_seconds: int  # after which PostgreSQL ends what a page asks
    lock_seconds: int  # after which it stops waiting for somebody else's lock
    redis_url: str | None
    secrets: tuple[str, ...]  # the current one first
    base_url: str
    mail: MailServer | None
    mail_sender: str
    trusted_proxies: tuple[Network, ...]
    ratelimit_enabled: bool
    metrics_allow: tuple[Network, ...]  # who may read /metrics
    akismet: Service | None  # who is asked about the words of comments; nobody unless told

    @property
    def log_key(self) -> Path:
        """Where the key that signs the log is kept."""
        return self.instance / "log_key"

    @property
    def is_https(self) -> bool:
        """Whether readers reach the site over TLS."""
        return self.base_url.startswith("https://")


def load(overrides: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in force; `overrides` (names without prefix) win, for tests and tools.

    Raises Unsafe with a remedy when something is unknown, malformed or unsafe.
    """
    given = _from_environment() | {k: str(v) for k, v in (overrides or {}).items()}
    instance = Path(given.get("INSTANCE") or _default_instance()).resolve()
    values = _from_file(instance / "settings.toml") | given
    for name in sorted(values.keys() - NAMES):
        msg = (
            f"{PREFIX}{name} is not a setting. "
            f"Known are: {', '.join(PREFIX + n for n in sorted(NAMES))}."
        )
        raise Unsafe(msg)
    instance.mkdir(parents=True, exist_ok=True)
    base_url = _base_url(values.get("BASE_URL", "http://127.0.0.1:8000"))
    sender = f"comments@{urlsplit(base_url).hostname}"
    mail = mail_server(values.get("MAIL_URL", ""), sender)
    return Settings(
        instance=instance,
        database_url=_database_url(values.get("DATABASE_URL", ""), instance),
        read_url=_read_url(values),
        pool=_whole(values, "DATABASE_POOL", 4),
        has_pooler=_has_pooler(values),
        statement_seconds=_whole(values, "DATABASE_STATEMENT_SECONDS", 15),
        lock_seconds=_whole(values, "DATABASE_LOCK_SECONDS", 5),
        redis_url=_redis_url(values.get("REDIS_URL", "")),
        secrets=_secrets(values.get("SECRET_KEY", ""), instance),
        base_url=base_url,
        mail=mail,
        mail_sender=mail.sender if mail else sender,
        trusted_proxies=_networks("TRUSTED_PROXIES", values.get("TRUSTED_PROXIES", "")),
        metrics_allow=_networks("METRICS_ALLOW", values.get("METRICS_ALLOW", "127.0.0.1 ::1")),
        ratelimit_enabled=_boolean("RATELIMIT_ENABLED", values.get("RATELIMIT_ENABLED", "true")),
        akismet=service_at(values.get("AKISMET_URL", ""), values.get("AKISMET_KEY", "")),
    )


def resources(name: str) -> Path:
    """Return the folder of templates or static files: beside the package in a clone, inside it in a wheel."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def _default_instance() -> Path:
    root = Path(__file__).parent.parent
    return (root if (root / "pyproject.toml").is_file() else Path.cwd()) / "instance"


def _from_environment() -> dict[str, str]:
    return {k.removeprefix(PREFIX): v for k, v in os.environ.items() if k.startswith(PREFIX)}


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} in the instance folder is not TOML: {error}."
        raise Unsafe(msg) from error
    return {_setting_name(name): _setting_text(value) for name, value in table.items()}


def _setting_name(name: str) -> str:
    return name.upper().removeprefix(PREFIX)


def _setting_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false", "1", "0"}:
        msg = f"{PREFIX}{name} is “{text}”. Write true or false."
        raise Unsafe(msg)
    return text.lower() in {"true", "1"}


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        msg = f"{PREFIX}BASE_URL is “{text}”. Write the address readers use, like https://letters.example."
        raise Unsafe(msg)
    if parts.path.rstrip("/"):
        msg = f"{PREFIX}BASE_URL has the path “{parts.path}”. The site must stand at the root of its host."
        raise Unsafe(msg)
    return f"{parts.scheme}://{parts.netloc}"


def _database_url(text: str, instance: Path) -> str:
    if not text:
        return f"sqlite:///{instance / 'commentsite.db'}"
    try:
        url = make_url(text)
    except ArgumentError as error:
        msg = f"{PREFIX}DATABASE_URL is not a database address. Write postgresql+psycopg://user:password@host/name."
        raise Unsafe(msg) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        msg = f"{PREFIX}DATABASE_URL names “{url.drivername}”. SQLite and postgresql+psycopg are supported."
        raise Unsafe(msg)
    return url.render_as_string(hide_password=False)


def _read_url(values: Mapping[str, str]) -> str | None:
    text = values.get("DATABASE_READ_URL", "")
    url = _database_url(text, Path()) if text else None
    both = (url, _database_url(values.get("DATABASE_URL", ""), Path()))
    if url and not all(str(one).startswith("postgresql") for one in both):
        msg = f"{PREFIX}DATABASE_READ_URL names a replica of PostgreSQL; it and {PREFIX}DATABASE_URL are both postgresql+psycopg://…"
        raise Unsafe(msg)
    return url


def _has_pooler(values: Mapping[str, str]) -> bool:
    has_one = _boolean("DATABASE_POOLER", values.get("DATABASE_POOLER", "false"))
    if has_one and not values.get("DATABASE_URL", "").startswith("postgresql"):
        msg = f"{PREFIX}DATABASE_POOLER is for PostgreSQL. Set {PREFIX}DATABASE_URL to postgresql+psycopg://…"
        raise Unsafe(msg)
    return has_one


def _whole(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        msg = f"{PREFIX}{name} is “{text}”. Write a number from 1 to 1000."
        raise Unsafe(msg)
    return int(text)


def _redis_url(text: str) -> str | None:
    if text and urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        msg = f"{PREFIX}REDIS_URL is not a Redis address. Write redis://host:6379/0."
        raise Unsafe(msg)
    return text or None


def _secrets(text: str, instance: Path) -> tuple[str, ...]:
    if not text:
        text = _kept_secret(instance / "secret_key")
    secrets = tuple(text.replace(",", " ").split())
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET or secret.lower() in KNOWN_WEAK or len(set(secret)) < 8:
            msg = (
                f"{PREFIX}SECRET_KEY is too weak. Leave it out and one is made and kept for you, "
                f"or write at least {SHORTEST_SECRET} random characters."
            )
            raise Unsafe(msg)
    if not secrets:
        msg = "The file secret_key in the instance folder is empty. Restore it from your backup; addresses are sealed with it."
        raise Unsafe(msg)
    return secrets


def _kept_secret(path: Path) -> str:
    try:  # O_EXCL: of two processes that start together one makes it and the other reads it
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            msg = f"Others can read {path.name} in the instance folder. Run: chmod 600 {path}."
            raise Unsafe(msg) from None
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret := tokens.key())
    return secret


def _networks(name: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(item, strict=False) for item in text.replace(",", " ").split()
        )
    except ValueError as error:
        msg = f"{PREFIX}{name}: {error}. Write addresses or networks, like 10.0.0.1 or 10.0.0.0/8."
        raise Unsafe(msg) from error
