#!/bin/sh
# pandoc 3.9 (wheel pypandoc_binary 1.17), two Word lists that share one abstract numbering
#
# Input: a DOCX file, written with python-docx 1.2.0: items 1 and 2 of list 77, two items of list 78, which has
# the same w:abstractNum and a startOverride of 12, then one more item of list 77.
# Expected: the last item is 14, as LibreOffice 7.4 shows it: lists with the same w:abstractNum are one sequence.
# Seen: the last item is 3. pandoc counts each w:num apart, so numbered paragraphs of a contract or a resolution
# that was edited for long get other numbers than their author sees.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check pypandoc_binary==1.17 python-docx==1.2.0
cd "$folder"
cat > try.py <<'PYTHON'
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

document, ns = Document(), nsdecls("w")
numbering = document.part.numbering_part.element
numbering.insert(
    0,
    parse_xml(
        f'<w:abstractNum {ns} w:abstractNumId="77"><w:multiLevelType w:val="singleLevel"/>'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>'
        "</w:lvl></w:abstractNum>"
    ),
)
override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="12"/></w:lvlOverride>'
for number, more in ((77, ""), (78, override)):
    xml = f'<w:num {ns} w:numId="{number}"><w:abstractNumId w:val="77"/>{more}</w:num>'
    numbering.append(parse_xml(xml))
for word, number in (("one", 77), ("two", 77), ("twelve", 78), ("thirteen", 78), ("next", 77)):
    properties = document.add_paragraph(word)._p.get_or_add_pPr()
    xml = f'<w:numPr {ns}><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
    properties.append(parse_xml(xml))
document.save("list.docx")

import pypandoc

text = pypandoc.convert_file("list.docx", "plain")
print([" ".join(line.split()) for line in text.splitlines() if line.strip()])
PYTHON
cat > expected.txt <<'TEXT'
['1. one', '2. two', '12. twelve', '13. thirteen', '3. next']
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
