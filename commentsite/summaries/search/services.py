"""Keep the search index of records of positions, and rebuild it with those of letters and comments."""

from collections.abc import Mapping
from typing import Any

from commentsite.comments import search
from commentsite.comments.search import REBUILD_BATCH, find_start
from commentsite.search import index
from commentsite.search.queries import is_complete
from commentsite.summaries.search import queries
from commentsite.summaries.search.texts import build_title, list_texts


def index_record(summary_id: int, content: Mapping[str, Any]) -> None:
    """Index a record by the titles of its letters, and by the words of its editors."""
    index.index_record(summary_id, build_title(content), "\n".join(list_texts(content)))


def start_rebuild() -> None:
    """Let `continue_rebuild` index every text again, in several transactions."""
    search.start_rebuild()
    index.save_progress(index.RECORDS, 0)


def is_index_outdated() -> bool:
    """Return whether texts are still to be indexed as the present version of the program does it."""
    return search.is_index_outdated() or not is_complete(index.RECORDS)


def continue_rebuild() -> int:
    """Index the next letters, comments or records of an outdated index. Return their number, 0 at the end."""
    return search.continue_rebuild() or _rebuild_records()


def _rebuild_records() -> int:
    last_id = find_start(index.RECORDS)
    if last_id is None:
        return 0
    records = queries.list_published_contents(after_id=last_id, limit=REBUILD_BATCH)
    end = records[-1][0] if records else None
    index.remove_range(index.RECORDS, last_id, end)
    for summary_id, content in records:
        index_record(summary_id, content)
    index.save_progress(index.RECORDS, end)
    return len(records)
