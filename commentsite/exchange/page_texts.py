"""Read the texts of pages in another thread.

A text is read in a child process of its own, which takes a fifth of a second to start. That of the next page is read
while the comments of the page before are stored, and before the transaction that stores the page.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from commentsite.exchange.conversion import Batch
from commentsite.exchange.importers.records import SourcePage
from commentsite.exchange.services import read_page_text
from commentsite.letters.draft import LetterDraft


class PageTexts:
    """The text of the page that comes next. Use it as a context manager: the end stops the thread."""

    def __init__(self, is_needed: Callable[[Batch], bool]) -> None:
        self._is_needed = is_needed
        self._thread = ThreadPoolExecutor(1)
        self._page: SourcePage | None = None
        self._text: Future[LetterDraft] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()

    def start(self, batch: Batch) -> None:
        """Begin to read the text of the page of a batch, unless it is being read or nothing needs it."""
        page = batch[0]
        if page is self._page:
            return
        self._page, self._text = page, None
        if self._is_needed(batch):
            self._text = self._thread.submit(read_page_text, page)

    def take(self, batch: Batch) -> LetterDraft | None:
        """Return the text of the page, None if nothing needs it. Raises Invalid on a text that cannot be read."""
        self.start(batch)
        return self._text.result() if self._text else None
