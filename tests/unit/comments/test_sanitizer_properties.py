"""For any input the sanitiser's output is bounded, inert, and unchanged by a second pass."""

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from commentsite.comments import sanitizer
from commentsite.comments.sanitizer import ALLOWED_TAGS, MAX_HTML_CHARACTERS, render_comment_html
from commentsite.text.plain_text import clean_line, clean_text

MARKUP = st.lists(
    st.sampled_from(
        [
            "*",
            "**",
            "_",
            "`",
            "```\n",
            "> ",
            "- ",
            "1. ",
            "\n",
            "\n\n",
            "[",
            "](",
            ")",
            "<",
            ">",
            "&",
            "\\",
            "<script>",
            "<img src=x onerror=alert(1)>",
            "javascript:alert(1)",
            "https://a.example/",
            "mailto:a@b.example",
            "data:text/html,x",
            "'",
            '"',
            "&#106;",
            "&colon;",
            "\u202e",
            "\u200b",
            "عربي",
            "中文",
            "a",
            "word ",
        ],
    ),
    max_size=400,
).map("".join)
# Texts of plain sentences, and of what is almost one.
PIECES = "Word über слово كلمة two 2. 1. - + (a) a/b 'q' \"it\" : :x http: www.a.example a@b.example ! … — “ # & = ~~~ |"
BREAKS = ("", "\t", "\n", "\n\n", "\n\n\n")
SENTENCES = st.lists(st.sampled_from((*PIECES.split(), *BREAKS)), max_size=12).map(" ".join)
ANYTHING = st.one_of(st.text(max_size=2000), MARKUP)
LINKS = ("http://", "https://", "mailto:")


class Reader(HTMLParser):
    """Parse HTML and collect every tag and attribute."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open = set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@settings(max_examples=300)
@given(ANYTHING)
def test_the_output_contains_only_allowed_tags_well_nested_and_within_the_limit(text):
    out = render_comment_html(text)
    assert len(out) <= MAX_HTML_CHARACTERS
    reader = Reader()
    reader.feed(out)
    reader.close()
    assert reader.tags <= ALLOWED_TAGS
    assert not reader.open
    for tag, name, value in reader.attributes:
        assert (tag, name) in {("a", "href"), ("a", "rel"), ("ol", "start")}
        if name == "href":
            assert value.lower().startswith(LINKS)


@settings(max_examples=300)
@given(st.one_of(SENTENCES.map(lambda text: text.replace(" \n ", "\n")), st.text(max_size=40)))
def test_a_text_without_markdown_is_rendered_as_the_parser_would(text):
    cleaned = clean_text(text)
    if sanitizer.is_plain(cleaned):
        assert render_comment_html(text) == sanitizer.render_markdown(cleaned)


@settings(max_examples=300)
@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_a_line_is_one_line_without_direction_tricks(text):
    line = clean_line(text)
    assert "\n" not in line
    assert not any(c in line for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u0000")
