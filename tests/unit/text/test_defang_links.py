"""A link typed by a person is not recognised as a link in a message by linkify-it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from commentsite.text.links import defang_links

FINDER = LinkifyIt(options={"fuzzy_ip": True})
PIECES = st.sampled_from(
    ["http", "https", "HTTP", "ftp", "mailto", "tel", ":", "//", "\\\\", "www", ".", "..", "@", "a", "ab",
     "example", "org", "com", "xn--p1ai", "рф", "bücher", "192.0.2.1", "/", "?q=", "#", " ", "\n", "-", "_",
     "(", ")", "[", "]", "<", ">", "“", "\u200b", "\u00ad", "．", "1", ":80", "localhost"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("https://example.org/x.html", "hxxps[:]//example[.]org/x[.]html"),
        ("See example.org, or mail a@b.example.", "See example[.]org, or mail a@b[.]example."),
        ("mailto:a@b.example", "mailto[:]a@b[.]example"),
        ("//evil.example/x", "[//]evil[.]example/x"),
        (r"\\server\share", r"[//]server\share"),
        ("Three days, e.g. from 9.30 on; rule 4.2: no.", "Three days, e.g. from 9.30 on; rule 4.2: no."),
        ("Is 10:30 fine?", "Is 10:30 fine?"),
    ],
)  # fmt: skip
def test_links_are_taken_apart_and_prose_is_left(typed, read):
    assert defang_links(typed) == read


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_nothing_is_found_that_could_be_pressed(typed):
    found = FINDER.match(defang_links(typed)) or []
    assert [match.url for match in found] == []
