"""The audit log over HTTP: pages, downloads, proofs for commenters, and checkpoints signed by a steward."""

import gzip
import json
import re
import subprocess
import sys

from commentsite.audit import queries as audit_queries
from commentsite.audit.services import record_event
from commentsite.db.session import db, transaction
from commentsite.web.public.site import audit_log
from commentsite.worker import tasks
from tests.support.audit import list_latest_entries
from tests.support.clients import csrf_token, sign_in, submit_for_receipt
from tests.support.commands import run_command
from tests.support.factories import add_staff_member


def run_verifier(folder, *arguments, options=()):
    """Run the downloaded program with a Python without packages, as a reader would."""
    return subprocess.run(
        [sys.executable, "-I", "-S", *options, "verify.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def download(client, folder, *names):
    for name in names:
        (folder / name).write_bytes(client.get(f"/transparency/{name}").data)


def test_a_reader_verifies_the_log_with_the_files_from_the_page(app, client, tmp_path):
    receipt = submit_for_receipt(client)
    page = client.get(receipt).text
    assert "A signed checkpoint will cover it by tomorrow." in page
    assert "Download the proof" not in page
    waiting = client.get(f"{receipt}/proof.json")
    assert json.loads(waiting.data)["entries"] == []
    assert len(json.loads(waiting.data)["waiting"]) == 2
    tasks.run_pass(app)

    front = client.get("/transparency").text
    assert 'href="/transparency/log"' in front
    page = client.get("/transparency/log")
    text = page.text
    for name in ("log.jsonl", "heads.json", "keys.txt", "verify.py"):
        assert f'href="/transparency/{name}"' in text
    assert "Set-Cookie" not in page.headers
    assert "public" in page.headers["Cache-Control"]
    download(client, tmp_path, "log.jsonl", "heads.json", "verify.py")
    key = re.search(r"^\w{16} (\w{64}) entry \d+$", client.get("/transparency/keys.txt").text)[1]
    assert key in text

    page = client.get(receipt).text
    entry = int(re.search(r"Entry (\d+) of the log: Received", page)[1])
    assert "Covered by the signed checkpoint at entry" in page
    assert f"{receipt}/proof.json".removeprefix("http://127.0.0.1:8000") in page
    (tmp_path / "proof.json").write_bytes(client.get(f"{receipt}/proof.json").data)
    for arguments in (
        ["log.jsonl"],
        ["log.jsonl", "heads.json"],
        ["log.jsonl", key, "heads.json", "proof.json"],
        ["-", key, "proof.json"],
    ):
        done = run_verifier(tmp_path, *arguments)
        assert (done.returncode, done.stdout) == (0, "Everything is valid.\n"), done.stderr
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    submitted = json.loads(lines[entry - 1])["entry"]
    assert (submitted["action"], submitted["seq"]) == ("comment.submitted", entry)
    assert (
        json.loads(json.loads((tmp_path / "proof.json").read_text())["entries"][0]["line"])["entry"]
        == submitted
    )

    # another proof, another key, and a Python that skips assertions
    proof = (tmp_path / "proof.json").read_text()
    (tmp_path / "other.json").write_text(proof.replace("comment.submitted", "comment.published"))
    for arguments in (["-", key, "other.json"], ["log.jsonl", "ab" * 32], ["-", "proof.json"], []):
        done = run_verifier(tmp_path, *arguments)
        assert done.returncode == 1, arguments
        assert done.stderr, arguments
        assert "Traceback" not in done.stderr
    assert "checkpoint of entry" in run_verifier(tmp_path, "log.jsonl", "ab" * 32).stderr
    assert run_verifier(tmp_path, "log.jsonl", options=["-O"]).returncode == 1


def test_a_mirror_downloads_only_newer_entries(app, client, monkeypatch):
    monkeypatch.setattr("commentsite.web.public.site.audit_log.BATCH_SIZE", 2)
    tasks.run_pass(app)
    first = client.get("/transparency/log.jsonl")
    assert first.content_type == "application/jsonl; charset=utf-8"
    assert first.headers["Cache-Control"] == "public, no-cache"
    same = client.get("/transparency/log.jsonl", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    packed = client.get("/transparency/log.jsonl", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == first.data
    assert client.head("/transparency/log.jsonl").status_code == 200
    with app.app_context():
        last = audit_queries.get_last_entry()[0]
        with transaction():
            record_event("system", "test.deed", "test:1")
        db.session.remove()
    run_command(app, "log", "sign")
    more = client.get(f"/transparency/log.jsonl?from={last + 1}")
    assert len(more.data.splitlines()) == 3  # the deed, the signing, the head
    assert client.get("/transparency/log.jsonl").data == first.data + more.data
    assert client.get("/transparency/log.jsonl?from=99999").data == b""
    for wrong in ("0", "-1", "x", "1e3", "99999999999999999999"):
        answer = client.get(f"/transparency/log.jsonl?from={wrong}")
        assert answer.status_code == 422, wrong
        assert "number of an entry" in answer.text
    sizes = [
        json.loads(line)["head"]["size"]
        for line in client.get("/transparency/heads.json").json["heads"]
    ]
    address = "/transparency/consistency.json?from={}&to={}"
    assert client.get(address.format(*sizes)).json["path"]
    assert client.get(address.format(*reversed(sizes))).status_code == 404
    assert client.get(address.format(1, 2)).status_code == 404
    assert client.get("/transparency/consistency.json").status_code == 422


def test_a_steward_signs_a_checkpoint_and_a_moderator_cannot(app):
    add_staff_member(app)
    add_staff_member(app, "steward", "steward@staff.example", "Stella Steward")
    moderator, steward = sign_in(app), sign_in(app, "steward@staff.example")
    assert "Sign a checkpoint now" not in moderator.get("/desk/audit/").text
    page = steward.get("/desk/audit/").text
    assert "No checkpoint is signed yet" in page
    token = csrf_token(page)
    assert steward.post("/desk/audit/heads").status_code == 400
    answer = steward.post("/desk/audit/heads", data={"csrf_token": token}, follow_redirects=True)
    assert "Signed a checkpoint over" in answer.text
    assert "Sign a checkpoint now" not in answer.text
    answer = steward.post("/desk/audit/heads", data={"csrf_token": token}, follow_redirects=True)
    assert "covers every entry already" in answer.text
    token = csrf_token(moderator.get("/desk/audit/").text)
    assert moderator.post("/desk/audit/heads", data={"csrf_token": token}).status_code == 403
    with app.app_context():
        newest = list_latest_entries(1)[0]
        assert (newest.action, newest.actor) == ("log.head_signed", "user:2")
        key = app.extensions["commentsite"].settings.log_key_path
    key.chmod(0o640)
    with app.app_context(), transaction():
        record_event("system", "test.deed", "test:1")
    token = csrf_token(steward.get("/desk/audit/").text)
    answer = steward.post("/desk/audit/heads", data={"csrf_token": token}, follow_redirects=True)
    problem = answer.text.partition("Other users of this machine can read log_key")[0]
    assert problem.endswith('<p class="notice stop" role="alert">')


def test_an_operator_signs_renews_the_key_and_verifies_against_a_copy(app, client, tmp_path):
    assert "Signed a checkpoint over" in run_command(app, "log", "sign").output
    assert "already" in run_command(app, "log", "sign").output
    download(client, tmp_path, "log.jsonl")
    assert "is now signed with the key" in run_command(app, "log", "new-key").output
    download(client, tmp_path, "verify.py")
    (tmp_path / "new.jsonl").write_bytes(client.get("/transparency/log.jsonl").data)
    assert run_verifier(tmp_path, "new.jsonl").returncode == 0
    copy = str(tmp_path / "log.jsonl")
    done = run_command(app, "verify", "--against", copy)
    assert (done.exit_code, done.output) == (
        0,
        "The audit log is intact and agrees with the database.\n",
    )
    content = (tmp_path / "log.jsonl").read_text()
    (tmp_path / "log.jsonl").write_text(content.replace("letter.imported", "letter.invented"))
    done = run_command(app, "verify", "--against", copy)
    assert done.exit_code == 1
    assert done.output == "Line 1 of the copy, entry 1, differs from this log.\n"
    (tmp_path / "log.jsonl").write_bytes((tmp_path / "new.jsonl").read_bytes() + b"{}\n")
    done = run_command(app, "verify", "--against", copy)
    assert "but this log ends before it" in done.output


def test_slow_readers_of_a_long_log_leave_threads_for_others(client, monkeypatch):
    whole = client.get("/transparency/log.jsonl").data
    monkeypatch.setattr(audit_log, "MAX_UNSTREAMED_ENTRIES", 0)
    for _ in range(audit_log.MAX_STREAMS):  # as many clients read slowly
        audit_log._streams.acquire()
    refused = client.get("/transparency/log.jsonl")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == str(audit_log.STREAM_RETRY_AFTER)
    audit_log._streams.release(audit_log.MAX_STREAMS)
    for _ in range(audit_log.MAX_STREAMS + 1):
        with client.get("/transparency/log.jsonl") as answer:
            assert answer.data == whole
        with client.head("/transparency/log.jsonl") as answer:
            assert answer.status_code == 200
