"""Lists on paper have the same numbers as on the page."""

import io

import pytest
from pypdf import PdfReader
from weasyprint import HTML

from commentsite.web.rendering.print_lists import number_list_items


@pytest.mark.parametrize(
    ("page", "numbers"),
    [
        ("<ol><li>a</li><li>b</li></ol>", "1. 2."),
        ('<ol start="17"><li>a</li><li>b</li></ol>', "17. 18."),
        ('<ol start="5"><li value="5">a</li><li value="7">b</li><li>c</li></ol>', "5. 7. 8."),
        ('<ol><li>a</li><li value="1">b</li></ol>', "1. 1."),
        ('<ol start="0"><li>a</li><li>b</li></ol>', "0. 1."),
        ('<ol start="3"><li>a<ol start="9"><li>b</li></ol></li><li>c</li></ol>', "3. 9. 4."),
    ],
)
def test_items_have_their_numbers_in_the_pdf(page, numbers):
    pdf = HTML(string=number_list_items(page)).write_pdf()
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert sorted(part for part in text.split() if part[0].isdigit()) == sorted(numbers.split())


def test_a_page_without_such_lists_stays_as_it_is():
    page = "<ul><li>a</li></ul><ol><li>b</li></ol><p>c</p>"
    assert number_list_items(page) == page
