#!/bin/sh
# standardwebhooks 1.1.0, a payload that is not JSON
#
# Input: the text "deleted", signed and verified with the same key. What is signed is the raw
# body, whatever it holds.
# Expected: `verify` returns, or raises its own WebhookVerificationError.
# Seen: the signature is accepted, then json.JSONDecodeError leaves `verify`. A receiver that catches the
# library's error answers 500 and gets the message again.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check standardwebhooks==1.1.0
cd "$folder"
cat > try.py <<'PYTHON'
import base64
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

webhook, now = Webhook(base64.b64encode(b"k" * 24).decode()), datetime.now(UTC)
headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": str(int(now.timestamp())),
    "webhook-signature": webhook.sign("msg_1", now, "deleted"),
}
try:
    print(webhook.verify("deleted", headers))
except Exception as error:
    print(type(error).__name__)
PYTHON
cat > expected.txt <<'TEXT'
JSONDecodeError
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
