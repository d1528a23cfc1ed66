"""Slow senders do not hold all threads of a serving process."""

import io
import threading

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from commentsite.web.http.request_body import RequestBodyMiddleware

LIMITS = {
    "max_waiting": 2,
    "max_form": 1000,
    "max_file": 5000,
    "find_client": lambda environ: environ.get("REMOTE_ADDR", ""),
}


class HeldBody:
    """A body of which no more arrives until the test ends it."""

    def __init__(self):
        self.is_asked, self.is_over = threading.Event(), threading.Event()

    def read(self, _size):
        self.is_asked.set()
        self.is_over.wait(30)
        return b"half"


@pytest.fixture
def client():
    @Request.application
    def echo(request):
        return Response(request.get_data())

    return Client(RequestBodyMiddleware(echo, **LIMITS))


def send(client, body, length=10, path="/", **environ):
    environ = {"REMOTE_ADDR": "192.0.2.1"} | environ
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
    return client.post(path, environ_overrides=environ)


@pytest.mark.parametrize("path", ["/", "/desk/letters/new"])
def test_a_body_reaches_the_application_unchanged(client, path):
    body = bytes(range(256)) * 3
    assert client.post(path, data=body).data == body
    assert client.post(path).data == b""
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert send(client, io.BytesIO(body), "", path, **chunked).data == body


def test_a_body_that_ends_early_is_refused(client):
    assert send(client, io.BytesIO(b"half"), length=10).status_code == 400


def test_a_body_that_is_too_large_is_left_to_the_application():
    @Request.application
    def read(request):
        return Response(request.path)

    client = Client(RequestBodyMiddleware(read, **LIMITS))
    for path, length in (("/", 1001), ("/desk/letters/new", 5001)):
        body = io.BytesIO(b"x" * length)
        send(client, body, length, path)
        assert body.tell() == 0


def test_the_body_of_a_get_is_not_waited_for():
    client = Client(RequestBodyMiddleware(Response("page"), **LIMITS))
    overrides = {"wsgi.input": HeldBody(), "CONTENT_LENGTH": "10"}
    assert client.get("/", environ_overrides=overrides).text == "page"


def test_further_forms_are_refused_while_others_do_not_arrive(client):
    slow = [HeldBody() for _ in range(LIMITS["max_waiting"])]
    waiting = [
        threading.Thread(target=send, args=(client, body), kwargs={"REMOTE_ADDR": f"192.0.2.{n}"})
        for n, body in enumerate(slow)
    ]
    for thread in waiting:
        thread.start()
    try:
        assert all(body.is_asked.wait(30) for body in slow)
        refused = client.post("/", data=b"whole")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "Send yours again" in refused.text
        assert client.get("/").status_code == 200
    finally:
        for body in slow:
            body.is_over.set()
        for thread in waiting:
            thread.join()
    assert client.post("/", data=b"whole").data == b"whole"


def test_a_client_with_a_form_that_does_not_arrive_keeps_no_form_of_others_away(client):
    slow = HeldBody()
    waiting = threading.Thread(target=send, args=(client, slow))
    waiting.start()
    try:
        assert slow.is_asked.wait(30)
        assert send(client, io.BytesIO(b"whole"), 5).status_code == 503
        assert send(client, io.BytesIO(b"whole"), 5, REMOTE_ADDR="192.0.2.2").data == b"whole"
    finally:
        slow.is_over.set()
        waiting.join()
    assert send(client, io.BytesIO(b"whole"), 5).data == b"whole"
