"""Let templates import macros quickly.

Jinja compares the names of the globals at each import of macros. Its ChainMap has to ask each of its maps for each of
a hundred names, which was a twentieth of the rendering of a letter's page.
"""

from collections import ChainMap
from collections.abc import KeysView, MutableMapping
from typing import Any

from flask.templating import Environment


class TemplateGlobals(ChainMap[str, Any]):
    """The globals of a template, those of the environment included. Its names are collected at once."""

    def keys(self) -> KeysView[str]:
        return dict.fromkeys(self).keys()


class TemplateEnvironment(Environment):
    """Flask's environment, with these globals."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> TemplateGlobals:
        """Return the globals of a template, which stand before those of the environment."""
        return TemplateGlobals({} if d is None else d, self.globals)
