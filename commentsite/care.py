"""Look after an installation: do the books hold, and is it set up safely."""

from collections.abc import Callable

import click
from sqlalchemy import text

from commentsite.comments.indexing import rebuild_index
from commentsite.db import session, transaction
from commentsite.moderation.transparency import verify
from commentsite.web.identity import runtime


@click.command("verify")
def verify_command() -> None:
    """Check the audit chain and the books; exit 1 naming what does not hold."""
    problems = verify()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The chain and the books hold.")


@click.group("search")
def search_group() -> None:
    """The index of the search."""


@search_group.command("rebuild")
def search_rebuild() -> None:
    """Make the index again from what is public."""
    with transaction():
        letters, comments = rebuild_index()
    click.echo(f"{letters} letters and {comments} comments are in the index.")


@click.command()
def doctor() -> None:
    """Say what is unsafe or missing in this installation, with the remedy."""
    settings = runtime().settings
    findings: dict[str, Callable[[], bool]] = {
        "Rate limits are off. Remove COMMENTSITE_RATELIMIT_ENABLED.": lambda: (
            not settings.ratelimit_enabled
        ),
        "Messages are kept as files. Set COMMENTSITE_MAIL_URL to send them.": lambda: (
            settings.mail is None
        ),
        "Readers use plain http. Put TLS in front and set COMMENTSITE_BASE_URL to https.": lambda: (
            not settings.is_https
        ),
        "No proxy is trusted, so behind one all readers share one limit. Set COMMENTSITE_TRUSTED_PROXIES.": lambda: (
            settings.is_https and not settings.trusted_proxies
        ),
    }
    session().execute(text("SELECT 1"))
    found = [words for words, is_so in findings.items() if is_so()]
    for words in found:
        click.echo(words)
    click.echo(f"{len(found)} found." if found else "Nothing found.")
