"""Find out whether the machine has the libraries that draw PDFs."""

from ctypes.util import find_library
from functools import cache


@cache
def can_render_pdf() -> bool:
    """Return whether this machine has the libraries that WeasyPrint needs."""
    return bool(find_library("pango-1.0") and find_library("pangoft2-1.0"))
