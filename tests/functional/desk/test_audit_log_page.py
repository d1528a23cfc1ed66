"""The audit log at the desk: sentences, filters, pages and the download."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import find_staff_by_email
from commentsite.audit.services import Event, record_event, record_events
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.letters.publication.comment_settings import set_author_anonymity
from commentsite.moderation.audit_entries import queries as entry_queries
from tests.support.clients import (
    choose_time_zone,
    fetch_page,
    post_form,
    publish,
    sign_in,
    submit,
    submit_numbered,
)
from tests.support.factories import add_staff_member, publish_sample_letter
from tests.support.pages import visible_text

LOG = "/desk/audit/"


def shown_log(client, query=""):
    """Return the words of the page. The end of a link puts no space before a full stop."""
    return visible_text(fetch_page(client, f"{LOG}?{query}")).replace(" .", ".")


def rows_of(client, query=""):
    """Return the actions in the list, the newest first."""
    page = fetch_page(client, f"{LOG}?{query}")
    return [part.partition("<")[0] for part in page.split('<span class="quiet"><code>')[1:]]


def download(client, query=""):
    answer = client.get(f"{LOG}entries.csv?{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_entry_reads_as_a_sentence_with_links(client, moderator):
    submit(client, name="Karim <Reader>")
    publish(moderator)
    texts = [row["text"] for row in download(moderator)]
    assert "The author sent the comment by Karim <Reader> on “Hello”." in texts
    assert "Mona Moderator published the comment by Karim <Reader> on “Hello”." in texts
    page = fetch_page(moderator, LOG)
    assert '<a href="/desk/moderation/1#case"><bdi>the comment by Karim &lt;Reader&gt; on' in page
    assert "<Reader>" not in page


#: Of each language: a page is deleted, a checkpoint is signed, rules are published, a sample is drawn, a comment is withdrawn.
SENTENCES = {
    "ar": (
        "Sada Steward: حذف الصفحة 7.",
        "الموقع: توقيع نقطة تحقق (3 قيود).",
        "Sada Steward: نشر قواعد الإشراف (الإصدار 2).",
        "الموقع: اختيار عينة التعليقات لشهر أكتوبر 2026.",
        "الكاتب: سحب تعليق Ann على «Hello».",
    ),
    "es": (
        "Sada Steward eliminó la página 7.",
        "El sitio firmó un punto de control (3 entradas).",
        "Sada Steward publicó las normas de moderación (versión 2).",
        "El sitio extrajo la muestra de comentarios de octubre de 2026.",
        "La persona autora retiró un comentario de Ann sobre «Hello».",
    ),
    "fr": (
        "Sada Steward a effacé la page 7.",
        "Le site a signé un point de contrôle (3 entrées).",
        "Sada Steward a publié les règles de modération (version 2).",
        "Le site a tiré l’échantillon de commentaires (octobre 2026).",
        "L’auteur a retiré le commentaire sur «\xa0Hello\xa0» (Ann).",
    ),
    "ru": (
        "Sada Steward удаляет страницу 7.",
        "Сайт подписывает контрольную точку (3 записи).",
        "Sada Steward публикует правила модерации (версия 2).",
        "Сайт формирует выборку комментариев (октябрь 2026\u202fг.).",
        "Автор отзывает комментарий к письму «Hello» (Ann).",
    ),
    "zh": (
        "Sada Steward删除了页面7。",
        "网站对检查点（3个条目）签名。",
        "Sada Steward发布了审核规则（第2版）。",
        "网站抽取了2026年10月的评论样本。",
        "作者撤回了Ann就“Hello”发表的评论。",
    ),
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_has_the_cases_and_articles_of_its_language(app, client, steward, language):
    submit(client, name="Ann")
    with app.app_context(), transaction():
        someone = find_staff_by_email("steward@staff.example")
        someone.language, staff = language, f"user:{someone.id}"
        record_event(staff, "page.deleted", "page:7")
        record_event(SYSTEM.label, "log.head_signed", "head:3")
        record_event(staff, "rules.published", "rules:2")
        record_event(SYSTEM.label, "reviews.drawn", "reviews:2026-10")
        record_event("author", "comment.withdrawn", "comment:1")
    texts = [re.sub("[\u2068\u2069]", "", row["text"]) for row in download(steward)]
    assert set(SENTENCES[language]) <= set(texts)


def test_a_hidden_author_is_not_named_until_the_decision(app, client, moderator):
    with app.app_context(), transaction():
        set_author_anonymity("hello", "yes", by=SYSTEM)
    submit(client, name="Karim Reader")
    assert "The author sent comment 1 on “Hello”." in shown_log(moderator)
    assert "Karim" not in fetch_page(moderator, LOG)
    assert not [row for row in download(moderator) if "Karim" in "".join(row.values())]


def test_an_erased_author_is_not_named(app, client, moderator):
    submit(client, name="Karim Reader")
    with app.app_context(), transaction():
        comment = session().get_one(Comment, 1)
        comment.erased_at, comment.name = clock.now(), ""
    assert "The author sent comment 1 on “Hello”." in shown_log(moderator)


def test_a_moderator_of_other_letters_sees_numbers_only(app, client, steward, moderator):
    with app.app_context():
        publish_sample_letter("other")
        number = find_staff_by_email("mod@staff.example").id
    submit(client, name="Karim Reader")
    person = f"/desk/people/{number}"
    assert post_form(steward, f"{person}/letters", page=person, letters="2").status_code == 303
    shown = shown_log(moderator)
    assert "The author sent comment 1." in shown
    assert "Karim" not in shown
    assert moderator.get(f"{LOG}?letter=hello").status_code == 422
    assert moderator.get(f"{LOG}?letter=other").status_code == 200


def test_the_title_of_an_unpublished_letter_is_for_those_who_write_it(app, editor, moderator):
    with app.app_context(), transaction():
        letter = Letter(slug="secret", title="A secret draft", created_at=clock.now())
        session().add(letter)
        session().flush()
        record_event("user:1", "letter.imported", f"letter:{letter.id}")
    assert "created the letter “A secret draft”." in shown_log(editor)
    assert "A secret draft" not in fetch_page(moderator, LOG)
    assert moderator.get(f"{LOG}?letter=secret").status_code == 422
    assert rows_of(editor, "letter=secret") == ["letter.imported"]


def test_only_stewards_learn_what_concerns_the_security_of_an_account(app, steward, moderator):
    with app.app_context(), transaction():
        by = f"user:{find_staff_by_email('mod@staff.example').id}"
        record_event(by, "staff.passkey_removed", by)
    assert "Mona Moderator removed a passkey of Mona Moderator." in shown_log(steward)
    assert "A member of staff changed something about the security" in shown_log(moderator)
    assert "staff.passkey_removed" in rows_of(steward, f"actor={by}")
    assert "staff.private" not in rows_of(moderator, f"actor={by}")
    assert "staff.private" in rows_of(moderator, "kind=staff")
    assert "staff.passkey_removed" in rows_of(steward, "kind=staff")
    assert not [row for row in download(moderator) if "passkey" in "".join(row.values())]


def test_an_old_private_entry_is_not_found_by_its_actor(app, steward, moderator):
    with app.app_context(), transaction():
        by = f"user:{find_staff_by_email('mod@staff.example').id}"
        # As an earlier version of the program wrote it, with its content in the log itself.
        record_events([Event(by, "staff.factor_set", by, {})])
    assert "staff.factor_set" in rows_of(steward, f"actor={by}")
    assert rows_of(moderator, f"actor={by}") == []
    assert "staff.private" in rows_of(moderator)


@pytest.fixture
def busy_log(app, client, moderator, editor):
    with app.app_context():
        publish_sample_letter("other")
    submit_numbered(client, 1)
    submit_numbered(client, 2, slug="other")
    publish(moderator, 1)
    publish(editor, 2)
    return moderator


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("comment=1", ["comment.decided", "comment.examined", "comment.submitted"]),
        ("comment=%231&kind=decisions", ["comment.decided"]),
        ("letter=other&kind=comments", ["comment.examined", "comment.submitted"]),
        ("actor=system&kind=comments&letter=hello", ["comment.examined"]),
        ("actor=reader", ["comment.submitted", "comment.submitted"]),
        ("kind=decisions", ["comment.decided", "comment.decided"]),
        ("kind=appeals", []),
        ("actor=user:999", []),
        ("comment=999", []),
        ("since=2020-01-01&until=2020-12-31", []),
    ],
)
def test_filters_narrow_the_list_and_the_download(busy_log, query, expected):
    assert rows_of(busy_log, query) == expected
    assert [row["action"] for row in download(busy_log, query)] == expected
    if not expected:
        assert "No entry matches these filters." in shown_log(busy_log, query)


def test_the_filter_by_person_finds_their_decisions(app, busy_log):
    with app.app_context():
        number = find_staff_by_email("ed@staff.example").id
    assert rows_of(busy_log, f"actor=user:{number}&kind=decisions") == ["comment.decided"]
    assert "Edda Editor published the comment by Ada Reader on “Hello”." in shown_log(
        busy_log, f"actor=user:{number}"
    )


@pytest.mark.parametrize("most", [0, 1_000])
def test_a_letter_is_found_with_many_comments_and_with_few(busy_log, monkeypatch, most):
    monkeypatch.setattr(entry_queries, "MAX_COMMENTS_BY_NUMBER", most)
    found = rows_of(busy_log, "letter=other")
    assert found[:1] == ["comment.decided"]
    assert "letter.published" in found


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", "Enter the date as year, month and day"),
        ("since=2026-02-02&until=2026-02-01", "The last day is before the first day."),
        ("since=0001-01-01", "Enter a date since 1970"),
        ("until=9999-12-31", "Enter a date since 1970"),
        ("comment=many", "Enter the number of a comment"),
        ("kind=everything", "Choose a kind of event from the list."),
        ("actor=mona", "Choose a person from the list."),
        ("letter=none", "There is no letter with this address."),
    ],
)
def test_a_filter_that_cannot_be_read_is_explained_and_kept(moderator, query, sentence):
    answer = moderator.get(
        f"{LOG}?{query}&kind=decisions" if "kind" not in query else f"{LOG}?{query}"
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    if "=yesterday" in query:
        assert 'value="yesterday"' in answer.text
    assert moderator.get(f"{LOG}entries.csv?{query}").status_code == 422


def test_pages_lead_to_the_first_entry_without_a_gap(app, moderator):
    with app.app_context(), transaction():
        record_events([Event("system", "comment.noted", f"comment:{n}", {}) for n in range(250)])
    seen, query = [], "kind=decisions"
    while query:
        page = fetch_page(moderator, f"{LOG}?{query}")
        seen += [int(part.split('"')[0]) for part in page.split('id="entry-')[1:]]
        before = page.partition("before=")[2].partition("&")[0] if 'rel="next"' in page else ""
        query = f"kind=decisions&before={before}" if before else ""
    assert len(seen) == 250
    assert seen == sorted(seen, reverse=True)
    assert len(download(moderator, "kind=decisions")) == 250


def test_a_search_that_would_read_too_much_says_how_far_it_went(app, moderator, monkeypatch):
    monkeypatch.setattr(entry_queries, "MAX_CANDIDATES", 20)
    with app.app_context(), transaction():
        record_events([Event("user:1", "comment.noted", "comment:7", {})])
        record_events([Event("system", "comment.noted", f"comment:{n}", {}) for n in range(50)])
    page = fetch_page(moderator, f"{LOG}?kind=decisions&actor=reader")
    assert "Searched back to entry" in visible_text(page)
    assert "Search further back" in visible_text(page)
    assert download(moderator, "kind=decisions&actor=reader") == []
    assert rows_of(moderator, "actor=user:1&kind=decisions") == ["comment.noted"]


def test_a_day_is_that_of_the_account_and_the_download_is_in_utc(app):
    add_staff_member(app)
    late = datetime(2027, 1, 10, 23, 30, tzinfo=UTC)
    with clock.freeze_at(late), app.app_context(), transaction():
        record_event("system", "comment.noted", "comment:1")
    with clock.freeze_at(late + timedelta(hours=1)):
        client = sign_in(app)
        assert rows_of(client, "since=2027-01-11&kind=decisions") == []
        choose_time_zone(client, "Europe/Zurich")
        assert rows_of(client, "since=2027-01-11&until=2027-01-11") == ["comment.noted"]
        assert rows_of(client, "until=2027-01-10&kind=decisions") == []
        assert "11 January 2027, 00:30" in shown_log(client)
        assert download(client, "kind=decisions")[0]["time"] == "2027-01-10T23:30:00+00:00"


def test_a_cell_that_a_spreadsheet_would_run_is_text(app, client, moderator):
    submit(client, name="Karim Reader")
    with app.app_context(), transaction():
        session().get_one(Comment, 1).name = "=2+2"
        record_event("system", "future.action", "comment:1")
    rows = download(moderator)
    assert "=2+2" in rows[-2]["text"] or "=2+2" in rows[0]["text"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
    assert "The site did “future.action” to" in shown_log(moderator)
