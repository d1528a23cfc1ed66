#!/bin/sh
# Flask-Limiter 4.1.1, one Limiter for two applications
#
# Input: one Limiter and two Flask applications, each with its own settings and its own init_app. Flask's pages on
# application factories: "No application-specific state is stored on the extension object, so one extension object can
# be used for multiple apps."
# Expected: each application has the limits, the headers and the storage of its own settings, or the second init_app
# is refused.
# Seen: the second application keeps RATELIMIT_DEFAULT, RATELIMIT_HEADERS_ENABLED and RATELIMIT_STORAGE_OPTIONS of the
# first. For RATELIMIT_STORAGE_URI it is the other way round: both applications then use the storage of the second,
# which was opened with options that belong to the first. Nothing is raised.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check Flask-Limiter==4.1.1 limits==5.8.0 Flask==3.1.3
cd "$folder"
cat > try.py <<'PYTHON'
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import MemoryStorage


class Shown(MemoryStorage):
    STORAGE_SCHEME = ["shown"]

    def __init__(self, uri=None, wrap_exceptions=False, **options):
        print("opened", uri, options)
        self.uri = uri
        super().__init__(uri, wrap_exceptions)


limiter = Limiter(get_remote_address)


def make(name, **settings):
    application = Flask(name)
    application.config.update({f"RATELIMIT_{key}": value for key, value in settings.items()})
    application.add_url_rule("/", "index", lambda: limiter.storage.uri)
    limiter.init_app(application)
    return application


options = {"option": "of one"}
one = make("one", DEFAULT="5 per hour", HEADERS_ENABLED=True, STORAGE_URI="shown://one", STORAGE_OPTIONS=options)
two = make("two", DEFAULT="100 per hour", HEADERS_ENABLED=False, STORAGE_URI="shown://two")
for application in (one, two):
    answer = application.test_client().get("/")
    print(application.name, "limit", answer.headers.get("X-RateLimit-Limit"), "storage", answer.text)
PYTHON
cat > expected.txt <<'TEXT'
opened shown://one {'option': 'of one'}
opened shown://two {'option': 'of one'}
one limit 5 storage shown://two
two limit 5 storage shown://two
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
