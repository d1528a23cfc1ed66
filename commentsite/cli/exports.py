"""The command `commentsite export`."""

from pathlib import Path

import click

from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.errors import MachineError
from commentsite.cli.progress import show_progress
from commentsite.db.session import transaction
from commentsite.exchange.exporters.services import record_export
from commentsite.exchange.exporters.writer import ExportOptions, count_comments, write_export
from commentsite.web.context import runtime

ADDRESS_WARNING = (
    "This export holds the email addresses of commenters. Keep it where only those can read it who may see the "
    "addresses at the desk, and delete it when it has served its purpose. The audit log records it."
)


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-email-addresses",
    "has_email_addresses",
    is_flag=True,
    help="Also write the email addresses of commenters. The audit log records it.",
)
def export_command(file: Path, *, has_email_addresses: bool) -> None:
    """Write letters and comments of every state into FILE, a ZIP archive. The site can stay in use.

    The archive has JSON Lines with a JSON Schema, CSV for spreadsheet programs, and WXR for WordPress.
    `commentsite import json FILE` reads it.
    """
    if not file.parent.is_dir():
        msg = f"The folder {file.parent} does not exist. Create it, or choose another one."
        raise MachineError(msg)
    if has_email_addresses:
        click.echo(ADDRESS_WARNING, err=True)
    with transaction():
        record_export(by=SYSTEM, has_email_addresses=has_email_addresses)
    settings = runtime().settings
    options = ExportOptions(
        base_url=settings.base_url,
        media_path=settings.media_path,
        encryption=runtime().encryption,
        has_email_addresses=has_email_addresses,
    )
    with show_progress("Exporting", 2 * count_comments()) as advance:
        result = write_export(file, options, advance)
    click.echo(
        f"Wrote {file}: {result.counts.get('letters.jsonl', 0):,} letters and "
        f"{result.counts.get('comments.jsonl', 0):,} comments, {result.size / 1e6:.1f} MB."
    )
