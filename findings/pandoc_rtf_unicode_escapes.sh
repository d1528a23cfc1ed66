#!/bin/sh
# pandoc 3.9 (wheel pypandoc_binary 1.17), Unicode characters of an RTF file
#
# Input: RTF with characters as \uN and one fallback character, the default of the RTF specification (\uc1): written by
# hand with "?", as WordPad writes it, and written by pandoc itself.
# Expected: the fallback is skipped and all else is kept, as striprtf 0.0.35 and LibreOffice 7.4 do: "cafés are open".
# Seen: the character after the fallback is lost too: "café are open". pandoc's own writer takes a quotation mark or a
# hyphen as the fallback of curly quotes, apostrophes and dashes, so a text that pandoc writes and reads again loses the
# letter or the space after each: "It’s “open” – now." comes back as "It’ “pen”–now." There is no warning, even with
# --verbose. A fallback in the form \'e9, or a space after the number, is read well.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check pypandoc_binary==1.17 striprtf==0.0.35
cd "$folder"
cat > try.py <<'PYTHON'
import pypandoc
from striprtf.striprtf import rtf_to_text


def read(rtf):
    return pypandoc.convert_text(rtf, "plain", format="rtf", extra_args=["--verbose", "--wrap=none"]).strip()


for word in (r"caf\u233?s", r"caf\u233\'e9s", r"caf\u233 ?s"):
    rtf = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}}\pard " + word + r" are open\par}"
    print(word, "| pandoc:", read(rtf), "| striprtf:", rtf_to_text(rtf).strip())
rtf = pypandoc.convert_text("It’s “open” – now.", "rtf", format="markdown", extra_args=["--standalone"])
print("written", next(line for line in rtf.splitlines() if "open" in line).partition(r"\fi0 ")[2])
print("read again", read(rtf), "| striprtf:", rtf_to_text(rtf).strip())
PYTHON
cat > expected.txt <<'TEXT'
caf\u233?s | pandoc: café are open | striprtf: cafés are open
caf\u233\'e9s | pandoc: cafés are open | striprtf: cafés are open
caf\u233 ?s | pandoc: cafés are open | striprtf: cafés are open
written It\u8217's \u8220"open\u8221" \u8211- now.\par}
read again It’ “pen”–now. | striprtf: It’s “open” – now.
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
