"""A page elsewhere has one address here, whatever link led to it."""

import pytest

from commentsite.text.page_addresses import canonicalise_page_url, parse_origin


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://Blog.Example", "https://blog.example/"),
        ("https://blog.example:443/a#part", "https://blog.example/a"),
        ("http://blog.example:8080/a/", "http://blog.example:8080/a/"),
        ("https://blog.example/a?utm_source=x&b=2&fbclid=3&a=1", "https://blog.example/a?b=2&a=1"),
        ("https://blog.example/%7euser/%e4%B8", "https://blog.example/~user/%E4%B8"),
        ("https://blog.example/ü", "https://blog.example/%C3%BC"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
    ],
)
def test_an_address_has_one_form(url, canonical):
    assert canonicalise_page_url(url)[0] == canonical
    assert canonicalise_page_url(canonical)[0] == canonical


@pytest.mark.parametrize(
    "url",
    [
        "", "/a", "//blog.example/a", "javascript:alert(1)", "ftp://blog.example/",
        "https://user@blog.example/", "https://blog.example/a b", "https://blog.example/a\nb",
        "https://blog.example\\@evil.example/", "https://blog.example:99999/", "https://",
        "https://blog.example/" + "a" * 1000,
    ],
)  # fmt: skip
def test_anything_else_is_refused(url):
    with pytest.raises(ValueError, match=r"\w"):
        canonicalise_page_url(url)


def test_an_origin_is_written_as_browsers_write_it():
    assert parse_origin(" https://Blog.Example:443/ ") == "https://blog.example"
    for text in (
        "blog.example",
        "https://blog.example/a",
        "https://*.example",
        "null",
        "https://a b",
    ):
        with pytest.raises(ValueError, match=r"\w"):
            parse_origin(text)
