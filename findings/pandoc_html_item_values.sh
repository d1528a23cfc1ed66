#!/bin/sh
# pandoc 3.9 (wheel pypandoc_binary 1.17), HTML list items with a value
#
# Input: <ol start="5"> with items of value 5, 7 and 12, which the HTML standard defines ("the value attribute ...
# is the ordinal value of the list item").
# Expected: 5, 7, 12, or a warning that the numbers are lost.
# Seen: the list start is read, the values are not: 5, 6, 7, without a warning. A document whose author skips
# numbers gets other paragraph numbers in every output format.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check pypandoc_binary==1.17
cd "$folder"
cat > try.py <<'PYTHON'
import pypandoc

page = '<ol start="5"><li value="5">five</li><li value="7">seven</li><li value="12">twelve</li></ol>'
print(pypandoc.convert_text(page, "plain", format="html").strip())
PYTHON
cat > expected.txt <<'TEXT'
5.  five
6.  seven
7.  twelve
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
