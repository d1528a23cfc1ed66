"""Commands to verify the audit log, sign it, rebuild the search index, and look for leaked email addresses."""

import io
import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.testing import FlaskClient

from commentsite import tokens
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.export import find_first_difference
from commentsite.audit.queries import count_pending_entries, get_last_entry
from commentsite.audit.signing import load_or_create_signer, save_signer
from commentsite.audit.tree_heads import (
    MAX_RUNS_PER_PASS,
    announce_new_key,
    count_pending_runs,
    sign_tree_head,
    store_pending_hashes,
)
from commentsite.audit.verification import VerifiedLog
from commentsite.audit.verification_progress import load_progress, save_progress
from commentsite.cli.address_recogniser import AddressRecogniser
from commentsite.cli.progress import show_progress
from commentsite.comments.queries import count_published_comments
from commentsite.comments.threads.queries import (
    count_comments,
    list_reply_page_starts,
    load_thread_page,
)
from commentsite.db.session import transaction
from commentsite.letters.citations.queries import list_cited_documents
from commentsite.letters.media.services import find_missing_files
from commentsite.letters.models import Letter
from commentsite.letters.queries import (
    count_searchable_letters,
    get_letter,
    list_searchable_letter_ids,
)
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.dsa.export import find_document_problems
from commentsite.moderation.transparency.records.queries import (
    count_comments as count_stored_comments,
)
from commentsite.moderation.transparency.records.queries import describe_uncovered_words
from commentsite.moderation.transparency.verification import verify_since
from commentsite.summaries.publication.verification import find_changed_versions
from commentsite.summaries.search.queries import count_published_records
from commentsite.summaries.search.services import continue_rebuild, start_rebuild
from commentsite.web.context import current_site, runtime
from commentsite.web.paper.libraries import can_render_pdf

MAX_ADDRESS_BYTES = 1_000
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
    """Verify the audit log, its checkpoints, the database, records of positions and the pictures of letters.

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
    problems += find_changed_versions(runtime().encryption)
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
    return [
        sentence
        for sentence in (describe_uncovered_words(), _describe_pending_entries())
        if sentence
    ]


def _describe_pending_entries() -> str:
    count = count_pending_entries()
    return (
        f"Entries that agree with the database and wait for the worker to number them: {count}."
        if count
        else ""
    )


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
    with show_progress("Hashing", count_pending_runs()) as advance:
        has_more = True
        while has_more:
            with transaction():
                has_more = store_pending_hashes()
            advance(MAX_RUNS_PER_PASS)
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
    """Rebuild the search index from the published letters, comments and records of positions."""
    letters, comments, records = rebuild_with_progress()
    click.echo(
        f"Indexed {letters} letters, {comments} comments and {records} records of positions."
    )


def rebuild_with_progress() -> tuple[int, int, int]:
    """Index all public texts again. Return the number of letters, of comments and of records of positions.

    A bar shows the progress. Each transaction indexes a few texts, so that the site can be used meanwhile. If the
    command is stopped, the worker does the rest.
    """
    letters, comments = count_searchable_letters(), count_published_comments()
    records = count_published_records()
    with transaction():
        start_rebuild()
    with show_progress("Indexing", letters + comments + records) as advance:
        count = -1
        while count:
            with transaction(gives_way=True):
                count = continue_rebuild()
            advance(count)
    return letters, comments, records


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
@click.option(
    "--sample",
    type=click.IntRange(1),
    help="Search the pages of so many letters, chosen at random, and not of all.",
)
def privacy_self_test(sample: int | None) -> None:
    """Search every public page for email addresses of commenters and staff. Exit with 1 if one is found."""
    recogniser = AddressRecogniser(runtime().encryption, current_site().contact)
    letter_ids = list_searchable_letter_ids()
    if sample is not None and sample < len(letter_ids):
        letter_ids = _choose_at_random(letter_ids, sample)
        click.echo(f"Searching the pages of {sample} letters chosen at random.")
    client, page_count, leak_count = current_app.test_client(), 0, 0
    with quiet_request_log(), show_progress("Searching", len(letter_ids) + 1) as advance:
        for paths in _iter_public_paths(letter_ids):
            for path in paths:
                page_count += 1
                if any(map(recogniser.has_address, _read_public_text(client, path))):
                    leak_count += 1
                    click.echo(
                        f"The page {path} shows the email address of a commenter or a member of staff."
                    )
            advance(1)
    click.echo(
        f"Searched {page_count} public pages for {recogniser.count_addresses()} email addresses: {leak_count} found."
    )
    if leak_count:
        raise SystemExit(1)


def _choose_at_random(letter_ids: Sequence[int], count: int) -> list[int]:
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(letter_ids[tokens.random_below(len(letter_ids))])
    return sorted(chosen)


def _read_public_text(client: FlaskClient, path: str) -> Iterator[str]:
    """Yield the parts of a page as they are sent, or the text of a PDF, which the command waits for.

    Each part begins with the end of the part before, so that no address is cut.
    """
    if path.endswith(".pdf"):
        yield _read_pdf(client, path)
        return
    with client.get(path, buffered=False) as response:
        end = b""
        for part in response.iter_encoded():
            yield (end + part).decode(errors="replace")
            end = (end + part)[-MAX_ADDRESS_BYTES:]


def _read_pdf(client: FlaskClient, path: str) -> str:
    """Return the text and the properties of a PDF."""
    response = client.get(path)
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
def quiet_request_log() -> Iterator[None]:
    """Log only warnings, so that the requests of a command do not fill the log."""
    logger = logging.getLogger("commentsite")
    previous_level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(previous_level)


def _iter_public_paths(letter_ids: Sequence[int]) -> Iterator[list[str]]:
    """Yield the addresses of the site, and then those of each letter."""
    yield [
        "/", "/letters/", "/feed.atom", "/feed.json", "/documents/", "/sitemap.xml",
        "/rules", "/privacy", "/accessibility", "/transparency", "/subscribe", "/subscribe/requested", "/robots.txt", "/.well-known/security.txt",
        "/transparency.csv", "/transparency.json",
        *(f"/transparency/{name}" for name in ("log", "log.jsonl", "heads.json", "keys.txt")),
        *(
            f"/documents/{document.symbol}?page={page}"
            for document in list_cited_documents()
            for page in range(1, document.page_count + 1)
        ),
    ]  # fmt: skip
    for letter_id in letter_ids:
        yield list(_iter_letter_paths(get_letter(letter_id)))


def _iter_letter_paths(letter: Letter) -> Iterator[str]:
    base = f"/letters/{letter.slug}"
    if can_render_pdf():
        yield f"{base}/letter.pdf"
    yield from (base, f"{base}?sort=newest", f"{base}/feed.atom", f"{base}/feed.json")
    yield f"/subscribe?letter={letter.slug}"
    yield from (f"{base}/annotations.json", f"/embed/letters/{letter.slug}")
    yield from (f"{base}/cite/{name}" for name in ("bibtex", "ris", "csl-json"))
    yield from (f"{base}/versions/{n}" for n in range(1, letter.version_number + 1))
    yield from (f"{base}/paragraphs/{b.pid}" for b in list_current_blocks(letter) if b.pid)
    threads, number, page_count = count_comments(letter.id).threads, 0, 1
    while number < page_count:
        page = load_thread_page(letter.id, threads, page=number + 1)
        number, page_count = page.page, page.page_count
        if number > 1:
            yield f"{base}?page={number}"
        for root_id in page.more:
            thread = f"{base}/comments/{root_id}/replies"
            for start in list_reply_page_starts(root_id):
                yield f"{thread}?after={start}" if start else thread
