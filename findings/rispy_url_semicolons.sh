#!/bin/sh
# rispy 0.10.0, a URL with a semicolon
#
# Input: a reference whose only URL has a semicolon in its path, which RFC 3986 allows and web applications use for
# parameters. rispy writes it and reads what it wrote.
# Expected: the same list with one URL.
# Seen: two entries, and neither is the URL: `UR` is split at each semicolon. The writer joins several URLs with
# semicolons too and escapes none, so no reader can tell the cases apart.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check rispy==0.10.0
cd "$folder"
cat > try.py <<'PYTHON'
import rispy

reference = {"type_of_reference": "ELEC", "title": "A letter", "urls": ["https://letters.example/17;version=2"]}
text = rispy.dumps([reference])
print([line for line in text.splitlines() if line.startswith("UR")])
print(rispy.loads(text)[0]["urls"])
PYTHON
cat > expected.txt <<'TEXT'
['UR  - https://letters.example/17;version=2']
['https://letters.example/17', 'version=2']
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
