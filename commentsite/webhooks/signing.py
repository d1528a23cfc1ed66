"""Secrets and signatures of webhooks, as https://www.standardwebhooks.com specifies them.

A secret is `whsec_` and 32 bytes in base64. A signature is HMAC-SHA256 over the id of the message, the time of the
attempt in seconds, and the body, joined by dots.
"""

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha256

from commentsite import tokens

SECRET_PREFIX = "whsec_"  # noqa: S105  # a prefix, not a secret


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(tokens.new_signing_seed()).decode()


def build_signature_headers(
    message_id: str, timestamp: int, body: bytes, secrets: Iterable[str]
) -> dict[str, str]:
    """Return the three headers. Each secret makes one signature, so that a receiver can change its secret in peace."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [f"v1,{_sign(content, secret)}" for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _sign(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.digest(key, content, sha256)).decode()
