"""Remarks: what an importer left out, moved or changed, for the editor to read before publication.

Every word of the source either is in the letter, in the same order, or in a remark. A remark
carries the words, so that the editor can judge whether they were left out rightly. It never
becomes public.
"""

from dataclasses import dataclass
from enum import StrEnum


class RemarkKind(StrEnum):
    """Stored in the database and in the log, so a value never changes."""

    TRACKED_CHANGES = "tracked_changes"  # accepted: insertions kept, deletions left out
    REVIEW_COMMENTS = "review_comments"
    HIDDEN_TEXT = "hidden_text"
    PICTURES = "pictures"  # left out
    UNDESCRIBED_PICTURES = "undescribed_pictures"  # left out unless an editor describes them
    MAIL_HEADERS = "mail_headers"
    QUOTED_MAIL = "quoted_mail"
    ATTACHMENTS = "attachments"
    PAGE_FURNITURE = "page_furniture"  # running heads, page numbers, menus, a copied comment form
    JOINED_LINES = "joined_lines"  # words that a hyphen at a line end had divided
    MOVED_TO_NOTE = "moved_to_note"  # text before the salutation, now the editor's note
    UNKNOWN_FIELDS = "unknown_fields"  # of the front matter
    LANGUAGE = "language"  # detected, and not what the file or the form says
    OBJECTS = "objects"  # formulas, drawings, embedded files
    EMPTY_ITEMS = "empty_items"  # numbers that a word processor shows without any text
    MERGED_CELLS = "merged_cells"  # a table of a letter has empty cells instead
    ENCODING = "encoding"  # guessed, because the file does not state it
    OTHER = "other"


class TrackedChange(StrEnum):
    """The first character of each line of the words of TRACKED_CHANGES, then a space.

    The lines stand in the order of the document. Stored, so a value never changes.
    """

    DELETED = "−"
    INSERTED = "+"
    MOVED = "→"


@dataclass(frozen=True)
class ImportRemark:
    """One kind of change. `count` is in things of the kind, `words` is the text concerned."""

    kind: RemarkKind
    count: int = 1
    words: str = ""
