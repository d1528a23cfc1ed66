"""Import a file into a throw-away site, and read what it stored."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from commentsite.app import create_app
from commentsite.audit.models import AuditEntry
from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.exchange.models import ImportedComment, ImportedLetter
from commentsite.letters.models import Letter
from commentsite.site.pages.models import Page
from commentsite.web.context import runtime
from tests.interop.servers import run
from tests.support.servers import PROGRAM, site_environment


def import_file(instance: Path, system: str, file: Path, *options: str) -> str:
    """Run `commentsite import` in a process of its own, and return what it prints."""
    instance.mkdir(exist_ok=True)
    environment = site_environment(instance)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    run(*PROGRAM, "db", "upgrade", env=environment)
    report = f"--report={instance / 'report.csv'}"
    return run(*PROGRAM, "import", system, file, report, *options, env=environment).stdout


@contextlib.contextmanager
def open_site(instance: Path) -> Iterator[None]:
    """Open the site whose instance was filled."""
    settings = {
        name.removeprefix("COMMENTSITE_"): value
        for name, value in site_environment(instance).items()
        if name in {"COMMENTSITE_INSTANCE", "COMMENTSITE_SECRET_KEY"}
    }
    with create_app(settings).app_context():
        yield


def read_comments() -> dict[str, tuple[Comment, str | None, str]]:
    """Return the comments, the ids of their parents in the other system, and their addresses."""
    query = select(ImportedComment.source_id, Comment).join(
        Comment, Comment.id == ImportedComment.comment_id
    )
    rows = session().execute(query).all()
    source_ids = {comment.id: source_id for source_id, comment in rows}
    encryption = runtime().encryption
    return {
        source_id: (
            comment,
            source_ids.get(comment.parent_id),
            encryption.decrypt(comment.email_sealed) or "" if comment.email_sealed else "",
        )
        for source_id, comment in rows
    }


def read_letters() -> dict[str, Letter]:
    query = select(ImportedLetter.source_id, Letter).join(
        Letter, Letter.id == ImportedLetter.letter_id
    )
    return dict(session().execute(query).tuples().all())


def read_pages() -> dict[str, Page]:
    query = select(ImportedLetter.source_id, Page).join(Page, Page.id == ImportedLetter.page_id)
    return dict(session().execute(query).tuples().all())


def count_log_entries() -> int:
    query = select(AuditEntry).where(AuditEntry.action == "comment.imported")
    return len(session().scalars(query).all())
