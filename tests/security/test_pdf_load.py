"""PDFs of long letters cannot stop the site: few are drawn at once, and readers are served meanwhile."""

import http.client
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest

from commentsite.web.paper.drawing import MAX_DRAWINGS
from tests.support.factories import make_app, mark_published, publish_sample_letter, store_comment
from tests.support.servers import (
    free_port,
    kill_site,
    send_request,
    site_environment,
    start_site,
    wait_until,
)

LETTERS = ("one", "two", "three", "four")


def fetch(port, path):
    """Return status, content type and headers of a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


@pytest.fixture
def served(tmp_path, template_database):
    """A site in processes of its own with four letters: its port and its first process."""
    app = make_app(tmp_path / "instance", template_database, RATELIMIT_ENABLED="false")
    with app.app_context():
        for slug in LETTERS:
            publish_sample_letter(slug)
        mark_published(store_comment(app, "one").comment.id)
    port = free_port()
    process = start_site(site_environment(tmp_path / "instance", RATELIMIT_ENABLED="false"), port)
    yield port, psutil.Process(process.pid)
    for renderer in find_renderers(psutil.Process(process.pid)):
        with suppress(psutil.NoSuchProcess):
            renderer.kill()
    kill_site(process)


def find_renderers(*sites):
    found = []
    for process in [child for site in sites for child in site.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            if "commentsite.web.paper.renderer" in process.cmdline():
                found.append(process)
    return found


class Holder(threading.Thread):
    """Stops each rendering process as soon as it starts, until it is told to let them go on."""

    def __init__(self, *sites):
        super().__init__(daemon=True)
        self.sites, self.seen, self.ending = sites, {}, threading.Event()
        self.start()

    def run(self):
        while not self.ending.wait(0.005):
            for renderer in find_renderers(*self.sites):
                if renderer.pid not in self.seen:
                    with suppress(psutil.NoSuchProcess):
                        renderer.send_signal(signal.SIGSTOP)
                    self.seen[renderer.pid] = renderer

    def release(self):
        self.ending.set()
        self.join()
        for renderer in find_renderers(*self.sites):
            renderer.send_signal(signal.SIGCONT)


def test_readers_are_served_while_pdfs_are_drawn(served):
    port, site = served
    holder = Holder(site)
    with ThreadPoolExecutor(8) as readers:
        asked = [
            readers.submit(fetch, port, f"/letters/{s}/letter.pdf?{n}")
            for n, s in enumerate(LETTERS)
        ]
        asked += [readers.submit(fetch, port, "/letters/one/letter.pdf?again") for _ in range(4)]
        wait_until(lambda: len(holder.seen) == MAX_DRAWINGS)
        # The drawings stand still, and yet each page is answered.
        assert send_request(port, "GET", "/letters/four")[0] == 200
        assert send_request(port, "GET", "/rules")[0] == 200
        answers = [answer.result() for answer in asked]
    assert {status for status, _ in answers} <= {202, 503}
    assert all(int(headers["Retry-After"]) > 0 for _, headers in answers)
    assert len(holder.seen) == MAX_DRAWINGS
    holder.release()
    for slug in LETTERS:
        path = f"/letters/{slug}/letter.pdf"
        wait_until(lambda path=path: fetch(port, path)[0] == 200, 120)


def test_equal_requests_share_one_drawing(served):
    port, site = served
    holder = Holder(site)
    with ThreadPoolExecutor(6) as readers:
        asked = [readers.submit(fetch, port, f"/letters/one/letter.pdf?{n}") for n in range(6)]
        answers = [answer.result() for answer in asked]
    assert {status for status, _ in answers} == {202}
    assert len(holder.seen) == 1
    holder.release()
    wait_until(lambda: fetch(port, "/letters/one/letter.pdf")[0] == 200, 120)
    assert len(holder.seen) == 1


def test_two_processes_of_a_site_draw_a_pdf_once(served, tmp_path):
    port, site = served
    second_port = free_port()
    second = start_site(
        site_environment(tmp_path / "instance", RATELIMIT_ENABLED="false"), second_port
    )
    holder = Holder(site, psutil.Process(second.pid))
    try:
        with ThreadPoolExecutor(4) as readers:
            ports = (port, second_port, port, second_port)
            asked = [readers.submit(fetch, at, "/letters/one/letter.pdf") for at in ports]
            assert {answer.result()[0] for answer in asked} == {202}
        assert len(holder.seen) == 1
        holder.release()
        for at in (port, second_port):
            wait_until(lambda at=at: fetch(at, "/letters/one/letter.pdf")[0] == 200, 120)
        assert len(holder.seen) == 1
    finally:
        kill_site(second)


def test_a_rendering_process_has_bounds_and_no_secrets(served):
    port, site = served
    holder = Holder(site)
    fetch(port, "/letters/one/letter.pdf")
    [renderer] = holder.seen.values()
    assert not [name for name in renderer.environ() if name.startswith("COMMENTSITE_")]
    holder.ending.set()
    holder.join()
    renderer.send_signal(signal.SIGCONT)

    def read_limits():
        limit = renderer.rlimit(psutil.RLIMIT_AS)[0], renderer.rlimit(psutil.RLIMIT_CPU)[0]
        return limit if psutil.RLIM_INFINITY not in limit else None

    memory, seconds = wait_until(read_limits)
    assert memory <= 1.5 * 1024**3
    assert seconds <= 60
