"""Print each name that templates read, as Python, so that vulture does not take it for unused.

Run by `make check`: python -m tests.support.template_names > FILE
"""

import keyword
import sys
from pathlib import Path

from jinja2 import Environment, nodes

TEMPLATES = Path(__file__).parents[2] / "templates"


def read_names() -> set[str]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    names: set[str] = set()
    for path in TEMPLATES.rglob("*.*"):
        tree = environment.parse(path.read_text())
        names.update(node.attr for node in tree.find_all(nodes.Getattr))
        names.update(node.name for node in tree.find_all(nodes.Name))
        for call in tree.find_all(
            nodes.Filter
        ):  # selectattr("name"), map(attribute="name"), groupby("name")
            values = [*call.args, *(keyword.value for keyword in call.kwargs)]
            names.update(
                part
                for value in values
                if isinstance(value, nodes.Const) and isinstance(value.value, str)
                for part in value.value.split(".")
            )
    return {name for name in names if name.isidentifier() and not keyword.iskeyword(name)}


if __name__ == "__main__":
    sys.stdout.writelines(f"_.{name}\n" for name in sorted(read_names()))
