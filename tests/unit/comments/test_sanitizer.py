"""Comments become safe HTML within size limits."""

import pytest

from commentsite.comments.sanitizer import render_comment_html
from commentsite.text.plain_text import clean_line
from tests.support.limits import limited_cpu

HOSTILE = [
    "<",
    "*a ",
    "[",
    "[[a](b)",
    "> ",
    "- ",
    "1. ",
    "`",
    "&a",
    "a.",
    "\n\nx",
    "http://a.com/ ",
    "- a\n",
    "> a\n",
    "**a",
    "_a_ ",
    "www.a.com ",
    "<b>",
    "![",
    "\\",
    "a@b.co ",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_text_of_the_longest_size_grows_beyond_bounds(pattern):
    with limited_cpu():  # bench/ measures the real limit of 250 ms
        out = render_comment_html((pattern * 10_000)[:10_000])
    assert len(out) <= 64_000


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "<img src=x onerror=alert(1)>",
        "[x](data:text/html,a)",
        "![x](http://a.example/i.png)",
        "[x](//evil.example)",
        "' onmouseover=alert(1)",
        "</textarea><svg onload=alert(1)>",
    ],
)
def test_no_markup_becomes_active(text):
    out = render_comment_html(text).lower()
    for tag in (
        "<script",
        "<img",
        "<svg",
        "<textarea",
        'href="javascript',
        'href="data',
        'href="//',
    ):
        assert tag not in out


def test_a_link_without_a_target_becomes_its_text():
    assert render_comment_html("[]()") == "<p></p>"
    assert render_comment_html("[words]() and [more](https://a.example/)").startswith(
        "<p>words and <a"
    )


def test_simple_markdown_is_rendered_and_links_show_their_host():
    out = render_comment_html("*a* **b** [click](https://evil.example/x)\n\n> q\n\n- l\n\n`c`")
    for part in (
        "<em>a</em>",
        "<strong>b</strong>",
        "(evil.example)",
        "<blockquote>",
        "<li>",
        "<code>c</code>",
        "nofollow ugc noopener",
    ):
        assert part in out


def test_a_name_loses_invisible_characters_and_keeps_the_joiners_it_needs():
    assert clean_line("Ad\u200bmin\u202e\nX") == "Admin X"
    assert clean_line("نمی\u200cدانم") == "نمی\u200cدانم"
