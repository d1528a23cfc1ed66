"""After an upgrade, the worker renders stored comments by the present rules of the sanitiser."""

from sqlalchemy import text

from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import SANITIZER_VERSION
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_letter
from commentsite.worker.tasks import TASKS, Job
from tests.support.factories import store_comment

(TASK,) = (task for task in TASKS if task.name == "render_comments_again")


def make_outdated(html="<p>as it was</p>"):
    with transaction():
        session().execute(
            text("UPDATE comment SET sanitizer_version = 1, body_html = :html"), {"html": html}
        )
        session().execute(text("UPDATE comment SET state = 'published' WHERE id = 1"))


def test_every_comment_gets_the_html_of_the_present_rules(any_app):
    store_comment(any_app, body="5. five\n7. seven")
    store_comment(any_app, body="Another text that waits.", name="Bo")
    make_outdated()
    letter_version = get_letter(1).page_version
    changed_at = session().get_one(Comment, 1).changed_at
    session().rollback()
    assert TASK.run(Job(any_app)) == 2
    first, second = (session().get_one(Comment, number) for number in (1, 2))
    assert first.body_html.replace("\n", "") == "<p>5. five</p><p>7. seven</p>"
    assert "Another text that waits." in second.body_html
    assert first.sanitizer_version == SANITIZER_VERSION
    assert first.changed_at == changed_at
    assert get_letter(1).page_version == letter_version + 1
    session().rollback()
    assert TASK.run(Job(any_app)) == 0


def test_erased_and_redacted_comments_show_nothing_again(any_app, encryption):
    store_comment(any_app, body="Words to erase.")
    store_comment(any_app, body="Words to hide and words to keep.", name="Bo")
    with transaction():
        session().execute(text("UPDATE comment SET body = '', body_html = '' WHERE id = 1"))
        comment = session().get_one(Comment, 2)
        comment.unredacted_sealed = encryption.encrypt(comment.body)
        comment.redactions = [
            {"start": 0, "end": 13, "number": 5, "clause": "R5", "decision": 1, "at": ""}
        ]
        session().execute(text("UPDATE comment SET sanitizer_version = 1"))
    assert TASK.run(Job(any_app)) == 2
    erased, hidden = (session().get_one(Comment, number) for number in (1, 2))
    assert erased.body_html == ""
    assert "to hide" not in hidden.body_html
    assert "[removed under rule 5]" in hidden.body_html
    assert "words to keep." in hidden.body_html
