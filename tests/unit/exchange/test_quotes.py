"""A quotation finds the paragraph that it is from."""

import pytest

from commentsite.exchange.importers.records import Quote
from commentsite.exchange.quotes import Paragraph, QuoteFinder

FINDER = QuoteFinder(
    [
        Paragraph(
            "one", "The road is closed. Nobody told the bus company, and the road is closed."
        ),
        Paragraph("two", "The road is closed for a week, and the bus goes round by the mill."),
        Paragraph("zh", "公路封闭了，没有人通知公交公司，因此公共汽车绕道而行。"),
        Paragraph("ar", "الطريق مغلق منذ أسبوع، ولم يخبر أحد شركة الحافلات بذلك."),
    ]
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        (Quote("for a week"), ["two"]),
        (Quote("The road is closed", suffix=" for a week"), ["two"]),
        (Quote("the road is closed", prefix="company, and "), ["one"]),
        (Quote("  NOBODY  told\nthe bus company "), ["one"]),
        (Quote("Nobody informed the bus company, and the road is closed."), []),
        (Quote("Nobody told the bus companies, and the road is closed."), ["one"]),
        (Quote("没有人通知公交公司"), ["zh"]),
        (Quote("没有人通知过公交公司，因此公共汽车绕道而行"), ["zh"]),
        (Quote("ولم يخبر أحد شركة الحافلات"), ["ar"]),
        (Quote("Words that stand nowhere in this letter at all."), []),
        (Quote("bus stop"), []),
        (Quote(""), []),
        (
            Quote(
                "The road is closed. Nobody told the bus company, and the road is closed."
                " The road is closed for a week, and the bus goes round by the mill."
            ),
            ["one", "two"],
        ),
    ],
)
def test_a_quotation_finds_its_paragraph_or_none(quote, found):
    assert FINDER.find(quote) == found


def test_quotation_marks_and_dashes_of_another_kind_do_not_matter():
    finder = QuoteFinder([Paragraph("p", "They said “no” – and don’t ask.")])
    assert finder.find(Quote('They said "no" - and don\'t ask.')) == ["p"]
