"""Take the words of erased and of redacted comments out of published versions, in the database too.

Readers never see such words: every page and file leaves them out as soon as they are hidden (see
compilation.removals). The worker then takes them out of the stored version:

- those of an erased comment for good, with its author and with the salt of the hash;
- those that a moderator redacted for as long as they are redacted. The version as it was published
  is stored encrypted meanwhile, like the text of the comment itself.

The words of a comment that was withdrawn or removed, and not erased, stay as long as the comment
has them. The hash of a version stays that of the version as it was published.
"""

import json
from typing import Any, NamedTuple

from commentsite.encryption import Encryption
from commentsite.summaries.compilation.removals import (
    hash_redactions,
    list_redacted_texts,
    mask_contributors,
    mask_report,
)
from commentsite.summaries.models import SummaryVersion
from commentsite.summaries.publication import queries
from commentsite.summaries.report.content import Report
from commentsite.summaries.report.serialisation import (
    convert_report,
    pack_contributors,
    read_contributors,
    read_report,
)


class Original(NamedTuple):
    """The content and the salt of a version, with the words that are redacted."""

    content: dict[str, Any]
    salt: str


def read_original(version: SummaryVersion, encryption: Encryption) -> Original | None:
    """Return a version as it was published, without erased words. None if its key is missing."""
    if version.original_sealed is None:
        return Original(version.content, version.salt)
    opened = encryption.decrypt(version.original_sealed)
    return Original(**json.loads(opened)) if opened is not None else None


def withhold_words(version_id: int, encryption: Encryption) -> int:
    """Store a version without the words that are erased or redacted. Return 1, which the worker adds up.

    Words that are no longer redacted are put back, unless the encryption key of the site is missing.
    """
    version = queries.lock_version(version_id)
    original = read_original(version, encryption)
    content, salt = original or Original(version.content, "")
    report = read_report(content)
    erased = queries.map_erased_comments([letter.id for letter in report.letters])
    checked_at = version.erased_at or version.published_at
    is_erased = any(moment > checked_at for moment in erased.values())
    if is_erased:
        report = mask_report(report, erased.keys())
        content, salt = convert_report(report), ""
        contributors = mask_contributors(read_contributors(version.contributors), erased.keys())
        version.contributors = pack_contributors(contributors)
        version.erased_at = max(erased.values())
    redacted = list_redacted_texts(report)
    shown = mask_report(report, frozenset(), redacted)
    version.redactions_hash = hash_redactions(redacted)
    if original is not None or is_erased:
        version.original_sealed = _seal(Original(content, salt), report, shown, encryption)
    is_whole = shown == report
    version.content = content if is_whole else convert_report(shown)
    version.salt = salt if is_whole else ""
    return 1


def _seal(
    original: Original, report: Report, shown: Report, encryption: Encryption
) -> bytes | None:
    if shown == report:
        return None
    return encryption.encrypt(json.dumps(original._asdict(), ensure_ascii=False))
