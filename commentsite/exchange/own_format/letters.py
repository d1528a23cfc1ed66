"""Store the letters of an export with their versions, paragraph ids, permissions and pictures.

Nothing of the file is shown as it is. The blocks of each version are made again from its Markdown, and only the ids
of its paragraphs are taken over, so that comments keep their targets.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Invalid
from commentsite.exchange import queries as exchange_queries
from commentsite.exchange.models import ImportedLetter
from commentsite.exchange.own_format import records
from commentsite.exchange.services import Source
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft
from commentsite.letters.importing.services import build_author_rows
from commentsite.letters.language_tags import parse_language
from commentsite.letters.media.files import write_file
from commentsite.letters.media.services import StoredPicture, build_images
from commentsite.letters.models import (
    Block,
    Letter,
    LetterPermission,
    LetterSlug,
    LetterVersion,
    Media,
    ParagraphLink,
    WorkingCopy,
)
from commentsite.letters.page_versions import bump_related_pages
from commentsite.letters.slugs import find_free_slug, slugify
from commentsite.letters.states import (
    PUBLIC_STATES,
    BlockKind,
    ChangeKind,
    LetterState,
    PermissionMethod,
    PermissionScope,
)
from commentsite.letters.text.images import Image
from commentsite.letters.text.paragraph_ids import ParagraphRelation
from commentsite.letters.text.paragraphs import ParsedBlock, new_paragraph_id, parse_blocks
from commentsite.letters.versioning import (
    build_searchable_text,
    hash_version,
    save_citations,
    update_search_index,
)

#: The first bytes of a picture, so that no other file is served under its name.
_SIGNATURES = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_SAME = (
    *("title", "standfirst", "editors_note", "occasion", "addressee", "body_concerned", "source"),
    *("licence", "date_written", "date_received", "created_at", "published_at", "updated_at"),
    *("comments_open", "comments_open_at", "comments_close_at", "grace_hours", "withdrawn_at"),
    *("withdrawal_reason", "translator", "version_number"),
)


@dataclass(frozen=True)
class StoredLetter:
    """The outcome of a letter. `is_new` is false for one that an earlier run has imported."""

    letter_id: int
    slug: str
    is_new: bool
    remarks: tuple[str, ...] = ()


@dataclass
class LetterImporter:
    """Stores the letters of one export. `read_picture` returns the content of a picture by its file name."""

    source: Source
    run_id: int
    by: Actor
    media_path: Path
    read_picture: Callable[[str], bytes | None]
    remarks: list[str] = field(default_factory=list)

    def store(self, record: records.Letter) -> StoredLetter:
        """Store a letter, unless an earlier run has. Raises Invalid on values that do not fit each other."""
        key = self.source.build_key("page", str(record.id))
        if letter_id := exchange_queries.find_imported_letter(key):
            slug = letter_queries.get_letter(letter_id).slug
            return StoredLetter(letter_id, slug, is_new=False)
        state, remark = choose_state(record)
        self.remarks = [remark] if remark else []
        _check_versions(record)
        pictures = self._store_pictures(record)
        images = build_images(
            StoredPicture(one.sha256, one.extension, one.width, one.height) for one in pictures
        )
        acquire_advisory_lock("slugs")
        letter = self._build_letter(record, state)
        letter.versions = [self._build_version(version, images) for version in record.versions]
        session().add(letter)
        session().flush()
        session().add(
            ImportedLetter(
                source_key=key, source_id=str(record.id), run_id=self.run_id, letter_id=letter.id
            )
        )
        self._add_companions(letter, record, pictures)
        self._record(letter)
        current = next(v for v in letter.versions if v.number == letter.version_number)
        save_citations(letter, current.blocks)
        if state in PUBLIC_STATES:
            if state is not LetterState.WITHDRAWN:
                update_search_index(letter, build_searchable_text(current.blocks))
            bump_related_pages()
        session().flush()
        return StoredLetter(letter.id, letter.slug, is_new=True, remarks=tuple(self.remarks))

    def _build_letter(self, record: records.Letter, state: LetterState) -> Letter:
        slug = slugify(record.slug)
        if not slug or letter_queries.is_slug_taken(slug):
            slug = find_free_slug(slug or f"letter-{tokens.new_short_id()}")
            self.remarks.append(f"Its address is “{slug}” here.")
        values: dict[str, Any] = {name: getattr(record, name) for name in _SAME}
        drafts = tuple(
            AuthorDraft(author.name, author.group, author.capacity, author.organisation)
            for author in record.authors
        )
        return Letter(
            **values,
            slug=slug,
            state=state,
            language=parse_language(record.language),
            topics=record.topics[:20],
            scheduled_for=record.scheduled_for if state is LetterState.SCHEDULED else None,
            feed_id=record.feed_id or None,
            authors=build_author_rows(drafts),
        )

    def _store_pictures(self, record: records.Letter) -> list[records.Picture]:
        """Write the files of the pictures, and return those that the export has with the right content."""
        stored = {}
        for picture in record.pictures:
            name = f"{picture.sha256}.{picture.extension}"
            content = self.read_picture(name)
            if (
                content is None
                or sha256(content).hexdigest() != picture.sha256
                or not _SIGNATURES[picture.extension].match(content)
            ):
                self.remarks.append(f"The file of the picture {name} is missing or damaged.")
                continue
            write_file(self.media_path, name, content)
            stored[picture.sha256] = picture
        return list(stored.values())

    def _build_version(self, record: records.Version, images: Mapping[str, Image]) -> LetterVersion:
        parsed = parse_blocks(record.markdown, images)
        pids = _take_paragraph_ids(parsed, record.blocks)
        if pids is None:
            self.remarks.append(
                f"The paragraphs of version {record.number} have new ids, because its text has others than the file says."
            )
            pids = _make_paragraph_ids(parsed)
        remaining = iter(pids)
        return LetterVersion(
            number=record.number,
            title=record.title,
            standfirst=record.standfirst,
            source_text=record.markdown,
            change=ChangeKind(record.change)
            if record.change in set(ChangeKind)
            else ChangeKind.EDITORIAL,
            change_note=record.change_note,
            original=record.original or None,
            original_name=record.original_name,
            original_sha256=sha256(record.original).hexdigest() if record.original else None,
            created_at=record.created_at,
            published_at=record.published_at,
            blocks=[
                Block(
                    position=position,
                    kind=block.kind,
                    pid=next(remaining) if block.number else None,
                    number=block.number,
                    label=block.label or None,
                    language=block.language,
                    html=block.html,
                    text=block.text,
                )
                for position, block in enumerate(parsed)
            ],
        )

    def _add_companions(
        self, letter: Letter, record: records.Letter, pictures: Sequence[records.Picture]
    ) -> None:
        for version, row in zip(record.versions, letter.versions, strict=True):
            session().add_all(
                ParagraphLink(
                    version_id=row.id,
                    pid=fate.pid,
                    relation=ParagraphRelation(fate.relation).value,
                    target_pid=fate.target_pid,
                    score=fate.score,
                )
                for fate in {fate.pid: fate for fate in version.earlier_paragraphs}.values()
                if fate.relation in set(ParagraphRelation)
            )
        session().add_all(
            LetterPermission(
                letter_id=letter.id,
                scopes=[scope for scope in permission.scopes if scope in set(PermissionScope)],
                given_by=permission.given_by,
                method=PermissionMethod(permission.method)
                if permission.method in set(PermissionMethod)
                else PermissionMethod.STATED,
                given_on=permission.given_on,
                statement=permission.statement,
                recorded_by=self.by.label,
                recorded_at=permission.recorded_at,
                revoked_at=permission.revoked_at,
            )
            for permission in record.permissions
        )
        for former in record.former_slugs:
            if slugify(former.slug) == former.slug and not letter_queries.is_slug_taken(
                former.slug
            ):
                session().add(LetterSlug(slug=former.slug, letter_id=letter.id, until=former.until))
                session().flush()
        session().add_all(
            Media(
                letter_id=letter.id,
                sha256=picture.sha256,
                extension=picture.extension,
                width=picture.width,
                height=picture.height,
                created_at=picture.created_at,
                published_at=picture.published_at,
            )
            for picture in pictures
        )
        if (copy := record.working_copy) is not None:
            session().add(
                WorkingCopy(
                    letter_id=letter.id,
                    title=copy.title,
                    standfirst=copy.standfirst,
                    editors_note=copy.editors_note,
                    source_text=copy.markdown,
                    saved_at=copy.saved_at,
                )
            )

    def _record(self, letter: Letter) -> None:
        """Record the import, and commit the log to the words of each version that readers could see."""
        subject = f"letter:{letter.id}"
        details = {"sha256": letter.versions[0].original_sha256, "import": self.run_id}
        record_event(self.by.label, "letter.imported", subject, version=1, **details)
        for version in letter.versions:
            if version.published_at and letter.state in PUBLIC_STATES:
                action = "letter.published" if version.number == 1 else "letter.corrected"
                record_event(
                    self.by.label,
                    action,
                    subject,
                    version=version.number,
                    state=str(letter.state),
                    content_hash=hash_version(version, version.blocks),
                )


def choose_state(record: records.Letter) -> tuple[LetterState, str]:
    """Return the state of a letter here, and a remark on it, or "".

    A letter that lacks what a public letter needs becomes a draft.
    """
    state = LetterState(record.state)
    if state is LetterState.SCHEDULED and (
        record.scheduled_for is None or record.scheduled_for <= clock.now()
    ):
        return LetterState.DRAFT, "The time of its publication has passed, so it is a draft here."
    is_permitted = any(
        PermissionScope.PUBLISH in permission.scopes and not permission.revoked_at
        for permission in record.permissions
    )
    is_published = record.published_at is not None and any(
        v.number == record.version_number and v.published_at for v in record.versions
    )
    needs_permission = state in {LetterState.PUBLISHED, LetterState.SUPERSEDED}
    if state in PUBLIC_STATES and not is_published:
        remark = "The file does not say when it was published, so it is a draft here."
        return LetterState.DRAFT, remark
    if needs_permission and not is_permitted:
        remark = "The file has no permission to publish it, so it is a draft here."
        return LetterState.DRAFT, remark
    return state, ""


def connect_letters(record: records.Letter, source: Source, letter_id: int) -> None:
    """Let a letter name its successor and the original of its translation, when all letters are stored."""
    letter = letter_queries.get_letter(letter_id)
    letter.superseded_by_id = _find_letter(source, record.superseded_by)
    letter.translation_of_id = _find_letter(source, record.translation_of)


def _find_letter(source: Source, number: int | None) -> int | None:
    if number is None:
        return None
    return exchange_queries.find_imported_letter(source.build_key("page", str(number)))


def _check_versions(record: records.Letter) -> None:
    numbers = [version.number for version in record.versions]
    if numbers != list(range(1, len(numbers) + 1)) or record.version_number not in numbers:
        msg = "The versions of the letter “%(title)s” are not numbered 1, 2, 3 and so on."
        raise Invalid(msg, title=record.title[:80])


def _take_paragraph_ids(parsed: list[ParsedBlock], stored: list[records.Block]) -> list[str] | None:
    """Return the ids of the paragraphs in the file, or None if it has other blocks than the text."""
    kinds = [(block.kind, bool(block.number)) for block in parsed]
    if kinds != [
        (BlockKind(b.kind) if b.kind in set(BlockKind) else None, bool(b.pid)) for b in stored
    ]:
        return None
    pids = [block.pid for block in stored if block.pid]
    return pids if len(set(pids)) == len(pids) else None


def _make_paragraph_ids(parsed: list[ParsedBlock]) -> list[str]:
    used: set[str] = set()
    for block in parsed:
        if block.number:
            used.add(new_paragraph_id(used, tokens.new_short_id))
    return sorted(used)
