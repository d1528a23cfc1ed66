"""The end of a sentence, in the scripts of the world."""

import re

# The end of a sentence in the scripts of the world, and the quotation marks and brackets after it. A
# closing quotation mark alone ends a sentence too. A bracket alone does not: "Anna (Berlin)". The
# semicolon is the Greek question mark, and ends the items of an enumeration.
_SENTENCE_END = re.compile(
    "(?:[.!?;…\u0589\u061b\u061f\u06d4\u0700-\u0702\u0964\u0965\u0df4\u0e5a\u0e5b\u0f0d\u0f0e"
    "\u104a\u104b\u1362\u1367\u1368\u166e\u17d4\u17d5\u1803\u1809\u1c7e\u1c7f\u2047-\u2049"
    "\u3002\ufe52\ufe56\ufe57\uff01\uff0e\uff1f\uff61][)\\]}）］｝】〕]*"
    "|[”»’›\"'」』》〉])[)\\]}）］｝】〕”»’›\"'」』》〉\\s]*$"
)


def ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence does."""
    return bool(_SENTENCE_END.search(text))
