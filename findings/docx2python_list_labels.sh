#!/bin/sh
# docx2python 3.7.1, labels of numbered paragraphs
#
# Input: the DOCX file written below with python-docx 1.2.0: a list with the label text "%1." and a second one
# with the same label that starts at 12 by w:startOverride.
# Expected: the labels that the file defines: "1.", "2.", "12.", "13.", or none.
# Seen: "1)" and "2)" with a bracket that is not in the file, and the list that starts at 12 starts at 1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check docx2python==3.7.1 python-docx==1.2.0
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

from docx2python import docx2python

with docx2python("list.docx") as content:
    print([line.replace("\t", " ") for line in content.text.splitlines() if line.strip()][:4])
PYTHON
cat > expected.txt <<'TEXT'
['1) one', '2) two', '1) twelve', '2) thirteen']
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
