"""The remarks of readers. They are defined one package up, because drafts and tables carry them."""

from commentsite.letters.remarks import ImportRemark, RemarkKind

__all__ = ["ImportRemark", "RemarkKind"]
