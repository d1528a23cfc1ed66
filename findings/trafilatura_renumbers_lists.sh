#!/bin/sh
# trafilatura 2.3.1, Markdown and plain text of an ordered list that starts at 17
#
# Input: an article whose ordered list has start="17" and a second item with value="19", as in letters that
# answer numbered paragraphs of a document.
# Expected: 17 and 19 in both formats, since the numbers are content: other texts cite them.
# Seen: Markdown numbers the items 1 and 2. Plain text has hyphens and no number at all.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check trafilatura==2.3.1 lxml_html_clean==0.4.3
cd "$folder"
cat > try.py <<'PYTHON'
from trafilatura import extract

filler = "This sentence of the letter is long enough for an extractor to take it as text. " * 3
page = f'''<html><body><article><h1>A letter</h1><p>{filler}</p><p>{filler}</p>
<ol start="17"><li>The record of the meeting was not kept by the secretariat.</li>
<li value="19">The two positions were not printed side by side.</li></ol></article></body></html>'''
for name in ("markdown", "txt"):
    lines = extract(page, output_format=name).splitlines()
    print(name, [line[:14] for line in lines[-2:]])
PYTHON
cat > expected.txt <<'TEXT'
markdown ['1. The record ', '2. The two pos']
txt ['- The record o', '- The two posi']
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
