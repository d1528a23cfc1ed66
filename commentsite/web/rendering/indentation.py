"""Leave the indentation of templates out of the pages.

Templates are indented for their authors. On a page with a hundred comments the leading spaces would be
a quarter of the bytes that are rendered, cached and compressed. HTML treats a line break followed by
spaces like a line break, so the pages look the same.
"""

import re

from flask import Flask
from jinja2.ext import Extension

_INDENTATION = re.compile(r"\n[ \t]+")


class StripIndentation(Extension):
    """Remove leading spaces from each line of an HTML template, before it is compiled.

    Text that readers typed is filled in later and keeps its spaces. Mails and feeds are left alone.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  # the signature is Jinja's
        if name is None or not name.endswith(".html"):
            return source
        return _INDENTATION.sub("\n", source)


def init_app(app: Flask) -> None:
    app.jinja_env.add_extension(StripIndentation)
