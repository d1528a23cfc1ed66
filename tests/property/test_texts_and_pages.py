"""Every word that another program sees in a page, a text or a mail is in the letter or in a remark."""

import re
from email.message import EmailMessage
from email.policy import SMTP

import lxml.html
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.text_files.mail import read_eml_file
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.importing.web_page.reader import read_html_file
from commentsite.letters.text.paragraphs import parse_blocks
from tests.support.word_oracle import find_lost_words, list_words, read_with_pandoc

MANY = settings(max_examples=150, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=40, suppress_health_check=list(HealthCheck))

words = st.sampled_from(
    [
        "record",
        "meeting",
        "chair",
        "70/125",
        "Café",
        "naïve",
        "2",
        "3.",
        "(b)",
        "1989.",
        "*star*",
        "[x](y)",
        "a_b",
        "~~x~~",
        "&copy;",
        "<b>",
        "`c`",
        "#",
        "-",
        "+",
        ">",
        "|",
        "\\",
        "Straße",
        "Дорогие",
        "世界",
        "السلام",
        "e-mail",
        "https://example.org/a_b",
        "ana@example.org",
        "12",
        "October",
        "iv.",
    ]
)
lines = st.lists(words, min_size=1, max_size=12).map(" ".join)


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


inline = st.recursive(
    lines.map(escape),
    lambda part: st.tuples(
        st.sampled_from(["b", "i", "em", "span", "a href='https://example.org'", "s", "u", "font"]),
        part,
    ).map(lambda item: f"<{item[0]}>{item[1]}</{item[0].split()[0]}>"),
    max_leaves=4,
)
hidden = st.sampled_from(
    [
        "<span style='display:none'>hiddenword</span>",
        "<p hidden>hiddenword</p>",
        "<div style='visibility:hidden'>hiddenword</div>",
        "<span style='mso-hide:all'>hiddenword</span>",
        "",
    ]
)
element = st.sampled_from(
    ["p", "div", "li", "td", "h2", "h3", "blockquote", "section", "form", "dd", "pre"]
)
blocks = st.recursive(
    st.tuples(element, inline, hidden).map(lambda b: f"<{b[0]}>{b[1]}{b[2]}</{b[0]}>"),
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3).map(
            lambda items: f"<ul><li>{'<li>'.join(items)}</ul>"
        ),
        st.tuples(st.integers(1, 40), st.lists(part, min_size=1, max_size=3)).map(
            lambda b: f"<ol start={b[0]}><li>{'<li>'.join(b[1])}</ol>"
        ),
        st.lists(st.lists(part, min_size=1, max_size=3), min_size=1, max_size=3).map(
            lambda rows: (
                "<table>" + "".join(f"<tr><td>{'<td>'.join(row)}" for row in rows) + "</table>"
            )
        ),
        st.tuples(st.sampled_from(["div", "center", "form", "blockquote", "details"]), part).map(
            lambda b: f"<{b[0]}>{b[1]}</{b[0]}>"
        ),
    ),
    max_leaves=8,
)
pages = st.lists(blocks, min_size=1, max_size=5).map("".join)


def list_shown_words(html: str) -> list[str]:
    """Return the words of a page as lxml reads it."""
    separated = re.sub(
        r"<(/?(?:p|div|li|t[dr]|h2|h3|blockquote|section|form|dd|pre|ul|ol)\b)", r" <\1", html
    )
    root = lxml.html.fromstring(f"<body>{separated}</body>")
    return list_words(str(root.text_content()))


def get_public_text(document: ParsedDocument) -> str:
    return "\n".join((document.title, *document.blocks))


@MANY
@given(html=pages)
@example(html="<table><tr><td>a<td>b<tr><td>c<td>d<td>beyond</table>")
@example(html="<form><p>1. a<p>2. b</form>")
def test_words_of_a_page_survive(html):
    document = read_html_file(f"<title>T</title><p>Dear</p>{html}".encode())
    lost = find_lost_words(
        document, list_shown_words(html.replace("hiddenword", "")), in_order=False
    )
    labels = {word for word in list_words("\n".join(document.blocks)) if word.isdecimal()}
    assert [word for word in lost if word not in labels] == []
    assert "hiddenword" not in get_public_text(document)
    count = sum(remark.words.count("hiddenword") for remark in document.remarks)
    assert count == html.count("hiddenword")


@FEW
@given(
    html=st.lists(st.one_of(inline, inline).map(lambda text: f"<p>{text}</p>"), min_size=1).map(
        "".join
    )
)
def test_pandoc_sees_the_same_words_in_the_same_order(html):
    document = read_html_file(f"<title>T</title><p>Dear</p>{html}".encode())
    assert find_lost_words(document, list_words(read_with_pandoc(html.encode(), "html"))) == []


texts = st.lists(
    st.lists(lines, min_size=1, max_size=3).map("\n".join), min_size=1, max_size=6
).map("\n\n".join)


def render(document: ParsedDocument) -> str:
    parts = []
    for block in parse_blocks("\n\n".join(document.blocks)):
        is_typed = block.label and block.label.strip("[]") != str(block.number)
        parts.append(f"{block.label} {block.text}" if is_typed else block.text)
    return "\n".join(parts)


@MANY
@given(text=texts)
@example(text="1. a\n\n- b\n- c\n\n2. d")
@example(text="a | b\n--|--\nc | d")
def test_words_of_a_plain_text_survive(text):
    document = read_plain_text(f"Title\n\n{text}".encode())
    numbers = {word for word in list_words(text) if word.isdecimal()}
    lost = find_lost_words(document, list_words(text))
    assert [word for word in lost if word not in numbers] == []


@FEW
@given(text=texts, encoding=st.sampled_from(["7bit", "8bit", "quoted-printable", "base64"]))
def test_words_of_a_mail_survive_and_its_addresses_stay_private(text, encoding):
    message = EmailMessage(policy=SMTP)
    message["From"] = "Private Person <private@sender.example>"
    message["To"] = "other@receiver.example"
    message["Subject"] = "Re: Réponse au projet"
    if encoding == "7bit":
        text = text.encode("ascii", "ignore").decode()
    message.set_content(text or "x", cte=encoding)
    document = read_eml_file(message.as_bytes())
    assert document.title == "Réponse au projet"
    numbers = {word for word in list_words(text) if word.isdecimal()}
    lost = find_lost_words(document, list_words(text))
    assert [word for word in lost if word not in numbers] == []
    for private in ("private@sender.example", "other@receiver.example", "Private Person"):
        assert private not in get_public_text(document)
