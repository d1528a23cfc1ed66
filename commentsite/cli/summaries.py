"""The command `commentsite summary`: write the published record of positions of a letter as files."""

from pathlib import Path

import click
from flask import current_app, url_for

from commentsite.cli.errors import MachineError
from commentsite.cli.maintenance import quiet_request_log
from commentsite.cli.pages import fetch_page, without_limits
from commentsite.cli.standalone_page import make_standalone
from commentsite.errors import NotFound
from commentsite.letters.queries import get_public_letter
from commentsite.summaries.publication.queries import find_published_record
from commentsite.web.context import runtime
from commentsite.web.public.records.pages import FILE_TYPES

FORMATS = ("html", *FILE_TYPES)


@click.command("summary")
@click.argument("slug")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the files. It is made if it does not exist.",
)
@click.option(
    "--format",
    "formats",
    default=",".join(FORMATS),
    help=f"Formats with commas between them: {', '.join(FORMATS)}. Without it, all of them.",
)
def summary_command(slug: str, folder: Path, formats: str) -> None:
    """Write the published record of positions of the letter SLUG into a folder."""
    names = _read_formats(formats)
    base_url = runtime().settings.base_url.rstrip("/")
    with current_app.test_request_context("/", base_url=base_url):
        record = find_published_record(get_public_letter(slug).id)
        if record is None:
            msg = "This letter has no record of positions yet."
            raise NotFound(msg)
        addresses = {name: _build_address(record.slug, name) for name in names}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {folder} cannot be made: {error.strerror}."
        raise MachineError(msg) from error
    client = current_app.test_client(use_cookies=False)
    with quiet_request_log(), without_limits():
        for name, address in addresses.items():
            path = folder / f"{record.slug}-record-{record.number}.{name}"
            answer = fetch_page(client, base_url, address)
            if answer.status != 200:
                msg = (
                    f"The format {name} could not be made: the site answered {answer.status_line}."
                )
                raise MachineError(msg)
            content = answer.body
            if name == "html":
                content = make_standalone(content.decode(), address, base_url, client).encode()
            path.write_bytes(content)
            click.echo(f"Wrote {path}: {len(content) / 1e3:,.0f} kB.")


def _read_formats(text: str) -> list[str]:
    names = [name for name in (part.strip().lower() for part in text.split(",")) if name]
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        msg = f"Choose formats among {', '.join(FORMATS)}."
        raise click.BadParameter(msg, param_hint="--format")
    return list(dict.fromkeys(names))


def _build_address(slug: str, name: str) -> str:
    if name == "html":
        return url_for("records.show", slug=slug)
    return url_for("record_files.show", slug=slug, extension=name)
