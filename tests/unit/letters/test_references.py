"""Cited documents are recognised in common spellings and several scripts."""

import pytest

from commentsite.letters.citations.references import (
    expand_numbers,
    find_references,
    get_document_title,
)

TUNIS = "WSIS-05/TUNIS/DOC/6(Rev.1)-E"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see the Tunis Agenda, para 60", [(TUNIS, "60")]),
        ("A/RES/70/125 para 65", [("A/RES/70/125", "65")]),
        ("A/RES/70/125, para 65, 2015", [("A/RES/70/125", "65")]),
        ("paragraphs 60 and 61 of the Tunis Agenda", [(TUNIS, "60"), (TUNIS, "61")]),
        (f"{TUNIS}, paras 67-69.", [(TUNIS, "67"), (TUNIS, "68"), (TUNIS, "69")]),
        ("RFC 7282 section 3, and RFC7942", [("RFC 7282", "3"), ("RFC 7942", "")]),
        ("E/CN.16/2018/CRP.3 and A/HRC/RES/20/8.", [("E/CN.16/2018/CRP.3", ""), ("A/HRC/RES/20/8", "")]),
        ("الفقرة 60 من برنامج عمل تونس", [(TUNIS, "60")]),
        ("突尼斯议程第60段", [(TUNIS, "60")]),
        ("п. 60 Тунисская программа", [(TUNIS, "60")]),
        ("( Tunis Agenda, para 60), and later ( para 61)", [(TUNIS, "60"), (TUNIS, "61")]),
        ("As said above (para 61).", []),
        ("Agenda de Tunis, paragraphe 71", [(TUNIS, "71")]),
        ("the Tunis Agenda (para. 34) and again the Tunis Agenda", [(TUNIS, "34")]),
        ("and/or, s/he, a/b1, e/mail2, 24/7, paragraph 60 of this letter", []),
    ],
)  # fmt: skip
def test_documents_and_places_are_found(text, found):
    assert [(r.symbol, r.paragraph) for r in find_references(text)] == found


def test_a_long_range_stays_a_range():
    assert expand_numbers("1-200") == ["1-200"]
    assert expand_numbers("60, 61 and 67–69") == ["60", "61", "67", "68", "69"]
    assert expand_numbers("٥٣ و٦٠–٦١") == ["53", "60", "61"]


def test_well_known_documents_have_a_title():
    assert get_document_title(TUNIS) == "Tunis Agenda for the Information Society"
    assert get_document_title("A/RES/1/1") == ""


def test_a_long_text_without_citations_takes_little_time():
    assert find_references("para " * 20_000 + "A/" * 20_000 + " 1, " * 20_000) == []
