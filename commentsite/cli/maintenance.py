"""Commands to verify the audit log, sign it, rebuild the search index, and look for leaked email addresses."""

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.testing import FlaskClient

from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import list_staff
from commentsite.audit.export import find_first_difference
from commentsite.audit.queries import get_last_entry
from commentsite.audit.signing import load_or_create_signer, save_signer
from commentsite.audit.tree_heads import announce_new_key, sign_tree_head
from commentsite.audit.verification import VerifiedLog
from commentsite.audit.verification_progress import load_progress, save_progress
from commentsite.cli.progress import show_progress
from commentsite.comments.queries import count_published_comments, list_encrypted_emails
from commentsite.comments.search import rebuild_index
from commentsite.comments.threads.queries import count_comments, load_thread_page
from commentsite.db.session import transaction
from commentsite.letters.citations.queries import list_cited_documents
from commentsite.letters.media.services import find_missing_files
from commentsite.letters.queries import count_searchable_letters, iter_searchable_letters
from commentsite.moderation.dsa.export import find_document_problems
from commentsite.moderation.transparency.records.queries import (
    count_comments as count_stored_comments,
)
from commentsite.moderation.transparency.records.queries import describe_uncovered_words
from commentsite.moderation.transparency.verification import verify_since
from commentsite.web.context import current_site, runtime
from commentsite.web.public.letters.page import can_render_pdf

PDF_TIMEOUT = 400  # seconds; longer than a PDF may take to draw


@click.command("verify")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of log.jsonl downloaded earlier. The audit log must begin with it.",
)
@click.option(
    "--full/--incremental",
    "is_full",
    default=True,
    help="Read everything, or only what came after the checkpoint that the last verification has reached.",
)
def verify_command(against: Path | None, *, is_full: bool) -> None:
    """Verify the audit log, its checkpoints, the database and the pictures of letters.

    Exit with 1 and name each problem. An incremental verification says what it did not read.
    """
    key_path = runtime().settings.log_key_path
    progress = None if is_full else load_progress(runtime().encryption)
    start, verified_at = progress or (VerifiedLog(), None)
    problems = verify_with_progress(
        load_or_create_signer(key_path).key_id if key_path.exists() else "", start
    )
    if against is not None and not problems:
        difference = find_first_difference(against.read_bytes())
        problems += [difference] if difference else []
    problems += find_missing_files(runtime().settings.media_path)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    report_success()
    if verified_at is not None:
        click.echo(
            f"Entries 1 to {start.size}, and what only they cover, were verified on {verified_at:%Y-%m-%d} "
            "and not read again. Read everything with --full."
        )
    elif not is_full:
        click.echo("No earlier verification has reached a checkpoint, so everything was read.")


def report_success() -> None:
    """Say that nothing is wrong, and what the audit log does not cover."""
    click.echo("The audit log is intact and agrees with the database.")
    for sentence in list_uncovered():
        click.echo(sentence)


def list_uncovered() -> list[str]:
    """Return a sentence for each kind of content that the audit log does not cover, though nothing is wrong."""
    return [sentence for sentence in (describe_uncovered_words(),) if sentence]


def verify_with_progress(own_key_id: str = "", start: VerifiedLog | None = None) -> list[str]:
    """Return every problem of the audit log after `start` and of the tables, and show a bar meanwhile.

    The checkpoint that was reached is remembered. After a problem nothing is.
    """
    start = start or VerifiedLog()
    comments = 0 if start.size else count_stored_comments()
    with show_progress("Verifying", get_last_entry()[0] - start.size + comments) as advance:
        problems, end = verify_since(start, own_key_id, advance)
    with transaction():
        save_progress(VerifiedLog() if problems else end, runtime().encryption)
    return problems


@click.group("log")
def log_group() -> None:
    """Sign the audit log."""


@log_group.command("sign")
def log_sign() -> None:
    """Sign a checkpoint of the audit log now, before the worker does."""
    with transaction():
        head = sign_tree_head(SYSTEM.label, runtime().settings.log_key_path)
    if head is None:
        click.echo("The newest checkpoint already covers every entry.")
    else:
        click.echo(f"Signed a checkpoint over {head.size} entries: {head.root}")


@log_group.command("new-key")
def log_new_key() -> None:
    """Replace the signing key. A last checkpoint with the old key vouches for the new one."""
    key_path = runtime().settings.log_key_path
    with transaction():
        signer = announce_new_key(SYSTEM.label, key_path)
    save_signer(signer, key_path)
    click.echo(f"The audit log is now signed with the key {signer.key_id}: {signer.public_key}")


@click.group("search")
def search_group() -> None:
    """Maintain the search index."""


@search_group.command("rebuild")
def search_rebuild() -> None:
    """Rebuild the search index from the published letters and comments."""
    total = count_searchable_letters() + count_published_comments()
    with show_progress("Indexing", total) as advance, transaction():
        letters, comments = rebuild_index(advance)
    click.echo(f"Indexed {letters} letters and {comments} comments.")


@click.group("reasons")
def reasons_group() -> None:
    """Check exported statements of reasons."""


@reasons_group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def reasons_check(file: Path) -> None:
    """Check a FILE of statements of reasons against the DSA schema. Exit with 1 and name each problem."""
    try:
        document = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise click.ClickException("This file is not valid JSON.") from None
    problems = find_document_problems(document)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo(f"Statements checked: {len(document['statements'])}. No problems found.")


@click.group("privacy")
def privacy_group() -> None:
    """Check that the site shows no personal data."""


@privacy_group.command("self-test")
def privacy_self_test() -> None:
    """Search every public page for email addresses of commenters and staff. Exit with 1 if one is found."""
    encryption = runtime().encryption
    decrypted = (encryption.decrypt(sealed) for sealed in list_encrypted_emails())
    emails = {email.lower() for email in decrypted if email}
    emails |= {person.email.lower() for person in list_staff()}
    emails.discard(current_site().contact.lower())  # the site shows its contact address on purpose
    client, page_count, leak_count = current_app.test_client(), 0, 0
    paths = list(_iter_public_paths())
    with _quiet_request_log(), show_progress("Searching", len(paths)) as advance:
        for path in paths:
            page_count += 1
            advance(1)
            body = _read_public_text(client, path).lower()
            if any(email in body for email in emails):
                leak_count += 1
                click.echo(
                    f"The page {path} shows the email address of a commenter or a member of staff."
                )
    click.echo(
        f"Searched {page_count} public pages for {len(emails)} email addresses: {leak_count} found."
    )
    if leak_count:
        raise SystemExit(1)


def _read_public_text(client: FlaskClient, path: str) -> str:
    """Return the body of a page, or the text and the properties of a PDF, which the command waits for."""
    response = client.get(path)
    if not path.endswith(".pdf"):
        return response.get_data(as_text=True)
    deadline = time.monotonic() + PDF_TIMEOUT
    while response.status_code in {202, 503} and time.monotonic() < deadline:
        time.sleep(1)
        response = client.get(path)
    if response.mimetype != "application/pdf":
        click.echo(f"The PDF {path} could not be made, so it was not searched.")
        return response.get_data(as_text=True)
    from pypdf import PdfReader  # noqa: PLC0415  # only this command needs it

    reader = PdfReader(io.BytesIO(response.get_data()))
    # An address can be broken over two lines.
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    return f"{text} {reader.metadata}"


@contextmanager
def _quiet_request_log() -> Iterator[None]:
    """Log only warnings, so that the requests of a command do not fill the log."""
    logger = logging.getLogger("commentsite")
    previous_level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(previous_level)


def _iter_public_paths() -> Iterator[str]:
    yield from ("/", "/letters/", "/feed.atom", "/feed.json", "/documents/", "/sitemap.xml")
    yield from ("/rules", "/privacy", "/transparency", "/robots.txt", "/.well-known/security.txt")
    yield from ("/transparency.csv", "/transparency.json")
    yield from (f"/transparency/{name}" for name in ("log", "log.jsonl", "heads.json", "keys.txt"))
    for document in list_cited_documents():
        yield f"/documents/{document.symbol}"
    for letter, blocks in iter_searchable_letters():
        base = f"/letters/{letter.slug}"
        if can_render_pdf():
            yield f"{base}/letter.pdf"
        yield from (base, f"{base}?sort=newest", f"{base}/feed.atom", f"{base}/feed.json")
        yield from (f"{base}/cite/{name}" for name in ("bibtex", "ris", "csl-json"))
        yield from (f"{base}/versions/{n}" for n in range(1, letter.version_number + 1))
        yield from (f"{base}/paragraphs/{block.pid}" for block in blocks if block.pid)
        pages = load_thread_page(letter.id, count_comments(letter.id).threads).page_count
        yield from (f"{base}?page={n}" for n in range(2, pages + 1))
