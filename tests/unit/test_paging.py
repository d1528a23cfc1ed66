"""Pages of a list: a page outside the range is the nearest one there is."""

import pytest

from commentsite.db.pagination import page_within
from commentsite.errors import NotFound, require_found
from commentsite.tokens import hash_token


@pytest.mark.parametrize(
    ("page", "total", "found"),
    [
        (1, 0, (1, 1)), (9, 0, (1, 1)), (1, 10, (1, 1)), (2, 10, (1, 1)), (2, 11, (2, 2)),
        (3, 11, (2, 2)), (0, 11, (1, 2)), (-5, 11, (1, 2)), (2, 30, (2, 3)),
    ],
)  # fmt: skip
def test_a_page_is_within_the_list(page, total, found):
    assert page_within(page, total, 10) == found


def test_a_row_that_is_missing_is_not_found():
    assert require_found(0, "There is none.") == 0
    with pytest.raises(NotFound) as missing:
        require_found(None, "There is none.")
    assert missing.value.message == "There is none."


def test_a_token_is_stored_as_its_sha256():
    assert hash_token("abc").startswith("ba7816bf8f01cfea")
