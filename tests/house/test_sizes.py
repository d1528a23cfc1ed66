"""Files and functions stay small enough to be read at once."""

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
CODE = sorted(p for p in (ROOT / "commentsite").rglob("*.py") if "versions" not in p.parts)
LARGEST_FILE, LARGEST_FUNCTION, MOST_ARGUMENTS = 260, 55, 5


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def test_files_are_small():
    lines = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in CODE}
    assert not {name: n for name, n in lines.items() if n > LARGEST_FILE}
    assert median(n for n in lines.values() if n) <= 100


def test_functions_are_small():
    sizes = {
        f"{p.name}:{f.name}": f.end_lineno - f.body[0].lineno + 1
        for p in CODE
        for f in functions(p)
    }
    assert not {name: n for name, n in sizes.items() if n > LARGEST_FUNCTION}
    assert median(sizes.values()) <= 8


def test_nobody_has_to_count_positions():
    for path in CODE:
        for function in functions(path):
            positional = function.args.posonlyargs + function.args.args
            if not any(isinstance(d, ast.Call | ast.Attribute) for d in function.decorator_list):
                assert len(positional) <= MOST_ARGUMENTS + 2, f"{path.name}:{function.name}"
