"""The text of a comment stands as its author typed it."""

import re

import pytest

from commentsite.comments.sanitizer import render_comment_html, text_of_html


def shown(source):
    return text_of_html(render_comment_html(source))


@pytest.mark.parametrize(
    "source",
    [
        "5. five\n7. seven\n12. twelve",
        "5. five\n6. six",
        "0. nought\n1. one",
        "01. one\n02. two",
        "1) one\n2) two",
        "1. one\n1. one again",
        "17. seventeen",
        "3. three\n\n4. four",
        "> 5. five\n> 7. seven",
        "- 5. five\n- 7. seven",
        "5. five\n   - inside\n7. seven",
        "5.\n6. six",
    ],
)
def test_typed_numbers_stay_as_typed(source):
    typed = re.findall(r"\d+[.)]", source)
    assert re.findall(r"\d+[.)]", shown(source)) == typed
    assert "<ol" not in render_comment_html(source)


def test_a_list_that_counts_from_one_is_a_list():
    html = render_comment_html("1. one\n2. two\n   3. not three\n3. three")
    assert html.count("<ol>") == 1
    assert shown("1. one\n2. two") == "1. one\n2. two"


def test_an_unmarked_line_ends_a_quotation():
    html = render_comment_html("> They said so.\nI say no.\n\n> > inner\n> outer\nmine")
    assert re.sub(r"\n", "", html) == (
        "<blockquote><p>They said so.</p></blockquote><p>I say no.</p>"
        "<blockquote><blockquote><p>inner</p></blockquote><p>outer</p></blockquote><p>mine</p>"
    )


@pytest.mark.parametrize("source", ["- item\nafter", "1. item\nafter", "> - item\n> after"])
def test_a_line_without_indentation_ends_a_list(source):
    assert re.search(r"</(ul|ol)>\s*<p>after", render_comment_html(source))


def test_an_indented_line_stays_in_its_list_item():
    assert "<li>item<br>\nmore</li>" in render_comment_html("- item\n  more")


@pytest.mark.parametrize(
    "source",
    [
        r"\\server\share\_private_\*all*",
        r"C:\Users\_me_\[x]\*.*",
        r"a \server, a\b, \d+ and \.",
        "ends with a backslash\\",
        "line\\\nline",
        r"¯\_(ツ)/¯",
        r"1\2 and \(x\)",
    ],
)
def test_backslashes_stay_where_they_escape_nothing(source):
    assert shown(source) == source


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\*no emphasis\*", "*no emphasis*"),
        (r"\_none\_", "_none_"),
        (r"\`none\`", "`none`"),
        (r"\[none](https://a.example/)", "[none](https://a.example/)"),
        (r"\&copy;", "&copy;"),
        (r"\<https://a.example>", "<https://a.example>"),
        (r"1\. no list", "1. no list"),
        (r"\- no list", "- no list"),
        (r"\> no quotation", "> no quotation"),
    ],
)
def test_a_backslash_keeps_markdown_from_acting(source, text):
    html = render_comment_html(source)
    assert shown(source) == text
    assert not re.search("<(em|strong|code|ul|ol|blockquote)", html)


@pytest.mark.parametrize("line", ["* * *", "---", "- - -", "***", "___", "*  *  *  *"])
def test_a_separating_line_is_shown_as_typed(line):
    assert shown(f"before\n\n{line}\n\nafter") == f"before\n\n{line}\n\nafter"


@pytest.mark.parametrize("mark", ["* ", "- ", "+ ", "1. ", "5. ", "> ", "> - ", "- > "])
@pytest.mark.parametrize("depth", [3, 7, 12, 40])
def test_deep_nesting_loses_no_word(mark, depth):
    text = shown(f"{mark * depth}deep inside\n\nThe words after it.")
    assert "deep inside" in text
    assert "The words after it." in text


def test_lists_indented_more_and_more_lose_no_word():
    source = "\n".join(f"{'  ' * n}- item {n}" for n in range(20))
    assert re.findall(r"item \d+", shown(source)) == [f"item {n}" for n in range(20)]


def test_a_text_of_many_short_paragraphs_loses_no_word():
    source = "\n\n".join(f"w{n}" for n in range(900))
    assert shown(source).split() == source.split()


@pytest.mark.parametrize(
    "mark",
    ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"],
)
@pytest.mark.parametrize("form", ["&#{};", "&#x{:x};"])
def test_direction_marks_do_not_come_back_by_character_references(mark, form):
    reference = form.format(ord(mark))
    for source in (
        reference,
        f"[a{reference}b](https://a.example/ '{reference}')",
        f"**{reference}**",
    ):
        assert mark not in render_comment_html(source)


@pytest.mark.parametrize("end", "。，、！？；：）」』】》،؛؟۔।")
@pytest.mark.parametrize(
    "address", ["https://a.example", "https://a.example/x", "https://a.example/?q=1"]
)
def test_an_address_ends_before_the_punctuation_of_any_script(address, end):
    html = render_comment_html(f"见{address}{end}然后")
    assert f'<a href="{address}"' in html
    assert f">{address}</a>{end}然后" in html


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("https://a.example/x看", "https://a.example/x"),
        ("https://a.example看", "https://a.example"),
        ("https://a.example/xوهذا", "https://a.example/x"),
        ("https://a.example/wiki/维基。", "https://a.example/wiki/%E7%BB%B4%E5%9F%BA"),
        ("https://例え.jp/パス", "https://xn--r8jz45g.jp/%E3%83%91%E3%82%B9"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("(https://a.example/x_(y)).", "https://a.example/x_(y)"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("https://a.example/a_b_c", "https://a.example/a_b_c"),
    ],
)
def test_an_address_ends_where_the_next_word_begins(text, href):
    assert f'<a href="{href}"' in render_comment_html(text)


@pytest.mark.parametrize(
    ("source", "host"),
    [
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://user:secret@evil.example/", "evil.example"),
        ("<https://user@evil.example/>", "evil.example"),
        ("[https://user@evil.example/](https://user@evil.example/)", "evil.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("[words](https://evil.example/)", "evil.example"),
    ],
)
def test_an_address_that_could_be_mistaken_shows_its_host(source, host):
    assert f"</a> ({host})" in render_comment_html(source)


def test_a_plain_address_does_not_repeat_its_host():
    assert shown("https://a.example/ä?b") == "https://a.example/ä?b"


@pytest.mark.parametrize(
    "source", ["```python kept words\ncode\n```", '[link](https://a.example/ "kept words")']
)
def test_words_that_markdown_drops_are_shown(source):
    assert "kept words" in shown(source)


@pytest.mark.parametrize(
    "source", ["2*3*4 = 24", "2**3**2", "a*b*c", "x = 4*y*z*2", "(2*3*4)", "un*frigging*believable"]
)
def test_stars_between_letters_or_digits_are_signs(source):
    html = render_comment_html(source)
    assert shown(source) == source
    assert "<em>" not in html
    assert "<strong>" not in html


@pytest.mark.parametrize(
    "source", ["*word*", "a *b* c", "(*b*)", "**b**, c", "***b***", "这是*重点*吗", "*a* *b*"]
)
def test_stars_around_words_are_emphasis(source):
    assert any(tag in render_comment_html(source) for tag in ("<em>", "<strong>"))
