"""Store what a reader found: pages as letters, and their comments in batches.

Imported comments keep their times. Their states follow from those that they had: waiting comments wait here, refused
ones are not published, and deleted ones keep their places without text and author. They are no submissions of
this site: the site sends no emails about them, no check screens them, and the log calls them imported.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import insert

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import Event, record_event, record_events
from commentsite.comments.commitment import hash_words
from commentsite.comments.hashing import hash_email, hash_text
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.screening.checks import CheckCode, Finding, build_hold_reason
from commentsite.comments.states import CommentKind, CommentState, LanguageSource, Stance
from commentsite.db.base import Base
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Invalid
from commentsite.exchange import queries as exchange_queries
from commentsite.exchange.importers.comment_text import convert_text
from commentsite.exchange.importers.records import (
    PageStatus,
    SourcePage,
    SourceStatus,
    System,
    TextFormat,
)
from commentsite.exchange.models import ImportedComment, ImportedLetter, ImportRun, OldAddress
from commentsite.exchange.quotes import Paragraph, QuoteFinder
from commentsite.exchange.site_pages import store_site_page
from commentsite.exchange.staging import StagedComment
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft, LetterDraft
from commentsite.letters.import_review import confirm_import
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.services import (
    add_operator_permission,
    import_letter,
    state_language,
)
from commentsite.letters.language_tags import normalise_public_language
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.publication.services import list_publication_obstacles, publish_letter
from commentsite.letters.slugs import slugify
from commentsite.letters.text.queries import get_current_version, list_current_blocks
from commentsite.search.index import index_new_comments
from commentsite.search.queries import DeskFacets
from commentsite.text.email_addresses import clean_email
from commentsite.text.plain_text import clean_line

MAX_NAME = 80  # characters
MAX_PATH = 700
UNKNOWN_GROUP = "UND"
ANONYMOUS = "Anonymous"

STATES = {
    SourceStatus.VISIBLE: CommentState.PUBLISHED,
    SourceStatus.PENDING: CommentState.PENDING,
    SourceStatus.REFUSED: CommentState.SPAM,
    SourceStatus.DELETED: CommentState.WITHDRAWN,
    SourceStatus.WITHHELD: CommentState.REFUSED,
}
#: Comment, root and letter.
Place = tuple[int, int, int]

_COMMENT = Base.metadata.tables[Comment.__tablename__]
_TARGET = Base.metadata.tables[CommentTarget.__tablename__]
_NO_PARENT = "The comment that it answers is missing, so it stands for itself."
_WITH_COMMENTS = "It has comments, so it is a letter and no page of the site."
_DRAFTS = {
    PageStatus.HIDDEN: "It is a draft: an editor decides whether to publish it.",
    PageStatus.ELSEWHERE: "It is a draft, because the file has its address only.",
}
_NO_AUTHOR = "It is a draft, because the file does not name its author."
_NO_DATE = "It is a draft, because the file does not have its date."
_SECOND_PAGE = "An earlier import made it a page of the site, which has no comments. Its comments are at this letter."
_LETTER_PATH = re.compile(r"/letters/([^/]+)(?:/versions/\d+|/comments/\d+)?/?")
_COLUMNS = {attr.key: attr.columns[0].name for attr in Comment.__mapper__.column_attrs}


@dataclass(frozen=True)
class Source:
    """The site that the files come from. `site` tells two sites of one system apart."""

    system: System
    site: str = ""

    def build_key(self, kind: str, source_id: str) -> str:
        return sha256(f"{self.system}\0{self.site}\0{kind}\0{source_id}".encode()).hexdigest()


@dataclass(frozen=True)
class StoredPage:
    """The letter that a page became, or the page of the site. `is_new` is false for one of an earlier run."""

    letter_id: int | None = None
    page_id: int | None = None
    remarks: tuple[str, ...] = ()
    is_new: bool = True


@dataclass(frozen=True)
class StoredComment:
    """The outcome of a comment. `comment_id` is None for one that an earlier run has imported."""

    source_id: str
    comment_id: int | None
    state: str
    remarks: tuple[str, ...] = ()


def start_run(
    system: System,
    *,
    by: Actor,
    file_names: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    is_dry_run: bool = False,
) -> int:
    """Record the start of an import, and return its number. Only stewards may import."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    run = ImportRun(
        system=system.value,
        started_by=by.label,
        started_at=clock.now(),
        file_names=[name[:200] for name in file_names],
        options=dict(options or {}),
        is_dry_run=is_dry_run,
    )
    session().add(run)
    session().flush()
    record_event(by.label, "import.started", f"import:{run.id}", system=system.value)
    return run.id


def finish_run(run_id: int, counts: Mapping[str, int], *, by: Actor) -> None:
    run = session().get_one(ImportRun, run_id)
    run.finished_at, run.counts = clock.now(), dict(counts)
    record_event(by.label, "import.finished", f"import:{run_id}", **counts)


def refuse_run(run_id: int, problem: str) -> None:
    """End an import whose file cannot be read."""
    run = session().get_one(ImportRun, run_id)
    run.finished_at, run.problem = clock.now(), problem


def is_site_page(page: SourcePage, slug: str | None, *, has_comments: bool) -> bool:
    """Return whether a page becomes one of the site. Those have no comments, so a page with comments is a letter."""
    return page.is_site_page and slug is None and not has_comments


def needs_text(page: SourcePage, source: Source, slug: str | None, *, has_comments: bool) -> bool:
    """Return whether `store_page` would store the text of a page: not that of an earlier run, or of a given letter."""
    if exchange_queries.find_imported_letter(source.build_key("page", page.source_id)):
        return False
    if is_site_page(page, slug, has_comments=has_comments):
        key = source.build_key("site page", page.source_id)
        return exchange_queries.find_imported_page(key) is None
    return slug is None


def find_draft_reason(page: SourcePage) -> str:
    """Return why the letter of a page would become a draft, or "" if nothing in the file says so.

    A letter also becomes a draft if neither the file nor its text tells its language.
    """
    if page.status is not PageStatus.PUBLIC:
        return _DRAFTS[page.status]
    if not page.author:
        return _NO_AUTHOR
    if page.written_at is None:
        return _NO_DATE
    return ""


def store_page(  # noqa: PLR0913  # each is named by the caller
    page: SourcePage,
    source: Source,
    run_id: int,
    *,
    text: LetterDraft | None,
    slug: str | None,
    has_comments: bool,
    by: Actor,
) -> StoredPage:
    """Find or create the letter of a page, or the page of the site.

    `text` is what `read_page_text` returned, and `slug` that of an existing letter. A public post becomes a public
    letter if nothing is missing that a letter needs, and a draft otherwise. A page of which the file has only the
    address becomes a draft that names it.
    """
    key, site_page_key = (source.build_key(kind, page.source_id) for kind in ("page", "site page"))
    if letter_id := exchange_queries.find_imported_letter(key):
        return StoredPage(letter_id, is_new=False)
    known_page_id = exchange_queries.find_imported_page(site_page_key)
    if is_site_page(page, slug, has_comments=has_comments):
        if known_page_id:
            return StoredPage(page_id=known_page_id, is_new=False)
        page_id, remarks = store_site_page(page, _build_draft(page, text), by=by)
        session().add(
            ImportedLetter(
                source_key=site_page_key, source_id=page.source_id, run_id=run_id, page_id=page_id
            )
        )
        _keep_old_address(page, page_id=page_id)
        return StoredPage(page_id=page_id, remarks=remarks)
    remarks = ()
    if slug is not None:
        letter = letter_queries.get_any_letter(slug)
    else:
        draft = _build_draft(page, text)
        letter = import_letter(draft, by=by)
        if page.status is PageStatus.PUBLIC:
            remarks += _publish(letter, page, by)
        else:
            remarks += (_DRAFTS[page.status],)
        if page.is_site_page:
            remarks += (_SECOND_PAGE if known_page_id else _WITH_COMMENTS,)
    session().flush()
    session().add(
        ImportedLetter(source_key=key, source_id=page.source_id, run_id=run_id, letter_id=letter.id)
    )
    _keep_old_address(page, letter_id=letter.id)
    return StoredPage(letter.id, remarks=remarks)


def _keep_old_address(
    page: SourcePage, *, letter_id: int | None = None, page_id: int | None = None
) -> None:
    path = find_path(page.address)
    is_own = _LETTER_PATH.fullmatch(path) is not None
    if path and not is_own and not exchange_queries.has_old_address(path):
        session().add(OldAddress(path=path, letter_id=letter_id, page_id=page_id))


def find_annotated_letter(address: str) -> str | None:
    """Return the slug of the letter that annotations of an address are about: of this site, or imported before."""
    path = urlsplit(address).path
    match = _LETTER_PATH.fullmatch(path)
    if match is None:
        return exchange_queries.find_letter_at_old_address(find_path(address))
    letter = letter_queries.find_by_current_slug(match[1])
    return letter.slug if letter else letter_queries.find_current_slug(match[1])


def read_page_text(page: SourcePage) -> LetterDraft:
    """Read the text of a page in a child process. Raises Invalid on a text that cannot become a letter."""
    text = page.text.strip()
    if not text:
        text = f"This page stands at {page.address}." if page.address else page.title
        return LetterDraft(title=page.title[:300], source_text=text)
    if page.text_format is TextFormat.HTML:
        return _read_text(page, "page.html", _wrap_html(page))
    return _read_text(page, "page.txt", f"{page.title}\n\n{text}")


def _build_draft(page: SourcePage, text: LetterDraft | None) -> LetterDraft:
    draft = text or read_page_text(page)
    if page.language:
        draft = state_language(draft, page.language)
    authors = (AuthorDraft(name=page.author[:120], group=UNKNOWN_GROUP),) if page.author else ()
    values: dict[str, Any] = {
        "title": page.title[:300] or draft.title,
        "authors": authors,
        "date_written": _find_day(page),
        "topics": page.topics[:20],
        "slug": _find_slug(page),
        "source": page.address[:500],
    }
    return add_operator_permission(LetterDraft(**{**draft.__dict__, **values}))


def find_path(address: str) -> str:
    """Return the path and query of an old address, or "" where there is none to redirect."""
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path not in {"", "/"} and len(path) <= MAX_PATH else ""


def store_comments(  # noqa: PLR0913  # each is named by the caller
    batch: Sequence[StagedComment],
    letter_id: int,
    source: Source,
    run_id: int,
    *,
    rules_version: int,
    encryption: Encryption,
    by: Actor,
) -> list[StoredComment]:
    """Store comments of one letter whose parents are stored already, or come earlier in the batch."""
    keys = [source.build_key("comment", one.source_id) for one in batch]
    parents = {one.parent_id or one.missing_parent for one in batch} - {None}
    parent_keys = {source.build_key("comment", str(parent)): str(parent) for parent in parents}
    known = exchange_queries.load_imported_comments([*keys, *parent_keys])
    places = {
        parent_keys[key]: place
        for key, place in known.items()
        if key in parent_keys and place[2] == letter_id
    }
    new = [one for one, key in zip(batch, keys, strict=True) if key not in known]
    located = _locate_quotes(new, letter_id)
    rows = [_build_row(one, letter_id, rules_version, encryption) for one in new]
    for row, place in zip(rows, located, strict=True):
        _apply_quotes(row, place)
    _set_repetitions(letter_id, rows)
    results = {one.source_id: StoredComment(one.source_id, None, "", one.remarks) for one in batch}
    _insert_rows(new, rows, places)
    for one, row in zip(new, rows, strict=True):
        results[one.source_id] = StoredComment(
            one.source_id, row["id"], str(row["state"]), one.remarks + row["remarks"]
        )
    _insert_targets(rows, located)
    _insert_companions(new, rows, source, run_id, by)
    _count_published(letter_id, rows)
    session().get_one(ImportRun, run_id).stored += len(batch)
    return list(results.values())


def _build_row(
    one: StagedComment, letter_id: int, rules_version: int, encryption: Encryption
) -> dict[str, Any]:
    state = STATES[one.status]
    now = clock.now()
    is_deleted = one.status is SourceStatus.DELETED
    remarks: list[str] = []
    name = clean_line(one.name)
    if len(name) > MAX_NAME:
        name = name[:MAX_NAME]
        remarks.append("Its author’s name was shortened.")
    if not name and not is_deleted:
        name = ANONYMOUS
        remarks.append("Its author gave no name.")
    email = clean_email(one.email) if one.email else ""
    language = normalise_public_language(one.language)
    receipt_token = tokens.new_token()
    reasons = (
        [build_hold_reason(CheckCode.PREMODERATION, 1, Finding())]
        if state == CommentState.PENDING
        else []
    )
    is_public = state in {CommentState.PUBLISHED, CommentState.WITHDRAWN}
    return {
        "letter_id": letter_id,
        "letter_version": 1,
        "name": name,
        "stakeholder_group": UNKNOWN_GROUP,
        "email_sealed": encryption.encrypt(email) if email else None,
        "email_hash": hash_email(encryption, email) if email else None,
        "subscription_scope": "",
        "language": language,
        "language_source": LanguageSource.IMPORTED if language else LanguageSource.UNKNOWN,
        "state": state,
        "held_by_check": CheckCode.PREMODERATION if state == CommentState.PENDING else "",
        "hold_reasons": reasons,
        "body": one.body,
        "body_html": one.html,
        "body_hash": "" if is_deleted else hash_text(one.body),
        "words_salt": None if is_deleted else tokens.new_salt(),
        "sanitizer_version": SANITIZER_VERSION,
        "rules_version": rules_version,
        "submitted_at": one.submitted_at,
        "changed_at": now,
        "published_at": one.submitted_at if is_public else None,
        "edited_at": None if is_deleted else one.edited_at,
        "erased_at": now if is_deleted else None,
        "repetition": 0,
        "is_imported": True,
        "receipt_hash": tokens.hash_token(receipt_token),
        "receipt_sealed": encryption.encrypt(receipt_token),
        "remarks": tuple(remarks),
    }


@dataclass(frozen=True)
class LocatedQuotes:
    """The paragraphs that the quotations of a comment are from, and the quotations that are from none."""

    pids: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    letter_version: int = 1


def _locate_quotes(new: Sequence[StagedComment], letter_id: int) -> list[LocatedQuotes]:
    if not any(one.quotes for one in new):
        return [LocatedQuotes() for _ in new]
    letter = letter_queries.get_letter(letter_id)
    blocks = list_current_blocks(letter)
    finder = QuoteFinder([Paragraph(b.pid, b.text) for b in blocks if b.pid and b.number])
    located = []
    for one in new:
        found = [(quote, finder.find(quote)) for quote in one.quotes]
        pids = dict.fromkeys(pid for _, pids in found for pid in pids)
        missing = tuple(quote.exact for quote, pids in found if not pids)
        located.append(LocatedQuotes(tuple(pids), missing, letter.version_number))
    return located


def _apply_quotes(row: dict[str, Any], located: LocatedQuotes) -> None:
    """Make a comment one about paragraphs. A quotation that no paragraph holds is put before its text."""
    row["kind"] = CommentKind.PARAGRAPH if located.pids else CommentKind.GENERAL
    if located.pids:
        row["letter_version"] = located.letter_version
    if not located.missing or row["erased_at"]:
        return
    quoted = "".join(f"<blockquote>{escape(quote)}</blockquote>" for quote in located.missing)
    text = convert_text(quoted, TextFormat.HTML)
    row["body"] = f"{text.markdown}\n\n{row['body']}"
    row["body_html"] = render_comment_html(row["body"])
    row["body_hash"] = hash_text(row["body"])
    row["remarks"] += (
        "No paragraph of the letter has the words that it quotes, so they stand in its text.",
    )


def _insert_targets(rows: Sequence[dict[str, Any]], located: Sequence[LocatedQuotes]) -> None:
    targets = [
        {"comment_id": row["id"], "position": position, "pid": pid, "stance": Stance.NONE}
        for row, place in zip(rows, located, strict=True)
        for position, pid in enumerate(place.pids)
    ]
    if targets:
        session().execute(insert(_TARGET), targets)


def _set_repetitions(letter_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Count the equal texts from one address to the letter."""
    with_address = [row for row in rows if row["email_hash"] and row["body_hash"]]
    hashes = [(row["email_hash"], row["body_hash"]) for row in with_address]
    counts = exchange_queries.load_repetitions(letter_id, hashes)
    for row, pair in zip(with_address, hashes, strict=True):
        row["repetition"] = counts.get(pair, 0)
        counts[pair] = row["repetition"] + 1


def _insert_rows(
    new: Sequence[StagedComment], rows: Sequence[dict[str, Any]], places: dict[str, Place]
) -> None:
    """Insert rows and give each its id. A reply is inserted after its parent, which has an id then."""
    waiting: list[tuple[StagedComment, dict[str, Any]]] = []
    waiting_ids: set[str] = set()
    for one, row in zip(new, rows, strict=True):
        if one.parent_id in waiting_ids:
            _insert_group(waiting, places)
            waiting, waiting_ids = [], set()
        waiting.append((one, row))
        waiting_ids.add(one.source_id)
    if waiting:
        _insert_group(waiting, places)


def _insert_group(
    group: Sequence[tuple[StagedComment, dict[str, Any]]], places: dict[str, Place]
) -> None:
    for one, row in group:
        parent = places.get(one.parent_id or one.missing_parent or "")
        row["parent_id"], row["root_id"] = (parent[0], parent[1]) if parent else (None, None)
        if one.missing_parent and parent is None:
            row["remarks"] += (_NO_PARENT,)
    values = [
        {_COLUMNS[name]: value for name, value in row.items() if name in _COLUMNS}
        for _, row in group
    ]
    session().execute(
        insert(_COMMENT), values
    )  # many at once. With their ids they would be inserted one by one
    ids = exchange_queries.load_comment_ids([row["receipt_hash"] for _, row in group])
    for one, row in group:
        row["id"] = ids[row["receipt_hash"]]
        places[one.source_id] = (row["id"], row["root_id"] or row["id"], row["letter_id"])


def _insert_companions(
    new: Sequence[StagedComment],
    rows: Sequence[dict[str, Any]],
    source: Source,
    run_id: int,
    by: Actor,
) -> None:
    """Insert where the comments come from, their entries in the indexes of words, and their log entries."""
    if not rows:
        return
    session().execute(
        insert(ImportedComment),
        [
            {
                "comment_id": row["id"],
                "source_key": source.build_key("comment", one.source_id),
                "source_id": one.source_id,
                "run_id": run_id,
            }
            for one, row in zip(new, rows, strict=True)
        ],
    )
    index_new_comments(
        (
            row["id"],
            DeskFacets(str(row["state"]), row["letter_id"], row["stakeholder_group"]),
            row["name"],
            row["body"],
            row["state"] == CommentState.PUBLISHED,
        )
        for row in rows
        if row["erased_at"] is None
    )
    events: list[Event] = []
    for row in rows:
        subject, details = f"comment:{row['id']}", {"state": str(row["state"]), "import": run_id}
        if row["words_salt"]:
            words = (row["words_salt"], row["name"], "", row["body"])
            details["content_hash"] = hash_words(*words)
        events.append(Event(by.label, "comment.imported", subject, details))
        if row["erased_at"]:
            events.append(Event(by.label, "comment.erased", subject, {"state": str(row["state"])}))
    record_events(events)


def _count_published(letter_id: int, rows: Sequence[dict[str, Any]]) -> None:
    count = sum(row["state"] == CommentState.PUBLISHED for row in rows)
    if any(row["published_at"] for row in rows):
        letter = session().get_one(Letter, letter_id)
        letter.published_comment_count = Letter.published_comment_count + count
        bump_page_version(letter)


def _publish(letter: Letter, page: SourcePage, by: Actor) -> tuple[str, ...]:
    """Publish a letter with the date that it had, and return why not if that is impossible."""
    confirm_import(letter.slug, by=by, language=letter.language)
    if obstacles := list_publication_obstacles(letter):
        return (f"It is a draft: {obstacles[0].message % obstacles[0].details}",)
    publish_letter(letter.slug, by=by)
    if page.written_at:
        session().flush()
        letter.published_at = page.written_at
        get_current_version(letter).published_at = page.written_at
    return ()


def _read_text(page: SourcePage, name: str, text: str) -> LetterDraft:
    """Read a text as an imported file is read. A text that only repeats the title is kept as it is."""
    try:
        return read_letter_file(name, text.encode(), page.title, detects_language=not page.language)
    except Invalid:
        words = convert_text(page.text, page.text_format).markdown
        return LetterDraft(title=page.title[:300], source_text=words or page.title)


def _wrap_html(page: SourcePage) -> str:
    """Return the text of a post as a document. WordPress makes paragraphs of empty lines when it shows them."""
    text = page.text
    if "<p" not in text.lower():
        text = "".join(f"<p>{part}</p>" for part in text.replace("\r\n", "\n").split("\n\n"))
    return f"<!DOCTYPE html><html><body><h1>{escape(page.title)}</h1>{text}</body></html>"


def _find_day(page: SourcePage) -> date | None:
    return page.written_at.date() if page.written_at else None


def _find_slug(page: SourcePage) -> str:
    """Return the last part of an old address, if it is a free address here."""
    name = slugify(urlsplit(page.address).path.rstrip("/").rpartition("/")[2])
    return name if name and not letter_queries.is_slug_taken(name) else ""
