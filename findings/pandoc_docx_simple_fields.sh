#!/bin/sh
# pandoc 3.9 (wheel pypandoc_binary 1.17), simple fields of a DOCX file
#
# Input: a DOCX file, written with python-docx 1.2.0, that has the same cross-reference, "See paragraph 5.", once as a
# complex field (w:fldChar) and once as a simple field (w:fldSimple). Then a table with a caption that pandoc itself
# writes with docx+native_numbering.
# Expected: the same words for both, since ISO/IEC 29500 defines them as two ways to write one field.
# Seen: the words of the simple field are dropped without a warning, even with --verbose: "See ." pandoc also loses
# the table number that it wrote itself. mammoth 1.13.0 drops the words too, but says so in its messages.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check pypandoc_binary==1.17 python-docx==1.2.0 mammoth==1.13.0
cd "$folder"
cat > try.py <<'PYTHON'
import re

import mammoth
import pypandoc
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

document, ns = Document(), nsdecls("w")
run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
words = run.format("paragraph 5")
start = mark.format("begin") + "<w:r><w:instrText> REF p5 </w:instrText></w:r>" + mark.format("separate")
complex_field = start + words + mark.format("end")
simple_field = f'<w:fldSimple w:instr=" REF p5 ">{words}</w:fldSimple>'
for number, field in enumerate((complex_field, simple_field)):
    xml = f"<w:p {ns}>{run.format('See ')}{field}{run.format('.')}</w:p>"
    document.element.body.insert(number, parse_xml(xml))
document.save("fields.docx")
text = pypandoc.convert_file("fields.docx", "plain", extra_args=["--verbose"])
print("pandoc", [line for line in text.splitlines() if line])
with open("fields.docx", "rb") as file:
    result = mammoth.convert_to_html(file)
print("mammoth", result.value, [message.message for message in result.messages])

table = "| a |\n|---|\n| b |\n\n: A table"
pypandoc.convert_text(table, "docx+native_numbering", format="markdown", outputfile="table.docx")
print("written", [part.text for part in Document("table.docx").element.iter("{*}t")][:3])
print("read", re.search("<caption>.*</caption>", pypandoc.convert_file("table.docx", "html")).group())
PYTHON
cat > expected.txt <<'TEXT'
pandoc ['See paragraph 5.', 'See .']
mammoth <p>See paragraph 5.</p><p>See .</p> ['An unrecognised element was ignored: w:fldSimple']
written ['Table\xa0', '1', ': A table']
read <caption><p>: A table</p></caption>
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
