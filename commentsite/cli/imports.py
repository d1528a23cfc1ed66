"""The command `commentsite import`."""

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import click

from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.progress import show_progress
from commentsite.exchange.importers.records import ReadOptions, System
from commentsite.exchange.run import ImportResult, Report, read_map, write_report
from commentsite.exchange.services import Source
from commentsite.exchange.systems import get_import_class
from commentsite.letters.language_tags import parse_language
from commentsite.site.queries import load_site
from commentsite.web.context import runtime

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _parse_zone(
    _context: click.Context, _parameter: click.Parameter, value: str
) -> ZoneInfo | None:
    if not value:
        return None
    if value not in available_timezones():
        msg = f"“{value}” is not a time zone. Name one such as Europe/Geneva or Asia/Shanghai."
        raise click.BadParameter(msg)
    return ZoneInfo(value)


@click.command("import")
@click.argument("system", type=click.Choice([system.value for system in System]))
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--dry-run", is_flag=True, help="Only show what would be imported.")
@click.option(
    "--map",
    "map_file",
    type=_FILE,
    help="CSV of old addresses and the letters that their comments belong to.",
)
@click.option("--language", default="", help="Language of the letters, such as en or zh-Hant.")
@click.option(
    "--time-zone",
    "zone",
    default="",
    callback=_parse_zone,
    help="Zone of times without one, such as Asia/Shanghai.",
)
@click.option("--site", default="", help="A name that tells two sites of one system apart.")
@click.option("--first-message", default="", help="Message-ID of the mail that becomes the letter.")
@click.option("--repair", is_flag=True, help="Mend bare “&” and control characters of an XML file.")
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the outcome of every row to a CSV file.",
)
def import_command(  # noqa: PLR0913, PLR0917  # one parameter for each option
    system: str,
    files: tuple[Path, ...],
    map_file: Path | None,
    language: str,
    zone: ZoneInfo | None,
    site: str,
    first_message: str,
    report_file: Path | None,
    *,
    dry_run: bool,
    repair: bool,
) -> None:
    """Import letters and comments from the export of another system. A second run adds only what is new.

    Comments keep their times, their places in threads and their states. Nobody is notified. Comments of a page of
    which the file has only the address go to the letter that --map names, or to a draft.
    """
    options = ReadOptions(
        time_zone=zone,
        repairs=repair,
        first_message=first_message,
        language=parse_language(language) if language else "",
    )
    with ExitStack() as stack:
        report: Report = _ignore_row
        if report_file:
            report = stack.enter_context(write_report(report_file))
        job = get_import_class(System(system))(
            source=Source(System(system), site),
            options=options,
            slugs=read_map(map_file) if map_file else {},
            by=SYSTEM,
            encryption=runtime().encryption,
            rules_version=load_site().rulebook.version,
            report=report,
            is_dry_run=dry_run,
            media_path=runtime().settings.media_path,
        )
        result = job.run(files, partial(show_progress, "Importing"))
    _print_result(result, is_dry_run=dry_run)
    if report_file:
        click.echo(f"Every row: {report_file}")


def _ignore_row(kind: str, source_id: str, outcome: str, target: str, remarks: str) -> None:
    del kind, source_id, outcome, target, remarks


def _print_result(result: ImportResult, *, is_dry_run: bool) -> None:
    """Print the tables of outcomes, states and reasons."""
    if is_dry_run:
        click.echo("Nothing was imported. This is what an import would do:")
    for (kind, outcome), count in sorted(result.outcomes.items()):
        click.echo(
            f"{count:>9,}  {kind}s {outcome}" if count != 1 else f"{count:>9,}  {kind} {outcome}"
        )
    if result.draft_count:
        click.echo(f"Letters that would become drafts: {result.draft_count:,}")
        for title in result.draft_titles:
            click.echo(f"           {title}")
        if result.draft_count > len(result.draft_titles):
            click.echo("           …")
    if result.states:
        click.echo("Comments by state:")
        for state, count in result.states.most_common():
            click.echo(f"{count:>9,}  {state}")
    if result.reasons:
        click.echo("Remarks:")
        for reason, count in result.reasons.most_common():
            click.echo(f"{count:>9,}  {reason}")
    sys.stdout.flush()
