"""Processes without Redis share the counters of the rate limits in a file."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from limits import parse
from limits.strategies import MovingWindowRateLimiter

from commentsite.web.http import limit_storage
from commentsite.web.http.limit_storage import FILE_NAME, SharedFileStorage, build_storage_uri

LIMIT = parse("3 per 10 minutes")
SECRET = "a secret of the tests"
KEY = "198.51.100.7"


@pytest.fixture
def open_storage(tmp_path):
    """A function that opens the file as another process would."""
    opened = []

    def make():
        opened.append(SharedFileStorage(build_storage_uri(tmp_path / FILE_NAME, SECRET)))
        return opened[-1]

    yield make
    for storage in opened:
        storage._close()


def hit(storage, times=1, limit=LIMIT):
    return [MovingWindowRateLimiter(storage).hit(limit, KEY) for _ in range(times)]


def test_a_limit_holds_over_all_processes(open_storage):
    one, two = open_storage(), open_storage()
    assert hit(one, 2) == [True, True]
    assert hit(two, 2) == [True, False]
    strategy = MovingWindowRateLimiter(one)
    assert not strategy.test(LIMIT, KEY)
    assert strategy.get_window_stats(LIMIT, KEY).remaining == 0
    assert strategy.test(LIMIT, "another")
    one.hit_all([(LIMIT, ("a",)), (LIMIT, ("b",)), (LIMIT, (KEY,))])
    assert [MovingWindowRateLimiter(two).get_window_stats(LIMIT, k).remaining for k in "ab"] == [
        2,
        2,
    ]
    one.clear(LIMIT.key_for(KEY))
    assert hit(two) == [True]


def test_processes_that_count_at_the_same_time_let_no_hit_too_many_through(tmp_path):
    program = (
        "import sys; from limits import parse; from limits.strategies import MovingWindowRateLimiter as M;"
        "from commentsite.web.http.limit_storage import SharedFileStorage as S;"
        "m = M(S(sys.argv[1])); sys.stdin.readline();"
        "print(sum(m.hit(parse('100 per 10 minutes'), 'k') for _ in range(60)))"
    )
    command = [sys.executable, "-c", program, build_storage_uri(tmp_path / FILE_NAME, SECRET)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    accepted = [int(process.communicate("\n")[0]) for process in processes]
    assert sum(accepted) == 100


def test_the_file_holds_no_address_and_only_its_owner_can_read_it(open_storage, tmp_path):
    old = os.umask(0)
    try:
        hit(open_storage())
    finally:
        os.umask(old)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [FILE_NAME, f"{FILE_NAME}-shm", f"{FILE_NAME}-wal"]
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600, file
        assert KEY.encode() not in file.read_bytes()


def test_hits_are_deleted_after_their_time(open_storage, tmp_path, monkeypatch):
    storage, now = open_storage(), [1_000_000.0]
    monkeypatch.setattr(limit_storage.time, "time", lambda: now[0])
    hit(storage, 3)
    now[0] += 599
    assert hit(storage) == [False]
    now[0] += limit_storage.PURGE_INTERVAL
    assert hit(storage) == [True]
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        assert database.execute("SELECT count(*) FROM hit").fetchall() == [(1,)]


def remove(file):
    file.unlink()


def remove_with_its_log(file):
    for path in file.parent.iterdir():
        path.unlink()


def overwrite(file):
    file.write_bytes(b"no database " * 1000)


def empty(file):
    file.write_bytes(b"")


def change_tables(file):
    with closing(sqlite3.connect(file)) as database:
        database.executescript("DROP TABLE hit; CREATE TABLE hit (other TEXT);")


@pytest.mark.parametrize(
    ("harm", "is_open", "is_reported"),
    [
        (remove, True, True),
        (remove_with_its_log, True, True),
        (change_tables, True, True),
        (remove, False, False),
        (overwrite, False, True),
        (empty, False, False),
        (change_tables, False, True),
    ],
)
def test_a_lost_or_damaged_file_is_made_anew_for_all(  # noqa: PLR0917  # fixtures and parameters
    open_storage, tmp_path, log_lines, harm, is_open, is_reported
):
    one, two = open_storage(), open_storage()
    hit(one, 3)
    hit(two)
    if not is_open:
        one._close()
        two._close()
    harm(tmp_path / FILE_NAME)
    assert hit(one, 2) == [True, True]
    assert hit(two, 2) == [True, False]
    assert hit(one) == [False]
    assert one.check()
    assert (FILE_NAME in log_lines()) == is_reported


@pytest.mark.parametrize("harm", [overwrite, empty])
def test_a_file_that_is_damaged_while_it_is_in_use_does_not_lift_the_limit(
    open_storage, tmp_path, harm
):
    one, two = open_storage(), open_storage()
    hit(one, 3)
    hit(two)
    harm(tmp_path / FILE_NAME)
    assert sum(hit(one, 5) + hit(two, 5)) <= LIMIT.amount
    assert hit(one) == hit(two) == [False]


def test_a_folder_that_cannot_be_used_is_reported_and_not_fatal(tmp_path):
    storage = SharedFileStorage(build_storage_uri(tmp_path / "absent" / FILE_NAME, SECRET))
    assert not storage.check()
    with pytest.raises(storage.base_exceptions):
        hit(storage)
