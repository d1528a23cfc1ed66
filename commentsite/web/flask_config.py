"""Translate the settings of the installation into the configuration keys of Flask and its extensions."""

from typing import Any

from commentsite import retention
from commentsite.config import Settings
from commentsite.db.engine import build_engine_options
from commentsite.db.session import REPLICA_BIND
from commentsite.encryption import derive_key
from commentsite.web.account import security_config
from commentsite.web.http import limit_storage

MAX_FORM_BYTES = 2 * 1024 * 1024
REDIS_TIMEOUT = 0.2  # seconds; after that a request continues without Redis


def build_flask_config(settings: Settings, *, is_serving: bool) -> dict[str, Any]:
    """Return the configuration for `app.config`.

    `is_serving` adds time limits to database queries. A page must be quick, but a command may take longer. It also
    shares the rate limits with the other processes.
    """
    is_https = settings.is_https
    return {
        "SECRET_KEY": settings.secrets[0],
        "SECRET_KEY_FALLBACKS": list(settings.secrets[1:]),
        **_database_config(settings, is_serving=is_serving),
        "MAX_CONTENT_LENGTH": MAX_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_FORM_BYTES,
        "SESSION_COOKIE_NAME": "__Host-desk" if is_https else "desk",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": retention.SESSION_TTL,
        "RATELIMIT_ENABLED": settings.has_rate_limits,
        **_limits_config(settings, is_serving=is_serving),
        # Our forms have their own messages. WTForms would read its translation file on each request.
        "WTF_I18N_ENABLED": False,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        **security_config.build_security_config(settings),
    }


def _limits_config(settings: Settings, *, is_serving: bool) -> dict[str, Any]:
    """Count in Redis, or else in a file that the serving processes of this machine share."""
    if settings.redis_url:
        options = {"socket_connect_timeout": REDIS_TIMEOUT, "socket_timeout": REDIS_TIMEOUT}
        return {
            "RATELIMIT_STORAGE_URI": settings.redis_url,
            "RATELIMIT_STORAGE_OPTIONS": options,
        }
    if not is_serving:
        return {"RATELIMIT_STORAGE_URI": "memory://"}
    path = settings.instance / limit_storage.FILE_NAME
    key = derive_key(settings.secrets[0], "rate limits")
    return {"RATELIMIT_STORAGE_URI": limit_storage.build_storage_uri(path, key)}


def _database_config(settings: Settings, *, is_serving: bool) -> dict[str, Any]:
    def engine_options(url: str) -> dict[str, Any]:
        return build_engine_options(
            url,
            pool_size=settings.pool_size,
            statement_timeout=settings.statement_timeout,
            lock_timeout=settings.lock_timeout,
            has_transaction_pooler=settings.has_transaction_pooler,
            is_serving=is_serving,
        )

    binds = {}
    if settings.replica_url:
        binds[REPLICA_BIND] = {"url": settings.replica_url, **engine_options(settings.replica_url)}
    return {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "SQLALCHEMY_BINDS": binds,
    }
