"""Links in texts from readers are not clickable in an email: linkify-it finds none."""

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
        ("http://localhost/x or (a)//localhost", "hxxp[:][//]localhost/x or (a)[//]localhost"),
    ],
)  # fmt: skip
def test_links_are_rewritten_and_other_text_is_not(typed, read):
    assert defang_links(typed) == read


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_no_clickable_link_is_left(typed):
    found = FINDER.match(defang_links(typed)) or []
    assert [match.url for match in found] == []
