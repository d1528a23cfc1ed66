"""What went wrong in other comment systems, tried here over HTTP; named after the row it comes from."""

import json
import re
import time
from hashlib import md5, sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from commentsite import jobs
from commentsite.comments.wordlists import word_list
from tests.conftest import PASSWORD, add_person, fields, make_app, publish_hello, sign_in

PAYLOADS = [
    "' onmouseover=alert(1) x='",
    '"><svg onload=alert(1)>',
    "</textarea><script>alert(1)</script>",
]


def submit(client, later, **changes):
    return client.post("/letters/hello/comments", data=later.form(client, **changes))


def csrf(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def publish(moderator, comment_id=1, version=1, verdict="publish"):
    page = moderator.get(f"/desk/moderation/{comment_id}").get_data(as_text=True)
    return moderator.post(
        "/desk/moderation/decisions",
        data={"comment": f"{comment_id}@{version}", "verdict": verdict, "csrf_token": csrf(page)},
    )


class Live(HTMLParser):
    """Collect what would run in a browser: handlers, scripts without a file, drawings."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [name for name, _ in attrs if name.startswith("on")]
        is_data = dict(attrs).get("type") == "application/ld+json"  # read by machines, never run
        if tag == "svg" or (tag == "script" and "src" not in dict(attrs) and not is_data):
            self.found.append(tag)


def is_inert(page):
    parser = Live()
    parser.feed(page)
    return not parser.found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_v01_v03_v04_hostile_words_are_inert_on_every_page(client, later, moderator, payload):
    answer = submit(client, later, name=payload[:80], organisation=payload, body=f"Words {payload}")
    receipt = answer.headers["Location"]
    assert is_inert(moderator.get("/desk/moderation/").get_data(as_text=True))
    assert is_inert(moderator.get("/desk/moderation/1").get_data(as_text=True))
    publish(moderator)
    for address in ("/letters/hello", "/letters/hello/feed.atom", receipt, "/"):
        assert is_inert(client.get(address).get_data(as_text=True)), address
    shown = client.post(
        "/letters/hello/comments/preview", data=later.form(client, name=payload[:80], body=payload)
    )
    assert is_inert(shown.get_data(as_text=True))


@pytest.mark.parametrize(
    "link",
    [
        "[a](javascript:alert(1))",
        "[a](java\tscript:alert(1))",
        "[a](data:text/html,x)",
        "[a](vbscript:x)",
        "[a](//evil.example)",
        "<javascript:alert(1)>",
    ],
)
def test_v02_links_lead_only_to_the_web_and_to_mail(client, later, moderator, link):
    submit(client, later, body=f"See {link} now.")
    publish(moderator)
    page = client.get("/letters/hello").get_data(as_text=True)
    hrefs = re.findall(r'href="([^"]*)"', page)
    assert not [h for h in hrefs if re.match(r"(javascript|data|vbscript|//)", h, re.IGNORECASE)]


def test_v06_v13_messages_are_text_and_hold_neither_words_nor_addresses_of_the_sender(
    app, client, later
):
    submit(
        client, later, name="Buy Pills", body="Visit https://spam.example today for cheap offers."
    )
    jobs.run_once(app)
    files = list((Path(app.instance_path) / "mail").glob("*.eml"))
    assert files
    text = files[0].read_text()
    assert "text/plain" in text
    assert "text/html" not in text
    assert "spam.example" not in text
    assert "Buy Pills" not in text


def test_v07_a_receipt_is_kept_from_search_engines_and_caches(client, later):
    receipt = submit(client, later, body="See https://spam.example now.").headers["Location"]
    answer = client.get(receipt)
    page = answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page + str(answer.headers)
    assert 'href="https://spam.example' not in page


def test_v08_v09_search_is_no_oracle_for_addresses(client, later, moderator):
    submit(client, later, email="hidden@oracle.example")
    publish(moderator)
    hit, miss = (
        client.get(f"/letters/?q={q}").get_data(as_text=True).replace(q, "")
        for q in ("hidden@oracle.example", "absent@oracle.example")
    )
    assert hit == miss
    page = client.get("/letters/hello").get_data(as_text=True)
    for digest in (md5(b"hidden@oracle.example"), sha256(b"hidden@oracle.example")):
        assert digest.hexdigest() not in page


def test_v10_nothing_is_decided_by_get(client, later, moderator):
    receipt = submit(client, later).headers["Location"]
    for method in (moderator.get, moderator.head):
        assert method("/desk/moderation/decisions?comment=1@1&verdict=publish").status_code == 405
    for path in ("withdraw", "erase", "edit"):
        assert client.get(f"{receipt}/{path}").status_code == 405
    assert "I read it twice" not in client.get("/letters/hello").get_data(as_text=True)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_v14_a_decision_without_the_right_token_is_refused(client, later, moderator, token):
    submit(client, later)
    data = {"comment": "1@1", "verdict": "publish"} | (
        {} if token is None else {"csrf_token": token}
    )
    assert moderator.post("/desk/moderation/decisions", data=data).status_code == 400
    as_json = moderator.post(
        "/desk/moderation/decisions", data=json.dumps(data), content_type="text/plain"
    )
    assert as_json.status_code == 400


def test_v15_the_desk_is_closed_to_strangers_and_a_nonce_is_no_permission(
    app, client, later, moderator
):
    submit(client, later)
    for path in (
        "/desk/",
        "/desk/moderation/",
        "/desk/moderation/1",
        "/desk/letters/",
        "/desk/letters/new",
        "/desk/audit/",
    ):
        assert client.get(path).status_code in (302, 303), path
    assert moderator.get("/desk/letters/new").status_code == 403


def test_v16_forwarded_headers_of_strangers_change_nothing(tmp_path, template_database, later):
    app = make_app(tmp_path / "limited", template_database)
    with app.app_context():
        publish_hello()
    client = app.test_client()
    statuses = []
    for n in range(7):
        form = later.form(client, body=f"Number {n} of several.")
        headers = {
            "X-Forwarded-For": f"203.0.113.{n}",
            "X-Real-IP": f"203.0.113.{n}",
            "Forwarded": f"for=203.0.113.{n}",
        }
        statuses.append(
            client.post("/letters/hello/comments", data=form, headers=headers).status_code
        )
    assert statuses == [303] * 5 + [429] * 2


def test_v17_a_proxy_nobody_named_is_pointed_out_once(client, log_lines):
    for _ in range(2):
        client.get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert log_lines().count("COMMENTSITE_TRUSTED_PROXIES") == 1


def test_v17_each_identity_has_a_budget_wherever_it_comes_from(tmp_path, template_database, later):
    app = make_app(tmp_path / "limited", template_database, TRUSTED_PROXIES="127.0.0.1")
    with app.app_context():
        publish_hello()
    client = app.test_client()

    def send(n, email):
        return client.post(
            "/letters/hello/comments",
            data=later.form(client, body=f"Text {n}", email=email),
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code

    assert [send(n, "one@example.org") for n in range(11)] == [303] * 10 + [429]
    assert send(12, "another@example.org") == 303


def test_v18_failed_attempts_count_and_429_keeps_the_text(tmp_path, template_database, later):
    app = make_app(tmp_path / "limited", template_database)
    with app.app_context():
        publish_hello()
    client = app.test_client()
    page = client.get("/letters/hello").get_data(as_text=True)
    answers = [
        client.post("/letters/hello/comments", data=fields(page, email="broken")) for _ in range(6)
    ]
    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "I read it twice" in answers[-1].get_data(as_text=True)


def test_v20_claiming_a_published_authors_address_does_not_skip_the_queue(client, later, moderator):
    submit(client, later)
    publish(moderator)
    submit(client, later, body="A second text under the same claim.")
    assert "A second text" not in client.get("/letters/hello").get_data(as_text=True)


@pytest.mark.parametrize(
    "text",
    [
        "v<b>i</b>agra",
        "<viagra>",
        "vi\u200bagra",
        "ｖｉａｇｒａ",
        "VIAGRA",
        "vi\u202eagra",
        "viаgra",
        "viágra",
        "v1agra",
        "vi&shy;agra",
        "&#118;iagra",
        "v**i**agra",
        "v_i_agra",
        "v i a g r a",
        "v.i.a.g.r.a",
    ],
)
def test_v22_a_banned_word_is_found_in_disguise_and_told_where_it_stands(text):
    listed = word_list(("viagra", "cheap pills"), frozenset())
    body = f"I sell cheap {text} today."
    assert [(m.entry, body[m.start : m.end]) for m in listed.find(body)] in [
        [("viagra", text)],
        [("viagra", "viagra")],  # in a tag, which is no part of the word
    ]
    assert not word_list(("press",), frozenset()).find("WordPress is pressing")
    assert not word_list(("ass",), frozenset()).find("a b a s s and a c l a s s")


@pytest.mark.parametrize(
    "piece",
    [
        "a word of many ",
        "w\u200bord12 ",
        "слово ",
        "中文字",
        "a b c d ",
        "word1 and1 ",
        "](",
        "<b>",
        "&amp",
        "*",
        "a. ",
    ],
)
def test_v22_many_words_and_a_long_text_are_no_burden(piece):
    words = tuple(f"word{n} and{n}" for n in range(5000))
    started = time.process_time()
    word_list(words, frozenset()).find((piece * 65_536)[:65_536])
    assert time.process_time() - started < 5  # a bound against hanging; bench/ has the figure


@pytest.mark.parametrize("piece", ["[", "***", '"', "- ", "> ", "`", "[a](", "<", "\\", "&#1;"])
def test_v23_a_text_made_to_be_slow_is_taken_in_or_refused_like_any_other(client, later, piece):
    started = time.process_time()
    body = (piece * 10_000)[:9_999] + "x"
    assert submit(client, later, body=body).status_code in {303, 422}
    assert time.process_time() - started < 5  # a bound against hanging; bench/ has the figure


def test_v24_limits_hold_before_storage_in_characters_and_bytes(client, later):
    assert submit(client, later, body="𝒳" * 10_001).status_code == 422
    assert submit(client, later, body="𝒳" * 9_999).status_code == 303


def test_v26_what_waits_is_nowhere_public(client, later):
    before = client.get("/letters/hello")
    submit(client, later, body="Pending words nobody may see.")
    after = client.get("/letters/hello")
    assert before.headers["ETag"] == after.headers["ETag"]
    for address in (
        "/",
        "/letters/hello",
        "/letters/hello/feed.atom",
        "/letters/?q=Pending",
        "/sitemap.xml",
    ):
        assert "Pending words" not in client.get(address).get_data(as_text=True)
    assert client.get("/letters/hello/comments/1").status_code == 404
    answer = submit(client, later, body="An answer to it.", parent="1")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "evil", ["a@b.co\r\nBcc: x@y.co", "a@b.co%0d%0aBcc:x@y.co", "a@b.co,x@y.co", "a@b.co\u2028x"]
)
def test_v27_an_address_carries_no_headers(client, later, evil):
    assert submit(client, later, email=evil).status_code == 422


def test_v29_links_are_built_on_the_configured_address(client, later):
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        for address in ("/", "/letters/hello", "/feed.atom", "/sitemap.xml", "/letters"):
            answer = client.get(address, headers=headers)
            assert "evil.example" not in answer.get_data(as_text=True) + str(answer.headers)


def test_v33_sign_in_answers_alike_and_is_limited(tmp_path, template_database):
    app = make_app(tmp_path / "limited", template_database)
    add_person(app)
    client = app.test_client()
    pages = []
    for n in range(12):
        page = client.get("/account/login").get_data(as_text=True)
        email = "mod@staff.example" if n % 2 else "nobody@staff.example"
        answer = client.post(
            "/account/login",
            data={"email": email, "password": "wrong-password", "csrf_token": csrf(page)},
        )
        pages.append((answer.status_code, email, answer.get_data(as_text=True)))
    assert [status for status, *_ in pages[:10]] == [200] * 10
    assert [status for status, *_ in pages[10:]] == [429] * 2
    texts = {re.sub(r'value="[^"]*"', "", text.replace(email, "")) for _, email, text in pages[:2]}
    assert len(texts) == 1


def test_v34_the_desk_cookie_is_for_the_server_alone(app):
    add_person(app)
    client = app.test_client()
    page = client.get("/account/login")
    answer = client.post(
        "/account/login",
        data={
            "email": "mod@staff.example",
            "password": PASSWORD,
            "csrf_token": csrf(page.get_data(as_text=True)),
        },
    )
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert cookie.split(";")[0] != page.headers["Set-Cookie"].split(";")[0]
    assert "remember_token" not in str(answer.headers)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "%2f%2fevil.example",
        "http://a@evil.example",
    ],
)
def test_v31_sign_in_leads_nowhere_else(app, target):
    add_person(app)
    client = app.test_client()
    page = client.get("/account/login").get_data(as_text=True)
    data = {
        "email": "mod@staff.example",
        "password": PASSWORD,
        "csrf_token": csrf(page),
        "next": target,
    }
    location = client.post(f"/account/login?next={target}", data=data).headers.get("Location", "")
    assert not location.startswith(("//", "/\\"))
    assert (
        urlsplit(urljoin("http://127.0.0.1:8000/account/login", location)).hostname == "127.0.0.1"
    )


def test_v38_a_decision_on_words_since_changed_is_refused(client, later, moderator):
    submit(client, later)
    assert publish(moderator, version=7).status_code == 409
    assert publish(moderator).status_code == 303
    assert publish(moderator, version=1, verdict="spam").status_code == 409


@pytest.mark.parametrize("name", ["page", "sort", "on", "reply_to", "q", "topic"])
def test_v40_parameters_are_never_echoed_alive(client, name):
    for address in ("/", "/letters/", "/letters/hello"):
        answer = client.get(address, query_string={name: '"><script>alert(1)</script>'})
        assert answer.status_code < 500
        assert "<script>alert" not in answer.get_data(as_text=True)


def test_v41_no_page_can_be_framed(client, moderator):
    for answer in (client.get("/letters/hello"), moderator.get("/desk/moderation/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_v43_logs_hold_no_person_and_no_line_breaks_of_theirs(client, later, log_lines):
    receipt = submit(client, later, name="Evil\x1b[31m", email="log.canary@example.org").headers[
        "Location"
    ]
    client.get(receipt, headers={"User-Agent": "fake line"})
    text = log_lines()
    assert text.count('"event": "request"') == 3
    assert "log.canary" not in text
    assert receipt.rsplit("/", 1)[1] not in text
    assert "\x1b" not in text
    assert "fake line" not in text


def test_v44_names_lose_what_deceives_and_lookalikes_of_staff_are_held(client, later, moderator):
    submit(client, later, name="Mоna Mod\u200berator")  # a Cyrillic o
    page = moderator.get("/desk/moderation/1").get_data(as_text=True)
    assert "\u200b" not in page
    assert "like" in page.lower()
    assert sign_in is not None
