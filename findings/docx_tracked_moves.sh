#!/bin/sh
# docx2python 3.7.1 and python-docx 1.2.0, text that was moved with tracked changes
#
# Input: the DOCX file written below: a sentence that its author moved from the first paragraph to the second, with
# tracked changes on (w:moveFrom and w:moveTo, as Word writes them).
# Expected: the sentence once: in the second paragraph if the change is accepted, in the first if it is not.
# Seen: docx2python returns it in both paragraphs, python-docx in neither, so an import either repeats a part of the
# text or loses it. Neither library warns. pandoc 3.9 has it once, in the second paragraph.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check docx2python==3.7.1 python-docx==1.2.0 pypandoc_binary==1.17
cd "$folder"
cat > try.py <<'PYTHON'
import pypandoc
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx2python import docx2python

document, ns = Document(), nsdecls("w")
change = 'w:id="{}" w:author="A" w:date="2026-01-01T00:00:00Z"'
run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
for number, words, kind in ((1, "First.", "moveFrom"), (3, "Second.", "moveTo")):
    xml = (
        f"<w:p {ns}>{run.format(words)}"
        f'<w:{kind}RangeStart {change.format(number)} w:name="move1"/>'
        f"<w:{kind} {change.format(number + 1)}>{run.format(' Moved.')}</w:{kind}>"
        f'<w:{kind}RangeEnd w:id="{number}"/></w:p>'
    )
    document.element.body.insert(number // 2, parse_xml(xml))
document.save("moved.docx")

with docx2python("moved.docx") as content:
    print("docx2python", [line for line in content.text.splitlines() if line])
print("python-docx", [paragraph.text for paragraph in Document("moved.docx").paragraphs])
print("pandoc", [line for line in pypandoc.convert_file("moved.docx", "plain").splitlines() if line])
PYTHON
cat > expected.txt <<'TEXT'
docx2python ['First. Moved.', 'Second. Moved.']
python-docx ['First.', 'Second.']
pandoc ['First.', 'Second. Moved.']
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
