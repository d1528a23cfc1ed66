"""Parse modules of the project, each once for all tests of a process."""

import ast
from functools import cache
from pathlib import Path

parse_module = cache(lambda path: ast.parse(Path(path).read_text(encoding="utf-8")))
