"""The language of a text."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.language import detect_language, detect_languages
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.services import state_language
from commentsite.letters.remarks import RemarkKind

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
    assert draft.detected_language == ""
    assert RemarkKind.LANGUAGE in {remark.kind for remark in draft.remarks}


def test_the_operator_states_the_language():
    draft = read_letter_file("a.txt", f"Title\n\n{LANGUAGES['fr']}\n".encode())
    assert state_language(draft, "fr-CA").language == "fr-CA"
    with pytest.raises(Invalid):
        state_language(draft, "french")


def test_the_languages_of_short_texts_are_detected_together_and_mixed_ones_are_not():
    french, english = LANGUAGES["fr"], LANGUAGES["en"]
    texts = {
        **{text: language for language, text in LANGUAGES.items()},
        "Thank you for this letter": "",
        "Спасибо за письмо, я согласен с ним": "",  # it could be in several languages
        "我同意第四段": "zh",
        "نشكر المجموعة على NETmundial+10 والعمل الجيد": "ar",
        "Thank you 谢谢你们的工作 for all that you have done": "",
        f"{french}\n\n{english}": "",
        f"> {english}\n\n{french}": "fr",  # a quotation is in the language of another person
        "": "",
    }
    assert dict(zip(texts, detect_languages(list(texts)), strict=True)) == texts


def test_a_text_of_many_paragraphs_takes_no_longer_than_another(monkeypatch):
    """Otherwise a few hundred of them would exceed the time of the child process, and be tried for ever."""
    compared = []

    def classify(_function, *texts):
        compared.extend(texts)
        return (("en", 1.0),) * len(texts)

    monkeypatch.setattr("commentsite.letters.importing.language.run_bounded", classify)
    many = "\n\n".join(
        "This paragraph alone has enough letters to be compared with others." for _ in range(150)
    )
    assert detect_languages([many, LANGUAGES["en"]]) == ["en", "en"]
    assert len(compared) < 30
