"""Compare the published versions of records of positions with the audit log."""

from commentsite.audit.queries import list_entries_about
from commentsite.encryption import Encryption
from commentsite.summaries.models import SummaryVersion
from commentsite.summaries.publication import queries
from commentsite.summaries.publication.withholding import read_original
from commentsite.summaries.report.serialisation import hash_document


def find_changed_versions(encryption: Encryption) -> list[str]:
    """Return a sentence for each version that is not the one in the log.

    A version came there when it was published, or when it was imported from another site. Of a
    version with redacted words, the encrypted original is compared. The content of a version from
    which an erased comment was taken out has another hash, so only its stored hash is compared.
    """
    problems = []
    for letter_id, versions in queries.iterate_versions_by_letter():
        logged = {
            entry.details["version"]: entry.details["sha256"]
            for entry in list_entries_about(f"letter:{letter_id}")
            if entry.action in {"summary.published", "summary.imported"}
        }
        for version in versions:
            is_changed = _is_changed(version, encryption)
            if is_changed or logged.get(version.number) != version.sha256:
                problems.append(
                    f"Version {version.number} of the record of positions of letter {letter_id} is "
                    "not the version that was published."
                )
    return problems


def _is_changed(version: SummaryVersion, encryption: Encryption) -> bool:
    original = read_original(version, encryption)
    if version.erased_at is not None or original is None:
        return False
    return hash_document(original.content, version.contributors, original.salt) != version.sha256
