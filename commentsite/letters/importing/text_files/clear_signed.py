"""Text with an OpenPGP signature around it (RFC 9580, section 7)."""

import re

from commentsite.letters.importing.markdown.tree import Collector
from commentsite.letters.remarks import RemarkKind

_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----\n"
_SIGNATURE = "\n-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"
_HASHES = re.compile(r"(?:[A-Za-z-]{1,30}:.*\n)*\s*\n")


def take_signature(text: str, collector: Collector) -> str:
    """Return the text that is signed, with the text around it. The signature is named in a remark."""
    before, begin, rest = text.partition(_BEGIN)
    if before and not before.endswith("\n"):
        return text
    signed, _, rest = rest.partition(_SIGNATURE)
    signature, end, after = rest.partition(_END)
    hashes = _HASHES.match(signed)
    if not begin or not end or not hashes:
        return text
    collector.add_remark(RemarkKind.ATTACHMENTS, f"{_SIGNATURE}{signature}{end}")
    # A dash and a space are put before each line that begins with a dash.
    body = re.sub(r"^- ", "", signed[hashes.end() :], flags=re.MULTILINE)
    return f"{before}{body}{after}"
