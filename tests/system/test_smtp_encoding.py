"""Messages reach servers that take ASCII only, unchanged, also from a site with an international host name."""

from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from html import escape

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from commentsite.config import load_settings
from commentsite.errors import ConfigurationError
from commentsite.integrations.smtp import build_sender, parse_mail_url
from commentsite.notifications.delivery import OutgoingEmail, RenderedEmail
from tests.support.commands import run_command
from tests.support.factories import SECRET, make_app
from tests.support.servers import free_port
from tests.support.smtp import Mailbox, mail_folder, text_of

HOST, ENCODED_HOST = "bücher.example", "xn--bcher-kva.example"
LINES = [
    "From here on the words are ours.",
    ".",
    "..two dots",
    ".a word after a dot",
    "  From the margin",
    ">From a quotation",
    "From ",
    "the end",
]


class SevenBitMailbox(Mailbox):
    """Keep messages of a server that announces neither 8BITMIME nor SMTPUTF8."""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802  # aiosmtpd's name
        session.host_name = self.hostname = hostname
        return [line for line in responses if "8BITMIME" not in line]

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        self.options = options
        envelope.mail_from = address
        return "250 OK"


class SevenBitServer(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=False)


@contextmanager
def run_seven_bit_server():
    mailbox = SevenBitMailbox()
    server = SevenBitServer(mailbox, hostname="127.0.0.1", port=free_port())
    mailbox.url = f"smtp://127.0.0.1:{server.port}"
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()


@pytest.fixture
def seven_bit_mailbox():
    with run_seven_bit_server() as mailbox:
        yield mailbox


def send(app, subject, body, to="mod@staff.example"):
    settings = app.extensions["commentsite"].settings
    send_email = build_sender(
        settings.mail_server,
        settings.instance / "mail",
        sender_address=settings.mail_sender,
        base_url=settings.base_url,
    )
    html = f"<p>{escape(body)}</p>"
    content = RenderedEmail(subject, body, html, "Письма", "editors@example.org")
    send_email(OutgoingEmail(to, content, "an-id"))


@pytest.mark.parametrize(
    "body",
    [
        "Zoë wrote: “é”.\n",
        "Ответ на ваше письмо.\n" * 40,
        "答复您的信。\n",
        "رد على رسالتكم\n",
        "a" * 2000 + "\n",
        "é" * 2000 + "\n",
    ],
)
def test_a_server_without_8bitmime_gets_ascii_that_decodes_to_the_words(
    tmp_path, template_database, seven_bit_mailbox, body
):
    app = make_app(tmp_path / "i", template_database, MAIL_URL=seven_bit_mailbox.url)
    send(app, "Зоя: “é”", body)
    [envelope] = seven_bit_mailbox.envelopes
    assert envelope.content.isascii()
    assert seven_bit_mailbox.options in ([], [f"SIZE={len(envelope.content)}"])
    assert all(len(line) <= 998 for line in envelope.content.split(b"\r\n"))
    [message] = seven_bit_mailbox.parsed()
    for part in message.iter_parts():
        assert part["Content-Transfer-Encoding"] in {"quoted-printable", "base64"}
        assert body.strip() in part.get_content().replace("\r\n", "\n")
    assert message["From"].addresses[0].display_name == "Письма"
    assert message["Subject"] == "Зоя: “é”"
    assert not message.defects


@pytest.mark.parametrize("ending", ["\n", "é\n"])
def test_lines_that_begin_with_from_or_a_dot_arrive_unchanged(mail_site, mailbox, ending):
    send(mail_site, "Lines", "\n".join(LINES) + ending)
    [message] = mailbox.parsed()
    assert "\n".join(LINES) in text_of(message)
    assert b"\n" not in mailbox.envelopes[0].content.replace(b"\r\n", b"")


def test_a_kept_message_has_the_same_words_and_only_its_owner_reads_it(tmp_path, template_database):
    app = make_app(tmp_path / "i", template_database)
    send(app, "Lines", "\n".join(LINES))
    [file] = mail_folder(app).glob("*.eml")
    assert "\n".join(LINES) in text_of(message_from_bytes(file.read_bytes(), policy=default))
    assert file.stat().st_mode & 0o077 == 0


def test_a_site_with_an_international_host_name_sends_ascii_names(
    tmp_path, template_database, seven_bit_mailbox
):
    app = make_app(
        tmp_path / "i",
        template_database,
        BASE_URL=f"https://{HOST}",
        TRUSTED_PROXIES="127.0.0.1",
        MAIL_URL=seven_bit_mailbox.url,
    )
    send(app, "Words", "Words.", to=f"ada@{HOST}")
    [envelope] = seven_bit_mailbox.envelopes
    [message] = seven_bit_mailbox.parsed()
    assert seven_bit_mailbox.hostname == ENCODED_HOST
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        f"comments@{ENCODED_HOST}",
        [f"ada@{ENCODED_HOST}"],
    )
    assert message["From"].addresses[0].addr_spec == f"comments@{ENCODED_HOST}"
    assert message["Message-ID"].endswith(f"@{ENCODED_HOST}>")
    client = app.test_client()
    assert f"https://{ENCODED_HOST}/" in client.get("/sitemap.xml").text
    output = run_command(app, "doctor").output
    assert output.startswith("The site has no staff."), output


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (f"https://{HOST}", f"https://{ENCODED_HOST}"),
        ("https://BÜCHER.example:8443/", f"https://{ENCODED_HOST}:8443"),
        ("https://пример.испытание", "https://xn--e1afmkfd.xn--80akhbyknj4f"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("https://Letters.Example", "https://letters.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_the_base_address_is_kept_in_ascii(tmp_path, given, kept):
    settings = load_settings({"INSTANCE": str(tmp_path), "SECRET_KEY": SECRET, "BASE_URL": given})
    assert settings.base_url == kept
    assert settings.mail_sender.isascii()


@pytest.mark.parametrize(
    "given",
    [
        "https://“quoted”",
        "https://a b.example",
        "https://user@letters.example",
        "https://letters.example:port",
        "https://letters.example:99999",
        "https://[::1",
        "https://-letters.example",
        "https://letters..example",
        f"https://{'a' * 64}.example",
        "https://xn--\u200b.example/\u200b",
        "https://",
    ],
)
def test_a_base_address_that_is_none_is_refused_with_a_sentence(tmp_path, given):
    with pytest.raises(ConfigurationError, match="Enter "):
        load_settings({"INSTANCE": str(tmp_path), "SECRET_KEY": SECRET, "BASE_URL": given})


def test_international_names_in_the_address_of_the_mail_server_are_encoded():
    server = parse_mail_url(f"smtp://mail.{HOST}?from=briefe@{HOST}", "comments@letters.example")
    assert server.host == f"mail.{ENCODED_HOST}"
    assert server.sender == f"briefe@{ENCODED_HOST}"
    named = parse_mail_url("smtp://mail.example?from=Briefe <a@b.example>", "c@letters.example")
    assert named.sender == "Briefe <a@b.example>"


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example?from=zoë@letters.example",
        "smtp://mail.example?from=letters",
        "smtp://mail.example:port",
        "smtp://[::1",
        "smtp://mail..example",
        "smtp://user:pässword@mail.example?tls=tls",
    ],
)
def test_a_mail_address_that_smtp_cannot_use_is_refused_with_the_remedy(url):
    with pytest.raises(ConfigurationError, match=r"COMMENTSITE_MAIL_URL.*(Use|Choose)"):
        parse_mail_url(url, "comments@letters.example")
