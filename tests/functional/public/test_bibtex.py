"""Titles and names with the special characters of BibTeX survive two readers of it."""

import bibtexparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from commentsite.letters.citations.formats import (
    CitableVersion,
    format_bibtex,
    format_csl_json,
    format_ris,
)
from tests.support.citations import decode_latex, make_work

SPECIAL = ["{", "}", "{{}", "}{", "\\", "\\{", "%", "#", "$", "_", "&", "~", "^", '"', "@", "\\\\}"]


def read_with_bibtexparser(text):
    parser = bibtexparser.bparser.BibTexParser(common_strings=True)
    entries = bibtexparser.loads(text, parser).entries
    assert len(entries) == 1
    return entries[0]


def read_with_pybtex(text):
    database = parse_string(text, "bibtex")
    assert len(database.entries) == 1
    return next(iter(database.entries.values()))


def assert_read_back(work: CitableVersion):
    text = format_bibtex(work)
    entry, other = read_with_bibtexparser(text), read_with_pybtex(text)
    assert decode_latex(entry["title"]) == decode_latex(other.fields["title"]) == work.title
    assert decode_latex(entry["howpublished"]) == work.publisher
    assert decode_latex(other.fields["howpublished"]) == work.publisher
    assert entry["url"] == other.fields["url"] == work.url
    assert [decode_latex(name) for name in entry["author"].split(" and {")] == list(work.authors)
    # A name in braces is never split into first and last names.
    assert [decode_latex("".join(person.last_names)) for person in other.persons["author"]] == list(
        work.authors
    )


@pytest.mark.parametrize("special", SPECIAL)
def test_a_special_character_in_any_field_is_read_back(special):
    assert_read_back(
        make_work(
            title=f"On {special} and others",
            authors=(f"Group {special}", "Smith, Jr.", "Women in Law"),
            publisher=f"Press {special}",
        )
    )


readable = st.text(
    st.one_of(st.sampled_from('{}\\%#$_&~^"@ ab'), st.characters(categories=["L", "N"])),
    min_size=1,
).map(lambda text: " ".join(text.split())).filter(bool)  # fmt: skip


@given(readable, readable)
def test_any_title_and_publisher_are_read_back(title, publisher):
    work = make_work(title=title, publisher=publisher)
    entry = read_with_bibtexparser(format_bibtex(work))
    other = read_with_pybtex(format_bibtex(work))
    assert decode_latex(entry["title"]) == decode_latex(other.fields["title"]) == work.title


def test_an_address_is_written_once_and_as_it_is():
    url = "https://letters.example/letters/a_b~c%20d/versions/1?x=1&y=#p"
    entry = read_with_bibtexparser(format_bibtex(make_work(url=url)))
    assert entry["url"] == url
    assert format_bibtex(make_work(url=url)).count(url) == 1
    hostile = "https://letters.example/{x}\\"
    assert read_with_pybtex(format_bibtex(make_work(url=hostile))).fields["url"] == (
        "https://letters.example/%7Bx%7D%5C"
    )


def test_line_breaks_do_not_end_a_field_of_ris():
    work = make_work(title="First\r\nER  - \u2028TI  - Second", occasion="One\n\n\ttwo\x0b")
    lines = format_ris(work).split("\r\n")
    assert [line[:6] for line in lines[:-1]].count("ER  - ") == 1
    assert "TI  - First ER - TI - Second" in lines
    assert "N1  - One two" in lines
    assert "\n" not in format_ris(work).replace("\r\n", "")


def test_a_name_in_csl_json_is_never_split():
    work = make_work(authors=("Ada de la Reader", "Women in Law"))
    assert '"literal": "Ada de la Reader"' in format_csl_json(work)
    assert "family" not in format_csl_json(work)
