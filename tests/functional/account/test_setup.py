"""An empty site is set up in the browser, at an address that works once."""

import pytest

from commentsite.accounts.queries import find_staff_by_email
from commentsite.db.session import db, transaction
from commentsite.site.queries import find_setup_token, load_site
from commentsite.site.setup import issue_setup_token
from tests.support.audit import list_latest_entries
from tests.support.clients import fetch_csrf_token, fetch_page, post_form
from tests.support.factories import PASSWORD, add_staff_member, make_app
from tests.support.smtp import read_mail

FORM = {
    "title": "Lettres ouvertes",
    "tagline": "Ce que les uns et les autres ont à dire.",
    "contact": "bonjour@example.org",
    "language": "fr",
    "name": "Ana Steward",
    "email": "Ana@Example.org",
    "password": PASSWORD,
    "again": PASSWORD,
}


@pytest.fixture
def address(app):
    return issue_address(app)


def issue_address(app):
    with app.app_context(), transaction():
        return f"/setup/{issue_setup_token()}"


def test_the_first_steward_sets_up_the_site_and_is_signed_in(app, client, address):
    answer = post_form(client, address, **FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
    page = fetch_page(client, "/desk/")
    assert "La connexion est établie au nom de Ana Steward." in page
    assert "Premières étapes" in page  # the site and its desk are in French
    assert 'lang="fr"' in fetch_page(client, "/rules")
    with app.app_context():
        site = load_site()
        steward = find_staff_by_email("ana@example.org")
        assert (site.title, site.contact, site.language) == (
            "Lettres ouvertes", "bonjour@example.org", "fr",
        )  # fmt: skip
        assert [role.name for role in steward.roles] == ["steward"]
        assert "site.set_up" in {entry.action for entry in list_latest_entries(3)}
        assert find_setup_token() is None
    assert client.get(address).status_code == 404


def test_the_address_is_secret_and_stored_as_a_hash(app, client, address):
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    with app.app_context():
        assert find_setup_token().token_hash not in address
    assert client.get("/setup/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert "/setup/" in client.get("/robots.txt").text


def test_a_new_start_and_any_account_end_an_earlier_address(app, client, address):
    second = issue_address(app)
    assert client.get(address).status_code == 404
    assert client.get(second).status_code == 200
    add_staff_member(app)
    assert client.get(second).status_code == 404
    assert issue_address(app) == "/setup/None"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"again": "another-password-altogether"}, "The two passwords are different."),
        ({"email": "ana"}, "email address"),
        ({"name": ""}, "Enter your name."),
        ({"title": ""}, "Enter a title."),
        ({"tagline": "x" * 301}, "Write at most 300 characters."),
    ],
)
def test_a_mistake_loses_nothing_and_creates_nothing(client, address, changes, sentence):
    answer = post_form(client, address, **FORM | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "bonjour@example.org" in answer.text
    assert PASSWORD not in answer.text
    assert client.get(address).status_code == 200


def test_the_form_needs_its_csrf_token(client, address):
    assert client.post(address, data=FORM).status_code == 400


def test_guesses_are_limited(tmp_path, template_database):
    client = make_app(tmp_path / "instance", template_database).test_client()
    statuses = [client.get(f"/setup/{number}").status_code for number in range(45)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


def test_without_a_mail_server_the_test_message_is_a_file_and_the_page_says_so(
    app, client, address
):
    post_form(client, address, **FORM, mail_test="1")
    assert "dans un fichier du dossier instance/mail" in fetch_page(client, "/desk/")
    (message,) = read_mail(app, "Ana@example.org")
    assert message["Subject"] == "Message d’essai de Lettres ouvertes"


def test_a_mail_server_gets_the_test_message_and_ticks_the_step(mail_site, mailbox):
    client = mail_site.test_client()
    post_form(client, issue_address(mail_site), **FORM, mail_test="1")
    page = fetch_page(client, "/desk/")
    assert "a accepté le message d’essai destiné à Ana@example.org" in page
    assert page.count('<span class="state">fait</span>') == 3  # contact, email, first letter
    assert len(mailbox.parsed()) == 1


@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_an_error_page_does_not_repeat_the_password(app, client, address, prefix):
    form = FORM | {"csrf_token": fetch_csrf_token(client, prefix + address)}
    with app.app_context():
        db.session.remove()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE site RENAME TO site_away")
    answer = client.post(prefix + address, data=form)
    assert answer.status_code == 503
    assert PASSWORD not in answer.text
