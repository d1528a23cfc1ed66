"""The commands `commentsite letters …`."""

from pathlib import Path

import click

from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.progress import show_progress
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.draft import AuthorDraft
from commentsite.letters.importing import services as importing
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.publication.services import publish_letter
from commentsite.web.context import runtime


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
def letters_import(files: tuple[Path, ...], authors: tuple[str, ...], *, publish: bool) -> None:
    """Import letters from Markdown with front matter, plain text, HTML or Word files."""
    with show_progress("Importing", len(files)) as advance:
        for file in files:
            _import_file(file, authors, publish=publish)
            advance(1)


def _import_file(file: Path, authors: tuple[str, ...], *, publish: bool) -> None:
    try:
        draft = read_letter_file(file.name, file.read_bytes())
        if authors:
            draft = importing.replace_authors(
                draft, tuple(AuthorDraft(name=name) for name in authors)
            )
        if publish and not draft.permission:
            draft = importing.add_operator_permission(draft)
            click.echo("Recorded the author's permission to publish, as stated by the operator.")
        with transaction():
            letter = importing.import_letter(draft, by=SYSTEM)
            if publish:
                publish_letter(letter.slug, by=SYSTEM)
            slug, url = letter.slug, f"{runtime().settings.base_url}/letters/{letter.slug}"
    except SiteError as error:
        sentence = error.message % error.details
        raise click.ClickException(f"{file.name}: {sentence}") from None
    if draft.omitted_pictures:
        click.echo(f"Pictures left out: {draft.omitted_pictures}")
    for remark in draft.remarks:
        click.echo(remark)
    click.echo(f"Published {url}" if publish else f"Saved as a draft: {slug}")
