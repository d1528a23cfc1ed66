#!/bin/sh
# Babel 2.18.0, the names of languages in themselves
#
# Input: the switcher of a site in 20 languages asks each locale for its own name, such as "français".
# Expected: the name costs about its own length, since `display_name` is one of a locale's smallest parts.
# Seen: Babel reads all data of each locale for its name (dates, currencies, units) and keeps them as long as the
# process lives, at least half a megabyte for each name. A site that runs in several processes pays in each of them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check babel==2.18.0
cd "$folder"
cat > try.py <<'PYTHON'
import gc
import tracemalloc

from babel import Locale

CODES = "ar bn de es fa fr he hi id it ja ko nl pl pt ru tr uk vi zh".split()
Locale("en").get_display_name()  # what Babel loads once
tracemalloc.start()
names = [Locale(code).get_display_name() for code in CODES]
gc.collect()
kept = tracemalloc.get_traced_memory()[0]
print(len(names), "names with", sum(map(len, names)), "characters")
print("at least half a megabyte kept for each:", kept >= len(names) * 500_000)
PYTHON
cat > expected.txt <<'TEXT'
20 names with 133 characters
at least half a megabyte kept for each: True
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
