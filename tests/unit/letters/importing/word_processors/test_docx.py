"""A letter taken from a Word document has the words that Word shows, and remarks on the others."""

import io
import zipfile

import pytest

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.word import read_word_document
from commentsite.letters.remarks import RemarkKind
from tests.support.hostile_files import replace_part
from tests.support.word_files import make_docx, numbered, numbering, p, r, table
from tests.support.word_oracle import list_letter_words

VANISH = "<w:vanish/>"
INTERNAL_STYLES = """
<w:style w:type="character" w:styleId="Internal"><w:name w:val="Internal"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Deeper"><w:name w:val="Deeper"/><w:basedOn w:val="Internal"/></w:style>
<w:style w:type="paragraph" w:styleId="Aside"><w:name w:val="Aside"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Note"><w:name w:val="Note"/><w:basedOn w:val="Aside"/></w:style>
<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def read(*blocks: str, **parts) -> ParsedDocument:
    return read_word_document(make_docx(*blocks, **parts))


def get_words(document: ParsedDocument, kind: RemarkKind) -> str:
    return " ".join(remark.words for remark in document.remarks if remark.kind == kind)


def count(document: ParsedDocument, kind: RemarkKind) -> int:
    return sum(remark.count for remark in document.remarks if remark.kind == kind)


@pytest.mark.parametrize(
    "hidden",
    [
        p("Shown", r(" secret", VANISH)),
        p("Shown", r(" secret", '<w:vanish w:val="true"/>')),
        p("Shown", r(" secret", '<w:rStyle w:val="Internal"/>')),
        p("Shown", r(" secret", '<w:rStyle w:val="Deeper"/>')),
        p("Shown") + p("secret", style="Aside"),
        p("Shown") + p("secret", style="Note"),
        p("Shown") + p(r("secret", VANISH), properties=f"<w:rPr>{VANISH}</w:rPr>"),
        p("Shown") + table(["a", p(r("secret", VANISH))], ["b", "c"]),
        p("Shown")
        + "<w:tbl><w:tr><w:tc>"
        + p("a")
        + "</w:tc></w:tr><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>"
        + p("secret")
        + "</w:tc></w:tr></w:tbl>",
        p("Shown", f"<w:hyperlink>{r('secret', VANISH)}</w:hyperlink>"),
        p("Shown", f"<w:ins>{r('secret', VANISH)}</w:ins>"),
        p("Shown", f"<w:sdt><w:sdtContent>{r('secret', VANISH)}</w:sdtContent></w:sdt>"),
        p("Shown", r("secret", '<w:color w:val="FFFFFF"/>')),
        p("Shown", r("secret", '<w:sz w:val="2"/>')),
    ],
)
def test_hidden_text_is_left_out_and_named(hidden):
    document = read(hidden, p("After."), styles=INTERNAL_STYLES)
    assert "secret" not in list_letter_words(document)
    assert {"shown", "after"} <= set(list_letter_words(document))
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"
    assert count(document, RemarkKind.HIDDEN_TEXT) == 1


def test_text_hidden_by_the_defaults_of_all_styles_is_left_out():
    styles = f"<w:docDefaults><w:rPrDefault><w:rPr>{VANISH}</w:rPr></w:rPrDefault></w:docDefaults>"
    document = read(p("secret"), p(r("Shown.", '<w:vanish w:val="0"/>')), styles=styles)
    assert document.blocks == ("Shown.",)


@pytest.mark.parametrize(
    "shown",
    [
        p(r("Shown.", '<w:vanish w:val="0"/>'), style="Aside"),
        p(r("Shown.", '<w:vanish w:val="false"/>')),
        p(r("Shown.", "<w:webHidden/>")),
        p("Shown.", properties=f"<w:rPr>{VANISH}<w:specVanish/></w:rPr>"),
        p("Shown.", style="Loop"),
        table(["<w:tc><w:tcPr><w:shd w:fill='1F497D'/></w:tcPr>" + p(r("Shown.", '<w:color w:val="FFFFFF"/>')) + "</w:tc>"]),
    ],
)  # fmt: skip
def test_text_that_word_shows_stays(shown):
    document = read(shown, styles=INTERNAL_STYLES)
    assert document.blocks == ("Shown.",)
    assert count(document, RemarkKind.HIDDEN_TEXT) == 0


def test_white_text_on_a_coloured_page_stays():
    content = make_docx(p(r("Shown.", '<w:color w:val="FFFFFF"/>')))
    background = b'<w:background w:color="1F497D"/><w:body>'
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        main = package.read("word/document.xml").replace(b"<w:body>", background)
    document = read_word_document(replace_part(content, "word/document.xml", main))
    assert document.blocks == ("Shown.",)


def test_tracked_changes_are_accepted_and_counted():
    document = read(
        p(
            "We ",
            "<w:del><w:r><w:delText>reject</w:delText></w:r></w:del>",
            f"<w:ins>{r('accept')}</w:ins>",
            r(" it. "),
            f"<w:moveFrom>{r('Moved.')}</w:moveFrom>",
        ),
        p(f"<w:moveTo>{r('Moved.')}</w:moveTo>"),
    )
    assert document.blocks == ("We accept it.", "Moved.")
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "− reject\n+ accept\n→ Moved."
    assert count(document, RemarkKind.TRACKED_CHANGES) == 4


def test_an_inserted_row_and_a_deletion_inside_an_insertion_name_their_words():
    row = "<w:tr><w:trPr><w:ins/></w:trPr><w:tc>" + p("new row") + "</w:tc></w:tr>"
    deleted = "<w:del><w:r><w:delText> not</w:delText></w:r></w:del>"
    document = read(
        table(["a", "b"], ["c", "d"]).replace("</w:tbl>", row + "</w:tbl>"),
        p("We ", f"<w:ins>{r('did')}{deleted}{r(' agree')}</w:ins>"),
        f"<w:ins>{p('A whole paragraph.')}</w:ins>",
    )
    assert (
        get_words(document, RemarkKind.TRACKED_CHANGES)
        == "+ new row\n+ did agree\n− not\n+ A whole paragraph."
    )


def test_a_drop_cap_is_the_first_letter_of_its_word():
    document = read(
        p("W", properties='<w:framePr w:dropCap="drop" w:lines="3"/>'),
        p("e write."),
        p("Framed", properties='<w:framePr w:w="2000"/>'),
        p("text."),
    )
    assert document.blocks == ("We write.", "Framed", "text.")


def test_paragraphs_with_a_deleted_mark_are_joined_but_not_with_a_table():
    deleted_mark = "<w:rPr><w:del/></w:rPr>"
    document = read(
        p("One ", properties=deleted_mark),
        p("paragraph."),
        p("Before the table.", properties=deleted_mark),
        table(["a", "b"], ["c", "d"]),
        p("", properties=deleted_mark),
        table(["e", "f"], ["g", "h"]),
        p("Last.", properties=deleted_mark),
    )
    assert document.blocks == (
        "One paragraph.",
        "Before the table.",
        "| a | b |\n| --- | --- |\n| c | d |",
        "| e | f |\n| --- | --- |\n| g | h |",
        "Last.",
    )


def test_deleted_rows_and_cells_are_left_out():
    row = "<w:tr><w:trPr><w:del/></w:trPr><w:tc>" + p("gone") + "</w:tc></w:tr>"
    kept = table(["a", "b"], ["c", "d"]).replace("</w:tbl>", row + "</w:tbl>")
    document = read(kept)
    assert document.blocks == ("| a | b |\n| --- | --- |\n| c | d |",)
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "− gone"


def test_review_comments_are_left_out_with_their_words():
    comment = '<w:comment w:id="0" w:author="A. Reviewer">' + p("Is this so?") + "</w:comment>"
    document = read(
        p("Words", '<w:r><w:commentReference w:id="0"/></w:r>'), parts={"comments": comment}
    )
    assert document.blocks == ("Words",)
    assert get_words(document, RemarkKind.REVIEW_COMMENTS) == "Is this so?"


@pytest.mark.parametrize(("value", "sign"), [("1", "☒"), ("0", "☐"), ("true", "☒")])
def test_check_boxes_keep_their_state(value, sign):
    box = f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{value}"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r></w:sdtContent></w:sdt>'
    assert read(p(box, r(" Yes"))).blocks == (f"{sign} Yes",)


def form_field(code: str, data: str, result: str = "") -> str:
    separated = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(result)}' if result else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
        f"<w:r><w:instrText> {code} </w:instrText></w:r>{separated}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (form_field("FORMCHECKBOX", "<w:checkBox><w:checked/></w:checkBox>"), "☒"),
        (form_field("FORMCHECKBOX", '<w:checkBox><w:default w:val="1"/></w:checkBox>'), "☒"),
        (
            form_field(
                "FORMCHECKBOX",
                '<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>',
            ),
            "☐",
        ),
        (form_field("FORMTEXT", "<w:textInput/>", "typed words"), "typed words"),
        (
            form_field(
                "FORMDROPDOWN",
                '<w:ddList><w:result w:val="1"/><w:listEntry w:val="no"/><w:listEntry w:val="yes"/></w:ddList>',
            ),
            "yes",
        ),
        (form_field("SYMBOL 254 \\f Wingdings", ""), "☑"),
        (form_field("MACROBUTTON NoMacro Click here", ""), "Click here"),
        (form_field("XE entry", ""), ""),
        (f'<w:fldSimple w:instr="AUTHOR">{r("A. Delegate")}</w:fldSimple>', "A. Delegate"),
    ],
)
def test_fields_show_what_word_shows(field, shown):
    assert read(p("Answer: ", field)).blocks == (f"Answer: {shown}".strip(),)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (f'<w:dir w:val="rtl">{r("words")}</w:dir>', "words"),
        (f'<w:bdo w:val="rtl">{r("words")}</w:bdo>', "words"),
        (f"<w:smartTag>{r('words')}</w:smartTag>", "words"),
        (
            f"<w:r><w:ruby><w:rt>{r('かん')}</w:rt><w:rubyBase>{r('漢')}</w:rubyBase></w:ruby></w:r>",
            "漢(かん)",
        ),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "✓"),
        ('<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>', "≥"),
        (r("\uf0fe", '<w:rFonts w:ascii="Wingdings"/>'), "☑"),
        (r("a", '<w:rFonts w:ascii="Symbol"/>'), "α"),
        (
            "<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:t>c</w:t></w:r>",
            "a\u2011bc",
        ),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r>", "a b"),
        ("<w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r>", "a\\\nb"),
        (r("bold", "<w:b/>"), "**bold**"),
        (r("m") + r("2", '<w:vertAlign w:val="superscript"/>'), "m²"),
        (
            "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>",
            "(a)/(b)",
        ),
    ],
)
def test_words_in_special_elements_are_kept(content, shown):
    assert read(p("x ", content, " y")).blocks == (f"x {shown} y",)


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FF"/></w:r>', "Wingdings F0FF"),
        ('<w:r><w:sym w:font="Wingdings 3" w:char="F07D"/></w:r>', "Wingdings 3 F07D"),
        (r("}", '<w:rFonts w:ascii="Wingdings 3"/>'), "Wingdings 3 7D"),
    ],
)
def test_an_unknown_symbol_is_named(symbol, words):
    document = read(p("x", symbol))
    assert document.blocks == ("x",)
    assert get_words(document, RemarkKind.OTHER) == words


def test_a_numbered_heading_at_the_start_is_not_the_title():
    document = read(
        p("Background", properties='<w:outlineLvl w:val="0"/><w:numPr><w:numId w:val="1"/></w:numPr>'),
        p("Text."),
        parts={"numbering": numbering(("decimal", "%1"))},
    )  # fmt: skip
    assert (document.title, document.blocks) == ("", ("## 1 Background", "Text."))


def test_text_boxes_stay_and_running_heads_are_named():
    box = f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>{p('In a box.')}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{p('In a box.')}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    section = '<w:sectPr><w:headerReference r:id="header"/></w:sectPr>'
    document = read(p("Text.", box), section, parts={"header": p("Example Society")})
    assert document.blocks == ("Text.", "In a box.")
    assert get_words(document, RemarkKind.PAGE_FURNITURE) == "Example Society"


def test_a_table_of_contents_is_named():
    styles = '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    document = read(p("Background 3", style="TOC1"), p("Text."), styles=styles)
    assert document.blocks == ("Text.",)
    assert get_words(document, RemarkKind.PAGE_FURNITURE) == "Background 3"


def test_pictures_are_given_with_their_description():
    picture = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="A map"/><a:graphic><a:graphicData><a:blip r:embed="pic"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    document = read(p("See ", picture), binaries={"pic": PNG})
    (found,) = document.pictures
    assert (found.content, found.description) == (PNG, "A map")
    assert document.blocks == (f"See {found.marker}",)


def test_objects_and_linked_pictures_are_named():
    linked = '<w:r><w:drawing><wp:inline><wp:docPr descr="Elsewhere"/><a:blip r:link="gone"/></wp:inline></w:drawing></w:r>'
    embedded = '<w:r><w:object><o:OLEObject ProgID="Excel.Sheet"/></w:object></w:r>'
    document = read(p("Text.", linked, embedded))
    assert document.blocks == ("Text.",)
    assert get_words(document, RemarkKind.PICTURES) == "Elsewhere"
    assert get_words(document, RemarkKind.OBJECTS) == "Excel.Sheet"


def test_footnotes_and_endnotes_become_notes():
    note = (
        '<w:footnote w:id="0" w:type="separator"/><w:footnote w:id="2">'
        + p("First.")
        + p("Second.")
        + "</w:footnote>"
    )
    end = '<w:endnote w:id="2">' + p("At the end.") + "</w:endnote>"
    document = read(
        p("A", '<w:r><w:footnoteReference w:id="2"/></w:r>', " b", '<w:r><w:endnoteReference w:id="2"/></w:r>'),
        parts={"footnotes": note, "endnotes": end},
    )  # fmt: skip
    assert document.blocks == (
        "A[^1] b[^2]",
        "[^1]: First.\n\n    Second.",
        "[^2]: At the end.",
    )


def test_a_note_of_hidden_text_is_hidden_and_a_note_without_a_mark_is_named():
    notes = "".join(
        f'<w:footnote w:id="{n}">{p(words)}</w:footnote>'
        for n, words in ((1, "secret"), (2, "lonely"))
    )
    hidden = f'<w:r><w:rPr>{VANISH}</w:rPr><w:footnoteReference w:id="1"/></w:r>'
    document = read(p("Text.", hidden), parts={"footnotes": notes})
    assert document.blocks == ("Text.",)
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"
    assert get_words(document, RemarkKind.OTHER) == "lonely"


@pytest.mark.parametrize(
    ("number_format", "text", "labels"),
    [
        ("decimal", "%1.", ("1.", "2.", "3.")),
        ("decimal", "(%1)", ("(1)", "(2)", "(3)")),
        ("decimalZero", "%1", ("01", "02", "03")),
        ("lowerLetter", "%1)", ("a)", "b)", "c)")),
        ("lowerLetter", "(%1)", ("(a)", "(b)", "(c)")),
        ("lowerRoman", "%1.", ("i.", "ii.", "iii.")),
        ("upperRoman", "%1.", ("I", "II", "III")),
        ("upperLetter", "Article %1", ("Article A", "Article B", "Article C")),
        ("ordinalText", "%1:", ("First:", "Second:", "Third:")),
        ("arabicAbjad", "%1)", ("أ)", "ب)", "ج)")),
        ("hindiNumbers", "%1.", ("१.", "२.", "३.")),
        ("aiueoFullWidth", "(%1)", ("(ア)", "(イ)", "(ウ)")),
        ("chineseCounting", "%1、", ("一、", "二、", "三、")),
        ("decimalEnclosedCircle", "%1", ("①", "②", "③")),
        ("unknownFormat", "%1.", ("1.", "2.", "3.")),
    ],
)
def test_numbers_have_the_form_that_word_shows(number_format, text, labels):
    document = read(
        *(numbered(f"Words {n}.") for n in range(3)),
        parts={"numbering": numbering((number_format, text))},
    )
    for block, label in zip(document.blocks, labels, strict=True):
        assert block.startswith(f"{label} Words") or block.endswith(f"{{no={label}}}")


def test_numbering_continues_over_headings_and_paragraphs():
    document = read(
        numbered("One."),
        p("Part", properties='<w:outlineLvl w:val="0"/>'),
        p("Between."),
        numbered("Two."),
        parts={"numbering": numbering(("decimal", "%1."))},
    )
    assert document.blocks == ("1. One.", "## Part", "Between.", "2. Two.")


def test_levels_restart_and_show_their_parents():
    levels = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"))
    document = read(
        *(numbered(f"t{i}", level=level) for i, level in enumerate((0, 1, 1, 2, 2, 0, 1, 2))),
        parts={"numbering": numbering(*levels)},
    )
    assert document.blocks == (
        "1. t0",
        "t1 {no=1.1}",
        "t2 {no=1.2}",
        "(a) t3",
        "(b) t4",
        "2. t5",
        "t6 {no=2.1}",
        "(a) t7",
    )


def test_a_skipped_level_counts_as_if_it_had_been_used():
    levels = (("decimal", "%1."), ("decimal", "%1.%2"))
    document = read(
        *(numbered(f"t{i}", level=level) for i, level in enumerate((1, 1, 0, 1))),
        parts={"numbering": numbering(*levels)},
    )
    assert document.blocks == ("t0 {no=1.1}", "t1 {no=1.2}", "2. t2", "t3 {no=2.1}")


def test_a_style_has_the_level_of_its_own_or_of_the_nearest_style_that_states_one():
    numbered_style = (
        '<w:style w:type="paragraph" w:styleId="{0}"><w:name w:val="{0}"/>{1}</w:style>'
    )
    styles = (
        numbered_style.format("Num", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>')
        + numbered_style.format("Sub", '<w:basedOn w:val="Num"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr>')
        + numbered_style.format("Deep", '<w:basedOn w:val="Sub"/>')
    )  # fmt: skip
    levels = numbering(("decimal", "%1."), ("lowerLetter", "(%2)"))
    linked = levels.replace("<w:lvlText", '<w:pStyle w:val="Num"/><w:lvlText', 1)
    document = read(
        *(p(style, style=style) for style in ("Num", "Sub", "Deep", "Num")),
        styles=styles,
        parts={"numbering": linked},
    )
    assert document.blocks == ("1. Num", "(a) Sub", "(b) Deep", "2. Num")


def test_a_number_without_text_is_counted_and_named():
    deleted = "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
    numbers = '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'
    document = read(
        numbered("One."), p(deleted, r(" "), properties=numbers), p(r("x", VANISH), properties=numbers),
        numbered(""), numbered("Three."),
        parts={"numbering": numbering(("decimal", "%1."), ("lowerLetter", "(%2)"))},
    )  # fmt: skip
    assert document.blocks == ("1. One.", "3. Three.")
    [remark] = [item for item in document.remarks if item.kind == RemarkKind.EMPTY_ITEMS]
    assert (remark.count, remark.words.split()) == (3, ["(a)", "(b)", "2."])


def test_an_instance_with_a_start_of_its_own_restarts():
    override = '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    document = read(
        numbered("a"), numbered("b", 2), numbered("c", 2), numbered("d", 3),
        parts={"numbering": numbering(("decimal", "%1."), start=3, instances=override)},
    )  # fmt: skip
    assert document.blocks == ("3. a", "5. b", "6. c", "7. d")


def test_a_skipped_level_uses_the_start_of_its_instance_once():
    override = '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    document = read(
        numbered("a", 2, level=1), numbered("b"), numbered("c", 2),
        parts={"numbering": numbering(("decimal", "%1."), ("decimal", "%1.%2"), instances=override)},
    )  # fmt: skip
    assert document.blocks == ("a {no=5.1}", "6. b", "7. c")


def test_numbering_of_a_style_can_be_suppressed():
    styles = '<w:style w:type="paragraph" w:styleId="Base"><w:name w:val="Base"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Num"><w:name w:val="Num"/><w:basedOn w:val="Base"/></w:style>'
    off = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
    document = read(
        p("a", style="Num"), p("b", style="Num", properties=off), p("c", style="Num"),
        styles=styles,
        parts={"numbering": numbering(("decimal", "%1."))},
    )  # fmt: skip
    assert document.blocks == ("1. a", "b", "2. c")


def test_hidden_and_deleted_paragraphs_are_not_counted():
    numbers = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    document = read(
        numbered("a"),
        p(r("x", VANISH), properties=f"{numbers}<w:rPr>{VANISH}</w:rPr>"),
        p("<w:del><w:r><w:delText>y</w:delText></w:r></w:del>", properties=f"{numbers}<w:rPr><w:del/></w:rPr>"),
        numbered("b"),
        parts={"numbering": numbering(("decimal", "%1."))},
    )  # fmt: skip
    assert document.blocks == ("1. a", "2. b")


def test_bullets_become_nested_lists_and_boxes_stay():
    box = '<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
    definition = '<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0fe"/><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr></w:lvl></w:abstractNum>'
    document = read(
        numbered("a"), numbered("b", level=1), numbered("c"), p("Between."), numbered("Yes", 2),
        parts={"numbering": definition + numbering(("bullet", "•"), ("bullet", "–"), instances=box)},
    )  # fmt: skip
    assert document.blocks == ("- a\n  - b\n- c", "Between.", "- ☑ Yes")


def test_merged_cells_keep_their_columns():
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + p("Wide") + "</w:tc>"
    tall = '<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + p("Tall") + "</w:tc>"
    rest = "<w:tc><w:tcPr><w:vMerge/></w:tcPr>" + p("") + "</w:tc>"
    document = read(table([tall, wide], [rest, "a", "b|c"], ["x", p("y") + p("z"), "w"]))
    assert document.blocks == (
        "| Tall | Wide |  |\n| --- | --- | --- |\n|  | a | b\\|c |\n| x | y / z | w |",
    )
    [remark] = [item for item in document.remarks if item.kind == RemarkKind.MERGED_CELLS]
    assert remark.count == 2


def test_tables_without_a_paragraph_between_them_are_one():
    floating = table(["e", "f"]).replace("<w:tbl>", "<w:tbl><w:tblPr><w:tblpPr/></w:tblPr>")
    document = read(table(["a", "b"], ["c", "d"]), table(["x", ""]), p("Between."), floating)
    assert document.blocks[:2] == (
        "| a | b |\n| --- | --- |\n| c | d |\n| x |  |",
        "Between.",
    )
    apart = read(table(["a", "b"], ["c", "d"]), floating)
    assert apart.blocks == ("| a | b |\n| --- | --- |\n| c | d |", "e", "f")


def test_a_table_that_lays_out_the_page_is_unwrapped():
    inner = table(["a", "b"], ["c", "d"])
    for layout in (
        table([p("One.") + p("Two.") + inner]),
        table([p("One.")], [p("Two.")], [inner + p("")]),
        table([p("One."), p("Two.") + inner]),
        table(["", p("One.") + p("Two.")], ["", inner + p("")]),
    ):
        assert read(layout).blocks == ("One.", "Two.", "| a | b |\n| --- | --- |\n| c | d |")


def test_empty_rows_are_not_the_heading_of_a_table():
    document = read(table(["", ""], ["a", "b"], ["c", "d"]))
    assert document.blocks == ("| a | b |\n| --- | --- |\n| c | d |",)


@pytest.mark.parametrize(
    ("blocks", "title_property", "title", "first"),
    [
        ([p("The title", style="Title"), p("Text.")], "", "The title", "Text."),
        ([p("The title", style="H1"), p("Text.")], "Other", "The title", "Text."),
        ([p(""), p("The title", style="H1"), p("Text.")], "", "The title", "Text."),
        ([p("Society"), p("Dear Chair,"), p("Part", style="H1")], "", "", "Society"),
        ([p("Society"), p("Dear Chair,"), p("Part", style="H1")], "A reply", "A reply", "Society"),
        ([p("Society"), p("Dear Chair,")], "Microsoft Word - a.doc", "", "Society"),
    ],
)
def test_a_heading_is_the_title_only_when_it_comes_first(blocks, title_property, title, first):
    styles = (
        '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    )
    document = read(*blocks, styles=styles, title=title_property)
    assert (document.title, document.blocks[0]) == (title, first)


def test_a_cell_can_consist_of_a_number():
    document = read(
        table([numbered(""), "one"], [numbered(""), "two"]),
        parts={"numbering": numbering(("decimal", "%1."))},
    )
    assert document.blocks == ("| 1\\. | one |\n| --- | --- |\n| 2\\. | two |",)


@pytest.mark.parametrize(
    ("paragraphs", "blocks"),
    [
        (("1. One", "2. Two"), ("1. One", "2. Two")),
        (("11. One", "11 bis. Two", "12. Three"), ("11. One", "11 bis. Two", "12. Three")),
        (("(a) One", "(b) Two"), ("(a) One", "(b) Two")),
        (("1989. Das war das Jahr.", "1990. Und das."), ("1989\\. Das war das Jahr.", "1990\\. Und das.")),
        (("12. März 2020 war ein Tag.", "Text."), ("12\\. März 2020 war ein Tag.", "Text.")),
        (("A. Delegate", "B. Other"), ("A. Delegate", "B. Other")),
        (("Tel.\t12345", "17.\tOne"), ("Tel. 12345", "17. One")),
    ],
)  # fmt: skip
def test_a_typed_number_counts_if_it_belongs_to_a_series(paragraphs, blocks):
    document = read(p("Dear Chair,"), *map(p, paragraphs))
    assert document.blocks == ("Dear Chair,", *blocks)


def test_two_line_breaks_divide_a_paragraph():
    document = read(p("One.", "<w:r><w:br/></w:r>", "<w:r><w:br/></w:r>", "Two."))
    assert document.blocks == ("One.", "Two.")


def test_links_keep_their_address_and_only_those_that_a_letter_may_have():
    link = '<w:hyperlink r:id="{}">' + r("here") + "</w:hyperlink>"
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "https://c.example/"'
        '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + r("there")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    document = read(
        p("x ", link.format("good")), p("x ", link.format("bad")), p("x ", field),
        links={"good": "https://a.example/b(1)", "bad": "javascript:alert(1)"},
    )  # fmt: skip
    assert document.blocks == (
        "x [here](https://a.example/b%281%29)",
        "x here",
        "x [there](https://c.example/)",
    )


def test_the_language_is_that_of_most_of_the_text():
    styles = '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault></w:docDefaults>'
    assert read(p("English words."), styles=styles).language == "en-US"
    assert read(p("نطلب نشر محضر كل اجتماع"), styles=styles).language == "ar-SA"
    assert read(p("Мы просим"), styles=styles).language == ""
    french = r("Nous demandons la publication.", '<w:lang w:val="fr-FR"/>')
    assert read(p("x", french), styles=styles).language == "fr-FR"


@pytest.mark.parametrize("main", ["document2.xml", "Document.XML"])
def test_the_main_part_can_have_any_name(main):
    content = make_docx(p("Words."), main=main)
    assert read_word_document(content).blocks == ("Words.",)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            make_docx(p("x"), main_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
            FileProblem.MACROS,
        ),
        (make_docx(), FileProblem.EMPTY),
        (make_docx(p("")), FileProblem.EMPTY),
        (make_docx(p("x"))[:300], FileProblem.DAMAGED),
        (b"", FileProblem.EMPTY),
        (b"plain words", FileProblem.WRONG_TYPE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), FileProblem.WRONG_TYPE),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            FileProblem.ENCRYPTED,
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(content, problem):
    with pytest.raises(UnreadableFile) as refused:
        read_word_document(content)
    assert refused.value.problem == problem
    assert "%(name)s" in refused.value.message


def make_box(text: str, run: str = "", described: str = "", shape: str = "") -> str:
    return (
        f"<w:r><w:rPr>{run}</w:rPr><w:drawing><wp:anchor><wp:docPr id='1' name='Box' {described}/>"
        "<a:graphic><a:graphicData uri='http://schemas.microsoft.com/office/word/2010/"
        f"wordprocessingShape'><wps:wsp><wps:cNvPr id='2' name='x' {shape}/><wps:txbx>"
        f"<w:txbxContent>{p(text)}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        "</wp:anchor></w:drawing></w:r>"
    )


def make_older_box(text: str, style: str, run: str = "") -> str:
    return (
        f"<w:r><w:rPr>{run}</w:rPr><w:pict><v:shape style='{style}'><v:textbox><w:txbxContent>"
        f"{p(text)}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )


@pytest.mark.parametrize(
    "block",
    [
        p("Shown", make_box("secret", run=VANISH)),
        p("Shown", make_box("secret", run='<w:rStyle w:val="Internal"/>')),
        p("Shown") + p(make_box("secret"), style="Aside"),
        p("Shown", make_box("secret", described="hidden='1'")),
        p("Shown", make_box("secret", shape="hidden='true'")),
        p("Shown", make_older_box("secret", "", run=VANISH)),
        p("Shown", make_older_box("secret", "position:absolute;visibility:hidden")),
        p("Shown", f"<m:oMath><m:r><w:rPr>{VANISH}</w:rPr><m:t>secret</m:t></m:r></m:oMath>"),
        p("Shown") + p("<m:oMath><m:r><m:t>secret</m:t></m:r></m:oMath>", style="Aside"),
    ],
)
def test_boxes_and_formulas_of_a_hidden_place_are_left_out_and_named(block):
    document = read(block, p("After."), styles=INTERNAL_STYLES)
    assert list_letter_words(document) == ["shown", "after"]
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


def test_the_visible_part_of_a_formula_stays():
    hidden = f"<m:r><w:rPr>{VANISH}</w:rPr><m:t>+secret</m:t></m:r>"
    document = read(p(f"<m:oMath><m:r><m:t>tide</m:t></m:r>{hidden}</m:oMath>"))
    assert document.blocks == ("tide",)
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "+secret"


def test_notes_in_a_hidden_box_or_row_are_not_published():
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    box = make_box("secret", run=VANISH).replace("</w:p></w:txbx", f"{reference}</w:p></w:txbx")
    notes = f'<w:footnote w:id="2">{p("private note")}</w:footnote>'
    row = f"<w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{p('secret', reference)}</w:tc></w:tr>"
    open_row = f"<w:tr><w:tc>{p('a')}</w:tc></w:tr>"
    for block in (p("Shown", box), p("Shown") + f"<w:tbl>{open_row}{row}</w:tbl>"):
        document = read(block, parts={"footnotes": notes})
        assert "private" not in " ".join(document.blocks)
        assert "[^" not in " ".join(document.blocks)
        assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret private note"


@pytest.mark.parametrize(
    "properties",
    [
        '<w:color w:val="000000"/><w:shd w:val="clear" w:fill="000000"/>',
        '<w:color w:val="000000"/><w:shd w:val="solid" w:color="auto" w:fill="auto"/>',
        '<w:color w:val="000000"/><w:highlight w:val="black"/>',
        '<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>',
        '<w:color w:val="FEFEFE"/>',
        '<w:shd w:fill="1F497D"/><w:color w:val="1f497d"/>',
        "<w14:textFill><w14:noFill/></w14:textFill>",
    ],
)
def test_text_in_the_colour_of_its_background_is_left_out_and_named(properties):
    document = read(p("Shown ", r("secret", properties), r(" after.")))
    assert list_letter_words(document) == ["shown", "after"]
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


@pytest.mark.parametrize(
    "block",
    [
        p(r("secret", '<w:color w:val="333333"/>'), properties='<w:shd w:fill="333333"/>'),
        table(["<w:tc><w:tcPr><w:shd w:fill='1F497D'/></w:tcPr>" + p(r("secret", '<w:color w:val="1F497D"/>')) + "</w:tc>"]),
    ],
)  # fmt: skip
def test_text_in_the_colour_of_its_paragraph_or_cell_is_left_out(block):
    document = read(p("Shown."), block)
    assert document.blocks == ("Shown.",)
    assert get_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


@pytest.mark.parametrize(
    "properties",
    [
        '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>',
        '<w:color w:val="auto"/><w:shd w:fill="000000"/>',
        '<w:color w:val="FFFF00"/>',
        '<w:color w:val="000000"/><w:shd w:val="pct20" w:color="auto" w:fill="000000"/>',
    ],
)
def test_text_that_contrasts_with_its_background_stays(properties):
    assert read(p(r("Shown.", properties))).blocks == ("Shown.",)


def test_text_that_was_moved_to_nowhere_is_named():
    moved = f"<w:moveFrom>{r('Save the mill.')}</w:moveFrom>"
    document = read(p("We ask you.", moved))
    assert document.blocks == ("We ask you.",)
    assert get_words(document, RemarkKind.TRACKED_CHANGES) == "− Save the mill."


@pytest.mark.parametrize("sign", ["☒", "☐", "✓"])
def test_a_check_box_keeps_the_words_beside_its_sign(sign):
    box = (
        "<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val='1'/></w14:checkbox></w:sdtPr>"
        f"<w:sdtContent>{r(f'{sign} I agree to point 4')}</w:sdtContent></w:sdt>"
    )
    assert read(p(box)).blocks == ("☒ I agree to point 4",)


@pytest.mark.parametrize("kind", ["2006/lockedCanvas", "2099/unknown"])
def test_the_words_of_another_drawing_are_named(kind):
    drawing = (
        "<w:r><w:drawing><wp:inline><wp:docPr id='1' name='d' descr='Plan of the mill'/><a:graphic>"
        f"<a:graphicData uri='http://schemas.openxmlformats.org/drawingml/{kind}'><a:sp><a:txSp>"
        "<a:txBody><a:p><a:r><a:t>Sluice gate</a:t></a:r></a:p></a:txBody></a:txSp></a:sp>"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    document = read(p("Shown.", drawing))
    assert document.blocks == ("Shown.",)
    assert get_words(document, RemarkKind.OBJECTS) == "Plan of the mill Sluice gate"


@pytest.mark.parametrize(
    ("fill", "is_shown"), [("solidFill", True), ("noFill", False), ("gradFill", True)]
)
def test_white_text_stays_only_in_a_box_of_another_colour(fill, is_shown):
    colour = "<a:srgbClr val='1F497D'/>" if fill == "solidFill" else ""
    shape = f"<wps:spPr><a:{fill}>{colour}</a:{fill}></wps:spPr><wps:txbx>"
    box = make_box("words").replace("<wps:txbx>", shape)
    box = box.replace("<w:rPr></w:rPr><w:t", '<w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t')
    document = read(p("Shown.", box))
    assert document.blocks == (("Shown.", "words") if is_shown else ("Shown.",))
