"""Staff create and revoke API tokens at the desk."""

import re
from datetime import timedelta

from commentsite import clock
from commentsite.accounts.api_tokens import is_expired, purge_expired_tokens
from commentsite.accounts.queries import list_tokens
from commentsite.db.session import transaction
from tests.support.api import CASES, authorize
from tests.support.clients import fetch_page, post_form
from tests.support.factories import list_private_actions, outbox_kinds

TOKENS = "/desk/tokens/"


def create(client, **fields):
    sent = {"name": "Queue bot", "scopes": ["moderation:read"], "days": "30"} | fields
    return post_form(client, TOKENS, **sent)


def find_token(page: str) -> str:
    return re.search(r"cst_[\w-]{43}", page)[0]


def test_a_token_is_shown_once_works_and_ends_when_it_is_revoked(app, client, moderator):
    token = find_token(create(moderator).text)
    page = fetch_page(moderator, TOKENS)
    assert token not in page
    assert "Queue bot" in page
    assert "Never" in page
    assert client.get(CASES, headers=authorize(token)).status_code == 200
    assert "Never" not in fetch_page(moderator, TOKENS)
    post_form(moderator, f"{TOKENS}1/revoke", TOKENS)
    assert "You have no tokens." in fetch_page(moderator, TOKENS)
    assert client.get(CASES, headers=authorize(token)).status_code == 401
    with app.app_context():
        assert {"staff.token_created", "staff.token_revoked"} <= set(list_private_actions())
        assert outbox_kinds() == ["staff.token_created"]


def test_mistakes_keep_what_was_typed(moderator):
    for fields in ({"name": " "}, {"scopes": []}, {"days": "400"}, {"scopes": ["letters:write"]}):
        answer = create(moderator, **fields)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert 'value="Queue bot"' in answer.text


def test_stewards_see_and_revoke_the_tokens_of_others_and_moderators_do_not(
    app, moderator, second_moderator, steward
):
    create(moderator, name="Bot of Mona")
    assert "Bot of Mona" not in fetch_page(second_moderator, TOKENS)
    assert post_form(second_moderator, f"{TOKENS}1/revoke", TOKENS).status_code == 403
    page = fetch_page(steward, TOKENS)
    assert "Bot of Mona" in page
    assert "Mona Moderator" in page
    post_form(steward, f"{TOKENS}1/revoke", TOKENS)
    with app.app_context():
        assert list_tokens() == []


def test_the_way_to_the_tokens_is_on_the_page_of_the_account(moderator):
    assert f'href="{TOKENS}"' in fetch_page(moderator, "/desk/me/")


def test_an_expired_token_is_listed_for_a_month(app, moderator):
    create(moderator, days="1")
    now = clock.now()
    with app.app_context(), transaction():
        assert purge_expired_tokens(now + timedelta(days=30)) == 0
    assert "Expired" not in fetch_page(moderator, TOKENS)
    with clock.freeze_at(now + timedelta(hours=25)):
        with app.app_context():
            [(row, _owner)] = list_tokens()
            assert is_expired(row)
        with app.app_context(), transaction():
            assert purge_expired_tokens(now + timedelta(days=32)) == 1
