"""The worker detects the languages of comments that have none, on both databases."""

import logging
from datetime import timedelta

from sqlalchemy import text

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.comments.states import LanguageSource
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_letter
from commentsite.worker.tasks import TASKS, Job
from tests.support.bounded_programs import MARKER, crashing_children
from tests.support.factories import store_comment

(TASK,) = (task for task in TASKS if task.name == "detect_languages")


def list_languages() -> list[tuple[str, str]]:
    comments = session().query(Comment).order_by(Comment.id)
    found = [(comment.language, str(comment.language_source)) for comment in comments]
    session().rollback()
    return found


def test_comments_without_a_language_get_one_and_a_choice_stays(any_app):
    store_comment(any_app, body="我们感谢工作组的第三稿。我们请求任命一名记录员。")
    store_comment(any_app, body="I agree.")
    store_comment(any_app, body="نشكر المجموعة على مسودتها الثالثة.", language="fa")
    with transaction():
        session().execute(text("UPDATE comment SET state = 'published' WHERE id = 1"))
    page_version, changed_at = get_letter(1).page_version, session().get_one(Comment, 1).changed_at
    session().rollback()
    assert TASK.run(Job(any_app)) == 2
    assert list_languages() == [
        ("zh", LanguageSource.DETECTED),
        ("", LanguageSource.DETECTED),
        ("fa", LanguageSource.AUTHOR),
    ]
    assert get_letter(1).page_version == page_version + 1
    assert session().get_one(Comment, 1).changed_at == changed_at
    session().rollback()
    assert TASK.run(Job(any_app)) == 0


ENGLISH = (
    "The committee thanks all members for the {n} comments that they sent in spring and summer."
)
FRENCH = "Le comité remercie tous les membres des {n} commentaires envoyés au printemps et en été."


def test_a_text_that_ends_the_detection_keeps_no_other_from_its_language(
    any_app, tmp_path, monkeypatch, caplog
):
    for n in range(12):
        body = (ENGLISH if n % 2 else FRENCH).format(n=n)
        store_comment(any_app, body=f"{body} {MARKER}" if n in {0, 7} else body)
    with crashing_children(tmp_path, monkeypatch) as count_children:
        assert TASK.run(Job(any_app)) == 12
        count = count_children()
        expected = [("en" if n % 2 else "fr", LanguageSource.DETECTED) for n in range(12)]
        expected[0] = expected[7] = ("", LanguageSource.DETECTED)
        assert list_languages() == expected
        assert count <= 24
        # It is not tried again.
        assert TASK.run(Job(any_app)) == 0
        assert count_children() == count
    assert "languages of comments cannot be detected" not in caplog.text


def test_a_detection_that_fails_on_every_text_is_logged_once_and_tried_again_ever_later(
    any_app, tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.ERROR, logger="commentsite")
    store_comment(any_app, body=ENGLISH.format(n=1))
    store_comment(any_app, body="我们感谢工作组的第三稿。我们请求任命一名记录员。")
    start, attempts = clock.now(), []
    with crashing_children(tmp_path, monkeypatch, marker="") as count_children:
        for minute in range(16):
            before = count_children()
            with clock.freeze_at(start + timedelta(minutes=minute)):
                TASK.run(Job(any_app))
            if count_children() > before:
                attempts.append(minute)
        assert count_children() <= 2 * len(attempts)
    assert attempts == [0, 1, 3, 7, 15]
    assert caplog.text.count("languages of comments cannot be detected") == 1
    # A script of one language needs no child process.
    unknown = ("", LanguageSource.UNKNOWN)
    assert list_languages() == [unknown, ("zh", LanguageSource.DETECTED)]
    with clock.freeze_at(start + timedelta(minutes=40)):
        assert TASK.run(Job(any_app)) == 1
    assert list_languages()[0] == ("en", LanguageSource.DETECTED)
