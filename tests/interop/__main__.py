"""Run the checks against real systems: `python -m tests.interop [wordpress] [isso]`. Exits 1 on a difference."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.interop import isso, wordpress
from tests.interop.servers import run_wordpress

CHECKS = {"wordpress": wordpress.check_import, "isso": isso.check_import}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("systems", nargs="*", help="wordpress, isso, or both if none is named")
    parser.add_argument("--wxr", type=Path, help="import this WXR file into WordPress instead")
    parser.add_argument("--importer", type=Path, help="a copy of the plug-in WordPress Importer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.wxr:
            problems = check_wxr(Path(folder), options.wxr.resolve(), options.importer.resolve())
        else:
            problems = []
            for name in options.systems or CHECKS:
                (Path(folder) / name).mkdir()
                found = CHECKS[name](Path(folder) / name)
                problems += [f"{name}: {problem}" for problem in found]
    for problem in problems:
        print(problem)
    print("no difference" if not problems else f"{len(problems)} differences")
    sys.exit(bool(problems))


def check_wxr(folder: Path, file: Path, importer: Path) -> list[str]:
    """Import a WXR file into WordPress by its own importer, and compare the numbers of posts and comments."""
    text = file.read_text(encoding="utf-8")
    expected = text.count("<wp:comment>"), text.count("<wp:post_id>")
    with run_wordpress(folder) as site:
        answer = json.loads(site.call("import", WXR=str(file), WP_IMPORTER=str(importer)))
    print(f"WordPress: {answer}")
    found = answer["comments"], answer["posts"]
    return [] if found == expected else [f"the file has {expected}, WordPress {found}"]


main()
