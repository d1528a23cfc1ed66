"""The site behind a real nginx, which serves pages while the site is down and new comments in two seconds."""

import http.client
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench.nginx import nginx
from tests.support.api import HELLO, authorize, make_token
from tests.support.clients import csrf_token, fill_comment_form, submit
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    make_app,
    mark_published,
    publish_sample_letter,
)
from tests.support.servers import (
    fetch_url,
    find_program,
    free_port,
    is_ready,
    kill_site,
    site_environment,
    start_site,
    wait_until,
)

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def site_behind_nginx(tmp_path, template_database):
    """A site in a process of its own behind nginx, with the files that are installed in service."""
    site_port, port = free_port(), free_port()
    app = make_app(tmp_path / "instance", template_database, RATELIMIT_ENABLED="false")
    with app.app_context():
        publish_sample_letter()
    app.config["AT"] = f"http://127.0.0.1:{port}"
    environment = site_environment(
        tmp_path / "instance", BASE_URL=app.config["AT"], TRUSTED_PROXIES="127.0.0.1"
    )
    started = []

    def start():
        started.append(start_site(environment, site_port))

    def kill():
        kill_site(started[-1])

    start()
    with nginx(tmp_path, port, [site_port]):
        wait_until(lambda: is_ready(port, "/healthz"))
        yield app, start, kill
    kill()


def test_a_letter_is_readable_while_the_site_is_down_and_current_afterwards(site_behind_nginx):
    app, start, kill = site_behind_nginx
    letter = f"{app.config['AT']}/letters/hello"
    status, page, headers = fetch_url(letter)
    assert status == 200
    assert "stale-if-error" in headers["Cache-Control"]
    assert fetch_url(letter)[2]["X-Cache"] == "HIT"
    kill()
    time.sleep(2.5)  # longer than the site allows a page to be served from the cache
    status, kept, headers = fetch_url(letter)
    assert (status, kept) == (200, page)
    assert headers["X-Cache"] == "STALE"
    assert fetch_url(f"{app.config['AT']}/desk/")[0] == 502  # private pages are never cached
    submit(app.test_client())
    with app.app_context():
        mark_published(1)
    start()
    wait_until(lambda: "I read it twice" in fetch_url(letter)[1], 10)


def test_a_published_comment_appears_within_two_seconds(site_behind_nginx):
    app, _start, _kill = site_behind_nginx
    letter = f"{app.config['AT']}/letters/hello"
    fetch_url(letter)
    submit(app.test_client())
    with app.app_context():
        mark_published(1)
    wait_until(lambda: "I read it twice" in fetch_url(letter)[1], 3)  # two seconds and a request


def test_nginx_caches_no_private_page_and_metrics_are_closed(site_behind_nginx):
    app, _start, _kill = site_behind_nginx
    at = app.config["AT"]
    receipt = (
        app.test_client()
        .post("/letters/hello/comments", data=fill_comment_form(app.test_client()))
        .headers["Location"]
    )
    for _ in range(2):
        status, _page, headers = fetch_url(at + receipt)
        assert status == 200
        assert headers.get("X-Cache", "") not in {"HIT", "STALE"}
        assert "no-store" in headers["Cache-Control"]
    assert fetch_url(f"{at}/metrics")[0] == 403
    assert fetch_url(f"{at}/account/login")[2].get("X-Cache", "") in {"", "BYPASS", "MISS"}


def test_nginx_keeps_the_answers_to_readers_apart_from_those_to_tokens(site_behind_nginx):
    app, _start, _kill = site_behind_nginx
    letter = f"{app.config['AT']}{HELLO}"
    add_staff_member(app, "editor")
    token = authorize(make_token(app, "mod@staff.example"))
    for headers, is_editable in (({}, False), (token, True), ({}, False), (token, True)):
        status, text, _headers = fetch_url(letter, **headers)
        assert status == 200
        assert ('"has_unpublished_changes"' in text) is is_editable


def test_the_file_for_a_site_with_tls_is_valid_for_the_nginx_of_debian(tmp_path):
    certificate = tmp_path / "certificate"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x"]  # fmt: skip
    subprocess.run(
        [*make, "-keyout", certificate, "-out", certificate, "-batch"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx.conf").read_text()
    for path, ours in {
        "/etc/letsencrypt/live/letters.example/fullchain.pem": certificate,
        "/etc/letsencrypt/live/letters.example/privkey.pem": certificate,
        "/etc/nginx/commentsite-site.conf": DEPLOY / "nginx-site.conf",
        "/var/cache/nginx/commentsite": tmp_path / "cache",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "listen 443": f"listen 127.0.0.1:{free_port()}",
    }.items():
        assert path in text
        text = text.replace(path, str(ours))
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {text} }}")
    checked = subprocess.run(
        [find_program("nginx"), "-t", "-c", config, "-p", tmp_path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


FOREIGN = ["name=Zo\xe9", "name=Zoé", "a=“1”; b=2", "desk2=é"]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_foreign_cookie_beyond_ascii_does_not_sign_staff_out(
    site_behind_nginx, foreign, is_first
):
    app, _start, _kill = site_behind_nginx
    add_staff_member(app)
    port = int(app.config["AT"].rpartition(":")[2])
    own = sign_in_over_http(port)
    cookies = [foreign, own] if is_first else [own, foreign]
    assert fetch_with_cookie(port, "/desk/", own)[0] == 200
    assert fetch_with_cookie(port, "/desk/", "; ".join(cookies))[0] == 200
    assert fetch_with_cookie(port, "/desk/", foreign)[0] == 303


def fetch_with_cookie(port, path, cookie, fields=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.putrequest("POST" if fields else "GET", path)
        body = urlencode(fields).encode() if fields else b""
        connection.putheader("Cookie", cookie.encode())
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def sign_in_over_http(port):
    """Return the cookie of a session of the moderator."""
    _, page, headers = fetch_with_cookie(port, "/account/login", "a=b")
    cookie = headers["Set-Cookie"].partition(";")[0]
    fields = {
        "email": "mod@staff.example", "password": PASSWORD, "csrf_token": csrf_token(page),
    }  # fmt: skip
    status, _, headers = fetch_with_cookie(port, "/account/login", cookie, fields)
    assert status in {302, 303}
    return headers["Set-Cookie"].partition(";")[0]


def test_the_query_string_makes_no_other_pdf_in_nginx(site_behind_nginx):
    app, _start, kill = site_behind_nginx
    address = f"{app.config['AT']}/letters/hello/letter.pdf"
    wait_until(lambda: fetch_bytes(address)[0] == 200, 120)
    fetch_bytes(address)
    kill()
    status, cache = fetch_bytes(f"{address}?1")
    assert (status, cache) in {(200, "HIT"), (200, "STALE"), (200, "UPDATING")}


def fetch_bytes(url):
    """Return the status of an answer that is no text, and whether nginx had it."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            answer.read()
            return answer.status, answer.headers["X-Cache"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["X-Cache"]
