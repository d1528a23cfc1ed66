"""Reading web pages: what a browser shows is kept, and all else is named in a remark."""

import pytest

from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.web_page.reader import read_html_file, read_pasted_html
from commentsite.letters.remarks import RemarkKind
from tests.support.limits import limited_cpu


def read(body: str, head: str = "<title>A reply</title>"):
    page = f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return read_html_file(page.encode())


def find_remark(document, kind):
    return next((remark for remark in document.remarks if remark.kind == kind), None)


HIDDEN = {
    "display": '<span style="display: none !important">secret</span>',
    "visibility": '<span style="visibility:hidden">secret</span>',
    "word": "<span style='mso-hide:all'>secret</span>",
    "attribute": "<p hidden>secret</p>",
    "hidden until found": "<p hidden=until-found>secret</p>",
    "size": '<font style="font-size:0px">secret</font>',
    "opacity": '<div style="opacity:0">secret</div>',
    "cut off": '<div style="max-height:0;overflow:hidden">secret</div>',
    "outside": '<p style="position:absolute; left:-9999px">secret</p>',
    "indented": '<p style="text-indent:-9999em">secret</p>',
    "class": '<p class="x quiet">secret</p>',
    "element and class": "<b class=quiet>secret</b>",
    "id": "<div id=note>secret</div>",
    "descendant": "<div class=outer><p>a <i>secret</i></p></div>",
    "screen": "<p class=onscreen>secret</p>",
    "template": "<template><p>secret</p></template>",
    "dialog": "<dialog>secret</dialog>",
    "cell": "<table><tr><th>a<th>b<tr><td>c<td style='display:none'>secret</table>",
    "invisible cell": "<table><tr><th>a<th>b<tr><td>c<td style='visibility:hidden'>secret</table>",
    "row": "<table><tr><th>a<tr hidden><td>secret<tr><td>c</table>",
    "field": "<input type=hidden value=x><datalist><option>secret</datalist>",
    "list item": "<ul><li>a<li style='display:none'>secret</ul>",
    "white": '<span style="color:white">secret</span>',
    "nearly white": '<span style="color:rgb(254, 254, 253)">secret</span>',
    "white font": '<font color="#FFFFFF">secret</font>',
    "white font without sign": "<font color=ffffff>secret</font>",
    "transparent": '<span style="color:transparent">secret</span>',
    "alpha": '<span style="color:rgba(0,0,0,0)">secret</span>',
    "fill": '<span style="-webkit-text-fill-color:transparent">secret</span>',
    "bar": '<span style="background:black;color:black">secret</span>',
    "bar in the default colour": '<span style="background:#000">secret</span>',
    "bar of a class": '<span class="bar">secret</span>',
    "bar around": '<span class="bar"><b>secret</b></span>',
    "cell colour": "<table><tr><td bgcolor=#336699><font color=#336699>secret</font><td>a</table>",
    "own background": '<p class=dark><span style="background:white;color:white">secret</span></p>',
    "tiny": '<span style="font-size:1px">secret</span>',
    "tiny points": '<span style="font-size:1pt">secret</span>',
    "tiny share": '<span style="font-size:0.05em">secret</span>',
    "concealed with a size": '<p style="visibility:hidden"><b style="font-size:9pt">secret</b></p>',
}
SHEET = """<title>A reply</title><style><!-- /* a */ p.quiet, b.quiet {display:none}
#note{visibility:hidden} .outer i{mso-hide:all} .never p:hover{display:none} @page x{size:1pt}
.bar{color:#111;background-color:#111} .dark{background:#123456;color:#fff}
@media screen{.onscreen{display:none}} @media print{.onpaper{display:none}} .bad:: {x} --></style>"""


@pytest.mark.parametrize("kind", HIDDEN)
def test_hidden_text_is_left_out_and_named(kind):
    document = read(f"<p>Dear Chair,</p><p>Before.</p>{HIDDEN[kind]}<p>After.</p>", SHEET)
    assert "secret" not in "\n".join((document.title, *document.blocks))
    assert "After." in document.blocks
    assert "secret" in find_remark(document, RemarkKind.HIDDEN_TEXT).words


@pytest.mark.parametrize(
    "shown",
    [
        '<p aria-hidden="true">shown</p>',
        '<p class="onpaper">shown</p>',
        '<div style="visibility:hidden"><p style="visibility:visible">shown</p></div>',
        '<div style="font-size:0"><p style="font-size:12pt">shown</p></div>',
        '<div style="background:#123456"><p style="color:white">shown</p></div>',
        '<div style="background:url(tide.png)"><p style="color:white">shown</p></div>',
        '<div style="background:linear-gradient(red, blue)"><p style="color:#fff">shown</p></div>',
        '<table bgcolor="navy"><tr><td><font color="white">shown</font><td>a</table>',
        '<p style="color:var(--ink)">shown</p>',
        '<p style="background:black;color:black"><a href="https://a.example">shown</a></p>',
        "<p style='color:white'><mark>shown</mark></p>",
        '<p style="background-clip:text;color:transparent;background:red">shown</p>',
        '<p style="font-size:8px">shown</p>',
        '<p style="font-size:xx-small">shown</p>',
        '<p style="font-size:smaller">shown</p>',
        "<noscript>shown</noscript>",
        "<details><summary>More</summary>shown</details>",
        "<form><label>shown</label>",
        "<figure><figcaption>shown</figcaption></figure>",
        "<table><caption>shown</caption><tr><td>a<td>b<tr><td>c<td>d</table>",
        "<dl><dt>Term<dd>shown</dl>",
        "<marquee>shown</marquee>",
        "<svg><path></svg><p>shown",
        "<math><mi>shown",
        "<select><option selected>shown</select>",
        "<textarea>shown</textarea>",
        "<input value=shown>",
        "<p>a<table>shown<tr><td>b</table>",
        "<a href=x><p>shown</a>",
        "<o:p>shown</o:p>",
        "<![if !supportLists]>shown<![endif]>",
    ],
)
def test_all_that_a_browser_shows_is_in_the_letter(shown):
    document = read(f"<p>Dear Chair,</p>{shown}<p>The end.</p>")
    assert "shown" in "\n".join(document.blocks)
    assert "The end." in "\n".join(document.blocks)


def test_the_rest_of_a_letter_after_an_unclosed_menu_stays():
    rest = "<p>Long words of the letter itself, which nobody may lose.</p>" * 3
    for element in ("nav", "header", "footer", "form", "svg", "math"):
        document = read(f"<p>Dear Chair,</p><{element}>{rest}")
        assert document.blocks.count("Long words of the letter itself, which nobody may lose.") == 3


def test_menus_and_buttons_are_named_in_a_remark():
    document = read(
        "<header><a href=/>Site</a></header><nav>Home</nav><main><p>Dear Chair,</p><p>We write to "
        "you about the record of the meetings.</p><button>Send</button></main><footer>Imprint</footer>"
    )
    assert document.blocks == (
        "Dear Chair,",
        "We write to you about the record of the meetings.",
    )
    furniture = find_remark(document, RemarkKind.PAGE_FURNITURE)
    assert furniture.words.split() == ["Site", "Home", "Send", "Imprint"]


def test_ticked_and_empty_boxes_look_different():
    document = read(
        "<p>Dear</p><p><input type=checkbox checked> Yes <input type=checkbox> No</p>"
        "<p><input type=radio> For <input type=radio checked> Against</p>"
        "<p>Choice: <select><option>One<option selected>Two</select></p>"
    )
    assert document.blocks[1:] == ("☒ Yes ☐ No", "☐ For ☒ Against", "Choice: Two")
    assert find_remark(document, RemarkKind.HIDDEN_TEXT).words == "One"


GOOGLE = """<style>.lst-kix_a-0>li:before{content:"" counter(lst-ctn-kix_a-0,decimal) ". "}
.lst-kix_a-1>li:before{content:"(" counter(lst-ctn-kix_a-1,lower-latin) ") "}
.lst-kix_b-0>li:before{content:"\u25cf   "}.c0{font-weight:700}.c1{font-style:italic}</style>"""


def test_a_google_document_keeps_notes_and_lists_and_loses_comments():
    document = read(
        '<p class="title"><span>On the minutes</span></p><p><span>Dear Chair,</span></p>'
        '<p><span>A </span><span class="c0">firm</span><span> and </span><span class="c1">mild</span>'
        '<span> word</span><sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup><sup><a href="#ftnt1" '
        'id="ftnt_ref1">[1]</a></sup><span> in <a href="https://www.google.com/url?q=https://example'
        '.org/text&amp;sa=D&amp;usg=AO">a text</a>.</span></p>'
        '<ol class="lst-kix_a-0 start" start="1"><li>One</li></ol><ol class="lst-kix_a-1 start" start="1">'
        '<li>Under one</li></ol><ol class="lst-kix_a-0" start="2"><li>Two</li></ol>'
        '<ul class="lst-kix_b-0 start"><li>Point</li></ul>'
        '<hr><div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a><span>&nbsp;A note.</span></p></div>'
        '<div class="c2"><p><a href="#cmnt_ref1" id="cmnt1">[a]</a><span>Is it? ana@example.org</span></p></div>',
        GOOGLE,
    )
    assert document.title == "On the minutes"
    assert document.blocks == (
        "Dear Chair,",
        "A **firm** and *mild* word[^1] in [a text](https://example.org/text).",
        "1. One",
        "(a) Under one",
        "2. Two",
        "- Point",
        "[^1]: A note.",
    )
    comments = find_remark(document, RemarkKind.REVIEW_COMMENTS)
    assert comments.count == 1
    assert "ana@example.org" in comments.words


def test_a_page_saved_by_word_keeps_notes_and_typed_numbers_and_loses_comments():
    document = read(
        "<h1>On the minutes</h1><p class=MsoNormal>Words<a href='#_ftn1' name='_ftnref1'><span>[1]</span></a>"
        "<span class=MsoCommentReference><a class=msocomanchor href='#_msocom_1' name='_msoanchor_1'>[A1]</a>"
        "</span>.<o:p></o:p></p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if "
        "!supportLists]><span style='mso-list:Ignore'>3.<span>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Three"
        "</p><p class=MsoListParagraph style='mso-list:l1 level1 lfo1'>·<span>&nbsp;&nbsp; </span>Outer</p>"
        "<p class=MsoListParagraph style='mso-list:l1 level2 lfo1'>o<span>&nbsp;&nbsp; </span>Inner</p>"
        "<p>Was <del cite='mailto:a' datetime='2026-01-01'>old</del><ins cite='mailto:a' "
        "datetime='2026-01-01'>new</ins>, <s>struck</s>.</p>"
        "<div><hr size=1><div id=ftn1><p class=MsoFootnoteText><a href='#_ftnref1' name='_ftn1'>[1]</a> A note."
        "</p></div></div><div><hr class=msocomoff><div id='_com_1' class=msocomtxt><p>[A1]Cleared?</p></div></div>"
    )
    assert document.blocks == (
        "Words[^1].",
        "3. Three",
        "- Outer\n  - Inner",
        "Was new, ~~struck~~.",
        "[^1]: A note.",
    )
    assert find_remark(document, RemarkKind.REVIEW_COMMENTS).words == "[A1]Cleared?"
    assert find_remark(document, RemarkKind.TRACKED_CHANGES).words == "− old\n+ new"


def test_notes_of_other_programs_become_notes():
    libreoffice = (
        '<p>Words<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a>.</p>'
        '<div id="sdfootnote1"><p><a class="sdfootnotesym" name="sdfootnote1sym" '
        'href="#sdfootnote1anc">1</a>A note.</p></div>'
    )
    pandoc = (
        '<p>Words<a href="#fn1" class="footnote-ref" id="fnref1"><sup>1</sup></a>.</p><section><hr/><ol>'
        '<li id="fn1"><p>A note.<a href="#fnref1" class="footnote-back">↩</a></p></li></ol></section>'
    )
    for body in (libreoffice, pandoc):
        assert read(body).blocks == ("Words[^1].", "[^1]: A note.")


def test_lists_have_the_numbers_of_the_page():
    document = read(
        "<p>Dear</p><ol start=5><li>five<li value=9>nine<li>ten</ol><ol reversed><li>two<li>one</ol>"
        "<ol start=2 type=i><li>two</ol><ol style='list-style-type:upper-alpha'><li>A</ol>"
        "<ol><li><p>first</p><p>more of it</p></ol><ul><li>bullet<ul><li>inner</ul></ul>"
    )
    assert document.blocks[1:] == (
        "5. five",
        "9. nine",
        "10. ten",
        "2. two",
        "1. one",
        "ii. two",
        "A {no=A}",
        "1. first",
        "more of it",
        "- bullet\n  - inner",
    )


def test_numbers_that_libreoffice_writes_as_text_are_those_of_the_items():
    def label(sign):
        return f'<span class="ListLabel_20_1" style="display:block;float:left;min-width:0cm;">{sign}</span>'

    document = read(
        f'<p class="Title">On tides</p><h1>{label("A.")}Facts</h1>'
        f"<ol><li><p>{label('5.')}five</p><ol><li><p>{label('(a)')}below</p></li></ol></li></ol>"
        f"<ol><li><p>{label('Part I')}part</p></li></ol><ul><li><p>{label('•')}bullet</p></li></ul>"
        f"<p>{label('W')}e write.</p>",  # a drop cap
        "<title>- no title specified</title>",
    )
    assert document.title == "On tides"
    assert document.blocks == (
        "## A. Facts", "5. five", "(a) below", "part {no=Part I}", "- bullet", "We write."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "blocks"),
    [
        ("<ul><li><div class='checkbox checkbox-on'></div> <span>a</span></ul>", ("- ☒ a",)),
        ("<p><span role=checkbox aria-checked=false></span>a</p>", ("☐ a",)),
        ("<p><span role=radio aria-checked=true>a</span></p>", ("☒ a",)),
        ("<ol><li data-list=bullet>a<li data-list=checked>b</ol>", ("- a\n- ☒ b",)),
        ("<ol><li data-list=ordered>a</ol>", ("1. a",)),
        ("<ol><li data-list=unchecked></ol><p>b</p>", ("- ☐", "b")),
        ("<ol class=law><li>a<ol class=law><li>b</ol><li>c</ol>", ("1. a", "1.1. b", "2. c")),
        ("<ol><li>a<ol style='list-style:none'><li>b</ol></ol>", ("1. a", "1.1. b")),
    ],
)
def test_boxes_and_numbers_of_many_writers_are_kept(items, blocks):
    sheet = "<style>.law{list-style:none} ol.law > li::before{content: counters(item, '.') '. '}</style>"
    assert read(f"<p>Dear</p>{items}", f"<title>A reply</title>{sheet}").blocks == ("Dear", *blocks)


def test_a_drop_cap_of_word_is_the_first_letter_of_its_word():
    cap = "<div style='mso-element:dropcap-dropped'><p style='mso-element:dropcap-dropped'>W</p></div>"
    assert read(f"<p>Dear</p>{cap}<p>e write.</p>").blocks == ("Dear", "We write.")
    assert read(f"<p>Dear</p>{cap}").blocks == ("Dear", "W")


def test_tables_keep_every_cell_in_its_column():
    document = read(
        "<p>Dear</p><table><tr><th rowspan=2>Article<th colspan=2>Positions<tr><th>For<th>Against"
        "<tr><td>1<td><p>one</p><ul><li>two</ul><td>x|y<td>beyond</table>"
    )
    rows = [line.split(" | ") for line in document.blocks[1].splitlines()]
    assert {len(row) for row in rows} == {4}
    assert document.blocks[1].splitlines()[2:] == [
        "|  | For | Against |  |",
        "| 1 | one / • two | x\\|y | beyond |",
    ]
    assert find_remark(document, RemarkKind.MERGED_CELLS).count == 2


def test_a_table_that_only_lays_out_the_page_is_no_table():
    inner = (
        "<table><tr><td><p>One paragraph.</p><p>Another.</p><ul><li>a<li>b</ul></td></tr></table>"
    )
    for body in (inner, f"<table><tr><td>{inner}</td></tr></table>"):
        assert read(body).blocks == ("One paragraph.", "Another.", "- a\n- b")


def test_empty_lines_divide_paragraphs():
    document = read("<div>Dear Chair,<br><br>First.<br>&nbsp;<br>Second<br>line.</div>")
    assert document.blocks == ("Dear Chair,", "First.", "Second\\\nline.")


def test_characters_of_markdown_stay_what_they_are():
    words = "# 3 of the agenda; [x](y) ~~this~~ &amp;copy; *a* `b` &lt;c&gt;"
    document = read(f"<p>Dear</p><p>{words}</p><p>1989. Das war ein Jahr.</p><p>- a dash</p>")
    from commentsite.letters.text.paragraphs import parse_blocks  # noqa: PLC0415

    texts = [block.text for block in parse_blocks("\n\n".join(document.blocks))]
    assert texts[1:] == [
        "# 3 of the agenda; [x](y) ~~this~~ &copy; *a* `b` <c>",
        "1989. Das war ein Jahr.",
        "- a dash",
    ]


def test_powers_and_indices_keep_their_meaning():
    document = read(
        "<p>Dear</p><p>10<sup>6</sup>, CO<sub>2</sub>, 1<sup>er</sup>, 10<sup>3a</sup></p>"
    )
    assert document.blocks[1] == "10⁶, CO₂, 1er, 10^(3a)"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://www.google.com/url?q=https://example.org/a&sa=D", "https://example.org/a"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa&data=x%40y",
            "https://example.org/a",
        ),
        ("https://example.org/url?q=b", "https://example.org/url?q=b"),
    ],
)
def test_links_lead_to_their_target_without_a_redirect(address, target):
    assert f"[text]({target})" in read(f"<p>Dear</p><p><a href='{address}'>text</a></p>").blocks


def test_pictures_in_the_page_are_kept_and_others_named():
    document = read(
        "<p>Dear</p><p>Chart: <img src='data:image/png;base64,iVBORw0KGgo=' alt='Our chart'></p>"
        "<p>Words <img src=a.png alt='Their chart'> and <img src=b.gif alt='😀'></p>"
    )
    picture = document.pictures[0]
    assert picture.description == "Our chart"
    assert picture.content == b"\x89PNG\r\n\x1a\n"
    assert document.blocks[1:] == (f"Chart: {picture.marker}", "Words and 😀")
    assert find_remark(document, RemarkKind.PICTURES).words == "Their chart"


@pytest.mark.parametrize(
    ("content", "is_certain"),
    [
        ("<meta charset=windows-1252><p>Dear</p><p>Café – “x”</p>".encode("cp1252"), True),
        (
            b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'>"
            + "<p>Dear</p><p>Café – “x”</p>".encode("cp1252"),
            True,
        ),
        ("<meta charset=utf-8><p>Dear</p><p>Café – “x”</p>".encode(), True),
        ("<p>Dear</p><p>Café – “x”</p>".encode("utf-16"), True),
        ("<p>Dear</p><p>Café – “x”</p>".encode("utf-8-sig"), True),
        ("<p>Dear</p><p>Café – “x”</p>".encode("cp1252"), False),
    ],
)
def test_letters_are_right_whatever_the_encoding(content, is_certain):
    document = read_html_file(content)
    assert document.blocks[1] == "Café – “x”"
    assert (find_remark(document, RemarkKind.ENCODING) is None) == is_certain


def test_a_heading_is_the_title_only_if_nothing_stands_before_it():
    body = "<p>Dear Chair,</p><h1>Background</h1><p>Words.</p><h1>Proposals</h1>"
    document = read(body)
    assert document.title == "A reply"
    assert document.blocks[1] == "## Background"
    assert read(f"<h2>First</h2>{body}").title == "First"
    assert read(f"<p>A reply</p>{body}").blocks[0] == "Dear Chair,"


OUTLOOK = (
    "<div><p><b>From:</b> Ana &lt;ana@example.org&gt;<br><b>Sent:</b> 3 November 2026 10:12<br>"
    "<b>To:</b> desk@example.net<br><b>Subject:</b> RE: On the minutes</p></div>"
)


def test_the_headers_of_a_mail_saved_as_a_page_stay_out_of_it():
    body = f"{OUTLOOK}<p>Dear Chair,</p><p>Words.</p><p>Kind regards,</p>{OUTLOOK}<p>Earlier words.</p>"
    for page in (body, f"<p><b>Ana Example</b></p><hr>{body}"):
        document = read(page, "")
        assert document.title == "On the minutes"
        assert document.date_written.isoformat() == "2026-11-03"
        assert document.blocks == ("Dear Chair,", "Words.", "Kind regards,")
        assert "ana@example.org" in find_remark(document, RemarkKind.MAIL_HEADERS).words
        assert "Earlier words." in find_remark(document, RemarkKind.QUOTED_MAIL).words


def test_a_web_mail_loses_its_quotation_and_telephone_number():
    document = read(
        "<div>Dear Chair,<br><br>Words.</div><div>-- <br></div><div class=gmail_signature>Ana<br>"
        "Tel. +41 22 000 00 00</div><div class=gmail_quote><div class=gmail_attr>On Mon, Ana wrote:</div>"
        "<blockquote class=gmail_quote>Old words.</blockquote></div>"
    )
    assert document.blocks == ("Dear Chair,", "Words.", "Ana")
    assert "+41" in find_remark(document, RemarkKind.MAIL_HEADERS).words
    assert "Old words." in find_remark(document, RemarkKind.QUOTED_MAIL).words


def test_a_quotation_in_the_middle_of_a_mail_stays():
    document = read(
        "<p>Dear</p><blockquote type=cite>You wrote this.</blockquote><p>We answer.</p>"
    )
    assert document.blocks == ("Dear", "> You wrote this.", "We answer.")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "<ul><li>" * 30_000,
        "<blockquote>" * 3_000,
        "<p>x" * 400_000,
        f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>x",
        "<style>"
        + "".join(f".c{n}{{display:none}}" for n in range(3_000))
        + "</style>"
        + "".join(f"<i class=c{n}>x</i>" for n in range(3_000)),
        "<style>" + "a{b:c}" * 200_000 + "</style><p>x",
        "x" * 5_000_000,
    ],
)
def test_a_page_made_to_exhaust_the_reader_is_refused_at_once(html):
    with limited_cpu(), pytest.raises(UnreadableFile):
        read_html_file(html.encode())


def test_a_long_page_is_read():
    paragraphs = "".join(f"<p>Paragraph {n} of many<b> words</b>.</p>" for n in range(2_500))
    assert len(read(f"<p>Dear</p>{paragraphs}").blocks) == 2_501


def test_a_pasted_piece_keeps_its_heading():
    document = read_pasted_html("<h2>Part</h2><p>Some <b>bold</b> words.</p>")
    assert document.title == ""
    assert document.blocks == ("## Part", "Some **bold** words.")
    assert read_pasted_html("").blocks == ()


def test_white_text_on_a_dark_page_stays():
    for page in (
        "<html><body bgcolor=#002244 text=white><p>Dear Chair,</p><p>shown</p>",
        "<html style='background:#222;color:#fff'><body><p>Dear Chair,</p><p>shown</p>",
        "<html><body style='background:black'><p>Dear Chair,</p><p>shown</p>",
    ):
        assert "shown" in read_html_file(page.encode()).blocks


def test_a_picture_in_an_invisible_place_is_not_published():
    picture = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="Plan of the mill">'
    document = read(f"<p>Shown.</p><p style='visibility:hidden'>{picture}</p>")
    assert not document.pictures
    assert find_remark(document, RemarkKind.PICTURES).words == "Plan of the mill"


@pytest.mark.parametrize(
    "caption",
    ["<figcaption>Figure 1: The room.</figcaption>", "<p class=MsoCaption>Figure 1: The room.</p>"],
)
def test_the_caption_of_a_picture_stays_with_it(caption):
    picture = "<img src='data:image/png;base64,iVBORw0KGgo=' alt='A room'>"
    document = read(f"<p>Before it.</p><figure><p>{picture}</p>{caption}</figure><p>After it.</p>")
    assert document.blocks[-3:] == (
        "Before it.", "⟦picture 1⟧\nFigure 1: The room.", "After it.",
    )  # fmt: skip
    assert "Figure 1: The room." in read(caption).blocks  # without a picture it is a paragraph


def test_a_heading_over_the_notes_and_buttons_to_share_a_page_are_left_out():
    document = read(
        "<p>The first paragraph has enough words to be the most of the page."
        '<a href="#user-content-fn-1" id="user-content-fnref-1"><sup>1</sup></a></p>'
        '<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><ul><li>Post</ul></div>'
        '<section class="footnotes"><h2 class="sr-only">Footnotes</h2><ol>'
        '<li id="user-content-fn-1"><p>A note. <a href="#user-content-fnref-1">↩</a></p></li></ol></section>'
    )
    assert document.blocks == (
        "The first paragraph has enough words to be the most of the page.[^1]",
        "[^1]: A note.",
    )
    remark = find_remark(document, RemarkKind.PAGE_FURNITURE)
    assert "Share this: Post" in remark.words.replace("\n", " ")
    assert "Footnotes" in remark.words
