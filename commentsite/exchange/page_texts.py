"""Read the texts of pages in another thread.

A text is read in a child process of its own, which takes a fifth of a second to start. That of the next page is read
while the comments of the page before are converted and stored, and before the transaction that stores the page.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from commentsite.exchange.conversion import Batch
from commentsite.exchange.services import read_page_text
from commentsite.letters.draft import LetterDraft


class PageTexts:
    """The texts of the pages that come next. Use it as a context manager: the end stops the thread."""

    def __init__(self, is_needed: Callable[[Batch], bool]) -> None:
        self._is_needed = is_needed
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[LetterDraft] | None] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()

    def start_reading(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Yield the batches, and begin to read the text of each page, unless nothing needs it."""
        page = None
        for batch in batches:
            if batch[0] is not page:
                page = batch[0]
                text = None
                if self._is_needed(batch):
                    text = self._thread.submit(read_page_text, page)
                self._waiting.append(text)
            yield batch

    def take(self) -> LetterDraft | None:
        """Return the text of the first page that was not taken, None if nothing needs it.

        Raises Invalid on a text that cannot be read.
        """
        text = self._waiting.popleft()
        return text.result() if text else None
