"""The settings of an installation, read once from the environment and instance/settings.toml.

Environment variables have the prefix COMMENTSITE_ and win over the file. An unknown, malformed or unsafe
setting stops the start with a ConfigurationError, whose message names the remedy.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from commentsite import tokens
from commentsite.db.private_files import make_private_database, make_private_folder
from commentsite.db.queries import has_content_at
from commentsite.errors import ConfigurationError
from commentsite.integrations.akismet import AkismetService, parse_service
from commentsite.integrations.smtp import MailServer, parse_mail_url
from commentsite.text.hosts import encode_host

ENVIRONMENT_PREFIX = "COMMENTSITE_"
SETTING_NAMES = frozenset(
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
        "WEBHOOK_NETWORKS",
    },
)
WEAK_SECRETS = frozenset({"secret", "changeme", "change-me", "dev", "password", "test"})
MIN_SECRET_LENGTH = 32
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Settings:
    """The parsed settings. They do not change while the process runs."""

    instance: Path
    database_url: str
    replica_url: str | None  # public pages read from this replica
    pool_size: int  # database connections of each process
    has_transaction_pooler: bool  # PgBouncer in transaction mode, for example
    statement_timeout: int  # seconds, for the queries of pages
    lock_timeout: int  # seconds to wait for a lock of another transaction
    redis_url: str | None
    secrets: tuple[str, ...]  # the current secret first, see commentsite.encryption
    is_key_in_file: bool  # the secrets come from the file secret_key of the instance folder
    base_url: str
    is_base_url_default: bool  # the settings name none
    mail_server: MailServer | None
    mail_sender: str
    trusted_proxies: tuple[Network, ...]
    has_rate_limits: bool
    metrics_networks: tuple[Network, ...]  # addresses that may read /metrics
    webhook_networks: tuple[Network, ...]  # not public, but webhooks may reach them
    akismet: AkismetService | None  # None: no comment text is sent to an external service

    @property
    def log_key_path(self) -> Path:
        """The file of the key that signs checkpoints of the audit log."""
        return self.instance / "log_key"

    @property
    def media_path(self) -> Path:
        """The folder of the pictures of letters."""
        return self.instance / "media"

    @property
    def imports_path(self) -> Path:
        """The folder of files that wait to be imported, and of the reports of imports."""
        return self.instance / "imports"

    @property
    def exports_path(self) -> Path:
        """The folder of the files of exports, each of which stays for a day."""
        return self.instance / "exports"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def load_settings(overrides: Mapping[str, str] | None = None) -> Settings:
    """Load and check the settings. `overrides` (names without prefix) win over environment and file.

    Raises ConfigurationError if a setting is unknown, malformed or unsafe.
    """
    given = _read_environment() | {k: str(v) for k, v in (overrides or {}).items()}
    instance = Path(given.get("INSTANCE") or _default_instance()).resolve()
    values = _read_settings_file(instance / "settings.toml") | given
    for name in sorted(values.keys() - SETTING_NAMES):
        msg = (
            f"{ENVIRONMENT_PREFIX}{name} is not a setting. "
            f"The settings are: {', '.join(ENVIRONMENT_PREFIX + n for n in sorted(SETTING_NAMES))}."
        )
        raise ConfigurationError(msg)
    make_private_folder(instance)
    database_url = _parse_database_url(values.get("DATABASE_URL", ""), instance)
    base_url = _parse_base_url(values.get("BASE_URL") or "http://127.0.0.1:8000")
    sender = default_sender(base_url)
    mail = parse_mail_url(values.get("MAIL_URL", ""), sender)
    secrets = _parse_secrets(values.get("SECRET_KEY", ""), instance, database_url)
    make_private_database(database_url)
    return Settings(
        instance=instance,
        database_url=database_url,
        replica_url=_parse_replica_url(values),
        pool_size=_parse_integer(values, "DATABASE_POOL", 4),
        has_transaction_pooler=_parse_transaction_pooling(values),
        statement_timeout=_parse_integer(values, "DATABASE_STATEMENT_SECONDS", 15),
        lock_timeout=_parse_integer(values, "DATABASE_LOCK_SECONDS", 5),
        redis_url=_parse_redis_url(values.get("REDIS_URL", "")),
        secrets=secrets,
        is_key_in_file=not values.get("SECRET_KEY"),
        base_url=base_url,
        is_base_url_default=not values.get("BASE_URL"),
        mail_server=mail,
        mail_sender=mail.sender if mail else sender,
        trusted_proxies=_parse_networks("TRUSTED_PROXIES", values.get("TRUSTED_PROXIES", "")),
        metrics_networks=_parse_networks(
            "METRICS_ALLOW", values.get("METRICS_ALLOW", "127.0.0.1 ::1")
        ),
        webhook_networks=_parse_networks("WEBHOOK_NETWORKS", values.get("WEBHOOK_NETWORKS", "")),
        has_rate_limits=_parse_boolean(
            "RATELIMIT_ENABLED", values.get("RATELIMIT_ENABLED", "true")
        ),
        akismet=parse_service(values.get("AKISMET_URL", ""), values.get("AKISMET_KEY", "")),
    )


def default_sender(base_url: str) -> str:
    """Return the address from which the site sends emails if the settings name none."""
    host = str(urlsplit(base_url).hostname)
    return f"comments@[IPv6:{host}]" if ":" in host else f"comments@{host}"


def _default_instance() -> Path:
    root = Path(__file__).parent.parent
    return (root if (root / "pyproject.toml").is_file() else Path.cwd()) / "instance"


def _read_environment() -> dict[str, str]:
    return {
        k.removeprefix(ENVIRONMENT_PREFIX): v
        for k, v in os.environ.items()
        if k.startswith(ENVIRONMENT_PREFIX)
    }


def _read_settings_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} in the instance folder is not valid TOML: {error}."
        raise ConfigurationError(msg) from error
    return {_normalize_name(name): _normalize_value(value) for name, value in table.items()}


def _normalize_name(name: str) -> str:
    return name.upper().removeprefix(ENVIRONMENT_PREFIX)


def _normalize_value(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse_boolean(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false", "1", "0"}:
        msg = f"{ENVIRONMENT_PREFIX}{name} is “{text}”. Enter true or false."
        raise ConfigurationError(msg)
    return text.lower() in {"true", "1"}


def _parse_base_url(text: str) -> str:
    """Return scheme, host and port. A host name beyond ASCII is encoded, as mail and certificates need it."""
    try:
        parts = urlsplit(text)
        host, port = encode_host(parts.hostname or ""), parts.port
    except ValueError:
        raise ConfigurationError(_describe_base_url(text)) from None
    if (
        parts.scheme not in {"http", "https"}
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ConfigurationError(_describe_base_url(text))
    if parts.path.rstrip("/"):
        msg = f"{ENVIRONMENT_PREFIX}BASE_URL has the path “{parts.path}”. Enter an address without a path: the site needs a host name of its own."
        raise ConfigurationError(msg)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{port}" if port else f"{parts.scheme}://{host}"


def _describe_base_url(text: str) -> str:
    return f"{ENVIRONMENT_PREFIX}BASE_URL is “{text}”. Enter the address that readers use, such as https://letters.example."


def _parse_database_url(text: str, instance: Path) -> str:
    if not text:
        return f"sqlite:///{instance / 'commentsite.db'}"
    try:
        url = make_url(text)
    except ArgumentError as error:
        msg = f"{ENVIRONMENT_PREFIX}DATABASE_URL is not a database URL. Enter postgresql+psycopg://user:password@host/name."
        raise ConfigurationError(msg) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        msg = f"{ENVIRONMENT_PREFIX}DATABASE_URL uses the driver “{url.drivername}”. Use sqlite or postgresql+psycopg."
        raise ConfigurationError(msg)
    return url.render_as_string(hide_password=False)


def _parse_replica_url(values: Mapping[str, str]) -> str | None:
    text = values.get("DATABASE_READ_URL", "")
    url = _parse_database_url(text, Path()) if text else None
    primary_url = _parse_database_url(values.get("DATABASE_URL", ""), Path())
    if url and not (url.startswith("postgresql") and primary_url.startswith("postgresql")):
        msg = f"{ENVIRONMENT_PREFIX}DATABASE_READ_URL needs PostgreSQL. Set it and {ENVIRONMENT_PREFIX}DATABASE_URL to postgresql+psycopg://…"
        raise ConfigurationError(msg)
    return url


def _parse_transaction_pooling(values: Mapping[str, str]) -> bool:
    has_pooler = _parse_boolean("DATABASE_POOLER", values.get("DATABASE_POOLER", "false"))
    if has_pooler and not values.get("DATABASE_URL", "").startswith("postgresql"):
        msg = f"{ENVIRONMENT_PREFIX}DATABASE_POOLER needs PostgreSQL. Set {ENVIRONMENT_PREFIX}DATABASE_URL to postgresql+psycopg://…"
        raise ConfigurationError(msg)
    return has_pooler


def _parse_integer(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        msg = f"{ENVIRONMENT_PREFIX}{name} is “{text}”. Enter a number from 1 to 1000."
        raise ConfigurationError(msg)
    return int(text)


def _parse_redis_url(text: str) -> str | None:
    if text and urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        msg = f"{ENVIRONMENT_PREFIX}REDIS_URL is not a Redis URL. Enter redis://host:6379/0."
        raise ConfigurationError(msg)
    return text or None


def _parse_secrets(text: str, instance: Path, database_url: str) -> tuple[str, ...]:
    if not text:
        text = _load_or_create_secret(instance / "secret_key", database_url)
    secrets = tuple(text.replace(",", " ").split())
    for secret in secrets:
        if (
            len(secret) < MIN_SECRET_LENGTH
            or secret.lower() in WEAK_SECRETS
            or len(set(secret)) < 8
        ):
            msg = (
                f"{ENVIRONMENT_PREFIX}SECRET_KEY is too weak. Enter at least {MIN_SECRET_LENGTH} random characters, "
                "or remove the setting: commentsite then generates a key in the instance folder."
            )
            raise ConfigurationError(msg)
    if not secrets:
        msg = "The file secret_key in the instance folder is empty. Restore it from your backup: email addresses are encrypted with it."
        raise ConfigurationError(msg)
    return secrets


def _load_or_create_secret(path: Path, database_url: str) -> str:
    if not path.exists():
        _refuse_new_key_for_existing_site(path, database_url)
    try:  # O_EXCL: if two processes start together, one creates the file and the other reads it
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            msg = f"Other users of this machine can read {path.name} in the instance folder. Run: chmod 600 {path}."
            raise ConfigurationError(msg) from None
        try:
            return path.read_text(encoding="ascii")
        except UnicodeDecodeError:
            msg = f"The file {path.name} in the instance folder holds no key. Restore it from your backup."
            raise ConfigurationError(msg) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret := tokens.new_secret_key())
    return secret


def _refuse_new_key_for_existing_site(path: Path, database_url: str) -> None:
    """Raise ConfigurationError if the database has content, which a new key could not read."""
    try:
        is_used = has_content_at(database_url)
    except SQLAlchemyError:
        msg = (
            f"The file {path.name} is missing from the instance folder, and the database does not answer. "
            "A key is generated only for a new site. Start the database, or restore the file from your backup."
        )
        raise ConfigurationError(msg) from None
    if is_used:
        msg = (
            f"The file {path.name} is missing from the instance folder, and the database has content that is encrypted "
            f"with the lost key. Restore {path} from a backup of the site, or set {ENVIRONMENT_PREFIX}SECRET_KEY to that key."
        )
        raise ConfigurationError(msg)


def _parse_networks(name: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(item, strict=False) for item in text.replace(",", " ").split()
        )
    except ValueError as error:
        msg = f"{ENVIRONMENT_PREFIX}{name}: {error}. Enter addresses or networks, such as 10.0.0.1 or 10.0.0.0/8."
        raise ConfigurationError(msg) from error
