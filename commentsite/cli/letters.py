"""The commands `commentsite letters …`."""

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
from commentsite.web.desk.letters.import_remarks import describe_remark


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
    """Import letters from documents, web pages, mails, plain text or Markdown with front matter."""
    for file in files:
        with site_errors_as_messages():
            draft = read_letter_file(file.name, file.read_bytes(), title)
            if language:
                draft = importing.state_language(draft, language)
            if authors:
                draft = importing.replace_authors(
                    draft, tuple(AuthorDraft(name=name) for name in authors)
                )
            if publish and not draft.permission:
                draft = importing.add_operator_permission(draft)
                click.echo(
                    "Recorded the author's permission to publish, as stated by the operator."
                )
            with transaction():
                letter = importing.import_letter(draft, by=SYSTEM)
                if publish:
                    publish_letter(letter.slug, by=SYSTEM)
                slug, url = letter.slug, f"{runtime().settings.base_url}/letters/{letter.slug}"
        for remark in draft.remarks:
            click.echo(describe_remark(remark))
        click.echo(f"Published {url}" if publish else f"Saved as a draft: {slug}")
