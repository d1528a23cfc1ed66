"""The Flask extension objects, made once and bound in app.py."""

from flask import current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from commentsite.web.http.client_address import client_address


def rate_limit_key() -> str:
    """Return the key one reader is counted under: no store of limits learns a network address."""
    return str(
        current_app.extensions["commentsite"].encryption.keyed_hash("limit", client_address())
    )


babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(
    key_func=rate_limit_key,
    strategy="moving-window",
    in_memory_fallback_enabled=True,  # the same limits in each process while Redis is away
    headers_enabled=True,
)
