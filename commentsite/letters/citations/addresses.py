"""The addresses at which cited documents can be read."""

import re
from urllib.parse import quote

# The World Summit on the Information Society published its documents under addresses without their symbols.
_ADDRESSES = {
    "WSIS-03/GENEVA/DOC/4-E": "https://www.itu.int/net/wsis/docs/geneva/official/dop.html",
    "WSIS-03/GENEVA/DOC/5-E": "https://www.itu.int/net/wsis/docs/geneva/official/poa.html",
    "WSIS-05/TUNIS/DOC/6(Rev.1)-E": "https://www.itu.int/net/wsis/docs2/tunis/off/6rev1.html",
    "WSIS-05/TUNIS/DOC/7-E": "https://www.itu.int/net/wsis/docs2/tunis/off/7.html",
}
_RFC = re.compile(r"RFC (\d{3,5})")
_UNITED_NATIONS = re.compile(r"(?:A|E|S|CCPR|CRC|HRC|TD/B|GC)/[\w./()-]+")


def find_document_url(symbol: str) -> str:
    """Return the address of a document by its symbol, or an empty string if it is not known."""
    if symbol in _ADDRESSES:
        return _ADDRESSES[symbol]
    rfc = _RFC.fullmatch(symbol)
    if rfc:
        return f"https://www.rfc-editor.org/rfc/rfc{int(rfc[1])}"
    if _UNITED_NATIONS.fullmatch(symbol):
        return f"https://docs.un.org/en/{quote(symbol, safe='/()')}"
    return ""
