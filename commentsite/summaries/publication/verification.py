"""Compare the published versions of records of positions with the audit log."""

from commentsite.audit.queries import list_entries_about
from commentsite.summaries.publication import queries
from commentsite.summaries.report.serialisation import hash_document


def find_changed_versions() -> list[str]:
    """Return a sentence for each version that is not the one in the log.

    A version came there when it was published, or when it was imported from another site.
    The content of a version from which an erased comment was taken out has another hash, so only
    the stored hash of such a version is compared.
    """
    problems = []
    for letter_id, versions in queries.iterate_versions_by_letter():
        logged = {
            entry.details["version"]: entry.details["sha256"]
            for entry in list_entries_about(f"letter:{letter_id}")
            if entry.action in {"summary.published", "summary.imported"}
        }
        for version in versions:
            is_changed = version.erased_at is None and (
                hash_document(version.content, version.contributors) != version.sha256
            )
            if is_changed or logged.get(version.number) != version.sha256:
                problems.append(
                    f"Version {version.number} of the record of positions of letter {letter_id} is "
                    "not the version that was published."
                )
    return problems
