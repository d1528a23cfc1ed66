#!/bin/sh
# Babel 2.18.0, plural forms of a new Arabic or Welsh catalogue
#
# Input: the catalogue that Babel makes for a language, and the plural category that Babel's own CLDR data give a number.
# Expected: a form for each category in the order of the CLDR (zero, one, two, few, many, other), which is also the order
# of GNU gettext's msginit for Arabic. Translators' tools show the forms in that order.
# Seen: in Arabic the form of "other" (100 to 102) stands before that of "many" (11 to 99), so 11 gets the words that a
# translator wrote for 100. In Welsh there is no form for "other": 4 and 10 get the words for 0.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check babel==2.18.0
cd "$folder"
cat > try.py <<'PYTHON'
import gettext

from babel import Locale
from babel.messages.catalog import Catalog

for language in ("ar", "cy"):
    find_form = gettext.c2py(Catalog(locale=language).plural_expr)
    forms = {}
    for number in range(200):
        forms.setdefault(Locale(language).plural_form(number), set()).add(find_form(number))
    order = ("zero", "one", "two", "few", "many", "other")
    print(language, {category: sorted(forms[category]) for category in order})
PYTHON
cat > expected.txt <<'TEXT'
ar {'zero': [0], 'one': [1], 'two': [2], 'few': [3], 'many': [5], 'other': [4]}
cy {'zero': [0], 'one': [1], 'two': [2], 'few': [3], 'many': [4], 'other': [0]}
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
