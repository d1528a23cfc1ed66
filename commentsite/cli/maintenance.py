"""Look after an installation: do the books hold, does anything private show, is the index whole."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app

from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import list_staff
from commentsite.audit.export import find_first_difference
from commentsite.audit.signing import load_or_create_signer, save_signer
from commentsite.audit.tree_heads import announce_new_key, sign_tree_head
from commentsite.comments.queries import list_encrypted_emails
from commentsite.comments.search import rebuild_index
from commentsite.comments.threads.queries import count_comments, load_thread_page
from commentsite.db.session import transaction
from commentsite.letters.citations.queries import list_cited_documents
from commentsite.letters.queries import iter_searchable_letters
from commentsite.moderation.dsa.export import find_document_problems as wrong_in
from commentsite.moderation.transparency.verification import verify_records
from commentsite.web.context import current_site, runtime


@click.command("verify")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of log.jsonl downloaded earlier; the log here must begin with it.",
)
def verify_command(against: Path | None) -> None:
    """Check the log, its heads and the books; exit 1 naming what does not hold."""
    kept = runtime().settings.log_key_path
    problems = verify_records(load_or_create_signer(kept).key_id if kept.exists() else "")
    if against is not None and not problems:
        difference = find_first_difference(against.read_bytes())
        problems += [difference] if difference else []
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The chain and the books hold.")


@click.group("log")
def log_group() -> None:
    """The log and the heads that are signed over it."""


@log_group.command("sign")
def log_sign() -> None:
    """Sign a head over the log as it is now, before the worker does."""
    with transaction():
        head = sign_tree_head(SYSTEM.label, runtime().settings.log_key_path)
    if head is None:
        click.echo("The newest head covers every entry already.")
    else:
        click.echo(f"Signed a head over {head.size} entries: {head.root}")


@log_group.command("new-key")
def log_new_key() -> None:
    """Sign from now on with a new key, which a last head by the old one vouches for."""
    kept = runtime().settings.log_key_path
    with transaction():
        signer = announce_new_key(SYSTEM.label, kept)
    save_signer(signer, kept)
    click.echo(f"The log is signed with the key {signer.key_id} from now on: {signer.public_key}")


@click.group("search")
def search_group() -> None:
    """The index of the search."""


@search_group.command("rebuild")
def search_rebuild() -> None:
    """Make the index again from what is public."""
    with transaction():
        letters, comments = rebuild_index()
    click.echo(f"{letters} letters and {comments} comments are in the index.")


@click.group("reasons")
def reasons_group() -> None:
    """Statements of reasons."""


@reasons_group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def reasons_check(file: Path) -> None:
    """Say what is wrong with a file of statements of reasons; exit 1 when anything is."""
    try:
        document = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise click.ClickException("This file is no JSON.") from None
    found = wrong_in(document)
    for sentence in found:
        click.echo(sentence)
    if found:
        raise SystemExit(1)
    click.echo(f"{len(document['statements'])} statements, and nothing is wrong with them.")


@click.group("privacy")
def privacy_group() -> None:
    """What must never be seen."""


@privacy_group.command("self-test")
def privacy_self_test() -> None:
    """Walk every public address looking for the email addresses people gave; exit 1 naming where one stands."""
    vault = runtime().encryption
    given = {a.lower() for sealed in list_encrypted_emails() if (a := vault.decrypt(sealed))}
    given |= {person.email.lower() for person in list_staff()}
    given.discard(current_site().contact.lower())  # shown because it was meant to be
    client, walked, found = current_app.test_client(), 0, 0
    with _quiet_request_log():
        for address in list(_iter_public_paths()):
            walked += 1
            body = client.get(address).get_data(as_text=True).lower()
            if any(email in body for email in given):
                found += 1
                click.echo(f"An email address that somebody gave stands at {address}.")
    click.echo(f"{walked} public addresses, {len(given)} email addresses, {found} found.")
    if found:
        raise SystemExit(1)


@contextmanager
def _quiet_request_log() -> Iterator[None]:
    """Keep the log to what needs attention; the level before comes back also after an error."""
    logger = logging.getLogger("commentsite")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _iter_public_paths() -> Iterator[str]:
    yield from ("/", "/letters/", "/feed.atom", "/feed.json", "/documents/", "/sitemap.xml")
    yield from ("/rules", "/privacy", "/transparency", "/robots.txt", "/.well-known/security.txt")
    yield from ("/transparency.csv", "/transparency.json")
    yield from (f"/transparency/{name}" for name in ("log", "log.jsonl", "heads.json", "keys.txt"))
    for document in list_cited_documents():
        yield f"/documents/{document.symbol}"
    for letter, blocks in iter_searchable_letters():
        here = f"/letters/{letter.slug}"
        yield from (here, f"{here}?sort=newest", f"{here}/feed.atom", f"{here}/feed.json")
        yield from (f"{here}/cite/{name}" for name in ("bibtex", "ris", "csl-json"))
        yield from (f"{here}/versions/{n}" for n in range(1, letter.version_number + 1))
        yield from (f"{here}/paragraphs/{block.pid}" for block in blocks if block.pid)
        pages = load_thread_page(letter.id, count_comments(letter.id).threads).page_count
        yield from (f"{here}?page={n}" for n in range(2, pages + 1))
