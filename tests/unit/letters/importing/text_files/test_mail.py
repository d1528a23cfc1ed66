"""Reading mails: the letter is kept, and names, addresses and numbers around it stay private."""

import pytest

from commentsite.errors import Invalid
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.text_files.mail import read_eml_file
from commentsite.letters.importing.text_files.plain_text import read_plain_text
from commentsite.letters.remarks import RemarkKind


def find_words(document, kind):
    return "\n".join(remark.words for remark in document.remarks if remark.kind == kind)


SAVED = {
    "thunderbird": (
        "Subject: Re: On the minutes\nFrom: Ana Example <ana@example.org>\nDate: Tue, 3 Nov 2026 10:12:44 "
        "+0100\nTo: Desk <desk@example.net>\nCc: ben@example.org, +41 22 000 00 00"
    ),
    "outlook": (
        "From:\tAna Example <ana@example.org>\nSent:\tTuesday, November 3, 2026 10:12 AM\nTo:\tDesk\n"
        "Cc:\tBen\nSubject:\tRE: AW: On the minutes"
    ),
    "german": (
        "Von: Ana Example <ana@example.org>\nGesendet: Dienstag, 3. November 2026 10:12\n"
        "An: desk@example.net\nBetreff: WG: On the minutes"
    ),
    "french": (
        "De : Ana Example <ana@example.org>\nEnvoyé : 2026-11-03 10:12\nÀ : desk@example.net\n"
        "Objet : TR : On the minutes"
    ),
    "encoded": (
        "Subject: =?utf-8?q?On_the_minutes?=\nFrom: ana@example.org\nDate: Tue, 3 Nov 2026 10:12:44 +0100"
        "\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\nMIME-Version: 1.0"
    ),
    "folded": (
        "Received: from x\n by y; Tue, 3 Nov 2026\nSubject: On the\n minutes\nFrom: ana@example.org\n"
        "To: a@example.org,\n b@example.org\nDate: Tue, 3 Nov 2026 10:12:44 +0100"
    ),
}
BODY = "\n\nDear Chair,\n\nWe thank the group for its draft.\n\nKind regards,\nAna Example\n"


@pytest.mark.parametrize("program", SAVED)
@pytest.mark.parametrize("extension", ["txt", "eml", "md"])
def test_a_saved_mail_becomes_a_letter_without_its_headers(program, extension):
    if extension == "eml" and program in {"outlook", "german", "french"}:
        extension = "txt"  # no program writes such a file
    draft = read_letter_file(f"mail.{extension}", (SAVED[program] + BODY).encode())
    assert draft.title == "On the minutes"
    assert draft.source_text == (
        "Dear Chair,\n\nWe thank the group for its draft.\n\nKind regards,\\\nAna Example\n"
    )
    assert draft.editors_note == ""
    assert "ana@example.org" in find_words(draft, RemarkKind.MAIL_HEADERS)
    if program != "german":  # the name of the month is in German there only by chance
        assert draft.date_written.isoformat() == "2026-11-03"


@pytest.mark.parametrize("name", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_saved_mail_is_read_in_its_encoding(name):
    text = (SAVED["thunderbird"] + BODY).replace("draft", "draft – “third”")
    draft = read_letter_file("mail.txt", text.encode(name))
    assert "draft – “third”" in draft.source_text


def build_message(headers, *parts):
    if len(parts) == 1:
        return f"{headers}\nMIME-Version: 1.0\n{parts[0]}".encode()
    body = "".join(f"--x\n{part}\n" for part in parts)
    kind = "Content-Type: multipart/mixed; boundary=x"
    return f"{headers}\nMIME-Version: 1.0\n{kind}\n\n{body}--x--\n".encode()


HEADERS = "From: Ana <ana@example.org>\nTo: desk@example.net\nSubject: On the minutes"
PIXEL = (
    "Content-Type: image/png\nContent-ID: <c1>\nContent-Transfer-Encoding: base64\n\n"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_transfer_encodings_are_undone():
    quoted = (
        "Content-Type: text/plain; charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\n"
        "Caf=E9 and a line that is too=\n long.\n"
    )
    coded = (
        "Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n8NLJ18XU\n"
    )
    assert read_eml_file(build_message(HEADERS, quoted)).blocks == (
        "Café and a line that is too long.",
    )
    assert read_eml_file(build_message(HEADERS, coded)).blocks == ("Привет",)


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ("format=flowed", "We thank \nthe group.\n\n> You \n> wrote.\n\n From here.\n"),
        (
            "format=flowed; delsp=yes",
            "We tha \nnk the  \ngroup.\n\n> You  \n> wrote.\n\n From here.\n",
        ),
    ],
)
def test_flowed_lines_are_joined(parameters, body):
    message = build_message(HEADERS, f"Content-Type: text/plain; {parameters}\n\n{body}")
    assert read_eml_file(message).blocks == ("We thank the group.", "> You wrote.", "From here.")


def test_a_mail_in_html_alone_is_read_as_a_page():
    html = (
        "Content-Type: text/html; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable\n\n"
        "<p>Caf=E9 <b>bold</b> <img src=3D'cid:c1' alt=3D'Chart'></p><p hidden>secret</p>"
    )
    annex = "Content-Type: application/pdf; name=annex.pdf\nContent-Disposition: attachment\n\nx"
    document = read_eml_file(build_message(HEADERS, html, PIXEL, annex))
    assert document.title == "On the minutes"
    assert document.blocks == (f"Café **bold** {document.pictures[0].marker}",)
    assert find_words(document, RemarkKind.ATTACHMENTS) == "annex.pdf"
    assert find_words(document, RemarkKind.HIDDEN_TEXT) == "secret"


def test_an_earlier_mail_at_the_end_is_left_out_and_named():
    endings = [
        "On 2 Nov 2026 at 10:00, Desk <desk@example.net>\nwrote:\n\n> Earlier words.\n> More.",
        "-----Original Message-----\nFrom: Desk <desk@example.net>\nSent: Monday\nTo: Ana\n\nEarlier words.",
        "From: Desk <desk@example.net>\nSent: Monday\nTo: Ana\nSubject: x\n\nEarlier words.",
    ]
    for ending in endings:
        document = read_plain_text(f"{HEADERS}\n\nDear Chair,\n\nWe answer.\n\n{ending}\n".encode())
        assert document.blocks == ("Dear Chair,", "We answer.")
        assert "Earlier words." in find_words(document, RemarkKind.QUOTED_MAIL)


def test_a_hebrew_line_above_a_quoted_mail_is_left_out_whatever_marks_it_has():
    line = "\u202bבתאריך 3 בנוב׳ 2026 ב-10:12 מאת \u202aTom\u202c\u200f <\u202atom@example.org\u202c\u200f>:\u202c"
    mail = f"Subject: Wells\nFrom: a@example.net\n\nThe wells are dry.\n\n{line}\n\n> Old words.\n"
    document = read_eml_file(mail.encode())
    assert document.blocks == ("The wells are dry.",)


SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

The wells are dry.

- - one
- - two
-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
"""


@pytest.mark.parametrize("head", ["Subject: Wells\nFrom: a@example.net\n\n", "Wells\n\n"])
def test_a_signature_around_a_text_is_no_part_of_it(head):
    document = read_plain_text(f"{head}{SIGNED}".encode())
    assert document.title == "Wells"
    assert document.blocks == ("The wells are dry.", "- one\n- two")
    [remark] = [item for item in document.remarks if item.kind == RemarkKind.ATTACHMENTS]
    assert "iQEzBAEBCAAdFiEE" in remark.words


def test_a_signature_without_an_end_is_text():
    text = SIGNED.partition("-----END")[0]
    assert "PGP SIGNED MESSAGE" in "".join(read_plain_text(f"Wells\n\n{text}".encode()).blocks)


def test_a_quotation_that_is_answered_stays():
    text = f"{HEADERS}\n\nOn 2 Nov the desk wrote:\n> Reply by Friday.\n\nHere it is.\n"
    assert read_plain_text(text.encode()).blocks == (
        "On 2 Nov the desk wrote:",
        "> Reply by Friday.",
        "Here it is.",
    )


FORWARDED = "---------- Forwarded message ---------\n{inner}\n\nInner words.\n"


def test_a_forwarded_mail_is_the_letter_if_nothing_was_added():
    inner = "From: Eva <eva@example.com>\nDate: Sun, 1 Nov 2026 at 09:00\nSubject: Inner\nTo: <a@b.example>"
    outer = HEADERS.replace("Subject: ", "Subject: Fwd: ")
    alone = read_plain_text(f"{outer}\n\n{FORWARDED.format(inner=inner)}".encode())
    assert (alone.title, alone.blocks) == ("Inner", ("Inner words.",))
    assert "eva@example.com" in find_words(alone, RemarkKind.MAIL_HEADERS)
    added = read_plain_text(f"{outer}\n\nOuter words.\n\n{FORWARDED.format(inner=inner)}".encode())
    assert (added.title, added.blocks) == ("On the minutes", ("Outer words.",))
    attached = (
        "Content-Type: message/rfc822\n\nFrom: eva@example.com\nSubject: Inner\n\nInner words.\n"
    )
    message = read_eml_file(build_message(outer, "Content-Type: text/plain\n\n", attached))
    assert (message.title, message.blocks) == ("Inner", ("Inner words.",))


def test_the_signature_loses_its_contacts_and_keeps_the_name():
    text = f"{HEADERS}\n\nWords.\n\n-- \nAna Example\nTel. +41 22 000 00 00\nana@example.org\n"
    document = read_plain_text(text.encode())
    assert document.blocks == ("Words.", "Ana Example")
    assert "+41 22" in find_words(document, RemarkKind.MAIL_HEADERS)


def test_links_of_a_mail_name_no_recipient():
    link = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa&data=ana%40example.org"
    document = read_plain_text(f"{HEADERS}\n\nSee {link} there.\n".encode())
    assert document.blocks == ("See https://example.org/a there.",)


def test_a_mail_without_a_subject_asks_for_a_title():
    mail = b"From: ana@example.org\nTo: desk@example.net\n\nDear Chair,\n\nWords.\n"
    with pytest.raises(Invalid, match="no subject"):
        read_letter_file("mail.eml", mail)
    assert read_letter_file("mail.eml", mail, "My title").title == "My title"


def test_a_letter_that_only_begins_like_a_mail_is_no_mail():
    text = "From: the beginning\n\nDear Chair,\n\nSubject: none of yours.\n"
    document = read_plain_text(text.encode())
    assert document.title == "From: the beginning"
    assert document.blocks == ("Dear Chair,", "Subject: none of yours.")


@pytest.mark.parametrize("content", [b"\0\1\2", b"words only", b"\n\n", b"Subject: =?x?y?z?=\n"])
def test_a_file_that_is_no_mail_is_refused(content):
    with pytest.raises((Invalid, UnreadableFile)):
        read_letter_file("mail.eml", content)
