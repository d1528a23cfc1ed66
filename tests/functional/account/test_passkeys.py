"""A passkey as second factor, with an authenticator written from the standard (WebAuthn, ES256)."""

import html
import json
import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.clients import csrf_token, set_up_second_factor, sign_in, totp_code
from tests.support.factories import PASSWORD, add_staff_member, list_private_actions

ORIGIN = "http://127.0.0.1:8000"
USER_PRESENT, ATTESTED = 0x01, 0x40


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Token:
    """A security key: it makes a key pair for a site, and signs the site's challenges with it."""

    def __init__(self, number: bytes):
        self.number, self.count = number, 0
        self.key = ec.generate_private_key(ec.SECP256R1())

    def _seen(self, kind, challenge, origin):
        said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _head(self, options, flags):
        rp_id = options.get("rpId") or options["rp"]["id"]
        self.count += 1
        return sha256(rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def create(self, options, origin=ORIGIN):
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        data = self._head(options, USER_PRESENT | ATTESTED)
        data += bytes(16) + struct.pack(">H", len(self.number)) + self.number + cose
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        seen = self._seen("webauthn.create", options["challenge"], origin)
        return self._answer(clientDataJSON=seen, attestationObject=attested)

    def get(self, options, origin=ORIGIN):
        seen = self._seen("webauthn.get", options["challenge"], origin)
        data = self._head(options, USER_PRESENT)
        signed = self.key.sign(data + sha256(seen).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=seen, authenticatorData=data, signature=signed)

    def _answer(self, **response):
        named = {name: b64(raw) for name, raw in response.items()}
        number = b64(self.number)
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": named})


def start_passkey_step(client, address, **data):
    """Send a form, and return where the passkey's answer goes and what the browser is asked."""
    token = csrf_token(client.get(address).text)
    page = client.post(address, data=data | {"csrf_token": token}).text
    options = json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page)[1]))
    assert "<script>" not in page
    return html.unescape(re.search(r'action="(/account/wan-[^"]+/[^"]+)"', page)[1]), options, token


def add_passkey(client, key, name="Blue token"):
    action, options, token = start_passkey_step(
        client, "/account/wan-register", name=name, usage="secondary"
    )
    return client.post(action, data={"credential": key.create(options), "csrf_token": token})


PASSKEY_NAMES = [
    "Anna's phone",
    "iPhone 15.2 (work)",
    "مِفْتاحي الأوّل",
    "मेरी चाबी, हिन्दी",
    "钥匙 #1 / 备用",
    "Zoë’s “blue” key — 100% & <b>",
    "می‌خواهم",
    "🔑",
    "x" * 64,
]


@pytest.mark.parametrize("name", PASSKEY_NAMES)
def test_a_passkey_may_have_any_name(moderator, name):
    assert add_passkey(moderator, Token(b"a-key-of-mona"), name=name).status_code in {302, 303}
    moderator.get("/desk/me/")  # shows that the passkey was added
    page = moderator.get("/account/wan-register").text
    assert name in html.unescape(page)
    moderator.post("/account/wan-delete", data={"name": name, "csrf_token": csrf_token(page)})
    moderator.get("/desk/me/")  # shows that the passkey was removed
    assert name not in html.unescape(moderator.get("/account/wan-register").text)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x" * 65, "Shorten the name of the passkey to at most 64 characters."),
        (" \x07 ", "Enter a name for the passkey."),
        ("", "Enter a name for the passkey."),
    ],
)
def test_a_passkey_without_a_usable_name_is_refused_with_a_sentence(moderator, name, sentence):
    token = csrf_token(moderator.get("/account/wan-register").text)
    form = {"name": name, "usage": "secondary", "csrf_token": token}
    assert sentence in html.unescape(moderator.post("/account/wan-register", data=form).text)


def enter_password(app, email):
    client = app.test_client()
    token = csrf_token(client.get("/account/login").text)
    form = {"email": email, "password": PASSWORD, "csrf_token": token}
    answer = client.post("/account/login", data=form)
    assert answer.headers["Location"].startswith("/account/wan-signin")
    assert client.get("/desk/").status_code == 303
    return client


def test_a_passkey_is_asked_for_after_the_password_and_can_be_removed(app, moderator):
    key = Token(b"first-key-of-mona")
    assert add_passkey(moderator, key).headers["Location"] == "/desk/me/"
    client = enter_password(app, "mod@staff.example")
    action, options, token = start_passkey_step(client, "/account/wan-signin")
    assert urlsafe_b64decode(options["allowCredentials"][0]["id"] + "==") == key.number
    elsewhere = key.get(options, origin="https://evil.example")  # what a copied page would get
    client.post(action, data={"credential": elsewhere, "csrf_token": token})
    assert client.get("/desk/").status_code == 303
    client.post(action, data={"credential": key.get(options), "csrf_token": token})
    assert client.get("/desk/").status_code == 200
    page = client.get("/account/wan-register").text
    assert "Blue token" in page
    client.post("/account/wan-delete", data={"name": "Blue token", "csrf_token": csrf_token(page)})
    assert sign_in(app).get("/desk/").status_code == 200  # by the password alone again
    with app.app_context():
        done = list_private_actions()[::-1]
    assert done[:2] == ["staff.passkey_removed", "staff.passkey_added"]


def test_the_passkey_of_another_person_is_no_second_factor(app, moderator):
    """A stolen token of Ed's and Mona's own password must open neither account."""
    add_staff_member(app, "editor", "ed@staff.example", "Ed Itor")
    stolen, own = Token(b"the-key-of-ed"), Token(b"the-key-of-mona")
    add_passkey(sign_in(app, "ed@staff.example"), stolen)
    add_passkey(moderator, own)
    client = enter_password(app, "mod@staff.example")
    action, options, token = start_passkey_step(client, "/account/wan-signin")
    client.post(action, data={"credential": stolen.get(options), "csrf_token": token})
    assert client.get("/desk/").status_code == 303


def test_staff_with_two_second_factors_choose_one_without_javascript(app, moderator):

    key = set_up_second_factor(moderator)
    add_passkey(moderator, Token(b"one-more-key"))
    client = app.test_client()
    token = csrf_token(client.get("/account/login").text)
    form = {"email": "mod@staff.example", "password": PASSWORD, "csrf_token": token}
    there = client.post("/account/login", data=form).headers["Location"]
    assert there.startswith("/account/tf-select")
    token = csrf_token(client.get("/account/tf-select").text)
    chosen = client.post("/account/tf-select", data={"which": "authenticator", "csrf_token": token})
    assert chosen.headers["Location"].startswith("/account/tf-validate")
    token = csrf_token(client.get("/account/tf-validate").text)
    typed = {"code": totp_code(key, steps=1), "csrf_token": token}
    assert client.post("/account/tf-validate", data=typed).status_code == 302
    assert client.get("/desk/").status_code == 200
