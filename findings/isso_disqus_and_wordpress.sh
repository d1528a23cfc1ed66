#!/bin/sh
# isso 0.14.0, one site as a Disqus export and as a WordPress export
#
# Input: the comments of a site whose pages are /?p=17 and /?p=18, in both formats. Each page has one comment. The
# second comment is spam: isSpam in Disqus, comment_approved "spam" in WordPress.
# Expected: the same threads and states from both: two threads, and the spam left out or hidden.
# Seen: from WordPress so, with the spam waiting for review (mode 2). From Disqus both comments are public (mode 1) and
# in one thread, "/", with the title of the first page. That importer takes only the path of the link, and of
# the states it reads isDeleted alone.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check isso==0.14.0
cd "$folder"
cat > try.py <<'PYTHON'
import sqlite3
import subprocess
from pathlib import Path

THREAD = """<thread dsq:id="{0}"><id>{0}</id><forum>letters</forum><link>https://letters.example/?p={0}</link>
<title>Letter {0}</title><createdAt>2024-01-01T00:00:00Z</createdAt><isClosed>false</isClosed>
<isDeleted>false</isDeleted></thread>"""
POST = """<post dsq:id="{0}1"><id/><message>On letter {0}</message><createdAt>2024-01-31T12:00:00Z</createdAt>
<isDeleted>false</isDeleted><isSpam>{1}</isSpam><author><name>Ana</name></author><thread dsq:id="{0}"/></post>"""
ITEM = """<item><title>Letter {0}</title><link>https://letters.example/?p={0}</link><wp:comment>
<wp:comment_id>{0}1</wp:comment_id><wp:comment_author>Ana</wp:comment_author>
<wp:comment_author_email>ana@letters.example</wp:comment_author_email><wp:comment_author_url/>
<wp:comment_author_IP>192.0.2.1</wp:comment_author_IP><wp:comment_date>2024-01-31 12:00:00</wp:comment_date>
<wp:comment_date_gmt>2024-01-31 12:00:00</wp:comment_date_gmt><wp:comment_content>On letter {0}</wp:comment_content>
<wp:comment_approved>{1}</wp:comment_approved><wp:comment_type/><wp:comment_parent>0</wp:comment_parent>
</wp:comment></item>"""
DISQUS = (
    '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'
    + "".join(map(THREAD.format, (17, 18)))
    + "".join(map(POST.format, (17, 18), ("false", "true")))
    + "</disqus>"
)
WORDPRESS = (
    '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Letters</title>'
    + "".join(map(ITEM.format, (17, 18), ("1", "spam")))
    + "</channel></rss>"
)
for kind, text, options in (("wordpress", WORDPRESS, []), ("disqus", DISQUS, ["--empty-id"])):
    Path(f"{kind}.xml").write_text(text)
    Path(f"{kind}.cfg").write_text(f"[general]\ndbpath = {kind}.db\nhost = https://letters.example/\n")
    command = ["venv/bin/isso", "-c", f"{kind}.cfg", "import", "-t", kind, *options, f"{kind}.xml"]
    subprocess.run(command, check=True, capture_output=True)
    query = "SELECT uri, title, mode, text FROM comments JOIN threads ON tid = threads.id ORDER BY text"
    for row in sqlite3.connect(f"{kind}.db").execute(query):
        print(kind, row)
PYTHON
cat > expected.txt <<'TEXT'
wordpress ('/?p=17', 'Letter 17', 1, 'On letter 17')
wordpress ('/?p=18', 'Letter 18', 2, 'On letter 18')
disqus ('/', 'Letter 17', 1, 'On letter 17')
disqus ('/', 'Letter 17', 1, 'On letter 18')
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
