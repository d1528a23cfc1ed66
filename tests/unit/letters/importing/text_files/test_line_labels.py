"""Numbered lines of a wrapped text are paragraphs of their own, and pages are joined rightly."""

import pytest

from commentsite.letters.importing.text_files.line_labels import find_labelled_lines
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.remarks import RemarkKind

LONG = "The members ask for a well in every street of the town, and for a list of"


@pytest.mark.parametrize(
    "labels",
    [
        "1.|3.|5.", "i.|ii.|iii.", "(iv)|(v)", "A.|B.|C.", "IV.|V.", "1.1|1.2|2.1", "Art. 1|Art. 2",
        "Article 4:|Article 5:", "1.|1bis.|1 ter.", "١.|٢.", "a)|b)", "а)|б)", "1)|2)", "§ 1|§ 2",
        "1、|2、", "一、|二、", "(1)|(2)", "2a.|2b.",
    ],
)  # fmt: skip
def test_each_label_of_a_series_begins_a_paragraph(labels):
    lines = [f"{label} {LONG}" for label in labels.split("|")]
    assert find_labelled_lines(lines) == set(range(len(lines)))
    document = read_plain_text("\n".join(["Wells", "", *lines]).encode())
    assert len(document.blocks) == len(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["1.5 million people", "3.7 million people"],
        ["12. Oktober", "words"],
        ["A. Berg", "T. Lund"],
        ["Resolution 70 says", "Resolution 125 says"],
        ["2019 was dry", "2020 was wet"],
    ],
)
def test_lines_that_begin_with_a_number_by_chance_are_no_series(lines):
    assert find_labelled_lines(lines) == set()


def test_a_word_that_the_end_of_a_page_divides_is_whole_again():
    text = f"Wells\n\n{LONG} the num-\n\n3\n\fWells\nber of streets.\n"
    document = read_plain_text(text.encode())
    assert document.blocks == (f"{LONG} the number of streets.",)
    words = "\n".join(r.words for r in document.remarks if r.kind == RemarkKind.JOINED_LINES)
    assert words == "number"


def test_a_sentence_with_the_words_of_the_title_or_a_page_is_no_running_head():
    text = (
        f"Wells\n\n{LONG} them.\n\n1\n\fWells of the town are dry, as Page 12 of the plan says.\n"
        "We ask for more.\n\n2\n\fTown Society, Wells\nThe end.\n"
    )
    document = read_plain_text(text.encode())
    public = "\n".join(document.blocks)
    assert "Wells of the town are dry, as Page 12 of the plan says." in public
    assert "Town Society" not in public
