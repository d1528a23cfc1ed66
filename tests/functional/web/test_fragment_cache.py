"""A page built from cached fragments equals the page rendered without a cache."""

import re

import pytest
from markupsafe import Markup
from sqlalchemy import text

from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.threads.queries import CommentRow
from commentsite.db.session import session, transaction
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.web.caching.fragments import MAX_BYTES, Fragment, cached_fragment
from commentsite.web.caching.store import clear_caches
from tests.support.factories import store_comment

NOW = "'2026-03-01 10:00:00.000000'"
# A page shows the version only beside a paragraph that was edited since, which is a value of its own.
INVISIBLE_FIELDS = {"id", "campaign_id", "representative_id", "root_id", "letter_version"}
# A published version never changes. A correction adds the next one.
NEXT_VERSION = (
    "INSERT INTO letter_version (letter_id, number, title, standfirst, source_text, change, change_note, original_name, created_at, published_at)"
    " SELECT letter_id, {number}, title, standfirst, source_text, change, change_note, original_name, created_at, published_at"
    " FROM letter_version WHERE number = {number} - 1; "
    "INSERT INTO letter_block (version_id, position, kind, pid, number, label, language, html, text)"
    " SELECT version.id, position, kind, pid, block.number, label, language, {html}, text FROM letter_block block"
    " JOIN letter_version version ON version.number = {number}"
    " WHERE block.version_id = (SELECT id FROM letter_version WHERE number = {number} - 1); "
    "UPDATE letter SET version_number = {number}"
)
CHANGES = {
    "parent_id": "UPDATE comment SET parent_id = NULL, root_id = NULL WHERE id = 2",
    "name": "UPDATE comment SET name = 'Another <b>' WHERE id = 1",
    "is_pseudonym": "UPDATE comment SET is_pseudonym = true WHERE id = 1",
    "email_confirmed_at": f"UPDATE comment SET email_confirmed_at = {NOW} WHERE id = 1",
    "has_organisation_domain": "UPDATE comment SET has_own_domain = true WHERE id = 1",
    "author_role": "UPDATE comment SET voice = 'staff' WHERE id = 1",
    "delegation_verified_at": f"UPDATE comment SET delegation_verified_at = {NOW} WHERE id = 1",
    "stakeholder_group": "UPDATE comment SET stakeholder_group = 'TEC' WHERE id = 1",
    "organisation": "UPDATE comment SET organisation = 'Open Networks' WHERE id = 1",
    "capacity": "UPDATE comment SET capacity = 'delegate' WHERE id = 1",
    "kind": "UPDATE comment SET kind = 'omission' WHERE id = 1",
    "stance": "UPDATE comment SET stance = 'oppose' WHERE id = 1",
    "language": "UPDATE comment SET language = 'fr' WHERE id = 1",
    "is_late": "UPDATE comment SET is_late = true WHERE id = 1",
    "body_html": "UPDATE comment SET body_html = '<p>Other words.</p>' WHERE id = 1",
    "edited_at": f"UPDATE comment SET edited_at = {NOW} WHERE id = 1",
    "published_at": f"UPDATE comment SET published_at = {NOW} WHERE id = 1",
    "targets": "INSERT INTO comment_target (comment_id, position, pid, stance) SELECT 1, 0, pid, 'none' FROM letter_block WHERE number = 2",
    "its own position": "UPDATE comment_target SET stance = 'support' WHERE comment_id = 1",
    "name of a parent far above": "UPDATE comment SET name = 'Renamed' WHERE id = 4",
    "state": f"UPDATE comment SET state = 'withdrawn', changed_at = {NOW} WHERE id = 3",
    "changed_at": "UPDATE comment SET changed_at = '2026-04-01 10:00:00.000000' WHERE id = 3",
    "why it was removed": "UPDATE comment SET state = 'restricted' WHERE id = 3",
    "the rule it rests on": "UPDATE decision SET verdict = 'restrict', reason = 'R5', rules_version = 1 WHERE comment_id = 3",
    "text of the letter": NEXT_VERSION.format(number=2, html="'<p>Corrected.</p>'"),
    "who else sent it": "UPDATE comment SET folded_into_id = 3, email_hash = 'another', campaign_id = 3, parent_id = NULL, root_id = NULL WHERE id = 6",
    "language of the letter": "UPDATE letter SET language = 'fr' WHERE slug = 'hello'",
    "title of the letter": "UPDATE letter SET title = 'Another title' WHERE slug = 'hello'",
    "its topics": "UPDATE letter SET topics = '[\"cables\"]' WHERE slug = 'hello'",
    "its author": "UPDATE letter_author SET name = 'Another Author'",
    "permission to publish it": "UPDATE letter_permission SET statement = 'As agreed in writing.'",
    "address of the letter": "UPDATE letter SET slug = 'moved' WHERE slug = 'hello'",
    "one more paragraph": f"{NEXT_VERSION.format(number=3, html='html')}; INSERT INTO letter_block (version_id, position, kind, pid, number, label, language, html, text) SELECT version_id, 99, kind, 'p-new', 99, '99', language, '<p>New.</p>', 'New.' FROM letter_block WHERE number = 1 AND version_id = (SELECT max(version_id) FROM letter_block)",
    "words of the site": "UPDATE site SET answer_hours = 7, version = version + 1",
    "how a group is called": "UPDATE stakeholder_group SET label = 'civil voices' WHERE code = 'CIV'; UPDATE site SET version = version + 1",
    "closed": "UPDATE letter SET comments_open = false",
}


@pytest.fixture
def conversation(any_app, encryption):
    """Two threads, one of them five levels deep."""
    for number, parent in enumerate((None, 1, None, 3, 4, 5, 6), 1):
        store_comment(
            any_app, name=f"Name {number}", body=f"Words of their own, {number}.", parent_id=parent
        )
        with transaction():
            decide(
                number,
                get_comment_for_update(number).version,
                Verdict.PUBLISH,
                by=SYSTEM,
                encryption=encryption,
                rule="",
                note="",
            )
    with transaction():
        session().execute(text("UPDATE comment SET campaign_id = 3 WHERE id = 3"))
    return any_app


def render_letter(app, slug, *, clear_fragments):
    clear_caches(app, "pages")
    app.extensions["commentsite"].cached_site = None
    if clear_fragments:
        clear_caches(app, "fragments")
    page = app.test_client().get(f"/letters/{slug}").text
    return re.sub(r'name="form_token" value="[^"]+"', "", page)


def test_every_visible_value_changes_the_key_of_its_fragment(conversation):
    assert set(CommentRow._fields) - INVISIBLE_FIELDS <= CHANGES.keys()
    slug = "hello"
    before = render_letter(conversation, slug, clear_fragments=True)
    for what, change in CHANGES.items():
        with transaction():
            for statement in change.split("; "):
                session().execute(text(statement))
            session().execute(text("UPDATE letter SET page_version = page_version + 1"))
        slug = "moved" if what == "address of the letter" else slug
        cached = render_letter(conversation, slug, clear_fragments=False)
        assert cached != before, what
        assert cached == render_letter(conversation, slug, clear_fragments=True), what
        before = cached


def test_a_form_filled_by_one_reader_is_not_served_to_another(conversation):
    client = conversation.test_client()
    plain = client.get("/letters/hello").text
    pid = re.search(r'data-paragraph="([^"]+)"', plain)[1]
    on = client.get(f"/letters/hello?on={pid}").text
    assert re.search(f'value="{pid}"[^>]* checked', on)
    answer = client.get("/letters/hello?reply_to=3").text
    assert '<bdi class="replying-name">Name 3</bdi>' in answer
    typed = client.post("/letters/hello/comments/preview", data={"body": "Only mine."})
    assert "Only mine." in typed.text
    clear_caches(conversation, "pages")
    again = client.get("/letters/hello").text
    assert "Only mine." not in again
    assert " checked" not in again.partition('id="paragraphs"')[2].partition("</fieldset>")[0]


def test_the_fragment_cache_stays_within_its_size(app):
    rendered = []

    def render(size):
        rendered.append(size)
        return Fragment(Markup("x" * size))

    with app.test_request_context():
        for number in range(30):
            cached_fragment(number, lambda: render(100_000))
        cached_fragment(29, lambda: render(100_000))
        assert len(rendered) == 30
        cached_fragment(0, lambda: render(100_000))
        assert len(rendered) == 31
        for _ in range(2):
            cached_fragment("huge", lambda: render(MAX_BYTES))
        assert len(rendered) == 33
