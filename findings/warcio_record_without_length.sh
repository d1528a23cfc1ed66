#!/bin/sh
# warcio 1.8.1: a record that is created without `length` leaves a temporary file open.
#
# Input: WARCWriter.create_warc_record() for a response of one byte, once without `length` and once with `length=1`,
# and written with write_record().
# Expected: after write_record() nothing that warcio opened is still open, in both cases.
# Seen: without `length`, the file into which warcio copied the payload is never closed. Python reports it as a
# ResourceWarning when it is collected. With `length` no file is made. A program that treats such warnings as errors
# must pass the length, although the argument is optional.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install warcio==1.8.1 six==1.17.0
cat > "$folder/show.py" <<'PYTHON'
import gc
import io
import warnings

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


def write(**options):
    """Write one record of one byte, and return how many files were left open."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        writer = WARCWriter(io.BytesIO(), gzip=False)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            "http://example.org/", "response", payload=io.BytesIO(b"x"), http_headers=headers, **options
        )
        writer.write_record(record)
        del record, writer
        gc.collect()
    return sum(issubclass(warning.category, ResourceWarning) for warning in seen)


print("without length, files left open:", write())
print("with length, files left open:", write(length=1))
PYTHON
cd "$folder"
cat > expected.txt <<'TEXT'
without length, files left open: 1
with length, files left open: 0
TEXT
venv/bin/python show.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
