"""Every script in a PDF: drawn with its font, and found by search and copying, word by word."""

import html
import io
import re
import subprocess
import tempfile

import pytest
import tinyhtml5
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from commentsite.paths import find_resource_folder
from commentsite.web.paper.document import get_text, make_document
from commentsite.web.paper.renderer import render_pdf
from tests.support.pdf import list_words, read_with_pdftotext, read_with_pypdf

TEXTS = {
    "ar": "كتبنا هذه الرسالة عن الاستمارة التي لم تصل إلى أحد. ونسأل اللجنة عن نبيل وبيتنا وثبت.\nالفقرة الثانية تطلب جوابا قبل نهاية الشهر القادم لأجل ذلك ولا شيء آخر",
    "fa": "این نامه دربارهٔ حریم خصوصی شهروندان نوشته شده است و می‌خواهیم پاسخ کمیته را بشنویم.",
    "ur": "یہ خط شہریوں کی رازداری کے بارے میں لکھا گیا ہے اور ہم کمیٹی کا جواب سننا چاہتے ہیں۔",
    "he": "המכתב הזה עוסק בפרטיות של האזרחים. אנו מבקשים לשמוע את תשובת הוועדה עד סוף החודש",
    "hi": "यह पत्र नागरिकों की निजता के बारे में लिखा गया है और हम समिति का उत्तर सुनना चाहते हैं। क्षेत्र का विद्यार्थी कार्यक्रम।",
    "bn": "এই চিঠিটি নাগরিকদের গোপনীয়তা সম্পর্কে লেখা হয়েছে এবং আমরা কমিটির উত্তর শুনতে চাই।",
    "th": "จดหมายฉบับนี้เขียนเกี่ยวกับความเป็นส่วนตัว ผู้ที่ทำด้วยน้ำใจ",
    "ru": "Это письмо о частной жизни граждан, и мы хотим услышать ответ комитета.",
    "el": "Αυτή η επιστολή αφορά την ιδιωτικότητα των πολιτών και ζητά απάντηση.",
    "vi": "Lá thư này viết về quyền riêng tư của người dân và chúng tôi muốn nghe câu trả lời.",
    "zh": "这封信是关于公民隐私的，我们希望听到委员会的答复。结果何时公布？",
    "ja": "この手紙は市民のプライバシーについて書かれたもので、委員会の回答を聞きたいと思います。",
    "ko": "이 편지는 시민의 사생활에 관한 것이며 우리는 위원회의 답변을 듣고 싶습니다.",
}
RIGHT_TO_LEFT = ("ar", "fa", "ur", "he")
UNSPACED = ("th", "zh", "ja")
STATIC = find_resource_folder("static").resolve()
ADDRESS = "https://letters.example/letters/a"
VOWELLED = "الكِتَابَ مُشَكَّلٌ شكرًا مدّة أوّلًا تُنشر"


def render(body, language="en"):
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    page = (
        f'<html lang="{language}" dir="{direction}"><head><title>T – Site</title></head>'
        f"<body><main><h1>T</h1>{body}</main></body></html>"
    )
    return render_pdf(page, ADDRESS, {"static": STATIC, "media": STATIC}, [])


def render_text(text, language="en"):
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n"))
    return render(f'<div class="prose">{lines}</div>', language)


def list_fonts(data):
    return {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(io.BytesIO(data)).pages
        for font in page["/Resources"]["/Font"].values()
    }


@pytest.mark.parametrize("language", TEXTS)
def test_words_of_every_script_can_be_searched_and_copied(language):
    text = TEXTS[language]
    data = render_text(text, language)
    by_pypdf, by_pdftotext = read_with_pypdf(data), read_with_pdftotext(data)
    if language in UNSPACED:
        for line in text.split():
            assert line in by_pypdf.replace(" ", "")
            assert line in by_pdftotext.replace(" ", "")
        return
    # Both programs put the last full stop of a right-to-left line elsewhere, so words are compared.
    for line in text.split("\n"):
        assert " ".join(list_words(line)) in " ".join(list_words(by_pypdf))
    assert set(list_words(text)) - set(list_words(by_pdftotext)) == set()


def test_joiners_inside_words_stay():
    assert "می\u200cخواهیم" in read_with_pypdf(render_text("ما می\u200cخواهیم بشنویم", "fa"))


def test_digits_of_an_arabic_number_keep_their_order():
    assert "سنة ١٢٣ هنا" in read_with_pypdf(render_text("سنة ١٢٣ هنا", "ar"))


def test_vowel_signs_of_arabic_stay_on_their_letters():
    assert VOWELLED in read_with_pypdf(render_text(VOWELLED, "ar"))


def test_arabic_with_english_words_and_numbers_is_read_in_order():
    text = "القرار 70/125 لعام 2026 يقول كما في RFC 9162 إن الأمر مختلف"
    found = read_with_pypdf(render_text(f"A b.\n{text}", "ar"))
    assert text in found


@pytest.mark.parametrize(
    ("language", "font"),
    [("zh", "CJK-SC"), ("ja", "CJK-JP"), ("ko", "CJK-KR"), ("zh-TW", "CJK-TC")],
)
def test_east_asian_texts_are_drawn_in_the_forms_of_their_language(language, font):
    data = render_text(TEXTS[language[:2]], language)
    assert any(font in name for name in list_fonts(data))


@pytest.mark.parametrize("language", ["ar", "fa", "ur", "ru", "el", "vi"])
def test_texts_in_scripts_of_the_vendored_fonts_need_no_other_font(language):
    fonts = list_fonts(render_text(TEXTS[language], language))
    assert all(re.search("Source-Serif|Letters", name) for name in fonts), fonts


def test_the_fonts_of_pdfs_are_those_of_pages():
    """The renderer takes long to decode the fonts of pages, so they are stored decoded too."""
    folder = STATIC / "vendor" / "fonts"
    names = {path.stem for path in folder.glob("*.woff2")}
    names.remove("noto-naskh-arabic-core-wght-normal")  # a part of another file, for pages alone
    assert {path.stem for path in folder.glob("*.ttf")} == names
    for name in names:
        with TTFont(folder / f"{name}.ttf") as decoded, TTFont(folder / f"{name}.woff2") as font:
            assert decoded.getBestCmap() == font.getBestCmap()
            assert decoded["head"].modified == font["head"].modified


def test_numbers_of_lists_are_those_of_the_page():
    lists = (
        '<ol start="17"><li>a</li><li>b<ol><li value="5">c</li><li value="7">d</li></ol></li></ol>'
        '<ol><li value="12">e</li><li>f</li></ol><ul><li><p>g</p><p>h</p></li></ul>'
    )
    assert "17. a 18. b 5. c 7. d 12. e 13. f • g h" in read_with_pypdf(render(lists))


def test_a_page_with_hostile_links_gets_harmless_ones():
    links = [
        "//host.example/a", "/\\host.example", "\\\\host.example", "file:///etc/passwd", "javascript:x",
        "data:text/html,x", "///etc/passwd", "http://[", "ftp://a.example/",
    ]  # fmt: skip
    body = "".join(f'<p><a href="{link}" rel="attachment">link</a></p>' for link in links)
    body += '<p><img src="file:///etc/passwd" alt="A map"></p>'
    body += '<link rel="attachment" href="file:///etc/passwd">'
    data = render(body + '<p><a href="../b?c=d#e">b</a> <a href="#gone">c</a></p>')
    reader = PdfReader(io.BytesIO(data))
    targets = [
        str(note.get_object()["/A"]["/URI"])
        for page in reader.pages
        for note in page.get("/Annots", [])
    ]
    assert targets == ["https://letters.example/b?c=d#e", f"{ADDRESS}#gone"]
    assert "A map" in read_with_pypdf(data)
    assert b"file:" not in data
    assert reader.attachments == {}


def test_headings_without_a_gap_lead_through_the_document():
    outline = PdfReader(io.BytesIO(render("<h4>deep</h4><h2>two</h2><h3>three</h3>"))).outline
    titles = [[item.title for item in level if not isinstance(item, list)] for level in outline[1:]]
    assert outline[0].title == "T"
    assert titles == [["deep", "two"]]


def find_words(data):
    """Return (left, right) of each word on the pages of a PDF, in points, by its text."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(
            ["pdftotext", "-bbox", file.name, "-"], capture_output=True, check=True, text=True
        )
    words = re.findall(r'<word xMin="([\d.]+)".*?xMax="([\d.]+)".*?>(.*?)</word>', done.stdout)
    return {
        re.sub("[\u202a-\u202e]", "", text): (float(left), float(right))
        for left, right, text in words
    }


def render_paragraph(label, text, language, class_name="para-n"):
    return render(
        f'<div class="prose"><div class="para"><a class="{class_name}">{label}</a>{text}</div></div>',
        language,
    )


@pytest.mark.parametrize("label", ["3", "iii"])
def test_a_label_stands_in_the_margin_of_an_arabic_line(label):
    words = find_words(render_paragraph(label, "<p>كتبنا رسالة</p>", "ar"))
    assert words[label][0] > max(right for text, (_, right) in words.items() if not text.isascii())


def test_a_label_in_the_margin_of_an_english_line_and_a_long_one_in_the_line():
    words = find_words(render_paragraph("iii", "<p>Begins here</p>", "en"))
    edge = words["Begins"][0]
    assert words["iii"][1] < edge
    words = find_words(render_paragraph("Resolution", "<p>Begins here</p>", "en", "para-n long"))
    assert words["Resolution"][0] == pytest.approx(edge, abs=1)
    assert words["Resolution"][1] < words["Begins"][0]


def test_lines_of_the_interface_run_in_their_own_direction_on_a_right_to_left_page():
    page = (
        '<html lang="ar" dir="rtl"><head></head><body><main><h1>رسالة</h1>'
        '<p class="dates" lang="en">Published on 23 October 2026.</p>'
        '<ol class="thread"><li><article><p><bdi>رقية</bdi>, academia</p>'
        '<div class="comment-text" dir="rtl"><p>تعليق قصير.</p></div></article></li></ol>'
        "</main></body></html>"
    )
    document = make_document(tinyhtml5.parse(page, namespace_html_elements=False), ADDRESS, [])
    lines = {get_text(line): line.get("dir") for line in document.iter() if line.tag in {"h1", "p"}}
    assert lines == {
        "رسالة": "rtl",
        "Published on 23 October 2026.": "ltr",
        "رقية, academia": "ltr",
        "تعليق قصير.": None,  # that of the comment
    }
    assert document.find(".//li").get("dir") is None


def test_every_page_after_the_first_has_the_title_as_running_head():
    data = render("<p>Words.</p>" * 90)
    first, *others = (page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    assert others
    assert first.split().count("T") == 1
    assert all(page.split().count("T") == 1 for page in others)
