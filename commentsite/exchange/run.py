"""Import files, in one transaction for each page and for each batch of comments, so that a site stays usable meanwhile.

An import that is interrupted is run again: it skips what it has stored.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from commentsite.accounts.permissions import Actor
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.errors import Invalid, SiteError
from commentsite.exchange import services as exchange_services
from commentsite.exchange.conversion import Batch, convert_batches
from commentsite.exchange.importers.records import LeftOut, ReadOptions, SourcePage, System
from commentsite.exchange.importers.registry import READERS
from commentsite.exchange.page_texts import PageTexts
from commentsite.exchange.services import Source, StoredComment, StoredPage
from commentsite.exchange.staging import StagedComment, Staging
from commentsite.text.csv_cells import escape_csv_cell
from commentsite.text.plain_text import clean_line

MAX_TITLES = 20  # of letters that would become drafts
#: Begins the target of such a letter in the report. Its title follows.
DRAFT_TARGET = "draft:"
Advance = Callable[[int], None]
#: Shows how many of a number of comments are done, while the context that it returns is entered.
Progress = Callable[[int], AbstractContextManager[Advance]]


class Report(Protocol):
    """Takes the outcome of every row: kind, id in the other system, outcome, target on this site, remarks."""

    def __call__(
        self, kind: str, source_id: str, outcome: str, target: str, remarks: str
    ) -> None: ...


@dataclass
class ImportResult:
    """Counts of rows by kind and outcome, such as ("comment", "taken"), and of states and reasons."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    draft_count: int = 0  # of letters that would become drafts, in a dry run
    draft_titles: list[str] = field(default_factory=list)  # of the first MAX_TITLES of them


@dataclass
class Import:
    """An import of files of one system."""

    source: Source
    options: ReadOptions
    slugs: Mapping[str, str]  # existing letters, by old address or page id
    by: Actor
    encryption: Encryption
    rules_version: int
    report: Report
    is_dry_run: bool = False
    run_id: int | None = None  # of a run that is recorded already
    media_path: Path | None = None  # for pictures, which only exports of this program have
    result: ImportResult = field(default_factory=ImportResult)
    _used: set[str] = field(default_factory=set)  # keys of `slugs` that the files have

    def run(self, files: Sequence[Path], progress: Progress) -> ImportResult:
        """Import the files, and show how many of their comments are stored."""
        with Staging() as staging:
            for file in files:
                records = READERS[self.source.system](file, self.options)
                staging.add(records, self._leave_out)
            staging.order()
            with progress(staging.count_comments()) as advance:
                self._store(staging, advance)
        for key in sorted(self.slugs.keys() - self._used):
            self.result.reasons[f"The map names “{key}”, and no file has such a page."] += 1
        return self.result

    def _leave_out(self, entry: LeftOut) -> None:
        self.result.reasons[entry.reason] += 1
        self._note("comment", entry.source_id, "left out", "", entry.reason)

    def _store(self, staging: Staging, advance: Advance) -> None:
        if self.is_dry_run:
            self._preview(staging, advance)
            if self.run_id is not None:
                self._finish(self.run_id)
            return
        run_id = self.run_id
        if run_id is None:
            with transaction():
                run_id = exchange_services.start_run(self.source.system, by=self.by)
        current, stored = None, None
        with PageTexts(self._needs_text) as texts:
            batches = texts.start_reading(staging.iter_batches())
            for page, comments in convert_batches(batches, staging.count_comments()):
                if page is not current:
                    has_comments = bool(comments)
                    stored = self._store_page(page, texts, run_id, has_comments=has_comments)
                    current = page
                if comments:
                    self._store_batch(comments, stored, run_id)
                    advance(len(comments))
        self._finish(run_id)

    def _needs_text(self, batch: Batch) -> bool:
        page, comments = batch
        return exchange_services.needs_text(
            page, self.source, self._find_slug(page), has_comments=bool(comments)
        )

    def _finish(self, run_id: int) -> None:
        outcomes = self.result.outcomes.items()
        counts = {
            f"{kind}_{outcome.replace(' ', '_')}": count for (kind, outcome), count in outcomes
        }
        if self.is_dry_run:
            counts["letter_draft"] = self.result.draft_count
        with transaction():
            exchange_services.finish_run(run_id, counts, by=self.by)

    def _store_page(
        self, page: SourcePage, texts: PageTexts, run_id: int, *, has_comments: bool
    ) -> StoredPage | None:
        slug = self._find_slug(page)
        try:
            text = texts.take()
            with transaction():
                stored = exchange_services.store_page(
                    page,
                    self.source,
                    run_id,
                    text=text,
                    slug=slug,
                    has_comments=has_comments,
                    by=self.by,
                )
        except SiteError as error:
            reason = error.message % error.details
            self.result.reasons[reason] += 1
            kind = self._name_kind(page, slug, has_comments=has_comments)
            self._note(kind, page.source_id, "left out", "", reason)
            return None
        self.result.reasons.update(stored.remarks)
        kind = "page" if stored.page_id else "letter"
        self._note(
            kind,
            page.source_id,
            "taken" if stored.is_new else "there already",
            f"{kind}:{stored.page_id or stored.letter_id}",
            " ".join(stored.remarks),
        )
        return stored

    def _name_kind(self, page: SourcePage, slug: str | None, *, has_comments: bool) -> str:
        is_page = exchange_services.is_site_page(page, slug, has_comments=has_comments)
        return "page" if is_page else "letter"

    def _store_batch(
        self, batch: Sequence[StagedComment], stored: StoredPage | None, run_id: int
    ) -> None:
        if stored is None or stored.letter_id is None:
            for one in batch:
                self._leave_out(LeftOut(one.source_id, "Its page could not be imported."))
            return
        with transaction(gives_way=True):
            results = exchange_services.store_comments(
                batch,
                stored.letter_id,
                self.source,
                run_id,
                rules_version=self.rules_version,
                encryption=self.encryption,
                by=self.by,
            )
        for result in results:
            self._note_comment(result)

    def _note_comment(self, result: StoredComment) -> None:
        remarks = " ".join(result.remarks)
        if result.comment_id is None:
            self._note("comment", result.source_id, "there already", "", remarks)
            return
        self.result.states[result.state] += 1
        outcome = "changed" if remarks else "taken"
        self.result.reasons.update(result.remarks)
        # A dry run gives a comment no id.
        target = f"comment:{result.comment_id}" if result.comment_id else ""
        self._note("comment", result.source_id, outcome, target, remarks)

    def _preview(self, staging: Staging, advance: Advance) -> None:
        """Report what an import would do, without what only this site's database tells."""
        current = None
        for page, batch in convert_batches(staging.iter_batches(), staging.count_comments()):
            if page is not current:
                current = page
                slug = self._find_slug(page)
                kind = self._name_kind(page, slug, has_comments=bool(batch))
                reason = exchange_services.find_draft_reason(page)
                if kind == "letter" and slug is None and reason:
                    self._note_draft(page.source_id, page.title, reason)
                else:
                    self._note(kind, page.source_id, "taken", slug or "", "")
            for one in batch:
                state = exchange_services.STATES[one.status].value
                self._note_comment(StoredComment(one.source_id, 0, state, one.remarks))
            advance(len(batch))

    def _note_draft(self, source_id: str, title: str, reason: str) -> None:
        """Note in a dry run that a letter would become a draft, with its title as the letter would have it."""
        title = clean_line(title)
        self.result.draft_count += 1
        if len(self.result.draft_titles) < MAX_TITLES:
            self.result.draft_titles.append(title)
        if reason:
            self.result.reasons[reason] += 1
        self._note("letter", source_id, "taken", DRAFT_TARGET + title, reason)

    def _find_slug(self, page: SourcePage) -> str | None:
        self._used.update({page.source_id, page.address} & self.slugs.keys())
        named = self.slugs.get(page.source_id) or self.slugs.get(page.address)
        if named or self.source.system is not System.ANNOTATIONS:
            return named
        # Annotations of a letter name its own address, or the one that it had in another system.
        return exchange_services.find_annotated_letter(page.address)

    def _note(self, kind: str, source_id: str, outcome: str, target: str, remarks: str) -> None:
        self.result.outcomes[kind, outcome] += 1
        self.report(kind, source_id, outcome, target, remarks)


def read_map(path: Path) -> dict[str, str]:
    """Read a CSV file of old address (or page id) and slug of the letter. Raises Invalid on any other row."""
    slugs = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if not row:
                continue
            if len(row) != 2:
                msg = "Line %(line)d of the map has %(count)d columns. It needs two: the old address, and the address of the letter."
                raise Invalid(msg, line=number, count=len(row))
            slugs[row[0].strip()] = row[1].strip().rstrip("/").rpartition("/")[2]
    return slugs


@contextmanager
def write_report(path: Path) -> Iterator[Report]:
    """Write the outcome of every row to a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "source_id", "outcome", "target", "remarks"])

        def report(kind: str, source_id: str, outcome: str, target: str, remarks: str) -> None:
            writer.writerow(
                [kind, escape_csv_cell(source_id), outcome, target, escape_csv_cell(remarks)]
            )

        yield report
