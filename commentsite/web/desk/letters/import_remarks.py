"""Describe the remarks of an import in sentences, for the editor and for the command line."""

from collections.abc import Callable
from dataclasses import replace

from commentsite.letters.remarks import ImportRemark, RemarkKind, TrackedChange
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.language_names import get_translated_name

_COUNTED: dict[RemarkKind, Callable[[int], str]] = {
    RemarkKind.TRACKED_CHANGES: lambda count: ngettext(
        "%(num)d tracked change accepted", "%(num)d tracked changes accepted", count
    ),
    RemarkKind.REVIEW_COMMENTS: lambda count: ngettext(
        "%(num)d review comment left out", "%(num)d review comments left out", count
    ),
    RemarkKind.PICTURES: lambda count: ngettext(
        "%(num)d picture left out", "%(num)d pictures left out", count
    ),
    RemarkKind.UNDESCRIBED_PICTURES: lambda count: ngettext(
        "%(num)d picture needs a description", "%(num)d pictures need a description", count
    ),
    RemarkKind.MAIL_HEADERS: lambda count: ngettext(
        "%(num)d line of mail headers left out", "%(num)d lines of mail headers left out", count
    ),
    RemarkKind.QUOTED_MAIL: lambda count: ngettext(
        "%(num)d quoted mail left out", "%(num)d quoted mails left out", count
    ),
    RemarkKind.ATTACHMENTS: lambda count: ngettext(
        "%(num)d attachment left out", "%(num)d attachments left out", count
    ),
    RemarkKind.PAGE_FURNITURE: lambda count: ngettext(
        "%(num)d part of the page around the letter left out",
        "%(num)d parts of the page around the letter left out",
        count,
    ),
    RemarkKind.JOINED_LINES: lambda count: ngettext(
        "%(num)d word joined that a hyphen had divided",
        "%(num)d words joined that a hyphen had divided",
        count,
    ),
    RemarkKind.UNKNOWN_FIELDS: lambda count: ngettext(
        "%(num)d field of the file not used", "%(num)d fields of the file not used", count
    ),
    RemarkKind.OBJECTS: lambda count: ngettext(
        "%(num)d formula, drawing or embedded file left out",
        "%(num)d formulas, drawings or embedded files left out",
        count,
    ),
    RemarkKind.EMPTY_ITEMS: lambda count: ngettext(
        "%(num)d number without text left out", "%(num)d numbers without text left out", count
    ),
    RemarkKind.MERGED_CELLS: lambda count: ngettext(
        "Table with merged cells: %(num)d cell left empty",
        "Table with merged cells: %(num)d cells left empty",
        count,
    ),
    RemarkKind.OTHER: lambda count: ngettext(
        "%(num)d other change to check", "%(num)d other changes to check", count
    ),
}


def describe_remark(remark: ImportRemark) -> str:
    """Return the remark in a sentence, without the words that it is about."""
    if remark.kind == RemarkKind.HIDDEN_TEXT:
        count = len(remark.words.split()) or remark.count
        return str(
            ngettext(
                "Hidden text left out: %(num)d word", "Hidden text left out: %(num)d words", count
            )
        )
    if remark.kind == RemarkKind.MOVED_TO_NOTE:
        return str(_("The text before the salutation was moved to the editor’s note"))
    if remark.kind == RemarkKind.ENCODING:
        return str(
            _(
                "The file does not state its encoding and was read as %(encoding)s. "
                "Check letters with accents and quotation marks",
                encoding=remark.words,
            )
        )
    if remark.kind == RemarkKind.LANGUAGE:
        if name := get_translated_name(remark.words):
            return str(_("The text seems to be in %(language)s", language=name))
        return str(_("The language of the text is not sure"))
    return str(_COUNTED[remark.kind](remark.count))


def describe_pictures_remark(remark: ImportRemark, remaining: int) -> str:
    """Return the sentence about pictures without a description, of which some may have got one."""
    if remaining:
        return describe_remark(replace(remark, count=remaining))
    return str(
        ngettext(
            "%(num)d picture had no description in the file",
            "%(num)d pictures had no description in the file",
            remark.count,
        )
    )


def describe_words(remark: ImportRemark) -> str:
    """Return the words that the remark is about, one part a line, or ''.

    Tracked changes say of each part whether it was deleted, inserted or moved.
    """
    if remark.kind == RemarkKind.LANGUAGE:
        return ""
    if remark.kind == RemarkKind.TRACKED_CHANGES:
        return "\n".join(map(_describe_change, remark.words.splitlines()))
    return remark.words


def _describe_change(line: str) -> str:
    mark, _space, words = line.partition(" ")
    if mark == TrackedChange.DELETED:
        return str(_("Deleted: %(words)s", words=words))
    if mark == TrackedChange.INSERTED:
        return str(_("Inserted: %(words)s", words=words))
    if mark == TrackedChange.MOVED:
        return str(_("Moved: %(words)s", words=words))
    return line
