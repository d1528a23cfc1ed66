"""Read everything that an export holds, in batches, so that memory does not grow with the site."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import selectinload

from commentsite.comments.appeals.models import Appeal
from commentsite.comments.models import CaseNote, Comment, CommentRevision, CommentTarget
from commentsite.comments.reports.models import Report
from commentsite.db.base import Base
from commentsite.db.session import session
from commentsite.exchange.models import ExportRun, ImportedComment
from commentsite.letters.models import (
    Letter,
    LetterPermission,
    LetterSlug,
    LetterVersion,
    Media,
    ParagraphLink,
    WorkingCopy,
)
from commentsite.moderation.models import Decision
from commentsite.site.models import RuleClause, RulesVersion, SiteSettings, StakeholderGroup
from commentsite.site.pages.models import Page, PageSlug, PageVersion
from commentsite.summaries.models import Objection

BATCH = 1_000  # comments
#: Each part of what hangs on comments, with the order of its rows.
_PARTS: dict[str, Select[*tuple[Any, ...]]] = {
    "targets": select(CommentTarget.comment_id, CommentTarget.pid, CommentTarget.stance).order_by(
        CommentTarget.comment_id, CommentTarget.position
    ),
    "revisions": select(
        CommentRevision.comment_id,
        CommentRevision.version,
        CommentRevision.body,
        CommentRevision.replaced_at,
    ).order_by(CommentRevision.comment_id, CommentRevision.version),
    "decisions": select(
        Decision.comment_id,
        Decision.decided_at,
        Decision.moderator_name,
        Decision.moderator_group,
        Decision.verdict,
        Decision.rule.label("rule"),
        Decision.rules_version,
        Decision.is_applied.label("is_applied"),
        Decision.note,
        Decision.facts,
        Decision.undone_at,
    ).order_by(Decision.id),
    "appeals": select(
        Appeal.comment_id,
        Appeal.filed_at,
        Appeal.decided_by_name,
        Appeal.decided_by_group,
        Appeal.state,
        Appeal.text.label("text"),
        Appeal.facts,
        Appeal.question,
        Appeal.answer,
        Appeal.changed_at,
    ).order_by(Appeal.id),
    "reports": select(
        Report.comment_id,
        Report.sent_at,
        Report.rule,
        Report.rules_version,
        Report.text.label("text"),
        Report.state,
        Report.closed_at.label("closed_at"),
    ).order_by(Report.id),
    "notes": select(
        CaseNote.comment_id, CaseNote.written_at, CaseNote.staff_name, CaseNote.body
    ).order_by(CaseNote.id),
    "imported": select(ImportedComment.comment_id, ImportedComment.history),
    "objections": select(
        Objection.comment_id,
        Objection.status,
        Objection.pids,
        Objection.recorded_by,
        Objection.recorded_at,
        Objection.response,
        Objection.answered_by,
        Objection.answered_at,
        Objection.author_satisfied,
        Objection.author_reaction,
    ),
}
_HISTORY = ("decisions", "appeals", "reports", "notes", "imported")
_ATTRIBUTES = [
    "id",
    "letter_id",
    "state",
    "name",
    "body",
    "body_html",
    "submitted_at",
    "changed_at",
    "letter_version",
    "parent_id",
    "replied_to_id",
    "representative_id",
    "campaign_id",
    "is_pseudonym",
    "stakeholder_group",
    "organisation",
    "capacity",
    "author_role",
    "has_organisation_domain",
    "delegation_verified_at",
    "email_sealed",
    "email_confirmed_at",
    "kind",
    "stance",
    "quote_as",
    "language",
    "is_late",
    "rules_version",
    "edited_at",
    "published_at",
    "erased_at",
    "feed_id",
]
_WORDPRESS_ATTRIBUTES = [
    "id",
    "parent_id",
    "state",
    "name",
    "body_html",
    "submitted_at",
    "email_sealed",
]


def _select_comments(names: Sequence[str]) -> Select[Any]:
    """Select columns under the names of their attributes. Rows of the table take half the time of the mapped class."""
    columns = Comment.__mapper__.column_attrs
    return select(*(columns[name].columns[0].label(name) for name in names))


_COMMENTS, _LETTER_COMMENTS = (
    _select_comments(_ATTRIBUTES),
    _select_comments(_WORDPRESS_ATTRIBUTES),
)
_TABLE = Base.metadata.tables[Comment.__tablename__]
Parts = dict[str, dict[int, list[Row[Any]]]]


def load_settings() -> SiteSettings:
    return session().scalars(select(SiteSettings)).one()


def list_groups() -> Sequence[StakeholderGroup]:
    query = select(StakeholderGroup).order_by(StakeholderGroup.position, StakeholderGroup.code)
    return session().scalars(query).all()


def list_rules() -> list[tuple[RulesVersion, list[RuleClause]]]:
    """Return every version of the moderation rules with its clauses."""
    clauses: dict[int, list[RuleClause]] = defaultdict(list)
    for clause in session().scalars(select(RuleClause).order_by(RuleClause.number)):
        clauses[clause.version].append(clause)
    versions = session().scalars(select(RulesVersion).order_by(RulesVersion.version))
    return [(version, clauses[version.version]) for version in versions]


def list_pages() -> list[tuple[Page, list[PageVersion], list[str]]]:
    """Return the pages besides letters, each with its versions and its former slugs."""
    versions: dict[int, list[PageVersion]] = defaultdict(list)
    for version in session().scalars(select(PageVersion).order_by(PageVersion.number)):
        versions[version.page_id].append(version)
    slugs: dict[int, list[str]] = defaultdict(list)
    for row in session().scalars(select(PageSlug).order_by(PageSlug.slug)):
        slugs[row.page_id].append(row.slug)
    pages = session().scalars(select(Page).order_by(Page.id))
    return [(page, versions[page.id], slugs[page.id]) for page in pages]


def count_comments() -> int:
    return session().scalar(select(func.count()).select_from(Comment)) or 0


def list_slugs() -> dict[int, str]:
    """Return the slug of each letter by its id, in the order of the ids."""
    query = select(Letter.id, Letter.slug).order_by(Letter.id)
    return dict(session().execute(query).all())


def forget_rows() -> None:
    """Let the session forget the rows that it has read."""
    session().expunge_all()


def load_letter(letter_id: int) -> Letter:
    """Return a letter with its authors, its versions and their blocks."""
    query = (
        select(Letter)
        .where(Letter.id == letter_id)
        .options(
            selectinload(Letter.authors),
            selectinload(Letter.versions).selectinload(LetterVersion.blocks),
        )
    )
    return session().scalars(query).one()


def list_former_slugs(letter_id: int) -> Sequence[LetterSlug]:
    query = select(LetterSlug).where(LetterSlug.letter_id == letter_id).order_by(LetterSlug.slug)
    return session().scalars(query).all()


def list_permissions(letter_id: int) -> Sequence[LetterPermission]:
    """Return the permissions without their evidence in use."""
    query = select(LetterPermission).where(LetterPermission.letter_id == letter_id)
    return session().scalars(query.order_by(LetterPermission.id)).all()


def list_pictures(letter_id: int) -> Sequence[Media]:
    query = select(Media).where(Media.letter_id == letter_id).order_by(Media.sha256)
    return session().scalars(query).all()


def find_working_copy(letter_id: int) -> WorkingCopy | None:
    return session().get(WorkingCopy, letter_id)


def load_paragraph_links(letter_id: int) -> dict[int, list[ParagraphLink]]:
    """Return the fates of paragraphs, by the id of the version that changed them."""
    query = (
        select(ParagraphLink)
        .join(LetterVersion, LetterVersion.id == ParagraphLink.version_id)
        .where(LetterVersion.letter_id == letter_id)
        .order_by(ParagraphLink.version_id, ParagraphLink.pid)
    )
    links: dict[int, list[ParagraphLink]] = defaultdict(list)
    for link in session().scalars(query):
        links[link.version_id].append(link)
    return links


def list_picture_names() -> list[str]:
    """Return the names of the files of all pictures, each once."""
    query = select(Media.sha256, Media.extension).distinct().order_by(Media.sha256)
    return [f"{sha256}.{extension}" for sha256, extension in session().execute(query)]


def iter_comments() -> Iterator[Sequence[Row[Any]]]:
    """Yield all comments in batches, in the order of their ids. A reply comes after its parent."""
    after = 0
    while True:
        query = _COMMENTS.where(_TABLE.c.id > after).order_by(_TABLE.c.id).limit(BATCH)
        rows = session().execute(query).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id


def iter_letter_comments(letter_id: int) -> Iterator[Row[Any]]:
    """Yield the comments of a letter in no order, because ordering would read every comment of the site."""
    query = _LETTER_COMMENTS.where(_TABLE.c.letter_id == letter_id)
    yield from session().execute(query, execution_options={"yield_per": BATCH})


def load_parts(first_id: int, last_id: int) -> Parts:
    """Return what hangs on the comments of a range of ids, by its kind and by comment."""
    parts: Parts = {}
    for kind, query in _PARTS.items():
        found: dict[int, list[Row[Any]]] = {}
        column = query.selected_columns[0]
        for row in session().execute(query.where(and_(column >= first_id, column <= last_id))):
            found.setdefault(row[0], []).append(row)
        parts[kind] = found
    parts["with_history"] = {number: [] for kind in _HISTORY for number in parts[kind]}
    return parts


def find_run(run_id: int) -> ExportRun | None:
    return session().get(ExportRun, run_id)


def list_runs(limit: int = 50) -> Sequence[ExportRun]:
    """Return the latest exports, the newest first."""
    return session().scalars(select(ExportRun).order_by(ExportRun.id.desc()).limit(limit)).all()


def find_waiting_run() -> ExportRun | None:
    """Return the oldest export that has not ended."""
    query = select(ExportRun).where(ExportRun.finished_at.is_(None)).order_by(ExportRun.id)
    return session().scalars(query).first()
