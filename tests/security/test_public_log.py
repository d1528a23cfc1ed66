"""The public log proves that nothing was changed, and tells nothing about the security of staff accounts."""

import json

import pytest
from sqlalchemy import update

from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.services import (
    limit_to_letters,
    reset_second_factor,
    set_active,
    sign_out_everywhere,
)
from commentsite.audit import export, services
from commentsite.audit.models import AuditEntry, PrivateAuditEntry
from commentsite.audit.private_entries import is_private
from commentsite.audit.services import record_event
from commentsite.audit.tree_heads import sign_tree_head
from commentsite.db.session import session, transaction
from tests.support.audit import verify_records
from tests.support.clients import post_form, set_up_second_factor, sign_in, submit_for_receipt
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    encryption_of,
    list_private_actions,
)
from tests.support.verifier import verify_file

TELLING = ("factor", "passkey", "recovery", "password", "sessions", "limited", "kept_out", "let_in")


def sign(app):
    with app.app_context(), transaction():
        sign_tree_head("system", app.extensions["commentsite"].settings.log_key_path)


@pytest.fixture
def busy(app, steward):
    """A site on which a member of staff changed everything about the security of an account."""
    add_staff_member(app)
    staff = sign_in(app)
    set_up_second_factor(staff)
    post_form(staff, "/account/mf-recovery-codes", generate_new_codes="1")
    post_form(staff, "/account/tf-setup", setup="disable")
    new = "quite-another-long-one"
    post_form(
        staff, "/account/change", password=PASSWORD, new_password=new, new_password_confirm=new
    )
    set_up_second_factor(staff)
    with app.app_context():
        for act in (
            lambda: reset_second_factor(2, by=SYSTEM, encryption=encryption_of(app)),
            lambda: sign_out_everywhere(2, by=SYSTEM),
            lambda: limit_to_letters(2, frozenset({1}), by=SYSTEM),
            lambda: set_active(2, is_active=False, by=SYSTEM),
            lambda: set_active(2, is_active=True, by=SYSTEM),
        ):
            with transaction():
                act()
    sign(app)
    return app


def record_as_before(app, action="staff.factor_set", obj="user:2", **details):
    """Record an entry with its content in the log itself, as earlier versions did."""
    with pytest.MonkeyPatch.context() as patch, app.app_context(), transaction():
        patch.setattr(services, "is_private", lambda _action: False)
        record_event("user:2", action, obj, **details)


def test_the_public_log_tells_of_no_factor_password_session_or_limit(busy, client, tmp_path):
    with busy.app_context():
        recorded = list_private_actions()
    assert {
        "staff.factor_set", "staff.recovery_codes_made", "staff.factor_removed",
        "staff.password_changed", "staff.factor_taken_away", "staff.sessions_ended",
        "staff.limited", "staff.kept_out", "staff.let_in",
    } <= set(recorded)  # fmt: skip
    log = client.get("/transparency/log.jsonl")
    for word in TELLING:
        assert word not in log.text
    lines = [json.loads(line) for line in log.text.splitlines()]
    private = [
        line["entry"] for line in lines if line.get("entry", {}).get("action") == "staff.private"
    ]
    assert len(private) == len(recorded)
    assert {(e["actor"], e["object"]) for e in private} == {("staff", "staff")}
    assert {tuple(e["details"]) for e in private} == {("commitment",)}
    assert len({e["details"]["commitment"] for e in private}) == len(private)
    assert verify_file(tmp_path / "log.jsonl", log.data) is None
    with busy.app_context():
        assert verify_records() == []
    for page in ("/transparency/log", "/transparency", "/transparency/heads.json"):
        text = client.get(page).text
        assert "factor_" not in text
        assert "user:2" not in text


def test_roles_and_invitations_stay_public(busy, client):
    assert '"action":"staff.added"' in client.get("/transparency/log.jsonl").text
    public = (
        "staff.added",
        "staff.invited",
        "staff.joined",
        "staff.role_changed",
        "comment.decided",
    )
    assert not any(is_private(action) for action in public)
    assert is_private("staff.anything_that_a_later_version_adds")


@pytest.mark.parametrize("change", ["content", "salt", "missing"])
def test_a_private_content_that_was_changed_later_is_found(busy, change):
    with busy.app_context(), transaction():
        row = session().query(PrivateAuditEntry).order_by(PrivateAuditEntry.seq).first()
        if change == "content":
            row.action = "staff.let_in"
        elif change == "salt":
            row.salt = "00" * 32
        else:
            session().delete(row)
        number = row.seq
    with busy.app_context():
        assert verify_records() == [
            f"The private content of entry {number} is missing or was changed later."
        ]


def test_an_old_log_is_published_without_what_it_said_and_still_holds(app, client, tmp_path):
    submit_for_receipt(client)
    record_as_before(app)
    record_as_before(app, "staff.limited", letters=[1])
    sign(app)
    receipt = submit_for_receipt(client, email="b@example.org", body="Another word.")
    record_as_before(app, "staff.kept_out")
    sign(app)
    log = client.get("/transparency/log.jsonl")
    for word in TELLING:
        assert word not in log.text
    assert log.text.count('{"private":{"leaf":') == 3
    saved = client.get("/transparency/heads.json").data
    (tmp_path / "heads.json").write_bytes(saved)
    proof = tmp_path / "proof.json"
    proof.write_bytes(client.get(f"{receipt}/proof.json").data)
    assert verify_file(tmp_path / "log.jsonl", log.data, tmp_path / "heads.json", proof) is None
    with app.app_context():
        assert verify_records() == []


@pytest.mark.parametrize("part", ["leaf", "hash", "seq", "content", "removed", "swapped"])
def test_a_changed_private_line_does_not_pass(app, client, tmp_path, part):
    submit_for_receipt(client)
    record_as_before(app)
    submit_for_receipt(client, email="b@example.org", body="Another word.")
    sign(app)
    lines = client.get("/transparency/log.jsonl").data.splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if line.startswith(b'{"private"'))
    content = json.loads(lines[place])
    if part in {"leaf", "seq"}:
        content["private"][part] = "0" * 64 if part == "leaf" else 999
    elif part == "hash":
        content["hash"] = "0" * 64
    elif part == "content":
        content["private"] = {**content["private"], "prev": "0" * 64}
    changed = json.dumps(content, separators=(",", ":")).encode() + b"\n"
    if part == "removed":
        del lines[place]
    elif part == "swapped":
        lines[place], lines[place + 1] = lines[place + 1], lines[place]
    else:
        lines[place] = changed
    assert "is not valid" in verify_file(tmp_path / "log.jsonl", b"".join(lines))


def test_a_copy_from_before_is_recognised_as_the_same_log(app, client):
    submit_for_receipt(client)
    record_as_before(app)
    sign(app)
    with app.app_context():
        entries = session().query(AuditEntry).order_by(AuditEntry.seq)
        old_copy = [export.format_entry(entry) for entry in entries]
        assert export.find_first_difference(b"".join(old_copy)) is None
        number = next(n for n, line in enumerate(old_copy) if b"factor_set" in line)
        old_copy[number] = old_copy[number].replace(b"user:2", b"user:3")
        assert f"entry {number + 1}" in export.find_first_difference(b"".join(old_copy))
    with app.app_context(), transaction():
        session().execute(update(AuditEntry).where(AuditEntry.seq == 1).values(actor="user:9"))
    with app.app_context():
        assert "from entry 1 on" in verify_records()[0]


def test_the_desk_shows_private_entries_to_those_who_manage_the_staff(busy, steward):
    record_as_before(busy)
    add_staff_member(busy, "moderator", "other@staff.example", "Olga Other")
    page = sign_in(busy, "other@staff.example").get("/desk/audit/").text
    assert "staff.private" in page
    for word in TELLING:
        assert word not in page.partition("<tbody>")[2]
    assert "staff.factor_set" in steward.get("/desk/audit/").text
