#!/bin/sh
# pandoc 3.9 (wheel pypandoc_binary 1.17), OpenDocument list items with text:start-value
#
# Input: an ODT file, written with odfpy 1.4.1, whose numbered list restarts at 7 and at 12 by the attribute
# text:start-value of text:list-item (OpenDocument 1.2). LibreOffice writes and shows such lists.
# Expected: 5, 7, 12.
# Seen: 5 is not read either: 1, 2, 3. The same list as DOCX is read as 5, 7, 12.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check pypandoc_binary==1.17 odfpy==1.4.1
cd "$folder"
cat > try.py <<'PYTHON'
import pypandoc
from odf.opendocument import OpenDocumentText
from odf.text import List, ListItem, ListLevelStyleNumber, ListStyle, P

document = OpenDocumentText()
style = ListStyle(name="Numbers")
style.addElement(ListLevelStyleNumber(level=1, numformat="1", numsuffix="."))
document.automaticstyles.addElement(style)
numbered = List(stylename=style)
for number, word in ((5, "five"), (7, "seven"), (12, "twelve")):
    item = ListItem(startvalue=number)
    item.addElement(P(text=word))
    numbered.addElement(item)
document.text.addElement(numbered)
document.save("list.odt")
print(pypandoc.convert_file("list.odt", "plain").strip())
PYTHON
cat > expected.txt <<'TEXT'
1.  five
2.  seven
3.  twelve
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
