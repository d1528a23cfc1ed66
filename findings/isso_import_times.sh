#!/bin/sh
# isso 0.14.0, times of imported comments
#
# Input: a Disqus export and a WordPress export, each with one comment of 12:00 UTC on 31 January 2024
# ("2024-01-31T12:00:00Z" and comment_date_gmt), imported once on a machine whose zone is UTC and once on one whose
# zone is UTC-5.
# Expected: the same moment each time, since both exports give the time in UTC.
# Seen: on the second machine both comments are 5 hours late, 17:00 UTC. The time is read with time.mktime, which takes
# it as local time. In a zone with summer time the error changes with the season, so no one shift repairs it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check isso==0.14.0
cd "$folder"
cat > try.py <<'PYTHON'
import os
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><id>17</id><forum>letters</forum><link>https://letters.example/17</link><title>A letter</title>
<createdAt>2024-01-01T00:00:00Z</createdAt><isClosed>false</isClosed><isDeleted>false</isDeleted></thread>
<post dsq:id="2"><id/><message>Agreed.</message><createdAt>2024-01-31T12:00:00Z</createdAt><isDeleted>false</isDeleted>
<isSpam>false</isSpam><author><name>Ana</name></author><thread dsq:id="1"/></post>
</disqus>
"""
WORDPRESS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Letters</title>
<item><title>A letter</title><link>https://letters.example/17</link><wp:comment>
<wp:comment_id>2</wp:comment_id><wp:comment_author>Ana</wp:comment_author>
<wp:comment_author_email>ana@letters.example</wp:comment_author_email><wp:comment_author_url/>
<wp:comment_author_IP>192.0.2.1</wp:comment_author_IP><wp:comment_date>2024-01-31 07:00:00</wp:comment_date>
<wp:comment_date_gmt>2024-01-31 12:00:00</wp:comment_date_gmt><wp:comment_content>Agreed.</wp:comment_content>
<wp:comment_approved>1</wp:comment_approved><wp:comment_type/><wp:comment_parent>0</wp:comment_parent>
</wp:comment></item></channel></rss>
"""
for kind, text, options in (("disqus", DISQUS, ["--empty-id"]), ("wordpress", WORDPRESS, [])):
    Path("export.xml").write_text(text)
    for zone in ("UTC0", "XXX5"):
        name = f"{kind}-{zone}"
        Path(f"{name}.cfg").write_text(f"[general]\ndbpath = {name}.db\nhost = https://letters.example/\n")
        command = ["venv/bin/isso", "-c", f"{name}.cfg", "import", "-t", kind, *options, "export.xml"]
        subprocess.run(command, env=os.environ | {"TZ": zone}, check=True, capture_output=True)
        (created,) = sqlite3.connect(f"{name}.db").execute("SELECT created FROM comments").fetchone()
        print(kind, zone, datetime.fromtimestamp(created, UTC))
PYTHON
cat > expected.txt <<'TEXT'
disqus UTC0 2024-01-31 12:00:00+00:00
disqus XXX5 2024-01-31 17:00:00+00:00
wordpress UTC0 2024-01-31 12:00:00+00:00
wordpress XXX5 2024-01-31 17:00:00+00:00
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
