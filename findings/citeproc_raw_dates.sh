#!/bin/sh
# citeproc-py 0.11.1, a date in the "raw" form of CSL-JSON
#
# Input: two items that differ only in `issued`: date-parts [[2018, 1, 31]], and {"raw": "2018-01-31"}, which the
# CSL-JSON schema allows and reference managers export.
# Expected: the same date in both, or a warning.
# Seen: the second reference has no date. Nothing is raised and no warning is printed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check citeproc-py==0.11.1
cd "$folder"
cat > try.py <<'PYTHON'
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

STYLE = '''<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text">
<info><title>t</title><id>t</id><updated>2020-01-01T00:00:00+00:00</updated></info>
<citation><layout><text variable="title"/></layout></citation>
<bibliography><layout delimiter=", "><text variable="title" suffix=", "/>
<date variable="issued"><date-part name="year"/></date></layout></bibliography></style>'''
with open("style.csl", "w") as file:
    file.write(STYLE)
for issued in ({"date-parts": [[2018, 1, 31]]}, {"raw": "2018-01-31"}):
    item = {"id": "a", "type": "webpage", "title": "A letter", "issued": issued}
    style = CitationStylesStyle("style.csl", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON([item]), formatter.plain)
    bibliography.register(Citation([CitationItem("a")]))
    print(repr(str(bibliography.bibliography()[0])))
PYTHON
cat > expected.txt <<'TEXT'
'A letter, 2018'
'A letter, '
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
