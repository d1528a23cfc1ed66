"""The parts of a mail, and their encodings."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.text_files.mail import read_eml_file
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.remarks import RemarkKind


def find_words(document, kind):
    return "\n".join(remark.words for remark in document.remarks if remark.kind == kind)


def build_parts(kind, *parts):
    body = "".join(f"--cut\n{part}\n" for part in parts)
    return f"From: a@example.net\nSubject: Wells\nContent-Type: multipart/{kind}; boundary=cut\n\n{body}--cut--\n".encode()


PLAIN = "Content-Type: text/plain\n\n"
PAGE = "Content-Type: text/html\n\n"


def test_all_texts_of_a_mail_are_read_in_order():
    assert read_eml_file(build_parts("mixed", f"{PLAIN}One.\n", f"{PLAIN}Two.\n")).blocks == (
        "One.", "Two.",
    )  # fmt: skip
    mixed = build_parts("mixed", f"{PLAIN}One.\n", f"{PAGE}<p>Two.</p>", f"{PAGE}<p>Three.</p>")
    assert read_eml_file(mixed).blocks == ("One.", "Two.", "Three.")


def test_the_form_of_a_mail_with_all_words_is_read():
    stub = f"{PLAIN}Open this in another program.\n"
    document = read_eml_file(build_parts("alternative", stub, f"{PAGE}<p>The wells are dry.</p>"))
    assert document.blocks == ("The wells are dry.",)
    assert "another program" in find_words(document, RemarkKind.ATTACHMENTS)
    same = build_parts("alternative", f"{PLAIN}The wells.\n", f"{PAGE}<p>The <b>wells</b>.</p>")
    assert read_eml_file(same).blocks == ("The wells.",)


def test_texts_that_are_attached_are_named_with_their_words():
    attached = (
        "Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment\n\nMy notes.\n"
    )
    document = read_eml_file(build_parts("mixed", f"{PLAIN}One.\n", attached))
    assert document.blocks == ("One.",)
    assert find_words(document, RemarkKind.ATTACHMENTS) == "notes.txt My notes."


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("See https://a.example/?id=25 there.", "See https://a.example/?id=25 there."),
        ("The caf=C3=A9 is open.", "The café is open."),
        ("A line that is=\n long: https://a.example/?id=3D25", "A line that is long: https://a.example/?id=25"),
        ("The price=20 is low.", "The price=20 is low."),
    ],
)  # fmt: skip
def test_only_texts_that_prove_their_encoding_are_decoded(typed, shown):
    document = read_plain_text(f"From: a@example.net\nSubject: Wells\n\n{typed}\n".encode())
    assert document.blocks == (shown,)
    is_decoded = typed != shown
    assert (find_words(document, RemarkKind.ENCODING) == "quoted-printable") == is_decoded


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_a_saved_mail_with_a_charset_is_decoded_once(encoding):
    mail = (
        f"From: a@example.net\nSubject: Wells\nContent-Type: text/html; charset={encoding}\n"
        "Content-Transfer-Encoding: 8bit\n\n<p>Chère équipe</p><p>Mots.</p>\n"
    )
    assert read_plain_text(mail.encode(encoding)).blocks == ("Chère équipe", "Mots.")


@pytest.mark.parametrize(
    "header",
    ["Message-ID: <>", "From: <", "To: =?utf…8?q?Ana?=", "Sender: a: b@example.net;", "Date: ?"],
)
def test_a_mail_with_a_broken_header_is_read(header):
    mail = f"{header}\nSubject: Wells\n\nDear all,\n\nThe wells are dry.\n"
    assert read_letter_file("a.eml", mail.encode()).title == "Wells"


@pytest.mark.parametrize(
    ("content_type", "words"),
    [
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "encrypted"),
        ("application/x-pkcs7-mime; name=smime.p7m", "encrypted"),
        ("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "digital signature"),
        ("text/plain", "encrypted"),
    ],
)
def test_a_message_that_hides_its_text_is_refused_with_the_reason(content_type, words):
    text = "-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n-----END PGP MESSAGE-----\n"
    mail = f"From: a@example.net\nSubject: Wells\nContent-Type: {content_type}\n\n{text}"
    with pytest.raises(Invalid) as refused:
        read_letter_file("wells.eml", mail.encode())
    assert words in str(refused.value)


def test_a_pgp_message_in_parts_is_refused_as_encrypted():
    parts = ("Content-Type: application/pgp-encrypted\n\nVersion: 1\n",)
    with pytest.raises(Invalid, match="encrypted"):
        read_letter_file("wells.eml", build_parts("encrypted", *parts))
