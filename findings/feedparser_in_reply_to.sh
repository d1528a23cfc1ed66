#!/bin/sh
# feedparser 6.0.14, an Atom entry that answers several others
#
# Input: a feed of comments with an entry that has two authors, two categories and two thr:in-reply-to elements, which
# RFC 4685 (Atom Threading Extensions) allows: a comment can answer several.
# Expected: both answered entries, in a list, as for authors and categories.
# Seen: the last one alone. Nothing tells that there was another, so a thread loses branches.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check feedparser==6.0.14
cd "$folder"
cat > try.py <<'PYTHON'
import feedparser

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">
<id>urn:f</id><title>Comments</title><updated>2024-01-31T12:00:00Z</updated>
<entry><id>urn:c3</id><title>An answer to both</title><updated>2024-01-31T12:00:00Z</updated>
<author><name>Ana</name></author><author><name>Ben</name></author>
<category term="a"/><category term="b"/><content>Agreed.</content>
<thr:in-reply-to ref="urn:c1"/><thr:in-reply-to ref="urn:c2"/></entry></feed>"""
(entry,) = feedparser.parse(ATOM).entries
print("authors", [author.name for author in entry.authors])
print("categories", [tag.term for tag in entry.tags])
print("in reply to", entry["thr_in-reply-to"])
PYTHON
cat > expected.txt <<'TEXT'
authors ['Ana', 'Ben']
categories ['a', 'b']
in reply to {'ref': 'urn:c2'}
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
