"""A printed link whose text is its address does not repeat the address."""

import pytest

from commentsite.web.rendering.filters import mark_bare_links


@pytest.mark.parametrize(
    ("link", "is_bare"),
    [
        ('<a href="https://example.org/a">https://example.org/a</a>', True),
        ('<a href="https://example.org/a%20b" rel="nofollow">https://example.org/a b</a>', True),
        ('<a href="https://example.org/?a=1&amp;b">https://example.org/?a=1&amp;b</a>', True),
        ('<a rel="nofollow" href="http://www.example.org/">www.example.org</a>', True),
        ('<a href="https://example.org/a">the record</a>', False),
        ('<a href="https://example.org/a">https://example.org/b</a>', False),
        ('<a href="#p-a">[1]</a>', False),
    ],
)
def test_only_a_link_that_shows_its_address_is_marked(link, is_bare):
    assert ('class="bare"' in mark_bare_links(f"<p>{link}</p>")) == is_bare
