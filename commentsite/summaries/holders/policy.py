"""Rules for the holders of positions: which text they answered about, and when they are named."""

import unicodedata
from datetime import datetime
from hashlib import sha256

from commentsite.comments.states import QuoteConsent
from commentsite.summaries.models import PositionHolder
from commentsite.summaries.states import HolderKind, SignOff


def hash_position_text(title: str, body: str) -> str:
    """Return the SHA-256 of a position in NFC. White space that only moves lines changes nothing."""
    lines = (" ".join(unicodedata.normalize("NFC", text).split()) for text in (title, body))
    return sha256("\n".join(lines).encode()).hexdigest()


def is_outdated(holder: PositionHolder, text_hash: str) -> bool:
    """Return whether a holder answered about another text than the one with this hash."""
    return holder.sign_off != SignOff.NONE and holder.signed_hash != text_hash


def is_named(holder: PositionHolder, quote_as: QuoteConsent | None) -> bool:
    """Return whether the name of a holder may be printed.

    `quote_as` is the choice of the author of the comment that the holder was taken from, None without
    one. The answer that a person gives by their own link comes after that choice, and agrees to the
    name. It never overrides the wish only to be counted.
    """
    if holder.kind == HolderKind.GROUP:
        return True
    if holder.kind == HolderKind.ORGANISATION:
        return quote_as in {None, QuoteConsent.NAME}
    if quote_as == QuoteConsent.COUNT:
        return False
    return holder.is_name_agreed or quote_as == QuoteConsent.NAME


def is_answer_final(
    holder: PositionHolder, text_hash: str, last_published_at: datetime | None
) -> bool:
    """Return whether a version was published with the answer of a holder to this same text."""
    if holder.signed_at is None or last_published_at is None or is_outdated(holder, text_hash):
        return False
    return holder.signed_at <= last_published_at
