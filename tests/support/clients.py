"""Do over HTTP what readers, moderators, editors and stewards do in a browser."""

import re
import time
from unittest import mock

from passlib.totp import TOTP

from commentsite import clock
from tests.support.clock import after_undo_window
from tests.support.factories import PASSWORD, add_staff_member
from tests.support.smtp import find_confirmation_link, read_mail, text_of


def fetch_page(client, address: str = "/letters/hello", status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


def csrf_token(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def fetch_csrf_token(client, address: str = "/desk/") -> str:
    return csrf_token(client.get(address).text)


def post_form(client, address: str, page: str | None = None, **fields):
    """Send a form with the CSRF token of the page that holds it, by default the page it is sent to."""
    token = fetch_csrf_token(client, page or address)
    return client.post(address, data={"csrf_token": token} | fields)


def receipt_token(page: str) -> str:
    return re.search(r'name="receipt_form" value="([^"]+)"', page)[1]


def post_receipt_form(client, receipt: str, action: str, **fields):
    """Send one of the forms of a commenter's private page."""
    token = receipt_token(client.get(receipt).text)
    return client.post(f"{receipt}/{action}", data={"receipt_form": token} | fields)


# Readers


def form_fields(page: str, **changes) -> dict:
    """Return the fields of a page's comment form, filled in as a reader would."""
    token = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)
    assert token, "the page has no comment form"
    return {
        "name": "Ada Reader",
        "email": "ada@example.org",
        "stakeholder_group": "CIV",
        "capacity": "personal",
        "kind": "general",
        "stance": "none",
        "body": "I read it twice and I agree with the second paragraph.",
        "form_token": token[1],
        "nickname": "",
        **changes,
    }


def fill_comment_form(client, slug: str = "hello", *, age: float = 30, **changes) -> dict:
    """Fill in a form that was served some seconds ago: a form sent at once is taken for a robot's."""
    now = time.time

    def earlier():
        return now() - age

    with mock.patch.object(time, "time", earlier), client.application.app_context():
        page = client.post(f"/letters/{slug}/comments/preview", data={}).text
    return form_fields(page, **changes)


def submit(client, slug: str = "hello", **changes):
    """Submit a comment and return the response, whatever it is."""
    return client.post(f"/letters/{slug}/comments", data=fill_comment_form(client, slug, **changes))


def submit_for_receipt(client, slug: str = "hello", **changes) -> str:
    """Submit a comment and return the address of its receipt."""
    answer = submit(client, slug, **changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def submit_numbered(client, number: int = 1, **changes) -> str:
    """Submit a comment from an address of its own, and return the address of its receipt."""
    return submit_for_receipt(client, email=f"{number}@example.org", **changes)


def comment_id_of(client, receipt: str) -> int:
    return client.get(f"{receipt}/data.json").get_json()["id"]


def submit_and_identify(client, slug: str = "hello", **changes) -> tuple[str, int]:
    """Submit a comment, and return the address of its receipt and its number."""
    receipt = submit_for_receipt(client, slug, **changes)
    return receipt, comment_id_of(client, receipt)


def edit_comment(client, receipt: str, body: str):
    return post_receipt_form(client, receipt, "edit", body=body)


def confirm_email(app, client, to: str = "", *, receipt: str = "") -> None:
    """Follow the newest confirmation link to an address, or for a receipt, and press its button."""
    link = find_confirmation_link(app, to, receipt)
    page = fetch_page(client, link)
    ticked = re.search(r'name="comment" value="(\d+)"', page)
    fields = {"receipt_form": receipt_token(page), "comment": ticked[1] if ticked else "1"}
    assert client.post(link, data=fields).status_code == 303


def report_comment(client, comment_id: int = 1, address: str = "127.0.0.1", **changes):
    """Report a published comment, as a reader at a network address."""
    page = f"/letters/hello/comments/{comment_id}/report"
    token = re.search(r'name="report_form" value="([^"]+)"', fetch_page(client, page))[1]
    fields = {
        "rule": "R2", "words": "It attacks the author, not the letter.", "report_form": token,
    }  # fmt: skip
    return client.post(page, data=fields | changes, environ_overrides={"REMOTE_ADDR": address})


class Commenter:
    """A person with one mailbox, who comments on a site that writes its mail to files."""

    def __init__(self, app, email: str):
        self.app, self.email = app, email
        self.client, self.receipts = app.test_client(), []

    def submit(self, **changes):
        changes.setdefault("body", f"Comment {len(self.receipts)} of {self.email}.")
        self.receipts.append(submit_for_receipt(self.client, email=self.email, **changes))
        return self

    def page(self, address: str) -> str:
        return self.client.get(address).text

    def post(self, page: str, address: str, **fields):
        """Send a form of one of their pages."""
        token = receipt_token(self.page(page))
        return self.client.post(address, data={"receipt_form": token} | fields)

    def choose_messages(self, number: int = 0, **chosen):
        receipt = self.receipts[number]
        assert self.post(receipt, f"{receipt}/follow", **chosen).status_code == 303
        return self

    def mail(self, subject: str = ""):
        """Return their messages with these words in the subject."""
        with after_undo_window():
            return [m for m in read_mail(self.app, self.email) if subject in m["Subject"]]

    def confirmation_link(self, number: int = -1) -> str:
        return re.search(r"/receipts/\S+/confirm/\S+", text_of(self.mail()[number]))[0]

    def confirm(self, **ticked):
        link = self.confirmation_link()
        assert self.post(link, link, **ticked).status_code == 303
        return self


# Staff


def sign_in(app, email: str = "mod@staff.example"):
    """Return a client with the session of a member of staff."""
    client = app.test_client()
    answer = post_form(client, "/account/login", email=email, password=PASSWORD)
    assert answer.status_code in (302, 303), answer.text
    return client


def add_and_sign_in(app, role: str, email: str, name: str):
    add_staff_member(app, role, email, name)
    return sign_in(app, email)


def totp_code(key: str, *, steps: int = 0) -> str:
    """Return the code that an authenticator shows now, or some half minutes later."""
    return TOTP(key=key, format="base32").generate(clock.now().timestamp() + 30 * steps).token


def set_up_second_factor(client) -> str:
    """Set up an authenticator by typing the key that the page shows, and return the key."""
    page = post_form(client, "/account/tf-setup", setup="authenticator").text
    key = re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    action = re.search(r'action="(/account/tf-setup/[^"]+)"', page)[1]
    answer = post_form(client, action, "/account/tf-setup", code=totp_code(key))
    assert answer.headers["Location"] == "/desk/me/"
    return key


def decide(moderator, comment_id: int = 1, verdict: str = "refuse", version: int | None = None, **fields):  # fmt: skip
    """Decide a comment from its page, in the version that the page offers unless another is given.

    A refusal and a removal say why, unless the fields do.
    """
    page = moderator.get(f"/desk/moderation/{comment_id}").text
    offered = re.search(rf'name="comment" value="{comment_id}@(\d+)"', page)
    version = version or (int(offered[1]) if offered else 1)
    sent = {
        "comment": f"{comment_id}@{version}", "verdict": verdict, "csrf_token": csrf_token(page),
    }  # fmt: skip
    if verdict in {"refuse", "restrict"} and not fields.get("note"):
        fields.setdefault("facts", "It breaks this rule.")
    return moderator.post("/desk/moderation/decisions", data=sent | fields)


def publish(moderator, comment_id: int = 1, version: int | None = None):
    return decide(moderator, comment_id, "publish", version)


def fetch_case(moderator, comment_id: int = 1) -> str:
    return moderator.get(f"/desk/moderation/{comment_id}").text


def post_from_queue(moderator, address: str, **fields):
    """Send a form that stands on the page of the queue."""
    return post_form(moderator, address, "/desk/moderation/", **fields)


def save_settings(steward, path="/desk/settings/", **changes):
    """Save the site's settings as their page shows them, with changes. No box is ticked."""
    page = steward.get("/desk/settings/").text
    sent = dict(re.findall(r'<input[^>]*\sname="(\w+)"[^>]*\svalue="([^"]*)"', page))
    sent |= dict(re.findall(r'<textarea[^>]*\sname="(\w+)"[^>]*>\n([^<]*)</textarea>', page))
    usual = {"email_confirmation": "off", "moderation_mode": "solo", "intake": "hold_all"}
    for tick in ("letters_need_two", "staff_need_second_factor", "is_blind"):
        sent.pop(tick, None)
    return steward.post(path, data=sent | usual | changes)


def choose_time_zone(client, zone: str):
    return post_form(client, "/desk/me/time-zone", page="/desk/me/", zone=zone)


def try_settings(steward, **changes):
    """Run the screening with changed settings on recent comments, without saving them."""
    return save_settings(steward, **({"path": "/desk/settings/dry-run"} | changes))
