"""A letter taken from an OpenDocument text has the words that a word processor shows."""

import pytest

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.remarks import RemarkKind
from tests.support.word_files import make_odt
from tests.support.word_oracle import list_letter_words

STYLES = """
<style:style style:name="Hidden" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:style style:name="Deeper" style:family="text" style:parent-style-name="Hidden"/>
<style:style style:name="Aside" style:family="paragraph"><style:text-properties text:display="none"/></style:style>
<style:style style:name="White" style:family="text"><style:text-properties fo:color="#ffffff"/></style:style>
<style:style style:name="Bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="Wing" style:family="text"><style:text-properties style:font-name="Wingdings"/></style:style>
<style:style style:name="Title" style:family="paragraph"/>
<style:style style:name="Quotations" style:family="paragraph"/>
<text:list-style style:name="L1">
<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
<text:list-level-style-number text:level="2" style:num-format="a" style:num-prefix="(" style:num-suffix=")"/>
<text:list-level-style-number text:level="3" style:num-format="1" text:display-levels="3" style:num-suffix="."/>
</text:list-style>
<text:list-style style:name="B1">
<text:list-level-style-bullet text:level="1" text:bullet-char="•"/>
<text:list-level-style-bullet text:level="2" text:bullet-char="–"/>
</text:list-style>
"""


def read(*blocks: str, **parts) -> ParsedDocument:
    return read_word_document(make_odt(*blocks, automatic=STYLES, **parts))


def p(content: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{content}</text:p>'


def span(content: str, style: str) -> str:
    return f'<text:span text:style-name="{style}">{content}</text:span>'


def listing(*items: str, style: str = "L1", attributes: str = "") -> str:
    """Return a list. An item that is no XML becomes a paragraph."""
    content = "".join(
        item
        if item.startswith("<text:list-item")
        else f"<text:list-item>{item if item.startswith('<') else p(item)}</text:list-item>"
        for item in items
    )
    return f'<text:list text:style-name="{style}" {attributes}>{content}</text:list>'


def get_words(document: ParsedDocument, kind: RemarkKind) -> str:
    return " ".join(remark.words for remark in document.remarks if remark.kind == kind)


@pytest.mark.parametrize(
    "hidden",
    [
        p("Shown " + span("secret", "Hidden")),
        p("Shown " + span("secret", "Deeper")),
        p("Shown " + span(span("secret", "Bold"), "Hidden")),
        p("Shown " + span("secret", "White")),
        p("Shown") + p("secret", "Aside"),
        p("Shown") + f'<text:section text:display="none">{p("secret")}</text:section>',
        p("Shown")
        + f'<text:section text:display="condition" text:condition="ooow:x">{p("secret")}</text:section>',
        p("Shown") + p('<text:hidden-paragraph text:condition="ooow:1" text:is-hidden="true"/>secret'),
        p('Shown <text:hidden-text text:condition="ooow:1" text:string-value="secret" text:is-hidden="true"/>'),
        p("Shown")
        + f'<table:table><table:table-row table:visibility="collapse"><table:table-cell>{p("secret")}</table:table-cell></table:table-row></table:table>',
    ],
)  # fmt: skip
def test_hidden_text_is_left_out_and_named(hidden):
    document = read(hidden, p("After."))
    assert list_letter_words(document) == ["shown", "after"]
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


def test_inserted_words_are_named_beside_the_deleted_ones():
    changes = (
        "<text:tracked-changes>"
        f'<text:changed-region text:id="a"><text:deletion>{p("agreed")}</text:deletion></text:changed-region>'
        '<text:changed-region xml:id="b" text:id="b"><text:insertion/></text:changed-region>'
        '<text:changed-region text:id="c"><text:format-change/></text:changed-region>'
        "</text:tracked-changes>"
    )
    start = '<text:change text:change-id="a"/><text:change-start text:change-id="b"/>'
    document = read(
        changes,
        p(f"We {start}did<text:s/>{span('not', 'Bold')}"),
        p('agree<text:change-end text:change-id="b"/>, in the end.'),
    )
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "− agreed\n+ did not agree"
    assert [remark.count for remark in document.remarks] == [3]


def test_tracked_changes_and_comments_are_left_out_and_named():
    region = (
        "<text:tracked-changes><text:changed-region><text:deletion>"
        f"{p('gone')}</text:deletion></text:changed-region></text:tracked-changes>"
    )
    comment = f"<office:annotation><dc:creator>A. Reviewer</dc:creator>{p('Is this so?')}</office:annotation>"
    document = read(region, p(f"Words{comment} stay."))
    assert document.blocks == ("Words stay.",)
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "− gone"
    assert get_words(document, RemarkKind.REVIEW_COMMENTS) == "Is this so?"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d", "a b c\\\nd"),
        (span("bold", "Bold"), "**bold**"),
        ("m" + span("2", "Up"), "m²"),
        (span("\uf0fe", "Wing"), "☑"),
        ("<text:page-number>3</text:page-number>", "3"),
        ("<text:drop-down><text:label text:value='a'/><text:label text:value='b'/>b</text:drop-down>", "b"),
        ("<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>かん</text:ruby-text></text:ruby>", "漢(かん)"),
        ('<loext:content-control loext:checkbox="true" loext:checked="true">x</loext:content-control>', "☒"),
        ('<loext:content-control loext:checkbox="true">x</loext:content-control>', "☐"),
        ('<text:a xlink:href="https://a.example/">here</text:a>', "[here](https://a.example/)"),
        ('<text:a xlink:href="javascript:x">here</text:a>', "here"),
        ("<text:meta>kept</text:meta>", "kept"),
    ],
)  # fmt: skip
def test_words_in_special_elements_are_kept(content, shown):
    assert read(p(f"x {content} y")).blocks == (f"x {shown} y",)


def test_check_boxes_of_forms_keep_their_state():
    form = '<office:forms><form:form><form:checkbox form:id="c1" form:label="Yes" form:current-state="checked"/><form:checkbox form:id="c2" form:label="No"/></form:form></office:forms>'
    document = read(form, p('<draw:control draw:control="c1"/> <draw:control draw:control="c2"/>'))
    assert document.blocks == ("☒ Yes ☐ No",)


def test_lists_continue_restart_and_nest():
    document = read(
        listing("a", "b" and p("b") + listing("b1", "b2"), attributes='xml:id="one"'),
        '<text:h text:outline-level="2">Part</text:h>',
        listing("c", attributes='text:continue-numbering="true"'),
        listing('<text:list-item text:start-value="9">' + p("d") + "</text:list-item>"),
        listing("e"),
        listing("f", attributes='text:continue-list="one"'),
    )
    assert document.blocks == (
        "1. a",
        "2. b",
        "(a) b1",
        "(b) b2",
        "### Part",
        "3. c",
        "9. d",
        "1. e",
        "4. f",
    )


def test_bullets_become_a_nested_list():
    document = read(listing("a", p("b") + listing("c", style="B1"), style="B1"))
    assert document.blocks == ("- a\n- b\n  - c",)


def test_headings_have_the_numbers_of_the_outline():
    outline = '<text:outline-style style:name="Outline"><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/></text:outline-style>'
    document = read(
        p("Dear Chair,"),
        '<text:h text:outline-level="1">One</text:h>',
        '<text:h text:outline-level="1" text:is-list-header="true">None</text:h>',
        '<text:h text:outline-level="1">Two</text:h>',
        styles=outline,
    )
    assert document.blocks == ("Dear Chair,", "## I. One", "## None", "## II. Two")


def test_a_list_that_begins_at_a_deeper_level_counts_on():
    document = read(
        listing(listing("a"), listing("b"), "c", f"{p('d')}{listing('e')}"),
        p("Between."),
        listing("f", attributes='text:continue-numbering="true"'),
    )
    labels = [block.split()[0] for block in document.blocks]
    assert labels == ["(a)", "(b)", "2.", "3.", "(a)", "Between.", "4."]


def test_a_number_without_text_is_counted_and_named_except_in_a_cell():
    cell = f"<table:table-cell>{listing('')}</table:table-cell>"
    other = f"<table:table-cell>{p('one')}</table:table-cell>"
    row = f"<table:table-row>{cell}{other}</table:table-row>"
    document = read(listing("a", "", "c"), f"<table:table>{row}{row}</table:table>")
    assert document.blocks[:2] == ("1. a", "3. c")
    assert document.blocks[2] == "| 1\\. | one |\n| --- | --- |\n| 1\\. | one |"
    assert get_words(document, RemarkKind.EMPTY_ITEMS) == "2."


def test_merged_cells_keep_their_columns():
    def cell(text, attributes="", kind="table-cell"):
        return f"<table:{kind} {attributes}>{p(text) if text else ''}</table:{kind}>"

    covered = cell("", kind="covered-table-cell")
    rows = (
        cell("Tall", 'table:number-rows-spanned="2"') + cell("Wide", 'table:number-columns-spanned="2"') + covered,
        covered + cell("a") + cell("b|c"),
    )  # fmt: skip
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    document = read(f"<table:table>{table}</table:table>")
    assert document.blocks == ("| Tall | Wide |  |\n| --- | --- | --- |\n|  | a | b\\|c |",)
    assert [(item.kind, item.count) for item in document.remarks] == [(RemarkKind.MERGED_CELLS, 2)]


def test_notes_boxes_and_running_heads():
    note = f"<text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body>{p('A note.')}</text:note-body></text:note>"
    box = f"<draw:frame><draw:text-box>{p('In a box.')}</draw:text-box></draw:frame>"
    document = read(
        p(f"Text{note}.{box}"),
        masters=f'<style:master-page style:name="S"><style:header>{p("Example Society")}</style:header></style:master-page>',
    )
    assert document.blocks == ("Text[^1].", "In a box.", "[^1]: A note.")
    assert get_words(document, RemarkKind.PAGE_FURNITURE) == "Example Society"


@pytest.mark.parametrize(
    ("blocks", "title_property", "title"),
    [
        ([p("The title", "Title"), p("Text.")], "Other", "The title"),
        ([p("Society"), p("A title", "Title")], "", ""),
        ([p("Society"), p("A title", "Title")], "A reply", "A reply"),
    ],
)
def test_a_heading_is_the_title_only_when_it_comes_first(blocks, title_property, title):
    assert read(*blocks, title=title_property).title == title


def frame(content: str, attributes: str = "") -> str:
    return f"<draw:frame {attributes}><draw:text-box>{p(content)}</draw:text-box></draw:frame>"


@pytest.mark.parametrize(
    "block",
    [
        p("Shown " + span(frame("secret"), "Hidden")),
        p("Shown " + span(frame("secret"), "Deeper")),
        p("Shown") + p(frame("secret"), "Aside"),
        p("Shown") + p(f'<text:hidden-paragraph text:is-hidden="true"/>{frame("secret")}'),
        p("Shown " + frame("secret", 'draw:display="none"')),
        p("Shown " + span(f"<draw:rect>{p('secret')}</draw:rect>", "Hidden")),
    ],
)
def test_boxes_of_a_hidden_place_are_left_out_and_named(block):
    document = read(block, p("After."))
    assert list_letter_words(document) == ["shown", "after"]
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


def test_notes_of_a_hidden_place_are_not_published():
    note = f'<text:note text:note-class="footnote"><text:note-body>{p("private")}</text:note-body></text:note>'
    hidden_row = f'<table:table-row table:visibility="collapse"><table:table-cell>{p("secret" + note)}</table:table-cell></table:table-row>'
    for block in (
        f'<text:section text:display="none">{p("secret" + note)}</text:section>',
        f"<table:table>{hidden_row}</table:table>",
        p(span(frame("secret" + note), "Hidden")),
    ):
        document = read(p("Shown."), block)
        assert document.blocks == ("Shown.",)
        assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret private"


def style(name: str, family: str, properties: str, kind: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}">'
        f"<style:{kind or family}-properties {properties}/></style:style>"
    )


COLOURS = (
    style("Bar", "text", 'fo:color="#000000" fo:background-color="#000000"')
    + style("Blue", "text", 'fo:color="#1f497d"')
    + style("Pale", "text", 'fo:color="#ffffff"')
    + style("Tiny", "text", 'fo:font-size="1pt"')
    + style("Clear", "text", 'fo:color="#000000" loext:opacity="0%"')
    + style(
        "Auto", "text", 'fo:color="#ffffff" style:use-window-font-color="true" loext:opacity="0%"'
    )
    + style("BluePar", "paragraph", 'fo:background-color="#1f497d"')
    + style("BlueCell", "table-cell", 'fo:background-color="#1f497d"')
    + style("BlueBox", "graphic", 'draw:fill="solid" draw:fill-color="#1f497d"')
)


def cell(content: str) -> str:
    return (
        '<table:table><table:table-row><table:table-cell table:style-name="BlueCell">'
        f"{p(content)}</table:table-cell></table:table-row></table:table>"
    )


@pytest.mark.parametrize(
    "block",
    [
        p(span("secret", "Bar")),
        p(span("secret", "Tiny")),
        p(span("secret", "Clear")),
        p(span("secret", "Pale")),
        p(span("secret", "Blue"), "BluePar"),
        cell(span("secret", "Blue")),
        p(frame(span("secret", "Blue"), 'draw:style-name="BlueBox"')),
    ],
)
def test_text_that_cannot_be_read_on_its_background_is_left_out_and_named(block):
    document = read(p("Shown."), block, styles=COLOURS)
    assert document.blocks == ("Shown.",)
    assert "secret" in " ".join(remark.words for remark in document.remarks)


@pytest.mark.parametrize(
    "block",
    [
        p(span("Shown.", "Pale"), "BluePar"),
        p(span("Shown.", "Auto")),
        cell(span("Shown.", "Pale")),
        p(frame(span("Shown.", "Pale"), 'draw:style-name="BlueBox"')),
    ],
)
def test_text_that_contrasts_with_its_background_stays(block):
    assert read(block, styles=COLOURS).blocks == ("Shown.",)
