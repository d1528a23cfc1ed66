"""Every route has a least role, and is requested as each role."""

import re

import pytest

from tests.support.clients import sign_in
from tests.support.factories import add_staff_member

ROLES = ("reader", "moderator", "editor", "steward")
EVERYBODY, MODERATORS, EDITORS, STEWARDS = 0, 1, 2, 3
TOKENS = 4  # a session opens nothing there
#: From which role on an address answers; the first that fits counts.
LEAST = [
    (
        r"/desk/(people|settings|pages|reasons|rules|allowances|imports|exports|webhooks|embed)/.*",
        STEWARDS,
    ),
    (r"/desk/bar", EVERYBODY),  # 204 without a session
    (r"/desk/audit/heads", STEWARDS),
    (r"/desk/moderation/notes/(new|<int:note_id>.*)", STEWARDS),
    (r"/desk/messages/preview/.*", STEWARDS),
    (r"/desk/moderation/<int:comment_id>/reveal", STEWARDS),
    (r"/desk/letters/.*/(evidence|publish/restore)", STEWARDS),
    (r"/desk/(sanctions/.*|moderation/.*/author)", EDITORS),
    (r"/desk/letters/.*", EDITORS),
    (r"/desk/switchboard/.*", EDITORS),
    (r"/desk/moderation/<int:comment_id>/delegation(|/verify|/revoke)", EDITORS),
    (r"/desk/.*", MODERATORS),
    (r"/api/v1/moderation/.*", TOKENS),
    (r"/api/v1/.*", EVERYBODY),
    (r"/account/wan-signin.*", EVERYBODY),
    (r"/account/(change|verify|tf-|mf-|wan-|us-).*", MODERATORS),
    (r"/(account|setup|pages|site-images)/.*", EVERYBODY),
    (
        r"/(|embed\.js|embed/.*|card\.png|authors/.*|letters/.*|positions/.*|documents/.*|oembed|unsubscribe/.*|subscribe(|/requested)|subscriptions/.*|receipts/.*|feed\..*|media/.*|rules(|/.*)|privacy|accessibility|search|transparency(|\.csv|\.json|/.*)|static/.*)",
        EVERYBODY,
    ),
    (
        r"/(sitemap\.xml|sitemaps/.*|robots\.txt|healthz|readyz|metrics|\.well-known/security\.txt)",
        EVERYBODY,
    ),
]
SAMPLE = {"slug": "hello", "comment_id": 1, "user_id": 1, "token": "none", "code": "none"}
SAMPLE |= {"extension": "json", "interface_language": "fr"}
SAMPLE |= {"filename": "img/favicon.svg", "name": "site"}


def routes(app):
    with app.test_request_context():
        return [
            (
                rule.rule,
                rule.build({name: SAMPLE.get(name, "1") for name in rule.arguments})[1],
                rule.methods - {"HEAD", "OPTIONS"},
            )
            for rule in app.url_map.iter_rules()
        ]


def least_role(rule):
    bare = rule.removeprefix("/<language:interface_language>")
    found = next((who for pattern, who in LEAST if re.fullmatch(pattern, bare)), None)
    assert found is not None, f"{rule}: decide in this test who may use it"
    return found


@pytest.fixture
def people(app):
    made = {"reader": app.test_client()}
    for role in ROLES[1:]:
        add_staff_member(app, role, f"{role}@staff.example", f"{role.title()} Person")
        made[role] = sign_in(app, f"{role}@staff.example")
    return made


def test_every_address_answers_whom_it_should_and_nobody_else(app, people):
    for rule, address, methods in routes(app):
        needed = least_role(rule)
        for level, role in enumerate(ROLES):
            for method in methods:
                if rule.endswith("/logout") and role != "reader":
                    continue
                status = people[role].open(address, method=method, buffered=True).status_code
                where = f"{method} {rule} as {role}: {status}"
                if needed == TOKENS:
                    assert status in {401, 415}, where
                elif level >= needed:
                    assert status not in {401, 403}, where
                elif level == EVERYBODY:
                    assert status in {302, 303, 400, 401}, where
                else:
                    assert status in {400, 403}, where


def test_every_form_needs_a_csrf_token(app, people):
    for rule, address, methods in routes(app):
        if rule.startswith("/desk/"):
            for method in methods - {"GET"}:
                assert people["steward"].open(address, method=method).status_code == 400, rule
