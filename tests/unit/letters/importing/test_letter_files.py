"""Files of all kinds: the right reader, the title, the language, and what stands before the letter."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.language import detect_language
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.services import state_language
from commentsite.letters.language_tags import normalise_language, parse_language
from commentsite.letters.remarks import RemarkKind
from tests.support.word_files import make_docx, p

PAGE = b"<html><head><title>A title</title></head><body><p>Dear</p><p>Words.</p></body></html>"
RTF = rb"{\rtf1\ansi{\info{\title A title}}Dear\par Words.\par}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", PAGE),
        ("a.HTM", PAGE),
        ("a.doc", PAGE),
        ("a.txt", PAGE),
        ("a.rtf", RTF),
        ("a.doc", RTF),
        ("a.txt", RTF),
        ("a.txt", b"A title\n\nDear\n\nWords.\n"),
        ("a.md", b"# A title\n\nDear\n\nWords.\n"),
        ("a.eml", b"Subject: A title\nFrom: a@example.org\n\nDear\n\nWords.\n"),
        ("a.docx", make_docx(p("A title", style="Title"), p("Dear"), p("Words."))),
        ("a.txt", make_docx(p("A title", style="Title"), p("Dear"), p("Words."))),
    ],
)
def test_the_content_of_a_file_decides_how_it_is_read(name, content):
    draft = read_letter_file(name, content)
    assert (draft.title, draft.source_text) == ("A title", "Dear\n\nWords.\n")


ARCHIVE = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7", "is a PDF file"),
        ("a.txt", b"%PDF-1.7", "is a PDF file"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word format"),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Outlook"),
        ("a.mht", ARCHIVE, "web archive"),
        ("a.doc", ARCHIVE, "web archive"),
        ("a.pages", b"PK\x03\x04", "Pages"),
        ("a.png", b"\x89PNG\r\n", "picture"),
        ("a.exe", b"MZ", "cannot be read here"),
        ("a", b"words", "cannot be read here"),
        ("a.txt", b"\0\1\2", "not text"),
        ("a.html", b" \n", "is empty"),
        ("a.html", b"<p></p>", "no text"),
    ],
)
def test_other_files_are_refused_with_the_way_out(name, content, sentence):
    with pytest.raises(Invalid) as caught:
        read_letter_file(name, content)
    assert sentence in caught.value.message
    assert caught.value.details["name"] == name


def test_a_short_first_line_is_the_title():
    draft = read_letter_file("a.html", b"<p>On the minutes</p><p>Dear Chair,</p><p>Words.</p>")
    assert (draft.title, draft.source_text) == ("On the minutes", "Dear Chair,\n\nWords.\n")


HEAD = "<p>Example Society</p><p>12 Example Street</p><p>Tel. +41 22 000 00 00</p><p>desk@example.org</p>"
LETTER = "<p>Dear Chair,</p><h1>Background</h1><p>Words of it.</p>"


def test_a_letterhead_is_no_title_and_no_note():
    page = (HEAD + LETTER).encode()
    with pytest.raises(Invalid, match="no title"):
        read_letter_file("a.html", page)
    draft = read_letter_file("a.html", page, "On the minutes")
    assert draft.title == "On the minutes"
    assert draft.editors_note == ""
    assert draft.source_text.startswith("Example Society\n\n12 Example Street\n\n")
    assert "## Background" in draft.source_text


def test_a_salutation_is_no_title():
    with pytest.raises(Invalid, match="no title"):
        read_letter_file("a.html", LETTER.encode())


INTRODUCTION = "This is a letter from a delegate, published with permission."


@pytest.mark.parametrize(
    ("before", "is_note"),
    [
        (INTRODUCTION, True),
        (f"{INTRODUCTION} Write to desk@example.org.", False),
        (f"{INTRODUCTION} Call +41 22 000 00 00.", False),
        ("Example Society", False),
        ("Geneva, 3 November 2026", False),
    ],
)
def test_only_sentences_about_the_letter_become_the_note(before, is_note):
    draft = read_letter_file("a.txt", f"Title\n\n{before}\n\nDear All\n\nWords of it.\n".encode())
    assert draft.editors_note == (before if is_note else "")
    assert draft.source_text.startswith("Dear All" if is_note else before[:20])
    moved = [remark.words for remark in draft.remarks if remark.kind == RemarkKind.MOVED_TO_NOTE]
    assert moved == ([before] if is_note else [])


LANGUAGES = {
    "en": "We thank the group for its third draft. We ask that a keeper of the record be named.",
    "fr": "Nous remercions le groupe de son projet. Nous demandons que le procès-verbal soit public.",
    "de": "Wir danken der Gruppe für ihren Entwurf. Wir bitten darum, das Protokoll zu veröffentlichen.",
    "ru": "Мы благодарим группу за третий проект. Мы просим назначить хранителя протокола.",
    "uk": "Ми дякуємо групі за третій проєкт. Ми просимо призначити хранителя протоколу.",
    "ar": "نشكر المجموعة على مسودتها الثالثة. ونطلب تعيين أمين للسجل.",
    "fa": "از گروه برای پیش‌نویس سوم سپاسگزاریم. خواهش می‌کنیم که پرونده نگهداری شود.",
    "ur": "ہم گروپ کا شکریہ ادا کرتے ہیں۔ ہم چاہتے ہیں کہ ریکارڈ کا ایک نگران مقرر کیا جائے۔",
    "he": "אנו מודים לקבוצה על הטיוטה השלישית. אנו מבקשים למנות שומר לרשומות.",
    "hi": "हम समूह को उसके तीसरे मसौदे के लिए धन्यवाद देते हैं। हम चाहते हैं कि अभिलेख सार्वजनिक हो।",
    "zh": "我们感谢工作组的第三稿。我们请求任命一名记录员。",
    "ja": "第三草案を作成したグループに感謝します。記録の管理者を任命するよう求めます。",
    "ko": "우리는 그룹의 세 번째 초안에 감사드립니다.",
    "am": "ቡድኑን ለሦስተኛው ረቂቅ እናመሰግናለን። መዝገብ ጠባቂ እንዲሾም እንጠይቃለን።",
    "th": "เราขอขอบคุณกลุ่มสำหรับร่างที่สาม",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_a_text_is_detected(language):
    assert detect_language(LANGUAGES[language]) == language
    draft = read_letter_file(
        "a.txt", f"{LANGUAGES[language][:20]}\n\n{LANGUAGES[language]}\n".encode()
    )
    assert (draft.language, draft.detected_language) == ("", language)


def test_a_text_that_says_too_little_has_no_language():
    for text in ("", "Hello all", "1234 5678", "https://example.org/nous-remercions-le-groupe"):
        assert detect_language(text) == ""


def test_a_long_text_in_an_unknown_language_gets_a_remark():
    draft = read_letter_file("a.txt", b"Title\n\n" + b"zzkq wvx brrt qqpl. " * 20)
    if not draft.detected_language:
        assert RemarkKind.LANGUAGE in {remark.kind for remark in draft.remarks}


@pytest.mark.parametrize(
    ("tag", "normal"),
    [("en", "en"), ("EN-gb", "en-GB"), ("zh-hant", "zh-Hant"), (" fr ", "fr"), ("sr-Latn-RS", "sr-Latn-RS"),
     ("english", ""), ("x", ""), ("xx", ""), ("en-aaaaaaaa-bbbbbbbb", ""), ("e", ""), ("en--", ""),
     ("é", ""), ("en us", ""), ("ar\n", "ar")],
)  # fmt: skip
def test_only_valid_codes_are_languages(tag, normal):
    assert normalise_language(tag) == normal
    if normal:
        assert parse_language(tag) == normal
    else:
        with pytest.raises(Invalid):
            parse_language(tag)


def test_the_operator_states_the_language():
    draft = read_letter_file("a.txt", f"Title\n\n{LANGUAGES['fr']}\n".encode())
    assert state_language(draft, "fr-CA").language == "fr-CA"
    with pytest.raises(Invalid):
        state_language(draft, "french")


def test_the_note_of_a_first_line_is_named_and_not_part_of_the_title():
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = f'<w:footnote w:id="2">{p("Read out at the mill.")}</w:footnote>'
    content = make_docx(
        p("Open letter on tides", reference),
        p("Dear all, here we are writing to you with a long sentence."),
        parts={"footnotes": notes},
    )
    draft = read_letter_file("a.docx", content)
    assert draft.title == "Open letter on tides"
    assert "[^" not in draft.source_text
    [remark] = [item for item in draft.remarks if item.kind == RemarkKind.OTHER]
    assert remark.words == "Read out at the mill."
