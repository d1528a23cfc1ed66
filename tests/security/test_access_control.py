"""Roles, scopes, sessions and sanctions hold against users who try to exceed them."""

import re

import pytest

from commentsite import clock
from commentsite.accounts.models import StaffSession
from commentsite.accounts.permissions import ROLE_PERMISSIONS, SYSTEM, Actor, Permission, RoleName
from commentsite.accounts.queries import find_staff_by_email
from commentsite.accounts.services import limit_to_letters
from commentsite.db.session import session, transaction
from commentsite.errors import NotAllowed
from commentsite.letters.draft import AuthorDraft, LetterDraft
from commentsite.letters.importing.services import import_letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.sanctions import end_sanction, set_sanction
from tests.support.clients import (
    fetch_csrf_token,
    fill_comment_form,
    set_up_second_factor,
    sign_in,
    submit,
    totp_code,
)
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    encryption_of,
    make_app,
    publish_sample_letter,
)


def limit_staff_to_letter(app, email, letter_id=1):
    with app.app_context(), transaction():
        limit_to_letters(find_staff_by_email(email).id, frozenset({letter_id}), by=SYSTEM)


@pytest.fixture
def two_letters(app, client):
    """Two letters with a comment each. The second is outside the scope of all limited staff."""
    with app.app_context():
        publish_sample_letter("other")
    for slug in ("hello", "other"):
        client.post(f"/letters/{slug}/comments", data=fill_comment_form(client, slug))
    return app


def test_a_moderator_of_one_letter_decides_about_no_other(two_letters, moderator):
    limit_staff_to_letter(two_letters, "mod@staff.example")
    assert moderator.get("/desk/moderation/1").status_code == 200
    assert moderator.get("/desk/moderation/2").status_code == 403
    token = fetch_csrf_token(moderator)
    for path, data in (
        ("decisions", {"comment": "2@1", "verdict": "publish"}),
        ("decisions", {"comment": "2@1", "verdict": "spam"}),
        ("2/keep", {}),
    ):
        answer = moderator.post(f"/desk/moderation/{path}", data=data | {"csrf_token": token})
        assert answer.status_code == 403, path
        assert "I read it twice" not in answer.text
    many = {"comment": ["1@1", "2@1"], "verdict": "publish", "csrf_token": token}
    assert moderator.post("/desk/moderation/decisions", data=many).status_code == 303
    with two_letters.app_context():
        from commentsite.comments.queries import get_comment  # noqa: PLC0415

        assert [str(get_comment(n).state) for n in (1, 2)] == ["published", "pending"]
    for asked in ("?letter=other", "?state=pending&q=twice", "?after=1"):
        page = moderator.get(f"/desk/moderation/{asked}").text
        assert "/desk/moderation/2" not in page


def test_an_editor_of_one_letter_opens_and_changes_no_other(two_letters):
    add_staff_member(two_letters, "editor", "ed@staff.example", "Ed Itor")
    limit_staff_to_letter(two_letters, "ed@staff.example")
    editor = sign_in(two_letters, "ed@staff.example")
    token = fetch_csrf_token(editor)
    listed = editor.get("/desk/letters/").text
    assert "/desk/letters/hello/" in listed
    assert "/desk/letters/other/" not in listed
    checked = 0
    for rule in two_letters.url_map.iter_rules():
        if rule.rule.startswith("/desk/letters/") and "slug" in rule.arguments:
            values = {name: "other" if name == "slug" else 1 for name in rule.arguments}
            with two_letters.test_request_context():
                address = rule.build(values)[1]
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                answer = editor.open(address, method=method, data={"csrf_token": token})
                assert answer.status_code == 403, f"{method} {address}"
                checked += 1
    assert checked >= 10
    assert editor.get("/desk/letters/hello/edit").status_code == 200
    assert editor.get("/desk/letters/new").status_code == 403  # a new letter is none of theirs
    assert editor.get("/desk/sanctions/").status_code == 403  # these reach beyond a letter
    assert editor.get("/desk/moderation/1/author").status_code == 403


@pytest.mark.parametrize("role", RoleName)
def test_each_service_checks_role_and_scope_itself(two_letters, role):
    """The pages only hide forms. The services decide."""
    encryption = encryption_of(two_letters)
    held = ROLE_PERMISSIONS[role]
    elsewhere = Actor("user:9", held, 9, "N", "n@staff.example", letter_ids=frozenset({1}))
    draft = LetterDraft(
        title="New",
        slug="new",
        source_text="One.",
        original=b"One.",
        authors=(AuthorDraft("A", "CIV"),),
    )
    said = {"level": "note", "rule": "R1", "reason": "Long enough.", "days": 1}
    acts = {
        Permission.MODERATE: lambda by: decide(
            2, 1, Verdict.PUBLISH, rule="", note="", by=by, encryption=encryption
        ),
        Permission.WRITE_LETTERS: lambda by: import_letter(draft, by=by),
        Permission.SANCTION: lambda by: set_sanction(2, by=by, encryption=encryption, **said),
    }
    everywhere = Actor("user:9", held, None, "N", "n@staff.example")
    with two_letters.app_context():
        for permission, act in acts.items():
            with pytest.raises(NotAllowed), transaction():
                act(elsewhere)
            if permission not in held:
                with pytest.raises(NotAllowed), transaction():
                    act(everywhere)
            else:
                with transaction():
                    act(everywhere)
        with pytest.raises(NotAllowed), transaction():
            end_sanction(1, by=elsewhere)


def test_signing_in_starts_a_new_session_and_signing_out_ends_it(app):
    add_staff_member(app)
    client = app.test_client()
    token = fetch_csrf_token(client, "/account/login")
    before = client.get_cookie("desk").value
    form = {"email": "mod@staff.example", "password": PASSWORD, "csrf_token": token}
    client.post("/account/login", data=form)
    after = client.get_cookie("desk").value
    assert after != before
    planted = app.test_client()  # who planted a cookie before the sign-in has gained nothing
    planted.set_cookie("desk", before)
    assert planted.get("/desk/").status_code == 303
    assert client.post("/account/logout", data={"csrf_token": token}).status_code == 400
    copied = app.test_client()
    copied.set_cookie("desk", after)
    assert copied.get("/desk/").status_code == 200
    client.post("/account/logout", data={"csrf_token": fetch_csrf_token(client)})
    assert copied.get("/desk/").status_code == 303
    with app.app_context():
        assert session().query(StaffSession).count() == 0


@pytest.mark.parametrize("how", ["password", "reset"])
def test_a_new_password_ends_every_session_but_the_one_that_chose_it(app, moderator, how):
    other = sign_in(app)
    new = "quite-another-long-one"
    if how == "password":
        chosen = {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
        token = fetch_csrf_token(moderator, "/account/change")
        answer = moderator.post("/account/change", data=chosen | {"csrf_token": token})
        assert moderator.get("/desk/").status_code == 200
    else:
        from flask_security.recoverable import (  # noqa: PLC0415
            generate_reset_password_token,
        )

        with app.app_context():
            link = generate_reset_password_token(find_staff_by_email("mod@staff.example"))
        client = app.test_client()
        token = fetch_csrf_token(client, f"/account/reset/{link}")
        chosen = {"password": new, "password_confirm": new, "csrf_token": token}
        answer = client.post(f"/account/reset/{link}", data=chosen)
        assert moderator.get("/desk/").status_code == 303
    assert answer.status_code == 302
    assert other.get("/desk/").status_code == 303


def test_a_member_of_staff_cannot_end_the_session_of_another(app, moderator):
    add_staff_member(app, "editor", "ed@staff.example", "Ed Itor")
    editor = sign_in(app, "ed@staff.example")
    with app.app_context():
        theirs = session().query(StaffSession).order_by(StaffSession.id.desc()).first().id
    answer = moderator.post(
        f"/desk/me/sessions/{theirs}/end", data={"csrf_token": fetch_csrf_token(moderator)}
    )
    assert answer.status_code == 404
    assert editor.get("/desk/").status_code == 200


def add_second_factor(app):
    """Set up a second factor, and return its key and the code that it was confirmed with."""
    with clock.freeze_at(clock.now()):
        key = set_up_second_factor(sign_in(app))
        return key, totp_code(key)


def enter_password(app):
    client = app.test_client()
    token = fetch_csrf_token(client, "/account/login")
    form = {"email": "mod@staff.example", "password": PASSWORD, "csrf_token": token}
    assert client.post("/account/login", data=form).status_code == 302
    return client, fetch_csrf_token(client, "/account/tf-validate")


def test_a_code_of_an_authenticator_is_accepted_once(app):
    add_staff_member(app)
    key, used = add_second_factor(app)
    client, token = enter_password(app)
    again = client.post("/account/tf-validate", data={"code": used, "csrf_token": token})
    assert again.status_code == 200
    assert client.get("/desk/").status_code == 303
    fresh = totp_code(key, steps=1)
    assert (
        client.post("/account/tf-validate", data={"code": fresh, "csrf_token": token}).status_code
        == 302
    )


@pytest.mark.parametrize("way", ["tf-validate", "mf-recovery"])
def test_an_account_takes_ten_wrong_codes_from_all_addresses_together(
    tmp_path, template_database, way
):
    app = make_app(tmp_path / "limited", template_database, TRUSTED_PROXIES="127.0.0.1")
    add_staff_member(app)
    add_second_factor(app)
    statuses = []
    for n in range(11):
        client = app.test_client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{n}"
        token = fetch_csrf_token(client, "/account/login")
        form = {"email": "mod@staff.example", "password": PASSWORD, "csrf_token": token}
        client.post("/account/login", data=form)
        token = fetch_csrf_token(client, f"/account/{way}")
        wrong = {"code": f"00000{n % 10}", "csrf_token": token}
        statuses.append(client.post(f"/account/{way}", data=wrong).status_code)
    assert statuses == [200] * 10 + [429]


def test_secrets_of_the_second_factor_are_stored_encrypted_or_hashed(app):
    add_staff_member(app)
    key, _used = add_second_factor(app)
    client = sign_in_with_code(app, key)
    token = fetch_csrf_token(client, "/account/mf-recovery-codes")
    page = client.post(
        "/account/mf-recovery-codes", data={"generate_new_codes": "1", "csrf_token": token}
    ).text
    codes = re.findall(r"<li><code>([0-9a-f-]{14})</code>", page)
    with app.app_context():
        row = (
            session()
            .connection()
            .exec_driver_sql("SELECT tf_totp_secret, mf_recovery_codes FROM staff")
            .one()
        )
    assert len(codes) == 10
    assert key not in row[0]
    assert not any(code in row[1] for code in codes)


def sign_in_with_code(app, key):
    client, token = enter_password(app)
    code = totp_code(key, steps=1)
    client.post("/account/tf-validate", data={"code": code, "csrf_token": token})
    return client


@pytest.mark.parametrize("confirmation", ["off", "first_time", "before_queue"])
@pytest.mark.parametrize("level", ["hold", "suspended"])
def test_a_stranger_who_types_an_address_does_not_learn_of_a_sanction_on_it(
    app, client, level, confirmation, encryption
):
    """Everything a stranger gets back is the same for an address under a sanction and any other."""
    from commentsite.site.queries import find_settings  # noqa: PLC0415

    submit(client, email="ulrik@example.org")
    other = fill_comment_form(client, email="oskar@example.org", body="One more that waits.")
    client.post("/letters/hello/comments", data=other)
    with app.app_context(), transaction():
        find_settings().email_confirmation = confirmation
        find_settings().version += 1
        set_sanction(
            1,
            level=level,
            rule="R2",
            reason="Not for strangers.",
            days=9,
            by=SYSTEM,
            encryption=encryption,
        )
    seen = []
    # Names that are part of no word on the page.
    for email in ("ulrik@example.org", "oskar@example.org"):
        form = fill_comment_form(client, email=email, body=f"Typed by a stranger, as {email[:5]}.")
        answer = client.post("/letters/hello/comments", data=form)
        receipt = answer.headers["Location"]
        page = client.get(receipt).text
        data = client.get(f"{receipt}/data.json").get_json()
        told = {k: data[k] for k in ("state", "held", "held_by", "version", "decisions")}
        for changing in (email, email[:5], receipt.rpartition("/")[2]):
            page = page.replace(changing, "")
        page = re.sub(r'value="[^"]*"|\d+', "", page)
        seen.append((answer.status_code, page, told))
    assert seen[0] == seen[1]
    assert "Not for strangers" not in str(seen)


def test_no_staff_account_is_changed_by_get_or_without_a_csrf_token(app, moderator):
    add_staff_member(app, "steward", "s@staff.example", "Stew Ard")
    steward = sign_in(app, "s@staff.example")
    tried = 0
    for rule in app.url_map.iter_rules():
        if not re.match(r"/desk/(me|people|sanctions)/", rule.rule) or "POST" not in rule.methods:
            continue
        with app.test_request_context():
            address = rule.build(dict.fromkeys(rule.arguments, 1))[1]
        if "GET" not in rule.methods and rule.rule != "/desk/people/":
            assert steward.get(address).status_code == 405, address
        for token in ({}, {"csrf_token": ""}, {"csrf_token": fetch_csrf_token(moderator)}):
            assert steward.post(address, data=token).status_code == 400, address
        tried += 1
    assert tried >= 9
    with app.app_context():
        assert session().query(StaffSession).count() == 2
        assert find_staff_by_email("mod@staff.example").active
