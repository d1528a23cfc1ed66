"""The commands `commentsite letters …`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

import click
from flask_babel import force_locale

from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.progress import show_progress
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.draft import AuthorDraft
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
def letters_import(
    files: tuple[Path, ...], authors: tuple[str, ...], title: str, language: str, *, publish: bool
) -> None:
    """Import letters from documents, web pages, mails, plain text or Markdown with front matter.

    The remarks say what was left out, moved or changed. A draft is published once an editor has
    confirmed them. With --publish, the operator does: the command asks on a terminal, and
    publishes without a question in a script.
    """
    with show_progress("Importing", len(files)) as advance:
        for file in files:
            try:
                _import_file(file, authors, title, language, publish=publish)
            except SiteError as error:
                sentence = error.message % error.details
                raise click.ClickException(f"{file.name}: {sentence}") from None
            advance(1)


def _import_file(
    file: Path, authors: tuple[str, ...], title: str, language: str, *, publish: bool
) -> None:
    draft = read_letter_file(file.name, file.read_bytes(), title)
    if language:
        draft = importing.state_language(draft, language)
    if authors:
        draft = importing.replace_authors(draft, tuple(AuthorDraft(name=name) for name in authors))
    if publish and not draft.permission:
        draft = importing.add_operator_permission(draft)
        click.echo("Recorded the author's permission to publish, as stated by the operator.")
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
