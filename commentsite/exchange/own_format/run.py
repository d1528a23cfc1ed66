"""Import an export of this program: groups and rules, pages, letters with their versions, comments, and records of positions.

Each page, letter, batch of comments and record of positions is stored in a transaction of its own, so that a site stays usable meanwhile.
An earlier run is recognised by the id of the site that wrote the file, and by the ids in it.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from commentsite.db.session import session, transaction
from commentsite.errors import Conflict, SiteError
from commentsite.exchange import services as exchange_services
from commentsite.exchange.importers.records import LeftOut, System
from commentsite.exchange.own_format import records
from commentsite.exchange.own_format.comments import CommentImporter, StoredComment
from commentsite.exchange.own_format.letters import LetterImporter, choose_state, connect_letters
from commentsite.exchange.own_format.pages import store_page
from commentsite.exchange.own_format.positions import RecordImporter, VersionFile
from commentsite.exchange.own_format.reader import ExportFile
from commentsite.exchange.own_format.site import take_groups, take_rules
from commentsite.exchange.run import Advance, Import, ImportResult, Progress
from commentsite.exchange.services import Source
from commentsite.letters.states import LetterState
from commentsite.site.queries import find_settings

BATCH = 500  # comments
PAGES, RECORDS, RECORD_VERSIONS = "pages.jsonl", "records.jsonl", "record-versions.jsonl"
_NOT_TAKEN = "Its letter could not be imported."


@dataclass
class OwnImport(Import):
    """An import of exports of this program."""

    _letters: dict[int, int] = field(default_factory=dict)  # ids here by ids in the file

    def run(self, files: Sequence[Path], progress: Progress) -> ImportResult:
        """Import the files, and show how many of their comments are stored.

        Raises Conflict for an export of this very site, and Invalid for a file that is no complete export.
        """
        for file in files:
            with ExportFile(file) as export:
                self._check_site(export.manifest.site)
                self._letters = {}
                take = self._preview_file if self.is_dry_run else self._store_file
                with progress(export.count("comments.jsonl")) as advance:
                    take(export, advance)
        if self.run_id is not None:
            self._finish(self.run_id)
        return self.result

    def _check_site(self, site: records.Site) -> None:
        settings = find_settings()
        if settings is not None and settings.feed_namespace == site.id:
            msg = "This site wrote the export itself, and already has what it holds. To go back to an earlier state, restore a backup."
            raise Conflict(msg)

    def _store_file(self, export: ExportFile, advance: Advance) -> None:
        source = Source(System.JSON, self.source.site or export.manifest.site.id)
        if self.run_id is None:
            with transaction():
                self.run_id = exchange_services.start_run(System.JSON, by=self.by)
        with transaction():
            take_groups(export, by=self.by)
            has_same_rules = take_rules(export, by=self.by)
        self._store_pages(export, source, self.run_id)
        self._store_letters(export, source, self.run_id)
        importer = CommentImporter(
            source=source,
            run_id=self.run_id,
            by=self.by,
            encryption=self.encryption,
            letters=self._letters,
            rules_version=self.rules_version,
            has_same_rules=has_same_rules,
        )
        for batch in _iter_batches(export):
            with transaction(gives_way=True):
                results = importer.store(batch)
            session().expunge_all()
            self._note_comments(batch, results)
            advance(len(batch))
        with transaction():
            importer.connect()
        self._store_records(export, source, self.run_id)

    def _store_pages(self, export: ExportFile, source: Source, run_id: int) -> None:
        if not export.has_file(PAGES):
            return
        for record in export.iter_records(PAGES, records.Page):
            number = str(record.id)
            try:
                with transaction():
                    stored = store_page(record, source, run_id, by=self.by)
            except SiteError as error:
                reason = error.message % error.details
                self.result.reasons[reason] += 1
                self._note("page", number, "left out", "", reason)
                continue
            self.result.reasons.update(stored.remarks)
            outcome = "taken" if stored.is_new else "there already"
            self._note("page", number, outcome, f"page:{stored.page_id}", " ".join(stored.remarks))

    def _store_letters(self, export: ExportFile, source: Source, run_id: int) -> None:
        assert self.media_path is not None  # every caller names it
        importer = LetterImporter(source, run_id, self.by, self.media_path, export.read_picture)
        new_ids = set()
        for record in export.iter_records("letters.jsonl", records.Letter):
            try:
                with transaction():
                    stored = importer.store(record)
            except SiteError as error:
                reason = error.message % error.details
                self.result.reasons[reason] += 1
                self._note("letter", str(record.id), "left out", "", reason)
                continue
            session().expunge_all()
            self._letters[record.id] = stored.letter_id
            if stored.is_new:
                new_ids.add(record.id)
            self.result.reasons.update(stored.remarks)
            outcome = "taken" if stored.is_new else "there already"
            self._note(
                "letter",
                str(record.id),
                outcome,
                f"letter:{stored.letter_id}",
                " ".join(stored.remarks),
            )
        for record in export.iter_records("letters.jsonl", records.Letter):
            if record.id in new_ids and (record.superseded_by or record.translation_of):
                with transaction():
                    connect_letters(record, source, self._letters[record.id])

    def _store_records(self, export: ExportFile, source: Source, run_id: int) -> None:
        if not export.has_file(RECORDS):
            return
        with (
            closing(export.iter_records(RECORDS, records.RecordOfPositions)) as rows,
            closing(export.iter_records(RECORD_VERSIONS, records.RecordVersion)) as versions,
        ):
            importer = RecordImporter(source, run_id, self.by, self._letters)
            self._store_each_record(rows, VersionFile(versions), importer)

    def _store_each_record(
        self,
        rows: Iterator[records.RecordOfPositions],
        versions: VersionFile,
        importer: RecordImporter,
    ) -> None:
        for record in rows:
            number = str(record.id)
            try:
                with transaction():
                    stored = importer.store(record, versions.iter_record(record.id))
            except Conflict as error:
                reason = error.message % error.details
                self.result.reasons[reason] += 1
                self._note("record", number, "left out", "", reason)
            else:
                self.result.reasons.update(stored.remarks)
                outcome = "taken" if stored.is_new else "there already"
                target = f"letter:{stored.letter_id}"
                self._note("record", number, outcome, target, " ".join(stored.remarks))
            session().expunge_all()
            versions.leave_record(record.id)
        versions.check_end()

    def _note_comments(
        self, batch: Sequence[records.Comment], results: Sequence[StoredComment]
    ) -> None:
        for one, result in zip(batch, results, strict=True):
            if one.letter in self._letters:
                self._note_comment(
                    exchange_services.StoredComment(
                        result.source_id, result.comment_id, result.state, result.remarks
                    )
                )
            else:
                self._leave_out(LeftOut(result.source_id, _NOT_TAKEN))

    def _preview_file(self, export: ExportFile, advance: Advance) -> None:
        """Read everything, and report what an import would do on an empty site."""
        if export.has_file(PAGES):
            for page in export.iter_records(PAGES, records.Page):
                self._note("page", str(page.id), "taken", page.slug, "")
        for record in export.iter_records("letters.jsonl", records.Letter):
            state, remark = choose_state(record)
            if state is LetterState.DRAFT:
                self._note_draft(str(record.id), record.title, remark)
            else:
                self._note("letter", str(record.id), "taken", record.slug, "")
        for batch in _iter_batches(export):
            for one in batch:
                self._note_comment(exchange_services.StoredComment(str(one.id), 0, one.state))
            advance(len(batch))
        if export.has_file(RECORDS):
            for row in export.iter_records(RECORDS, records.RecordOfPositions):
                self._note("record", str(row.id), "taken", "", "")


def _iter_batches(export: ExportFile) -> Iterator[list[records.Comment]]:
    """Yield the comments in batches in which no comment stands twice."""
    comments = export.iter_records("comments.jsonl", records.Comment)
    while batch := list(islice(comments, BATCH)):
        yield list({one.id: one for one in batch}.values())
