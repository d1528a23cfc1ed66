"""Progress bars of long commands. Without a terminal nothing is shown, so that logs stay readable."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

MIN_ITEMS = 2  # a bar for a single step would only flicker


@contextmanager
def show_progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while the block runs, and yield the function that advances it."""
    is_hidden = length < MIN_ITEMS or not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=is_hidden) as bar:
        yield bar.update
