"""The Flask extension objects, made once and bound in app.py."""

from flask_babel import Babel
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from commentsite.address import client_address

babel = Babel()
csrf = CSRFProtect()
migrate = Migrate()
limiter = Limiter(
    key_func=client_address,
    strategy="moving-window",
    in_memory_fallback_enabled=True,  # the same limits in each process while Redis is away
    headers_enabled=True,
)
