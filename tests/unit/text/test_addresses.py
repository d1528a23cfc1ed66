"""The desk marks an address in a comment up to where readers see the link end."""

import re
from html import unescape

import pytest

from commentsite.comments.sanitizer import render_comment_html
from commentsite.text.markdown import find_links


@pytest.mark.parametrize(
    "text",
    [
        "See https://example.org/a_b_c。",
        "(https://example.org/wiki/A_(b)), as they say",
        "HTTP://example.org/page的 and more",
        "https://example.org/a、https://example.org/b",
        "*https://example.org/x*",
        "انظر https://example.org/سياسة، ثم",
    ],
)
def test_the_desk_and_the_page_end_a_link_at_the_same_place(text):
    shown = [
        unescape(link) for link in re.findall(r"<a [^>]*>(.*?)</a>", render_comment_html(text))
    ]
    assert [text[start:end] for start, end in find_links(text)] == shown


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("www.example.org/a_b。", ["www.example.org/a_b"]),
        ("http:// and http://[", ["http://", "http://"]),
        ("xhttps://a.example/", ["https://a.example/"]),
    ],
)
def test_an_address_that_readers_cannot_follow_counts_too(text, links):
    assert [text[start:end] for start, end in find_links(text)] == links
