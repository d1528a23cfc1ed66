"""The command `commentsite archive`: write a static copy of all public pages."""

import signal
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType

import click
from flask import current_app, render_template, url_for
from flask.testing import FlaskClient

from commentsite import clock
from commentsite.cli.errors import MachineError
from commentsite.cli.maintenance import quiet_request_log
from commentsite.cli.pages import fetch_page, without_limits
from commentsite.cli.progress import show_progress
from commentsite.exchange.archive.queries import (
    list_public_letters,
    map_former_page_slugs,
    map_former_slugs,
)
from commentsite.exchange.archive.writer import (
    ALPHABET_PAGE,
    SEARCH_PAGE,
    ArchiveSite,
    check_folder,
    write_archive,
)
from commentsite.site.pages.queries import list_public_pages
from commentsite.web.context import current_site, runtime

_TEMPLATES = {SEARCH_PAGE: "archive/search.html", ALPHABET_PAGE: "archive/letters_a_z.html"}


@click.command("archive")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--warc",
    "has_warc",
    is_flag=True,
    help="Add a WARC 1.1 file, and make DIR a BagIt bag. The pages then lie in DIR/data.",
)
def archive_command(folder: Path, *, has_warc: bool) -> None:
    """Write all public pages into DIR as files that a browser opens without a server: DIR/index.html.

    Comments that are not public are not in it, and no email addresses. DIR appears when it is complete.
    """
    check_folder(folder)
    if not folder.absolute().parent.is_dir():
        msg = f"The folder {folder.parent} does not exist. Create it, or choose another one."
        raise MachineError(msg)
    letters = list_public_letters()
    with quiet_request_log(), without_limits(), _end_cleanly(), _pages_of_the_site():
        site = _build_site(current_app.test_client(use_cookies=False))
        with show_progress("Archiving", 12 * len(letters) + 20) as advance:
            result = write_archive(folder, site, advance, has_warc=has_warc)
    click.echo(f"Wrote {folder}: {result.pages:,} pages and {result.files:,} other files.")
    for address, status in result.missing:
        click.echo(f"The address {address} answered {status} and is not in the archive.")
    start = folder / "data" / "index.html" if has_warc else folder / "index.html"
    click.echo(f"Open {start} in a browser.")


def _build_site(client: FlaskClient) -> ArchiveSite:
    base_url = runtime().settings.base_url.rstrip("/")
    return ArchiveSite(
        title=current_site().title,
        base_url=base_url,
        fetch=lambda address: fetch_page(client, base_url, address),
        seeds=[
            *(url_for("letters.show", slug=letter.slug) for letter in list_public_letters()),
            *(url_for("pages.show", slug=page.slug) for page in list_public_pages()),
            url_for("feeds.letters_atom"),
            url_for("feeds.letters_json"),
        ],
        former={
            url_for("letters.show", slug=former): url_for("letters.show", slug=present)
            for former, present in map_former_slugs().items()
        }
        | {
            url_for("pages.show", slug=former): url_for("pages.show", slug=present)
            for former, present in map_former_page_slugs().items()
        },
        render=_render,
        script=Path(str(current_app.static_folder)) / "archive" / "search.js",
        banner=lambda: render_template("archive/banner.html", today=clock.now()),
    )


def _render(name: str, file_count: int) -> str:
    groups = groupby(list_public_letters(), key=lambda letter: _get_initial(letter.title))
    return render_template(
        _TEMPLATES[name],
        file_count=file_count,
        groups=[(initial, list(letters)) for initial, letters in groups],
    )


def _get_initial(title: str) -> str:
    """Return the letter under which a title stands, without its accent."""
    initial = next((sign for sign in title if sign.isalnum()), "#")
    return unicodedata.normalize("NFD", initial)[0].upper()


@contextmanager
def _pages_of_the_site() -> Iterator[None]:
    """Render templates as for a request to the front page."""
    with current_app.test_request_context("/", base_url=runtime().settings.base_url):
        yield


@contextmanager
def _end_cleanly() -> Iterator[None]:
    """Let SIGTERM end the command as an error does, so that no unfinished folder stays."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(143)

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
