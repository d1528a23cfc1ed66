#!/bin/sh
# WeasyPrint 70.0, font faces that no text uses (needs the library Pango on the machine)
#
# Input: a page of one paragraph and a style sheet with three @font-face rules. The paragraph uses one of them. The
# fonts are valid WOFF2 files, made with fontTools. A URL fetcher, as WeasyPrint's documentation describes it, prints
# what is asked for.
# Expected: one fetch. CSS Fonts Level 3, "Font loading guidelines": the rule "is designed to allow lazy loading of font
# resources that are only downloaded when used within a document".
# Seen: all three are fetched and decoded as soon as the style sheet is read, though only one is in the PDF. A family
# with many faces, by script or by weight, costs time for each of them, also where the text needs none.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check weasyprint==70.0 fonttools==4.68.0 brotli==1.2.1 pypdf==7.1.1
cd "$folder"
cat > try.py <<'PYTHON'
import re
from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import woff2
from pypdf import PdfReader
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher


def make(name):
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for point in ((50, 700), (450, 700), (450, 0)):
        pen.lineTo(point)
    pen.closePath()
    glyph = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "a"])
    builder.setupCharacterMap({ord("a"): "a"})
    builder.setupGlyf({".notdef": glyph, "a": glyph})
    builder.setupHorizontalMetrics({".notdef": (500, 50), "a": (500, 50)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": f"{name}-Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.font.flavor = "woff2"
    builder.save(f"{name}.woff2")


class Fetcher(URLFetcher):
    def fetch(self, url, headers=None):
        print("fetched", url.rsplit("/", 1)[-1])
        return super().fetch(url, headers)


def decompress(*arguments):
    decoded.append(arguments)
    return original(*arguments)


decoded, original = [], woff2.decompress
woff2.decompress = decompress
style = "p { font-family: Used }"
for name in ("Used", "Unused", "Other"):
    make(name)
    style += f"@font-face {{ font-family: {name}; src: url({name}.woff2) }}"
fonts, base = FontConfiguration(), Path.cwd().as_uri() + "/"
sheet = CSS(string=style, base_url=base, url_fetcher=Fetcher(), font_config=fonts)
pdf = HTML(string="<p>aaa</p>", base_url=base).write_pdf(stylesheets=[sheet], font_config=fonts)
print("decoded", len(decoded))
used = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
print("in the PDF", [re.sub(".*[+]", "", font.get_object()["/BaseFont"]) for font in used.values()])
PYTHON
cat > expected.txt <<'TEXT'
fetched Used.woff2
fetched Unused.woff2
fetched Other.woff2
decoded 3
in the PDF ['Used']
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
