"""Headers, quoted mails and contacts stay private, in whatever language and form a mail is saved."""

import pytest

from commentsite.letters.importing.text_files.mail import read_eml_file
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.importing.web_page.reader import read_html_file
from commentsite.letters.remarks import RemarkKind

SENDER = "Ida Berg <ida@example.net>"
LABELS = {
    "spanish": "De|Enviado el|Para|Asunto",
    "portuguese": "De|Enviada em|Para|Assunto",
    "chinese": "发件人|发送时间|收件人|主题",
    "czech": "Od|Odesláno|Komu|Předmět",
    "finnish": "Lähettäjä|Lähetetty|Vastaanottaja|Aihe",
    "korean": "보낸 사람|보낸 날짜|받는 사람|제목",
    "turkish": "Kimden|Gönderilme|Kime|Konu",
    "hebrew": "מאת|נשלח|אל|נושא",
    "hungarian": "Feladó|Elküldve|Címzett|Tárgy",
    "romanian": "De la|Trimis|Către|Subiect",
    "ukrainian": "Від|Надіслано|Кому|Тема",
    "greek": "Από|Ημερομηνία|Προς|Θέμα",
    "unknown": "Kwa hisani|Siku ya|Kwenda kwa|Kuhusu jambo",
}


def build_headers(labels, colon=": "):
    sender, sent, recipient, subject = labels.split("|")
    values = [SENDER, "7 May 2026 14:05", "Tom <tom@example.net>", "Our orchard"]
    names = (sender, sent, recipient, subject)
    return [f"{name}{colon}{value}" for name, value in zip(names, values, strict=True)]


def find_words(document, kind):
    return "\n".join(remark.words for remark in document.remarks if remark.kind == kind)


def get_public_text(document):
    return "\n".join([document.title, *document.blocks])


def check_private(document, kind, *, is_known=True):
    public = get_public_text(document)
    assert "@" not in public
    assert "Ida Berg" not in public
    assert "The trees are old." in public
    assert "ida@example.net" in find_words(document, kind)
    assert not is_known or document.title == "Our orchard"


@pytest.mark.parametrize("language", LABELS)
@pytest.mark.parametrize("colon", [": ", "："])
@pytest.mark.parametrize("before", ["", "Begin forwarded message:\n\n", "Ida Berg\n\n"])
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_headers_in_any_language_stay_private_in_a_text(language, colon, before, gap):
    headers = "\n".join(build_headers(LABELS[language], colon))
    document = read_plain_text(f"{before}{headers}{gap}The trees are old.\n".encode())
    check_private(document, RemarkKind.MAIL_HEADERS, is_known=language != "unknown")


@pytest.mark.parametrize("language", LABELS)
@pytest.mark.parametrize("before", ["", "---- Ujumbe ----\n", "________________________________\n"])
def test_headers_in_any_language_stay_private_in_a_forwarded_mail(language, before):
    headers = "\n".join(build_headers(LABELS[language]))
    message = f"From: a@example.net\nSubject: Fwd\n\n{before}{headers}\n\nThe trees are old.\n"
    document = read_eml_file(message.encode())
    check_private(document, RemarkKind.MAIL_HEADERS, is_known=language != "unknown")
    added = message.replace("Fwd\n\n", "Our orchard\n\nThe trees are old.\n\n")
    check_private(read_eml_file(added.encode()), RemarkKind.QUOTED_MAIL)


@pytest.mark.parametrize("language", LABELS)
def test_headers_in_any_language_stay_private_in_a_page(language):
    lines = [line.replace("<", "&lt;") for line in build_headers(LABELS[language])]
    bold = "<br>".join(
        f"<b>{line.partition(':')[0]}:</b>{line.partition(':')[2]}" for line in lines
    )
    body = "<p>The trees are old.</p>"
    rows = "".join(f"<tr><td>{line.replace(': ', ':<td>', 1)}" for line in lines)
    pages = [
        f"<p>{bold}</p>{body}",
        f"<p>{bold}<br><br>The trees are old.</p>",
        f"<div>---------- Forwarded message ---------<br>{bold}</div>{body}",
        f"<p>Ida Berg</p><table>{rows}</table>{body}",
        "".join(f"<div>{line}</div>" for line in lines) + body,
    ]
    for page in pages:
        document = read_html_file(page.encode())
        check_private(document, RemarkKind.MAIL_HEADERS, is_known=language != "unknown")


def test_a_line_with_an_address_near_the_top_is_left_out_and_named():
    document = read_plain_text(b"Our orchard\n\nContact: ida@example.net\n\nDear all,\n\nWords.\n")
    assert document.title == "Our orchard"
    assert document.blocks == ("Dear all,", "Words.")
    assert find_words(document, RemarkKind.MAIL_HEADERS) == "Contact: ida@example.net"


ATTRIBUTIONS = [
    "On Thu, 7 May 2026 at 14:05, Ida Berg <ida@example.net> wrote:",
    "On Thu, 7 May 2026 at 14:05, Ida Berg\n<ida@example.net> wrote:",
    "Am 07.05.2026 um 14:05 schrieb Ida Berg:",
    "Le 7 mai 2026 à 14:05, Ida Berg a écrit :",
    "Ida Berg <ida@example.net> 于2026年5月7日周四 14:05写道：",
    "كتب Ida Berg <ida@example.net> في 7 مايو 2026:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize(
    "ending", ["", "Sent from my telephone", "-- \nTom", "And the well is dry."]
)
def test_a_quoted_mail_stays_private_wherever_it_is(attribution, ending):
    text = f"The trees are old.\n\n{attribution}\n\n> A secret.\n>\n> Another.\n\n{ending}\n"
    for start in ("From: tom@example.net\nSubject: Our orchard\n\n", "Our orchard\n\n"):
        document = read_plain_text(f"{start}{text}".encode())
        public = get_public_text(document)
        assert "The trees are old." in public
        assert ending.removeprefix("-- \n") in public
        assert not any(word in public for word in ("secret", "Another", "Ida Berg", "@"))
        assert "A secret." in find_words(document, RemarkKind.QUOTED_MAIL)
    page = (
        f"<p>The trees are old.</p><p>{attribution.replace('<', '&lt;')}</p>"
        f"<blockquote type=cite><p>A secret.</p></blockquote><p>{ending}</p>"
    )
    public = get_public_text(read_html_file(page.encode()))
    assert "secret" not in public
    assert "Ida Berg" not in public


def test_words_above_the_line_of_a_quoted_mail_stay():
    line = "On 7 May 2026 at 14:05, Ida &lt;ida@example.net&gt; wrote:"
    quote = "<blockquote type=cite>A secret.</blockquote>"
    for ending in ("", "Thanks."):
        page = f"Dear all,<br>Words.<br><br>{line}<br>{quote}{ending}"
        public = get_public_text(read_html_file(page.encode()))
        assert "Words." in public
        assert ending in public
        assert not any(word in public for word in ("secret", "@"))


def test_a_mail_that_gmail_forwards_is_the_letter():
    headers = "<br>".join(line.replace("<", "&lt;") for line in build_headers(LABELS["spanish"]))
    page = (
        "<div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>"
        f"{headers}<br></div><br><div>The trees are old.</div></div>"
    )
    check_private(read_html_file(page.encode()), RemarkKind.MAIL_HEADERS)


def test_quotations_of_the_author_stay():
    text = "Our orchard\n\nThe draft says:\n\n> Trees are cut.\n\nOn 7 May 2026 the office wrote:\n\n> No.\n\nWe object.\n"
    document = read_plain_text(text.encode())
    assert "".join(document.blocks).count(">") == 2
    page = (
        b"<p>The draft says:</p><blockquote type=cite>Trees are cut.</blockquote><p>We object.</p>"
    )
    assert "> Trees are cut." in read_html_file(page).blocks


@pytest.mark.parametrize(
    "signature",
    [
        "<p>--<br>Tom<br>Tel. 020 555 01 23<br>tom@example.net</p>",
        '<pre class="moz-signature">-- \nTom\nTel. 020 555 01 23\ntom@example.net</pre>',
        '<div class="gmail_signature">Tom<div>+31 20 555 01 23</div><div>tom@example.net</div></div>',
    ],
)
def test_the_signature_of_a_page_loses_its_contacts_and_keeps_the_name(signature):
    document = read_html_file(f"<p>Dear all</p><p>Words.</p>{signature}".encode())
    public = get_public_text(document)
    assert "Tom" in public
    assert not any(word in public for word in ("555", "@", "--"))
    assert "555 01 23" in find_words(document, RemarkKind.MAIL_HEADERS)
