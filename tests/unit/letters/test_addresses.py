"""Documents and licences that a letter names are linked to where they can be read."""

import pytest

from commentsite.letters.citations.addresses import find_document_url
from commentsite.letters.citations.licences import find_licence_url


@pytest.mark.parametrize(
    ("symbol", "address"),
    [
        ("RFC 6530", "https://www.rfc-editor.org/rfc/rfc6530"),
        ("A/RES/70/125", "https://docs.un.org/en/A/RES/70/125"),
        ("A/RES/217(III)", "https://docs.un.org/en/A/RES/217(III)"),
        ("WSIS-05/TUNIS/DOC/7-E", "https://www.itu.int/net/wsis/docs2/tunis/off/7.html"),
        ("WSIS-09/OTHER/DOC/1", ""),
        ("NETmundial Multistakeholder Statement", ""),
        ('A/"><script>', ""),
    ],
)
def test_the_address_of_a_document_follows_from_its_symbol(symbol, address):
    assert find_document_url(symbol) == address


@pytest.mark.parametrize(
    ("licence", "address"),
    [
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC BY-NC-SA 3.0", "https://creativecommons.org/licenses/by-nc-sa/3.0/"),
        ("cc by nd", "https://creativecommons.org/licenses/by-nd/4.0/"),
        ("Licence: CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("Terms at https://example.org/terms.", "https://example.org/terms"),
        ("All rights reserved", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_licence_is_linked_to_its_text(licence, address):
    assert find_licence_url(licence) == address
