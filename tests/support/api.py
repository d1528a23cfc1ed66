"""Use the API as programs do."""

import time
from unittest import mock

from commentsite.accounts.api_tokens import create_token, list_offered_scopes
from commentsite.accounts.queries import build_actor, get_staff_by_email
from commentsite.db.session import transaction
from commentsite.web.context import runtime
from tests.support.factories import add_staff_member

LETTERS = "/api/v1/letters"
HELLO = f"{LETTERS}/hello"
COMMENTS = f"{HELLO}/comments"
CASES = "/api/v1/moderation/comments"
DECISIONS = "/api/v1/moderation/decisions"
NEW_LETTER = {
    "title": "On columns",
    "text": "Dear all\n\nThe column is too narrow.\n",
    "authors": [{"name": "Zed", "stakeholder_group": "TEC"}],
    "language": "en",
    "date_written": "2018-01-30",
    "permission": {"given_by": "Zed"},
}


def make_token(app, email: str, *scopes: str, days: int = 30) -> str:
    """Create a token for a member of staff, by default with every scope that the role has."""
    with app.app_context():
        owner = build_actor(get_staff_by_email(email))
        with transaction():
            chosen = scopes or list_offered_scopes(owner)
            return create_token(
                "A program", chosen, days, by=owner, encryption=runtime().encryption
            )


def authorize(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def add_program(app, role: str = "moderator", *scopes: str) -> dict[str, str]:
    """Add a member of staff with a token, and return the headers of its requests."""
    email = f"{role}@programs.example"
    add_staff_member(app, role, email, f"{role.title()} Owner")
    return authorize(make_token(app, email, *scopes))


def fetch_form_token(client, slug: str = "hello", *, age: float = 30) -> str:
    """Return the token of a form that was fetched some seconds ago."""
    with mock.patch.object(time, "time", return_value=time.time() - age):
        return client.get(f"{LETTERS}/{slug}/form").get_json()["form_token"]


def build_comment(client, slug: str = "hello", *, age: float = 30, **changes) -> dict:
    return {
        "form_token": fetch_form_token(client, slug, age=age),
        "name": "Ada Reader",
        "email": "ada@example.org",
        "stakeholder_group": "CIV",
        "body": "I read it twice and I agree.",
        **changes,
    }


def send_comment(client, slug: str = "hello", **changes):
    """Send a comment through the API and return the response, whatever it is."""
    return client.post(f"{LETTERS}/{slug}/comments", json=build_comment(client, slug, **changes))


def create_letter(client, headers: dict[str, str], **changes):
    return client.post(LETTERS, json=NEW_LETTER | changes, headers=headers)


def fetch_etag(client, headers: dict[str, str], slug: str) -> str:
    return client.get(f"{LETTERS}/{slug}", headers=headers).headers["ETag"]


def change_letter(client, headers: dict[str, str], slug: str, **members):
    """Change a letter as it is now."""
    match = {"If-Match": fetch_etag(client, headers, slug)}
    return client.patch(f"{LETTERS}/{slug}", json=members, headers=headers | match)
