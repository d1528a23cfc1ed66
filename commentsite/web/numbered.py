"""Addresses that differ by one number, built once for a whole page: a letter's page names hundreds."""

from collections.abc import Callable
from typing import Any

from flask import url_for

_PLACE = 987_654_321  # no row has this number


def numbered(endpoint: str, name: str, **values: Any) -> Callable[[int], str]:
    """Return what makes the address of an endpoint from the number that stands for `name`."""
    before, _place, after = url_for(endpoint, **{name: _PLACE, **values}).partition(str(_PLACE))
    return lambda number: f"{before}{number}{after}"
