"""The commands `commentsite letters …`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from textwrap import indent

import click
from flask_babel import force_locale

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.progress import show_progress
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.draft import AuthorDraft, LetterDraft
from commentsite.letters.import_review import confirm_import
from commentsite.letters.importing import services as importing
from commentsite.letters.importing.pictures import store_pictures
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.publication.services import publish_letter
from commentsite.letters.remarks import ImportRemark
from commentsite.web.context import runtime
from commentsite.web.desk.letters.import_remarks import describe_remark, describe_words


@click.group("letters")
def letters_group() -> None:
    """Import letters."""


@letters_group.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--publish", is_flag=True, help="Publish the letters at once.")
@click.option(
    "--author", "authors", multiple=True, help="Name of an author. Repeat the option for several."
)
@click.option("--title", default="", help="Title of a file that has none.")
@click.option(
    "--language",
    default="",
    help="Language of the letters, such as en or zh-Hant. Without it, the file or its text decides.",
)
@click.option(
    "--date",
    "date_written",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date on which the letters were written, such as 2026-01-31. Without it, the file decides.",
)
def letters_import(  # noqa: PLR0913  # one for each option
    files: tuple[Path, ...],
    authors: tuple[str, ...],
    title: str,
    language: str,
    date_written: datetime | None,
    *,
    publish: bool,
) -> None:
    """Import letters from documents, web pages, mails, plain text or Markdown with front matter.

    The remarks say what was left out, moved or changed. A draft is published once an editor has
    confirmed them. With --publish, the operator does: the command asks on a terminal, and
    publishes without a question in a script.

    A letter is published with an author, a language and a date. The author is that of --author, or
    else of the file. The language is that of --language, of the file or of its text, or else English.
    The date is that of --date or of the file. Without one, today is noted as the day of receipt.
    """
    with show_progress("Importing", len(files)) as advance:
        for file in files:
            try:
                draft = _read_file(file, authors, title, language, date_written)
                _import_draft(draft, publish=publish)
            except SiteError as error:
                sentence = error.message % error.details
                raise click.ClickException(f"{file.name}: {sentence}") from None
            advance(1)


def _read_file(
    file: Path,
    authors: tuple[str, ...],
    title: str,
    language: str,
    date_written: datetime | None,
) -> LetterDraft:
    """Read a letter, with the values of the options in place of those of the file."""
    draft = read_letter_file(file.name, file.read_bytes(), title)
    if language:
        draft = importing.state_language(draft, language)
    if authors:
        draft = importing.replace_authors(draft, tuple(AuthorDraft(name=name) for name in authors))
    if date_written:
        draft = replace(draft, date_written=date_written.date())
    return draft


def _complete_draft(draft: LetterDraft) -> LetterDraft:
    """Fill in the conditions of publication that have a default. The author has none."""
    if not draft.authors:
        raise click.ClickException(
            f"{draft.original_name} names no author. Name the author with --author, "
            "or import the letter as a draft, without --publish."
        )
    if not draft.permission:
        draft = importing.add_operator_permission(draft)
        click.echo("Recorded the author's permission to publish, as stated by the operator.")
    if not (draft.language or draft.detected_language):
        draft = replace(draft, language=importing.DEFAULT_LANGUAGE)
        click.echo("The language is not known: recorded as English. --language states another.")
    if not (draft.date_written or draft.date_received):
        draft = replace(draft, date_received=clock.now().date())
        click.echo("The date is not known: recorded as received today. --date states it.")
    return draft


def _import_draft(draft: LetterDraft, *, publish: bool) -> None:
    if publish:
        draft = _complete_draft(draft)
    draft, pictures = store_pictures(draft, runtime().settings.media_path)
    remarks = importing.complete_remarks(draft)
    _print_remarks(remarks)
    is_published = publish and (not remarks or _confirm_on_terminal())
    with transaction():
        letter = importing.import_letter(draft, by=SYSTEM, pictures=pictures)
        if is_published:
            if remarks:
                confirm_import(letter.slug, by=SYSTEM, language=letter.language)
            publish_letter(letter.slug, by=SYSTEM)
        slug, url = letter.slug, f"{runtime().settings.base_url}/letters/{letter.slug}"
    click.echo(f"Published {url}" if is_published else f"Saved as a draft: {slug}")


def _print_remarks(remarks: Sequence[ImportRemark]) -> None:
    """Print each remark as a sentence in English, and its words indented."""
    with force_locale("en"):
        for remark in remarks:
            click.echo(f"{describe_remark(remark)}.")
            if words := describe_words(remark):
                click.echo(indent(words, "    "))


def _confirm_on_terminal() -> bool:
    """Ask the operator whether the remarks are right. A script is not asked."""
    if not sys.stdin.isatty():
        return True
    return click.confirm("Have you checked these remarks, and shall the letter be published?")
