"""The Flask extension objects, created here and bound to the application in app.py."""

from flask import current_app
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from commentsite.web.http.client_address import client_address
from commentsite.web.http.translations import IsolatingBabel


def rate_limit_key() -> str:
    """Return a keyed hash of the client address, so that the store of the limits holds no addresses."""
    encryption = current_app.extensions["commentsite"].encryption
    return str(encryption.keyed_hash("limit", client_address()))


babel = IsolatingBabel()
csrf = CSRFProtect()
limiter = Limiter(
    key_func=rate_limit_key,
    strategy="moving-window",
    # While the store does not answer, each process applies the same limits on its own.
    in_memory_fallback_enabled=True,
    headers_enabled=True,
)
