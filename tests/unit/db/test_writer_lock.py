"""The order of writers to SQLite. Each lock object stands for a process, because locks of files are per open file."""

import fcntl
import threading

import pytest

from commentsite.db import writer_lock
from commentsite.db.writer_lock import WriterLock


@pytest.fixture
def processes(tmp_path, monkeypatch):
    monkeypatch.setattr(writer_lock, "MAX_GIVING_WAY", 60.0)
    return [WriterLock(str(tmp_path / "site.db")) for _ in range(3)]


def start(lock: WriterLock, name: str, order: list[str], **options) -> threading.Thread:
    def work():
        with lock.hold(60, **options):
            order.append(name)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def is_locked(path) -> bool:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_process_writes_when_another_has_finished_and_background_work_comes_last(
    processes, tmp_path
):
    first, second, worker = processes
    order: list[str] = []
    with first.hold(60):
        background = start(worker, "background", order, gives_way=True)
        waiting = start(second, "request", order)
        while not is_locked(tmp_path / "site.db-waiting"):
            pass
        order.append("first")
    waiting.join()
    background.join()
    assert order == ["first", "request", "background"]


def test_a_writer_that_waited_too_long_goes_on_to_the_lock_of_sqlite(processes):
    first, second, _ = processes
    order: list[str] = []
    with first.hold(60), second.hold(0.01):
        order.append("second")
    assert order == ["second"]


def test_a_thread_can_take_its_lock_again_and_gives_it_up_once(processes):
    first, second, _ = processes
    order: list[str] = []
    with first.hold(60):
        with first.hold(60):
            pass
        thread = start(second, "second", order)
        assert order == []
    thread.join()
    assert order == ["second"]


def test_a_folder_without_lock_files_does_not_stop_a_writer(tmp_path):
    with WriterLock(str(tmp_path / "missing" / "site.db")).hold(60, gives_way=True):
        pass
