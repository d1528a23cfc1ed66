"""Import, edit and publish a letter at the desk over HTTP, as an editor."""

import io
import re
from datetime import date

from commentsite.db.session import transaction
from commentsite.letters.language_tags import UNDETERMINED
from commentsite.letters.models import LetterAuthor
from commentsite.letters.queries import get_letter_for_update
from tests.support.clients import csrf_token, fetch_csrf_token

PARAGRAPHS = [
    "The first meeting was held in a room without windows, and nobody noticed the rain outside.",
    "The second paragraph of the Tunis Agenda, para 60, was read aloud by three delegations in turn.",
    (
        "Our proposal asked for both positions to be printed side by side. It was refused twice. We asked "
        "again in writing, and the answer did not come until the last afternoon of the last session."
    ),
    "Civil society brought nine drafts and withdrew seven of them in the course of a single night.",
    "What remains is a record of what could not be agreed, and of who said so in whose name.",
]
SOURCE = "\n\n".join(PARAGRAPHS) + "\n"


def post_letter_form(editor, address, *, files=None, json=False, **fields):
    """Send a form of a letter's pages; those to replace or discard its text stand on its page to edit."""
    page = address.replace("/replace", "/edit").replace("/discard", "/edit")
    sent = {"csrf_token": fetch_csrf_token(editor, page)} | fields | (files or {})
    headers = {"Accept": "application/json"} if json else {}
    return editor.post(address, data=sent, content_type="multipart/form-data", headers=headers)


def import_file(editor, name="record.md", content: bytes | None = None):
    """Create a letter from an uploaded file; without content, from SOURCE, at /letters/a-record."""
    content = content if content is not None else f"# A record\n\n{SOURCE}".encode()
    return post_letter_form(
        editor, "/desk/letters/new", files={"file": (io.BytesIO(content), name)}
    )


def record_permission(editor, slug="a-record"):
    """Record that the author allows to publish a letter."""
    return post_letter_form(
        editor,
        f"/desk/letters/{slug}/permission",
        given_by="The author",
        scopes="publish",
        how="email",
    )


def make_publishable(editor, slug="a-record"):
    """Record the permission, and the author, the language and the date if the letter has none."""
    with editor.application.app_context(), transaction():
        letter = get_letter_for_update(slug)
        letter.authors = letter.authors or [LetterAuthor(position=0, name="The author")]
        letter.date_written = letter.date_written or date(2026, 1, 31)
        letter.language = "en" if letter.language == UNDETERMINED else letter.language
    return record_permission(editor, slug)


def act_on_letter(editor, action, slug="a-record", **fields):
    """Send one of the forms of a letter's publication page, such as "publish-now" or "withdraw"."""
    page = f"/desk/letters/{slug}/publish"
    sent = {"csrf_token": fetch_csrf_token(editor, page)} | fields
    return editor.post(f"{page}/{action}", data=sent)


def confirm_import(editor, slug="a-record", on_page="text", **fields):
    """Confirm the remarks of a letter's import, on its page “Text” or “Publication”."""
    page = f"/desk/letters/{slug}/{'edit' if on_page == 'text' else 'publish'}"
    shown = editor.get(page).text
    number = re.search(r"/imports/(\d+)/confirm", shown)[1]
    sent = {"csrf_token": csrf_token(shown), "page": on_page} | fields
    return editor.post(f"/desk/letters/{slug}/imports/{number}/confirm", data=sent)


def save_text(editor, revision, text, *, slug="a-record", intent="save", title="A record", json=False):  # fmt: skip
    return post_letter_form(
        editor, f"/desk/letters/{slug}/edit", revision=str(revision), title=title, standfirst="",
        editors_note="", source_text=text, intent=intent, json=json,
    )  # fmt: skip
