"""Describe remarks of an import in sentences."""

from commentsite.letters.remarks import ImportRemark


def describe_remark(remark: ImportRemark) -> str:
    """Return a sentence for the editor."""
    return f"{remark.kind} ({remark.count}): {remark.words}"
