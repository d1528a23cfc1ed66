"""The headers of emails."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from commentsite.integrations.smtp import build_email
from commentsite.notifications.delivery import OutgoingEmail, RenderedEmail


@pytest.mark.parametrize(
    "subject",
    [
        "تعليقكم على «\u2068Hello%s\u2069» في انتظار مشرف – Letters on Internet Governance",
        "Votre commentaire sur « Hello%s » est en attente d’un modérateur – Letters on the Net",
        "Your comment on “Hello%s” is waiting for a moderator – Letters on Internet Governance",
        "Your comment on Hello%s is waiting for a moderator: Letters on Internet Governance",
    ],
)
def test_subject_and_sender_arrive_as_they_were_written_wherever_lines_end(subject):
    for length in range(40):
        written = subject % ("x" * length)
        content = RenderedEmail(written, "Text", sender_name=written)
        message = build_email(
            OutgoingEmail("a@example.org", content, "1"), "b@example.org", "http://x"
        )
        sent = message.as_bytes()
        received = message_from_bytes(sent)
        for header in (received["Subject"], parseaddr(received["From"])[0]):
            unfolded = header.replace("\r\n", "")
            assert str(make_header(decode_header(unfolded))) == written
        assert max(map(len, sent.splitlines())) <= 78  # RFC 5322, 2.1.1
