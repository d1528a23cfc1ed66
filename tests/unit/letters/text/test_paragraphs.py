"""A letter's Markdown becomes numbered paragraphs, and no word of it is lost."""

import re

import pytest

from commentsite.letters.text.paragraphs import parse_blocks

CLOSING = "\n\nThis is the last sentence of the letter."


def labels(source):
    return [block.label for block in parse_blocks(source) if block.number]


def words(source):
    return " ".join(block.text for block in parse_blocks(source))


@pytest.mark.parametrize(
    ("source", "label", "text"),
    [
        ("11. Some words here.", "11", "Some words here."),
        ("11) Some words here.", "11)", "Some words here."),
        ("007. Some words here.", "007", "Some words here."),
        ("11 bis. Some words here.", "11 bis", "Some words here."),
        ("11bis. Some words here.", "11bis", "Some words here."),
        ("4 quinquies) Some words here.", "4 quinquies)", "Some words here."),
        ("2.1. Some words here.", "2.1", "Some words here."),
        ("(2.1.3) Some words here.", "(2.1.3)", "Some words here."),
        ("**11.** Some words here.", "11", "Some words here."),
        ("*(b)* Some words here.", "(b)", "Some words here."),
        ("**11. Some** words here.", "11", "Some words here."),
        ("__iv) Some words__ here.", "iv)", "Some words here."),
        ("3a) Some words here.", "3a)", "Some words here."),
        ("3a. Some words here.", "3a", "Some words here."),
        ("(12) Some words here.", "(12)", "Some words here."),
        ("(b) Some words here.", "(b)", "Some words here."),
        ("b) Some words here.", "b)", "Some words here."),
        ("(iv) Some words here.", "(iv)", "Some words here."),
        ("iv. Some words here.", "iv", "Some words here."),
        ("xxxix) Some words here.", "xxxix)", "Some words here."),
        ("١٣. هذه فقرة من الرسالة.", "١٣", "هذه فقرة من الرسالة."),
        ("१३. यह एक अनुच्छेद है।", "१३", "यह एक अनुच्छेद है।"),
        ("Some words here. {no=IV}", "IV", "Some words here."),
        ("Some words here. {no=Annex 2}", "Annex 2", "Some words here."),
        ("Des mots ici. {lang=fr}{no=IV}", "IV", "Des mots ici."),
        ("Des mots ici. {no=IV} {lang=fr}", "IV", "Des mots ici."),
        ("11. Some words here. {no=XI}", "XI", "Some words here."),
    ],
)
def test_the_authors_number_is_the_label_and_leaves_the_text(source, label, text):
    first, _ = parse_blocks(source + CLOSING)
    assert (first.label, first.text, first.number) == (label, text, 1)
    assert first.language == ("fr" if "lang=fr" in source else "")


@pytest.mark.parametrize(
    "text",
    [
        "1989. Das war ein gutes Jahr.",
        "2024) was a year of change.",
        "A. Einstein wrote this.",
        "I. Newton wrote this.",
        "(A) is a capital letter in brackets.",
        "3.5 million people live here.",
        "2.1 Some words here.",
        "**11.**Some words here.",
        "111111111.111.111.111.111. Some words here.",
        "11th of March was the day.",
        "e.g. this is an abbreviation.",
        "(s)he may write to us.",
        "civ. is no number of a paragraph.",
        "mix. that well, please.",
        "No number {no=} here, nor {no=this label is far too long} here.",
    ],
)
def test_text_that_only_looks_like_a_number_stays(text):
    first, last = parse_blocks(text + CLOSING)
    assert (first.text, first.label, last.label) == (text, "1", "2")


@pytest.mark.parametrize(
    "source",
    [
        r"11\. So.",
        r"\(b) So.",
        r"(b\) So.",
        r"iv\. So.",
        r"So it is said here, in more words than a short line could have. \{no=3}",
    ],
)
def test_a_backslash_keeps_a_label_in_the_text(source):
    first, _ = parse_blocks(source + CLOSING)
    assert (first.text, first.label) == (source.replace("\\", ""), "1")


def test_each_item_of_a_list_with_empty_lines_is_a_paragraph_with_its_typed_number():
    source = "5. Five is here.\n\n7. Seven is here.\n\n    It goes on.\n\n    - with a list\n\n12. Twelve."
    blocks = parse_blocks(source)
    assert [(b.number, b.label) for b in blocks] == [(1, "5"), (2, "7"), (3, "12")]
    assert blocks[1].text == "Seven is here.\nIt goes on.\nwith a list"
    assert blocks[0].html == "<p>Five is here.</p>"


def test_numbered_paragraphs_go_on_after_a_heading_and_other_text():
    source = (
        "1. One is here.\n\n## Part\n\n2. Two is here.\n\nText between them.\n\n3. Three is here."
    )
    assert labels(source) == ["1", "2", "[3]", "3"]


def test_a_list_without_empty_lines_is_one_paragraph_and_keeps_its_numbers():
    first, _ = parse_blocks("5. five\n7. seven\n8. eight" + CLOSING)
    assert first.label == "1"
    assert re.findall(r'<li(?: value="(\d+)")?>', first.html) == ["5", "7", ""]


def test_numbers_of_lists_within_paragraphs_stay_as_typed():
    first, *_ = parse_blocks("3. Text:\n\n    4. four\n    9. nine\n\n4. More text.")
    assert 'value="4"' in first.html
    assert 'value="9"' in first.html


def test_a_letter_without_authors_numbers_is_counted():
    assert labels("First words here.\n\nSecond words here." + CLOSING) == ["1", "2", "3"]


def test_paragraphs_without_a_number_are_counted_in_square_brackets_beside_numbered_ones():
    assert labels("1. First words.\n\nSecond words." + CLOSING) == ["1", "[2]", "[3]"]


@pytest.mark.parametrize(
    "sentence",
    [
        "हम सहमत हैं।",
        "ہم متفق ہیں۔",
        "نحن نوافق؟",
        "እንስማማለን።",
        "我们同意。",
        "我们同意！",
        "我们同意吗？",
        "同意します｡",
        "「そうです。」",
        "（见附件。）",
        "(See the annex.)",
        "«Мы согласны.»",
        "They said “yes”",
        "「はい」",
        "We agree…",
        "Συμφωνούμε;",
        "more time for answers;",
        "☒ Yes",
        "☐ No",
    ],
)
def test_a_short_sentence_of_any_script_is_a_paragraph_and_no_signoff(sentence):
    blocks = parse_blocks(f"This is the first sentence of the letter.\n\n{sentence}")
    assert [block.kind for block in blocks] == ["paragraph", "paragraph"]


@pytest.mark.parametrize("count", [1, 3, 4, 60, 199])
def test_signatories_are_a_signoff_without_numbers(count):
    names = [f"Dr. Name {n} (Town {n})" for n in range(count)]
    source = "\n\n".join(["1. This is the text of the letter.", "Yours faithfully", *names])
    blocks = parse_blocks(source)
    assert [b.kind for b in blocks] == ["paragraph"] + ["signoff"] * (count + 1)
    assert [b.text for b in blocks[2:]] == names
    assert not any(b.label for b in blocks[1:])


def test_signatories_in_lines_of_one_paragraph_are_a_signoff():
    lines = "\\\n".join(f"Name {n}, Organisation {n}" for n in range(40))
    blocks = parse_blocks(f"This is the text of the letter.\n\n{lines}")
    assert [b.kind for b in blocks] == ["paragraph", "signoff"]


def test_abbreviations_after_names_do_not_end_the_signatories():
    blocks = parse_blocks("This is the text.\n\nAnna B.\n\nBen Smith Jr.\n\nExample Inc.\n\nCem Y")
    assert [b.kind for b in blocks] == ["paragraph"] + ["signoff"] * 4


def test_a_marked_signoff_is_the_only_one_and_its_markdown_is_rendered():
    source = "::: signoff\n*Anna*\n\nBen\n:::\n\nText of the letter.\n\nA short line"
    blocks = parse_blocks(source)
    assert [b.kind for b in blocks] == ["paragraph", "paragraph", "signoff"]
    assert blocks[-1].text == "Anna\nBen"
    assert "<em>Anna</em>" in blocks[-1].html


def test_a_signoff_that_is_not_closed_is_text():
    assert words("::: signoff\nAnna" + CLOSING).startswith("::: signoff\nAnna")


@pytest.mark.parametrize("mark", ["> ", "- ", "* ", "1. ", "> - ", "[^1]: "])
@pytest.mark.parametrize("depth", [5, 10, 30, 3000])
def test_deep_nesting_loses_no_word(mark, depth):
    text = words(f"{mark * depth}deep inside\n\nThe words after it.")
    assert "deep inside" in text
    assert "The words after it." in text


def test_lists_indented_more_and_more_lose_no_word():
    source = "\n".join(f"{'  ' * n}- item {n}" for n in range(30))
    assert re.findall(r"item \d+", words(source)) == [f"item {n}" for n in range(30)]


@pytest.mark.parametrize(
    "source",
    [
        "```python kept words\ncode\n```",
        '[link](https://a.example/ "kept words")',
        "[kept]: words",
        "[^unused]: kept words",
        "[^1]: one\n[^1]: kept words\n\nSee[^1].",
        "| a |\n|---|\n| b | kept words |",
        "~~~ kept words",
        "<!-- kept words -->",
        "<div>kept words</div>",
        "![kept words](picture.png)",
    ],
)
def test_words_that_markdown_drops_are_shown(source):
    shown = words(source + CLOSING)
    assert "kept" in shown
    assert "words" in shown


def test_an_unused_footnote_that_cites_another_adds_no_reference():
    source = "Text[^b].\n\n[^a]: Unused, see [^b].\n[^b]: Used."
    text, notes = parse_blocks(source)
    assert text.html.count("[1]") == 1
    assert notes.html.count("↩") == 1
    assert "Unused, see [1]." in notes.html
    assert "[1:1]" not in text.html + notes.html


def test_every_link_between_text_and_notes_has_its_end():
    source = (
        "A[^1] b[^2] c[^1] d^[Inline[^2]].\n\n[^1]: One[^3].\n[^2]: Two.\n[^3]: Three.\n[^4]: Four."
    )
    html = "".join(block.html for block in parse_blocks(source))
    ids, targets = re.findall(r'id="([^"]+)"', html), re.findall(r'href="#([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(targets) <= set(ids)
    assert re.findall(r"\[(\d)\]</a>", html) == ["1", "2", "1", "3", "4", "2"]


def test_cells_are_aligned_by_class_and_not_by_style():
    (table,) = parse_blocks("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |")
    assert "style" not in table.html
    for alignment in ("left", "center", "right"):
        assert f'<td class="align-{alignment}">' in table.html


@pytest.mark.parametrize("end", "。，、！？；：）」』】》،؛؟۔।…”’")
def test_an_address_ends_before_the_punctuation_of_any_script(end):
    (block,) = parse_blocks(f"看 https://example.org/a{end}然后")
    assert '<a href="https://example.org/a"' in block.html
    assert block.text == f"看 https://example.org/a{end}然后"


def test_direction_marks_do_not_come_back_by_character_references():
    (block, _) = parse_blocks("a &#x202e;b [c](https://a.example '&#x2066;d')" + CLOSING)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", block.html + block.text)
