"""TODO docstring of commentsite.cli.letters."""

from pathlib import Path

import click

from commentsite.accounts.permissions import SYSTEM
from commentsite.cli.errors import site_errors_as_messages
from commentsite.db.session import transaction
from commentsite.letters.draft import AuthorDraft
from commentsite.letters.importing import services as importing
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.publication.services import publish_letter
from commentsite.web.context import runtime


@click.group("letters")
def letters_group() -> None:
    """Letters."""


@letters_group.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--publish", is_flag=True, help="Publish at once.")
@click.option("--author", "authors", multiple=True, help="Author's name; again for more than one.")
def letters_import(files: tuple[Path, ...], authors: tuple[str, ...], *, publish: bool) -> None:
    """Take letters in from Markdown with front matter, plain text, HTML or Word."""
    for file in files:
        with site_errors_as_messages():
            draft = read_letter_file(file.name, file.read_bytes())
            if authors:
                draft = importing.with_authors(
                    draft, tuple(AuthorDraft(name=name) for name in authors)
                )
            if publish and not draft.permission:
                draft = importing.with_operator_permission(draft)
                click.echo("Recorded on your word that the author permits its publication.")
            with transaction():
                letter = importing.import_letter(draft, by=SYSTEM)
                if publish:
                    publish_letter(letter.slug, by=SYSTEM)
                slug, address = letter.slug, f"{runtime().settings.base_url}/letters/{letter.slug}"
        for remark in draft.remarks:
            click.echo(remark)
        click.echo(f"Published: {address}" if publish else f"Taken in as a draft: {slug}")
