#!/bin/sh
# standardwebhooks 1.1.0, signing with a timestamp in another zone than UTC
#
# Input: one moment as two aware datetimes, in UTC and in UTC+05:30, which compare as equal.
# Expected: the same signature, since the signed content holds the Unix time of the moment.
# Seen: two signatures. `sign` replaces the zone by UTC and keeps the clock time, so the signature of the second
# covers a time 5.5 hours later. `verify` then refuses it beside the true Unix time in the header.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check standardwebhooks==1.1.0
cd "$folder"
cat > try.py <<'PYTHON'
import base64
from datetime import UTC, datetime, timedelta, timezone

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

webhook = Webhook(base64.b64encode(b"k" * 24).decode())
utc = datetime.now(UTC).replace(microsecond=0)
kolkata = utc.astimezone(timezone(timedelta(hours=5, minutes=30)))
print("equal moments", utc == kolkata)
signatures = [webhook.sign("msg_1", moment, "{}") for moment in (utc, kolkata)]
print("equal signatures", signatures[0] == signatures[1])
for signature in signatures:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(utc.timestamp())),
        "webhook-signature": signature,
    }
    try:
        print("verified", webhook.verify("{}", headers))
    except WebhookVerificationError as error:
        print("refused:", error)
PYTHON
cat > expected.txt <<'TEXT'
equal moments True
equal signatures False
verified {}
refused: No matching signature found
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
