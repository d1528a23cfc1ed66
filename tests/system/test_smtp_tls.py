"""The SMTP password is sent only to a server with a valid certificate."""

import socketserver
import ssl
import subprocess
import threading

import pytest

from commentsite.config import load_settings
from commentsite.integrations.smtp import build_sender
from commentsite.notifications.delivery import OutgoingEmail, RenderedEmail
from tests.support.factories import SECRET


def test_a_server_with_the_certificate_of_another_host_receives_no_password(tmp_path):
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=impostor",
    ]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    heard = []

    class Impostor(socketserver.BaseRequestHandler):
        def handle(self):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            try:
                connection = context.wrap_socket(self.request, server_side=True)
            except (ssl.SSLError, OSError):
                return
            connection.sendall(b"220 impostor\r\n")
            heard.append(connection.recv(100))

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Impostor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"smtp://user:password@127.0.0.1:{server.server_address[1]}?tls=tls"
    settings = load_settings({"INSTANCE": str(tmp_path), "SECRET_KEY": SECRET, "MAIL_URL": url})
    outgoing = OutgoingEmail("ada@example.org", RenderedEmail("s", "t"), message_id="m")
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            build_sender(
                settings.mail_server,
                tmp_path / "mail",
                sender_address=settings.mail_sender,
                base_url=settings.base_url,
            )(outgoing)
    finally:
        server.shutdown()
        server.server_close()
    assert heard == []
