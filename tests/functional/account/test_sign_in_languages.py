"""Staff sign in, join and choose passwords in a language that they can read, before the site knows who they are."""

import re

import pytest

from commentsite.accounts.queries import find_staff_by_email
from commentsite.db.session import transaction
from commentsite.worker import tasks
from tests.support.clients import fetch_page, post_form, set_up_second_factor, sign_in, totp_code
from tests.support.factories import PASSWORD, update_site_settings
from tests.support.pages import visible_text
from tests.support.smtp import read_mail, text_of

MOD = "mod@staff.example"
NEW_PASSWORD = "quite-another-long-one"
#: Of each language: the heading of the page, and its answer to a wrong password.
SIGN_IN = {
    "ar": ("تسجيل الدخول", "عنوان البريد الإلكتروني أو كلمة المرور"),
    "es": ("Iniciar sesión", "o la contraseña"),
    "fr": ("Se connecter", "ou le mot de passe"),
    "ru": ("Вход", "или пароль"),
    "zh": ("登录", "密码"),
}


def set_language(app, language: str, email: str = MOD) -> None:
    with app.app_context(), transaction():
        find_staff_by_email(email).language = language


def find_language(page: str) -> str:
    return re.search(r'<html lang="(.*?)"', page)[1]


def find_link(app, path: str) -> str:
    tasks.run_pass(app)
    return re.search(
        rf"http://127\.0\.0\.1:8000(\S*/account/{path}\S*)", text_of(read_mail(app)[-1])
    )[1]


@pytest.mark.parametrize("language", SIGN_IN)
def test_a_reader_of_a_page_finds_the_sign_in_and_its_errors_in_the_same_language(client, language):
    heading, problem = SIGN_IN[language]
    address = f"/{language}/account/login"
    assert f'href="{address}"' in fetch_page(client, f"/{language}/letters/hello")
    page = fetch_page(client, address)
    assert (find_language(page), heading in page) == (language, True)
    # The other languages, and the way to a new password in the same one.
    assert re.search(r'<a href="/account/login"\s+lang="en"', page)
    assert f'href="/{language}/account/reset"' in page
    wrong = post_form(client, address, email=MOD, password="wrong-password-here").text
    assert (find_language(wrong), problem in wrong) == (language, True)
    assert f'action="{address}"' in wrong
    assert re.search(r'<a href="/account/login"\s+lang="en"', wrong)


def test_a_page_of_the_desk_is_opened_after_sign_in_in_another_language(app, client, moderator):
    page = fetch_page(client, "/account/login?next=/desk/appeals/")
    address = re.search(r'<a href="(/fr/account/login[^"]*)"', page)[1]
    answer = post_form(client, address, email=MOD, password=PASSWORD)
    assert answer.location == "/desk/appeals/"
    # Staff who are signed in have the language of their profile.
    set_language(app, "ru")
    page = fetch_page(client, "/account/change")
    assert find_language(page) == "ru"
    assert '<nav class="languages' not in page
    assert client.get("/fr/account/login").location == "/desk/"


def test_the_language_stays_through_the_second_step(app, client, moderator):
    key = set_up_second_factor(moderator)
    answer = post_form(client, "/ru/account/login", email=MOD, password=PASSWORD)
    assert answer.location.startswith("/ru/account/tf-validate")
    page = fetch_page(client, answer.location)
    assert find_language(page) == "ru"
    assert 'href="/ru/account/mf-recovery' in page
    wrong = post_form(client, answer.location, code="000000").text
    assert "Этот код недействителен" in visible_text(wrong)
    wrong = post_form(client, "/ru/account/mf-recovery", code="none").text
    assert find_language(wrong) == "ru"
    # Another language can be chosen between the steps.
    assert find_language(fetch_page(client, "/zh/account/tf-validate")) == "zh"
    right = post_form(client, "/zh/account/tf-validate", code=totp_code(key, steps=1))
    assert right.location == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_link_to_a_new_password_is_in_the_language_of_its_recipient(app, client, moderator):
    set_language(app, "es")
    answer = post_form(client, "/ar/account/reset", email=MOD)
    assert answer.location == "/ar/account/reset"
    assert find_language(fetch_page(client, answer.location)) == "ar"
    link = find_link(app, "reset/")
    assert link.startswith("/es/account/reset/")
    short = post_form(client, link, password="short", password_confirm="short").text
    assert find_language(short) == "es"
    assert "al menos 12 caracteres" in visible_text(short)
    done = post_form(client, link, password=NEW_PASSWORD, password_confirm=NEW_PASSWORD)
    assert done.location == "/es/account/login"
    assert find_link(app, "reset") == "/es/account/reset"  # in the notice of the change
    assert "contraseña" in read_mail(app)[-1]["Subject"]
    # A link that was used leads to the form for another one, which says so in the same language.
    used = client.get(link)
    assert used.location == "/es/account/reset"
    assert find_language(fetch_page(client, used.location)) == "es"


def test_an_invited_person_joins_in_the_language_of_the_invitation(app, client, steward):
    set_language(app, "fr", "steward@staff.example")
    post_form(steward, "/desk/people/", email="edda@staff.example", role="editor")
    link = find_link(app, "invitation/")
    assert link.startswith("/fr/account/invitation/")
    assert client.get(link).headers["Cache-Control"] == "private, no-store"
    other = re.search(r'<a href="(/ar/account/invitation/\S+)"', fetch_page(client, link))[1]
    chosen = {"password": PASSWORD, "again": PASSWORD}
    empty = post_form(client, other, name="", **chosen)
    assert (empty.status_code, find_language(empty.text)) == (422, "ar")
    answer = post_form(client, other, name="Edda Editor", group="ACA", **chosen)
    assert answer.location == "/ar/account/login"
    assert "Edda Editor" in fetch_page(client, answer.location)
    assert find_language(fetch_page(sign_in(app, "edda@staff.example"), "/desk/")) == "ar"


def test_the_language_of_the_site_has_one_address(app, client):
    update_site_settings(app, language="fr")
    assert find_language(fetch_page(client, "/account/login")) == "fr"
    shorter = client.get("/fr/account/login?next=/desk/appeals/")
    assert (shorter.status_code, shorter.location) == (301, "/account/login?next=/desk/appeals/")
    assert find_language(fetch_page(client, "/en/account/login")) == "en"


def test_an_unknown_address_of_an_account_answers_in_its_language(client):
    answer = client.get("/es/account/none")
    assert (answer.status_code, find_language(answer.text)) == (404, "es")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get("/es/desk/").status_code == 404
